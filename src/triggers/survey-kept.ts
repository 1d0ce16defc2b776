import type { Tools } from '../activities/toolbox';
import type { Leftover, Leftovers } from '../azure/recovery-ports';
import {
  parseDiskId,
  parseNetworkInterfaceId,
  parseSnapshotId,
  parseVirtualMachineId,
  type VirtualMachineId,
} from '../azure/resource-id';
import { ofKind } from '../ledger/of-kind';
import type { LeaseRecord, RepairPage, RepairRecord, ResourceRecord } from '../ledger/ports';
import type { UnreadableRow } from '../ledger/readable-rows';
import { judge, repairTag, tagOf, type Owner, type SweepVerdict } from '../policy/sweep';
import { repairIdPattern, vmKeyOf } from '../repair-id';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

/** Repairs whose VMs' groups are looked through, the newest first. */
const newestLookedThrough = 500;
/** Calls at the same time. */
const together = 10;

/** Something that carries our tag, whose it is, and what may become of it. */
export interface Surveyed {
  found: Leftover;
  owner: KnownOwner | undefined;
  verdict: SweepVerdict;
}

/** A repair with what it has on record. */
export interface KnownOwner extends Owner {
  resources: ResourceRecord[];
  /** What of its record cannot be read. */
  unreadable: UnreadableRow[];
  /** Disks that VMs have left for a copy. */
  originals: string[];
}

/** Everything that repairs have left in Azure, as far as it can be seen. */
export interface Survey {
  things: Surveyed[];
  /** Original disks that VMs have left for a copy. They carry no tag of ours. */
  originals: { owner: KnownOwner; disk: ResourceRecord }[];
  /** Groups that could not be looked through, and why. */
  unseen: { scope: string; why: string }[];
  owners: KnownOwner[];
  /** Rows of the ledger that were skipped. */
  unreadable: UnreadableRow[];
}

/**
 * Goes through the workbenches of all allowed subscriptions and the groups of the VMs of the newest repairs, and says for each thing
 * with our tag whose it is. Changes nothing. A group that cannot be read is named; one that does not exist is empty.
 */
export async function surveyKept(tools: Tools): Promise<Survey> {
  const { repairs, unreadable: unreadableRepairs } = await newestRepairs(tools);
  const held = await leasesHeld(tools);
  const owners = new Map<string, KnownOwner>();
  for (const owner of await inBatches(repairs, (repair) => ownerOf(tools, repair, held)))
    owners.set(owner.repairId, owner);
  const groups = groupsOf(tools, [...owners.values()]);
  const looks = await inBatches(groups, (group) => lookThrough(tools, group));
  const seen = looks.flatMap((look) => (look.kind === 'seen' ? look.value.resources : []));
  const referenced = new Set(looks.flatMap((look) => (look.kind === 'seen' ? look.value.disksOfMachines : [])));
  const unseen = looks.flatMap((look) => (look.kind === 'unseen' ? [{ scope: look.scope, why: look.why }] : []));

  const strangers = [...new Set(seen.flatMap(({ tags }) => tagOf(tags, repairTag) ?? []))].filter(
    (repairId) => repairIdPattern.test(repairId) && !owners.has(repairId),
  );
  for (const repairId of strangers) {
    // One whose row cannot be read is nobody's that we know: what carries its tag stays.
    const repair = await unlessUnreadable(tools, () => tools.ledger.getRepair(repairId));
    if (repair) owners.set(repairId, await ownerOf(tools, repair, held));
    else await addPurged(tools, repairId, owners);
  }
  const things = seen.map((found): Surveyed => {
    const owner = owners.get(tagOf(found.tags, repairTag) ?? '');
    const places = placesOf(tools, owner, found);
    const isEveryGroupSeen = places !== undefined && unseen.every(({ scope }) => !places.includes(scope));
    return { found, owner, verdict: judge({ found, owner, referenced, isEveryGroupSeen, now: Date.now() }) };
  });
  const known = [...owners.values()];
  const unreadable = [...unreadableRepairs, ...held.unreadable, ...known.flatMap((owner) => owner.unreadable)];
  tellUnreadable(tools, unreadable);
  return { things, originals: known.flatMap(originalsOf), unseen, owners: known, unreadable };
}

/** A copy that is the VM's disk outlives the record of its repair in the ledger: the archive knows whose it is. Nothing of it is deleted. */
async function addPurged(tools: Tools, repairId: string, owners: Map<string, KnownOwner>): Promise<void> {
  const detail = await unlessUnreadable(tools, () => tools.ledger.getExportedDetail(repairId));
  if (!detail) return;
  const { repair, resources, unreadable } = detail;
  owners.set(repairId, {
    ...{ repairId, vmId: repair.vmId, resources, unreadable, isRunning: false, isRecordWhole: true },
    ...swapsIn(resources),
  });
}

/** Who holds a VM. A lease that cannot be read is held by a repair of its VM, nobody knows which. */
export interface Held {
  repairIds: ReadonlySet<string>;
  leases: LeaseRecord[];
  unreadable: UnreadableRow[];
}

/** The leases as they are now. */
export async function leasesHeld({ ledger }: Tools): Promise<Held> {
  const { rows, unreadable } = await ledger.listLeases();
  return { repairIds: new Set(rows.map(({ repairId }) => repairId)), leases: rows, unreadable };
}

/** Whether this repair may still have its VM. */
export function isHeld({ repairIds, unreadable }: Held, { repairId, vmId }: RepairRecord): boolean {
  return repairIds.has(repairId) || unreadable.some(({ rowKey }) => rowKey === vmKeyOf(vmId));
}

async function newestRepairs({ ledger }: Tools): Promise<Pick<RepairPage, 'repairs' | 'unreadable'>> {
  const repairs: RepairRecord[] = [];
  const unreadable: UnreadableRow[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await ledger.listRepairs({ pageSize: 100, continuationToken });
    repairs.push(...page.repairs);
    unreadable.push(...page.unreadable);
    ({ continuationToken } = page);
  } while (continuationToken !== undefined && repairs.length + unreadable.length < newestLookedThrough);
  return { repairs, unreadable };
}

/** Whose things these are: read anew at each call. */
export async function ownerOf({ ledger }: Tools, repair: RepairRecord, held: Held): Promise<KnownOwner> {
  const { repairId, vmId, ending } = repair;
  const { resources, unreadable } = await ledger.getReadableTimeline(repairId);
  return {
    ...{ repairId, vmId, resources, unreadable },
    isRunning: ending === undefined || isHeld(held, repair),
    isRecordWhole: unreadable.length === 0,
    ...swapsIn(resources),
  };
}

function swapsIn(resources: readonly ResourceRecord[]): Pick<KnownOwner, 'swapped' | 'originals'> {
  const swaps = ofKind(resources, 'os-disk-swap').filter(({ deletedAt }) => deletedAt === undefined);
  const disks = swaps.flatMap(({ details }) => (details.direction === 'swap' ? details : []));
  return {
    swapped: disks.flatMap(({ copyId, originalId }) => [copyId, originalId]),
    originals: disks.map(({ originalId }) => originalId.toLowerCase()),
  };
}

interface Group {
  subscriptionId: string;
  resourceGroup: string;
  kinds: Leftover['kind'][];
}

function scopeOf({ subscriptionId, resourceGroup }: Pick<Group, 'subscriptionId' | 'resourceGroup'>): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`.toLowerCase();
}

/** In the workbench stand snapshots and recovery VMs, where the VMs and their disks are stand the copies. */
function groupsOf({ settings }: Tools, owners: KnownOwner[]): Group[] {
  const groups = new Map<string, Group>();
  const add = (group: Group) => {
    const known = groups.get(scopeOf(group));
    groups.set(scopeOf(group), { ...group, kinds: [...new Set([...(known?.kinds ?? []), ...group.kinds])] });
  };
  for (const subscriptionId of settings.allowedSubscriptions) {
    const resourceGroup = settings.workbenchResourceGroup;
    add({ subscriptionId, resourceGroup, kinds: ['snapshot', 'virtual-machine', 'network-interface'] });
  }
  for (const { vmId, resources } of owners) {
    const disks = ofKind(resources, 'disk').map(({ resourceId }) => parseDiskId(resourceId));
    const places = [parseVirtualMachineId(vmId), ...disks];
    for (const place of places) if (place && isAllowed(place)) add({ ...place, kinds: ['disk'] });
  }
  return [...groups.values()];

  function isAllowed({ subscriptionId }: { subscriptionId: string }): boolean {
    return settings.allowedSubscriptions.includes(subscriptionId.toLowerCase());
  }
}

const parsers = {
  snapshot: parseSnapshotId,
  disk: parseDiskId,
  'virtual-machine': parseVirtualMachineId,
  'network-interface': parseNetworkInterfaceId,
} satisfies Record<Leftover['kind'], (id: string) => VirtualMachineId | undefined>;

/** Where VMs may be that have it, or are about to: its own group, its VM's, and the workbench; undefined if that is not known. */
function placesOf({ settings }: Tools, owner: KnownOwner | undefined, { kind, id }: Leftover): string[] | undefined {
  const own = parsers[kind](id);
  if (!own) return undefined;
  const vm = parseVirtualMachineId(owner?.vmId ?? '');
  const workbench = { subscriptionId: own.subscriptionId, resourceGroup: settings.workbenchResourceGroup };
  return [own, workbench, ...(vm ? [vm] : [])].map(scopeOf);
}

type GroupLook = { kind: 'seen'; value: Leftovers } | { kind: 'unseen'; scope: string; why: string };

async function lookThrough({ recovery }: Tools, { subscriptionId, resourceGroup, kinds }: Group): Promise<GroupLook> {
  const look = await recovery.listLeftovers({ subscriptionId, resourceGroup, tag: repairTag, kinds });
  if (look.ok) return { kind: 'seen', value: look.value };
  const { failure } = look;
  if (failure.kind === 'not-found') return { kind: 'seen', value: { resources: [], disksOfMachines: [] } };
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action}` : failure.code;
  return { kind: 'unseen', scope: scopeOf({ subscriptionId, resourceGroup }), why };
}

/** Whether a VM refers to this disk now; true also if that cannot be seen. */
export async function isReferencedNow(tools: Tools, owner: KnownOwner, found: Leftover): Promise<boolean> {
  const places = placesOf(tools, owner, found);
  if (!places) return true;
  for (const scope of new Set(places)) {
    const [, , subscriptionId = '', , resourceGroup = ''] = scope.split('/');
    const look = await lookThrough(tools, { subscriptionId, resourceGroup, kinds: [] });
    if (look.kind === 'unseen' || look.value.disksOfMachines.includes(found.id.toLowerCase())) return true;
  }
  return false;
}

function originalsOf(owner: KnownOwner): Survey['originals'] {
  return ofKind(owner.resources, 'disk')
    .filter(({ deletedAt }) => deletedAt === undefined)
    .filter(({ resourceId }) => owner.originals.includes(resourceId.toLowerCase()))
    .map((disk) => ({ owner, disk }));
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += together) {
    results.push(...(await Promise.all(items.slice(first, first + together).map(work))));
  }
  return results;
}
