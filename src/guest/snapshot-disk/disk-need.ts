import type { Need } from '../evidence';

/** What a disk can answer: everything but what only a running machine knows. */
export type DiskNeed = Exclude<Need, { kind: 'service-status' | 'rdp-listener' }>;

/** Whether a disk can answer this. */
export function canReadFromDisk(need: Need): need is DiskNeed {
  return need.kind !== 'service-status' && need.kind !== 'rdp-listener';
}
