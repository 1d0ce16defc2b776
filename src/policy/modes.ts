import type { Mode } from '../ledger/ports';

/** The tag on a VM that sets how far a repair may go. */
export const modeTag = 'rdp-lifeline';

const order: readonly Mode[] = ['off', 'observe', 'diagnose', 'approve', 'repair'];

/** What a VM's tags say. ARM compares tag names without case, and so do we; values must be exact but for case. */
export type TaggedMode = { kind: 'mode'; mode: Mode; tagged: boolean } | { kind: 'unknown-value'; value: string };

/** Reads the mode from a VM's tags; no tag means `observe`. */
export function readMode(tags: Record<string, string>): TaggedMode {
  const entry = Object.entries(tags).find(([name]) => name.toLowerCase() === modeTag);
  if (!entry) return { kind: 'mode', mode: 'observe', tagged: false };
  const value = entry[1].trim().toLowerCase();
  // `observe` is what no tag means; it is not a value to be tagged with, but harmless if somebody does.
  const mode = order.find((known) => known === value);
  return mode ? { kind: 'mode', mode, tagged: true } : { kind: 'unknown-value', value: entry[1].slice(0, 100) };
}

/** The lesser of two modes: a request can lower what the tag allows, never raise it. */
export function lesserMode(one: Mode, other: Mode): Mode {
  return order.indexOf(one) <= order.indexOf(other) ? one : other;
}

/** Whether `mode` goes at least as far as `wanted`. */
export function reaches(mode: Mode, wanted: Mode): boolean {
  return order.indexOf(mode) >= order.indexOf(wanted);
}
