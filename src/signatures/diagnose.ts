import { factOf, type Evidence, type Need } from '../guest/evidence';
import type { Reason, Signature } from './define-signature';

/** What a diagnosis says of one signature. */
export interface SignatureVerdict {
  signature: string;
  title: string;
  verdict: 'present' | 'absent' | 'unknown';
  reasons: Reason[];
  /** Present ones: whether it is at work now or only from the next boot on. */
  effect?: 'now' | 'next-boot';
  /** Present ones: why it must not be mended although it is there. */
  leaveAlone?: string;
  /** Why it is unknown. */
  why?: string;
}

/** The failure that a diagnosis found. */
export interface Finding {
  kind: 'found';
  signature: string;
  title: string;
  effect: 'now' | 'next-boot';
  reasons: Reason[];
  leaveAlone?: string;
}

/** The outcome of holding all signatures against the evidence. */
export type Diagnosis = { verdicts: SignatureVerdict[] } & (
  Finding | { kind: 'healthy'; reason: string } | { kind: 'not-recognised'; reason: string }
);

/** Facts that decide nothing yet and that a person wants to see beside the finding. */
const surroundings: Need[] = [
  { kind: 'windows-installation' },
  { kind: 'control-sets' },
  { kind: 'network-addressing' },
  { kind: 'remote-desktop' },
  { kind: 'pending-servicing' },
  { kind: 'volume-state' },
];

/** Everything that a diagnosis wants to know: what the signatures need, whether Remote Desktop listens, and what is around. */
export function diagnosisNeeds(signatures: readonly Signature[]): Need[] {
  const listener: Need = { kind: 'rdp-listener' };
  const needs = [...signatures.flatMap((signature) => signature.needs), listener, ...surroundings];
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

/**
 * Holds the signatures against the evidence. The finding is the first that is at work now, otherwise the first that
 * waits for the next boot. Healthy is said only if every signature is known to be absent and Remote Desktop listens;
 * doubt is "not recognised".
 */
export function diagnose(signatures: readonly Signature[], evidence: Evidence[]): Diagnosis {
  const verdicts = signatures.map((signature) => verdictOf(signature, evidence));
  const found =
    verdicts.find(({ verdict, effect }) => verdict === 'present' && effect === 'now') ??
    verdicts.find(({ verdict }) => verdict === 'present');
  if (found) {
    const { signature, title, effect = 'now', reasons, leaveAlone } = found;
    return { kind: 'found', signature, title, effect, reasons, leaveAlone, verdicts };
  }
  const unknown = verdicts.filter(({ verdict }) => verdict === 'unknown');
  if (unknown.length > 0) {
    return { kind: 'not-recognised', reason: unknown.map(({ why }) => why ?? '').join(' '), verdicts };
  }
  const listener = factOf(evidence, 'rdp-listener');
  if (listener?.listening) {
    const reason = `No known failure is there, and the guest listens for Remote Desktop on port ${listener.port}.`;
    return { kind: 'healthy', reason, verdicts };
  }
  const reason = listener
    ? `No known failure is there, but the guest does not listen for Remote Desktop on port ${listener.port}.`
    : 'No known failure is there, but whether the guest listens for Remote Desktop could not be read.';
  return { kind: 'not-recognised', reason, verdicts };
}

function verdictOf(signature: Signature, evidence: Evidence[]): SignatureVerdict {
  const recognition = signature.recognise(evidence);
  const verdict = { signature: signature.id, title: signature.title, verdict: recognition.kind };
  if (recognition.kind === 'unknown') return { ...verdict, reasons: [], why: recognition.why };
  if (recognition.kind === 'absent') return { ...verdict, reasons: recognition.reasons };
  const { reasons, effect, leaveAlone } = recognition;
  return { ...verdict, reasons, effect, leaveAlone };
}
