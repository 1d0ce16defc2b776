import type { Change } from '../guest/changes';
import type { Evidence, Need, Provenance } from '../guest/evidence';

/**
 * The contract of a signature: one known failure as data plus two pure functions. To add one, see CONTRIBUTING.md.
 */

/** Why a signature says what it says, each with where that was read. */
export interface Reason {
  text: string;
  from: Provenance;
}

/**
 * Whether the failure is there. `effect` says whether it is at work now or only from the next boot on: what is at work
 * now explains a dead RDP, the other only waits. `leaveAlone` says why it must not be mended although it is there:
 * somebody means it to be so.
 */
export type Recognition =
  | { kind: 'present'; effect: 'now' | 'next-boot'; reasons: Reason[]; leaveAlone?: string }
  | { kind: 'absent'; reasons: Reason[] }
  | { kind: 'unknown'; why: string };

/** What mends the failure: changes in order, or why this release has none. */
export type Cure = { kind: 'changes'; changes: Change[] } | { kind: 'none'; why: string };

/** One known failure. */
export interface Signature {
  /** The folder's name; stable: it stands in records and metrics. */
  id: string;
  /** The failure in a few words. */
  title: string;
  /** Public pages that describe failure and cure. */
  documents: string[];
  /** What must be known to recognise it, and to see that it is gone. */
  needs: Need[];
  /** Whether the evidence shows it. Pure: no clock, no environment, no Azure. */
  recognise(evidence: Evidence[]): Recognition;
  /**
   * What else a person has to see once this is the finding and no cure of ours mends it, as far as the evidence lets
   * one ask: what comes in is evidence for the next question, a few times over. It is read from the running guest, and
   * only shown (`recognise` is asked for its reasons again): whether the failure is there must not hang on it. Pure, bounded.
   */
  furtherNeeds?(evidence: Evidence[]): Need[];
  /** What mends it. Pure. */
  cure(evidence: Evidence[]): Cure;
  /** What a person can do in the serial console or on the disk, as commands and sentences in order. Pure. */
  byHand(evidence: Evidence[]): string[];
}

/** Defines a signature; the type checks it. */
export function defineSignature<const T extends Signature>(signature: T): T {
  return signature;
}
