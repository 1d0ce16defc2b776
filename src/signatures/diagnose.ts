import { rdpListener, type Evidence, type Need } from '../guest/evidence';
import type { Reason, Signature } from './define-signature';

/** What a diagnosis says of one signature. */
export interface SignatureVerdict {
  signature: string;
  title: string;
  verdict: 'present' | 'absent' | 'unknown';
  reasons: Reason[];
  /** Why it is unknown. */
  why?: string;
}

/** The outcome of holding all signatures against the evidence. */
export type Diagnosis = { verdicts: SignatureVerdict[] } & (
  | { kind: 'found'; signature: string; title: string; reasons: Reason[] }
  | { kind: 'healthy'; reason: string }
  | { kind: 'not-recognised'; reason: string }
);

/** Everything that a diagnosis wants to know: what the signatures need, and whether Remote Desktop listens. */
export function diagnosisNeeds(signatures: readonly Signature[]): Need[] {
  const needs = [...signatures.flatMap((signature) => signature.needs), { kind: 'rdp-listener' } satisfies Need];
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

/**
 * Holds the signatures against the evidence: the first that is present is the finding. Healthy is said only if every
 * signature is known to be absent and Remote Desktop listens; doubt is "not recognised".
 */
export function diagnose(signatures: readonly Signature[], evidence: Evidence[]): Diagnosis {
  const verdicts = signatures.map((signature) => verdictOf(signature, evidence));
  const found = verdicts.find(({ verdict }) => verdict === 'present');
  if (found) {
    return { kind: 'found', signature: found.signature, title: found.title, reasons: found.reasons, verdicts };
  }
  const unknown = verdicts.filter(({ verdict }) => verdict === 'unknown');
  if (unknown.length > 0) {
    return { kind: 'not-recognised', reason: unknown.map(({ why }) => why ?? '').join(' '), verdicts };
  }
  const listener = rdpListener(evidence);
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
  return { ...verdict, reasons: recognition.reasons };
}
