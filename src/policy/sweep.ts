import type { Leftover } from '../azure/recovery-ports';
import type { Resource } from '../ledger/ports';
import { recoveryOsDiskOf } from '../recovery-os-disk';
import { isSameId } from '../same-id';

/**
 * Whether something that carries our tags may be deleted (design, promise 7). Pure: it decides on what was just read. Whatever
 * is not certainly ours, expired and unused stays.
 */

/** Whose it is: the repair of its tag, as far as the ledger knows it. */
export interface Owner {
  repairId: string;
  vmId: string;
  isRunning: boolean;
  /** False if a row of its record cannot be read: it may be the one that says that a VM has this disk. */
  isRecordWhole: boolean;
  resources: readonly Resource[];
  /** Disks that VMs have, or have left, by the exchanges on record. */
  swapped: readonly string[];
}

/** Everything that the decision depends on. */
export interface SweepFacts {
  found: Leftover;
  owner: Owner | undefined;
  /** Lower-cased ids of all disks that VMs refer to, in every group that was looked through. */
  referenced: ReadonlySet<string>;
  /** Whether all groups were seen whose VMs may refer to it. */
  isEveryGroupSeen: boolean;
  /** ms. */
  now: number;
}

/** `delete` only what carries exactly these tags when it is read again; or why it stays. */
export type SweepVerdict =
  { kind: 'delete'; mustCarry: Record<string, string> } | { kind: 'keep'; why: WhyKept; expiresAt?: string };

export type WhyKept =
  | 'unknown-owner'
  | 'record-unreadable'
  | 'repair-runs'
  | 'in-use'
  | 'swapped'
  | 'no-expiry'
  | 'expires-later'
  | 'groups-not-seen';

/** Names of our tags. */
export const repairTag = 'rdp-lifeline-repair';
export const expiryTag = 'rdp-lifeline-expires';

/** The value of a tag. Names of tags are compared without case, as Azure does. */
export function tagOf(tags: Record<string, string>, name: string): string | undefined {
  return Object.entries(tags).find(([one]) => one.toLowerCase() === name)?.[1];
}

/** Whether it may go now. The order is that in which the reasons are worth knowing. */
export function judge(facts: SweepFacts): SweepVerdict {
  const { found, owner, now } = facts;
  const expiresAt = tagOf(found.tags, expiryTag);
  const keep = (why: WhyKept): SweepVerdict => ({ kind: 'keep', why, expiresAt });
  if (!owner || !isItsOwn(found, owner)) return keep('unknown-owner');
  if (owner.isRunning) return keep('repair-runs');
  if (!owner.isRecordWhole) return keep('record-unreadable');
  if (isInUse(facts)) return keep('in-use');
  // The VM may be gone, and with it all that refers to its disk: then this is the only one that has its data.
  if (owner.swapped.some((id) => isSameId(id, found.id))) return keep('swapped');
  const expiry = expiryOf(expiresAt);
  if (expiresAt === undefined || expiry === undefined) return keep('no-expiry');
  if (expiry > now) return keep('expires-later');
  if (!facts.isEveryGroupSeen) return keep('groups-not-seen');
  return { kind: 'delete', mustCarry: { [repairTag]: owner.repairId, [expiryTag]: expiresAt } };
}

/** Only what a repair of ours has on record as made by itself. What has another name than ours, it did not make. */
function isItsOwn({ kind, id, tags }: Leftover, { repairId, resources }: Owner): boolean {
  if (tagOf(tags, repairTag) !== repairId) return false;
  const name = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  if (!name.startsWith(`rdp-lifeline-${repairId}`)) return false;
  return resources.some(
    (one) => (one.kind === kind && isSameId(one.resourceId, id) && isMade(one)) || isOsDiskOf(one, { kind, id }),
  );
}

/** A recovery VM’s OS disk has the VM’s tags, and is made and deleted with it: the VM is what is on record. */
function isOsDiskOf(resource: Resource, { kind, id }: Pick<Leftover, 'kind' | 'id'>): boolean {
  if (kind !== 'disk' || resource.kind !== 'virtual-machine') return false;
  return isSameId(recoveryOsDiskOf(resource.resourceId), id);
}

/** The original of a VM is on record, too: it is the only one of these that no repair makes. */
function isMade(resource: Resource): boolean {
  return resource.kind !== 'disk' || resource.details.role !== 'original';
}

function isInUse({ found, referenced }: SweepFacts): boolean {
  return found.usedBy !== undefined || referenced.has(found.id.toLowerCase());
}

/** Only the time as we write it (ISO 8601 in UTC): what somebody else wrote there means nothing to us. */
function expiryOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
