/** Which calls a repair makes, and every fault that may strike each of them. */
import type { ArmCall } from './simulated-azure-client';

/** Whose calls they are. */
export interface Whose {
  vmId: string;
  repairId: string;
  /** A standing recovery VM that works for it. */
  standingId?: string;
}

/** A call whose names are left out, and how often the repair made it. */
export interface CallShape {
  method: string;
  /** The path, with `{vm}`, `{standing}` and `{repair}` in the place of names. */
  path: string;
  /** How often before the route `recovery-vm` began, and since. */
  before: number;
  since: number;
}

/** The different calls of the route `recovery-vm` in this log that are about the VM or about what the repair made. */
export function recordShapes(calls: readonly ArmCall[], { vmId, repairId, standingId }: Whose): CallShape[] {
  const shapes = new Map<string, CallShape>();
  let hasBegun = false;
  for (const { method, path } of calls) {
    const named = path.toLowerCase().replaceAll(repairId, '{repair}').replaceAll(vmId.toLowerCase(), '{vm}');
    const shape = standingId === undefined ? named : named.replaceAll(standingId.toLowerCase(), '{standing}');
    if (!shape.includes('{')) continue;
    hasBegun ||= shape.endsWith('/virtualmachines/rdp-lifeline-{repair}') || shape.includes('{standing}');
    const key = `${method} ${shape}`;
    const { before, since } = shapes.get(key) ?? { before: 0, since: 0 };
    const counted = hasBegun ? { before, since: since + 1 } : { before: before + 1, since };
    shapes.set(key, { method, path: shape, ...counted });
  }
  return [...shapes.values()].filter(({ since }) => since > 0);
}

/** One call struck in one way. */
export interface FaultCase {
  name: string;
  /** The patient, or the standing recovery VM, has an operation that never ends. */
  spoils: boolean;
  /** As the control API takes it. */
  faultFor(whose: Whose): { match: { method: string; pathContains: string; nth: number } };
}

/** The worst first. */
const onWrites = {
  'operation never ends': { when: 'before', operation: 'never-ends' },
  'operation fails': { when: 'before', operation: 'fails' },
  'answer lost': { when: 'after', dropConnection: true },
  '409 before': { when: 'before', status: 409, code: 'Conflict', message: 'Another operation is in progress.' },
} as const;

const onAnyCall = {
  'no answer': { when: 'before', dropConnection: true },
  '500 before': { when: 'before', status: 500 },
  '429 before': { when: 'before', status: 429, retryAfterSeconds: 7 },
} as const;

/** Every case; reads can be struck in fewer ways than writes. A call that is made often is struck in the middle of the route. */
export function faultCases(shapes: readonly CallShape[]): FaultCase[] {
  const writes = shapes.filter(({ method }) => method !== 'GET');
  const all = (kinds: object, struck: readonly CallShape[]) =>
    Object.entries(kinds).flatMap(([kind, fault]) => struck.map((shape) => caseOf(shape, kind, fault as object)));
  return [...all(onWrites, writes), ...all(onAnyCall, shapes)];
}

function caseOf(shape: CallShape, kind: string, fault: object): FaultCase {
  return {
    name: `${kind}: ${shape.method} ${shape.path.replace(/^.*\/providers\//, '')}`,
    spoils: kind === 'operation never ends' && /^\{(?:vm|standing)\}/.test(shape.path),
    faultFor({ vmId, repairId, standingId = '' }) {
      const path = shape.path
        .replaceAll('{repair}', repairId)
        .replaceAll('{vm}', vmId.toLowerCase())
        .replaceAll('{standing}', standingId.toLowerCase());
      const nth = shape.before + Math.ceil(shape.since / 2);
      return { match: { method: shape.method, pathContains: `${path}?`, nth }, times: 1, ...fault };
    },
  };
}
