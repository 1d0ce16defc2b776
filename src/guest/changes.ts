import { serviceConfiguration, serviceStatus, type Evidence } from './evidence';
/**
 * What can be changed in a guest, as data. A signature's cure is a list of these; a route renders them into commands.
 * Each one is read before it is written, left alone when it is right already, and read again afterwards.
 */

/** Start types that we set, by the number that the registry keeps. */
export const startTypes = { automatic: 2, 'on demand': 3, disabled: 4 } as const;

/** One typed write. */
export type Change =
  | { kind: 'set-service-start-type'; service: string; startType: keyof typeof startTypes }
  | { kind: 'start-service'; service: string };

/** What became of a change. */
export type ChangeResult = {
  /** Stable name within a repair. */
  change: string;
  title: string;
} & (
  | { outcome: 'changed'; before: string; after: string; undo: string }
  | { outcome: 'right-already'; before: string }
  | { outcome: 'failed'; before: string; code?: number; reason: string; undo: string }
);

/** The stable name of a change within a repair. */
export function changeName(change: Change): string {
  return `${change.kind}:${change.service}`;
}

/** A change in words. */
export function changeTitle(change: Change): string {
  switch (change.kind) {
    case 'set-service-start-type':
      return `Set the start type of the service ${change.service} to ${change.startType}`;
    case 'start-service':
      return `Start the service ${change.service}`;
  }
}

/** Whether the evidence, read after the write, shows that the change holds. What was not read does not hold. */
export function holds(change: Change, evidence: Evidence[]): boolean {
  if (change.kind === 'start-service') return serviceStatus(evidence, change.service)?.state === 4;
  return serviceConfiguration(evidence, change.service)?.startType === startTypes[change.startType];
}
