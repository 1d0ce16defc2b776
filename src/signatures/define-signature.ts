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

/** Whether the failure is there. */
export type Recognition =
  { kind: 'present'; reasons: Reason[] } | { kind: 'absent'; reasons: Reason[] } | { kind: 'unknown'; why: string };

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
  /** The changes that cure it, in order. Pure. */
  cure(evidence: Evidence[]): Change[];
}

/** Defines a signature; the type checks it. */
export function defineSignature<const T extends Signature>(signature: T): T {
  return signature;
}
