import { createHash } from 'node:crypto';

/** The first `length` hex digits of the SHA-256 of `text`. */
export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/**
 * The key of a VM in leases and instance ids: the same for every spelling of its ARM id. Hex, because Durable
 * Functions forbids `/ \ # ?` in instance ids and the client puts them into URLs unencoded.
 */
export function vmKeyOf(vmId: string): string {
  return shortHash(vmId.toLowerCase(), 40);
}

/** The durable instance that is the singleton of a VM; one with a number from 2 stands in for those that cannot be terminated. */
export function singletonIdOf(vmId: string, number = 1): string {
  return `vm-${vmKeyOf(vmId)}${number > 1 ? `-${number}` : ''}`;
}

/**
 * The id of the repair that a signal begins: `20261122t021530z-1f2e3d4c5b`. A redelivery is accepted at another time
 * and gives another id; it finds the repair that it began by the signal's record and the VM's lease. Sorts by time;
 * short enough to be part of resource names.
 */
export function repairIdOf(signalKey: string, acceptedAt: string): string {
  const stamp = acceptedAt.slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  return `${stamp}z-${shortHash(signalKey, 10)}`;
}

/** Whether this signal has begun that repair, whenever it was. */
export function isBegunBy(repairId: string, signalKey: string): boolean {
  return repairId.endsWith(`-${shortHash(signalKey, 10)}`);
}

/** The time that `repairIdOf` has put into an id, in ms since the Unix epoch; NaN if it is none. */
export function acceptedAtOf(repairId: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-/.exec(repairId) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** What a repair id looks like; anything else in a URL is answered with 400. */
export const repairIdPattern = /^\d{8}t\d{6}z-[0-9a-f]{10}$/;
