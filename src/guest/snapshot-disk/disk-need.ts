import type { Need } from '../evidence';

/** What only commands in a running machine can answer. */
const liveOnly = [
  'service-status',
  'service-security',
  'service-group',
  'key-security',
  'rdp-listener',
  'boot-object',
] as const satisfies Need['kind'][];

/** What a disk can answer. */
export type DiskNeed = Exclude<Need, { kind: (typeof liveOnly)[number] }>;

/** Whether a disk can answer this. */
export function canReadFromDisk(need: Need): need is DiskNeed {
  return !liveOnly.some((kind) => kind === need.kind);
}
