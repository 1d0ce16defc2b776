import { isSubscriptionAllowed, readKillSwitch } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { Answer } from '../azure/ports';
import type { Leftover } from '../azure/recovery-ports';
import type { ResourceRecord } from '../ledger/ports';
import { judge, repairTag, tagOf } from '../policy/sweep';
import { unlessUnreadable } from './unreadable-rows';
import {
  isReferencedNow,
  leasesHeld,
  ownerOf,
  surveyKept,
  type KnownOwner,
  type Survey,
  type Surveyed,
} from './survey-kept';

/** So many deletions are begun in one round; the next round goes on. */
const perRound = 20;
/** Those that cannot be deleted (a lock, a missing role) must not keep the others from their turn for ever. */
const triedPerRound = 200;
/** So many things that a person may have deleted are asked for in one round. */
const looksPerRound = 50;

/** What goes first: a VM before what hangs on it. Its network interface is free only in the next round. */
const order: readonly Leftover['kind'][] = ['virtual-machine', 'network-interface', 'disk', 'snapshot'];

/**
 * Upkeep on a schedule: begins to delete what repairs have left, once its expiry has passed, and says what it cannot account for.
 * Each thing is judged again just before, with everything read anew; Azure is asked to delete only what still carries both tags.
 * Two of these at once do no harm: what is gone counts as deleted.
 */
export async function sweepExpired(tools: Tools): Promise<void> {
  const survey = await surveyKept(tools);
  tellWhatStays(tools, survey);
  const expired = survey.things.filter(({ verdict }) => verdict.kind === 'delete');
  const ordered = order.flatMap((kind) => expired.filter(({ found }) => found.kind === kind));
  let begun = 0;
  for (const thing of ordered.slice(0, triedPerRound)) {
    const brake = begun < perRound ? await readKillSwitch(tools) : undefined;
    if (brake !== undefined) tools.log('sweepBraked', { count: ordered.length - begun });
    if (brake !== undefined || begun >= perRound) break;
    if (await deleteExpired(tools, thing)) begun += 1;
  }
  await noticeGone(tools, survey);
}

function tellWhatStays(tools: Tools, { unseen, things, originals }: Survey): void {
  for (const { scope, why } of unseen) tools.log('groupNotSeen', { scope, why });
  for (const { found, verdict } of things) {
    if (verdict.kind !== 'keep' || verdict.why !== 'unknown-owner') continue;
    const repairId = tagOf(found.tags, repairTag)?.slice(0, 64);
    tools.log('ownerUnknown', { resourceId: found.id, repairId, expiresAt: verdict.expiresAt?.slice(0, 64) });
  }
  for (const { owner, disk } of originals) {
    const { resourceId, expiresAt } = disk;
    if (!isPast(expiresAt)) continue;
    tools.log('originalOverdue', { repairId: owner.repairId, resourceId, expiresAt });
  }
}

function isPast(time: string | undefined): boolean {
  return time !== undefined && Date.parse(time) <= Date.now();
}

/** Whether its deletion was begun. */
async function deleteExpired(tools: Tools, { found }: Surveyed): Promise<boolean> {
  const { id, kind } = found;
  const repairId = tagOf(found.tags, repairTag) ?? '';
  const fields = { resourceId: id, repairId };
  const repair = await unlessUnreadable(tools, () => tools.ledger.getRepair(repairId));
  if (!repair || !isSubscriptionAllowed(tools, repair.vmId)) return false;
  const owner = await ownerOf(tools, repair, await leasesHeld(tools));
  if (kind === 'disk' && (await isReferencedNow(tools, owner, found))) {
    tools.log('expiredNotDeleted', { ...fields, why: 'a VM refers to it, or that cannot be seen' });
    return false;
  }
  // The tags are those that were seen; the call itself reads them again, and whether a VM has it.
  const verdict = judge({ found, owner, referenced: new Set(), isEveryGroupSeen: true, now: Date.now() });
  if (verdict.kind !== 'delete') return false;
  const begun = await beginDelete(tools, found, verdict.mustCarry);
  if (begun.ok) {
    tools.log('expiredDeleted', { ...fields, kind, expiresAt: tagOf(found.tags, 'rdp-lifeline-expires') });
    return true;
  }
  const { failure } = begun;
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action}` : failure.code;
  tools.log('expiredNotDeleted', { ...fields, why });
  return false;
}

function beginDelete(
  { recovery }: Tools,
  { kind, id }: Leftover,
  mustCarry: Record<string, string>,
): Promise<Answer<'begun'>> {
  switch (kind) {
    case 'virtual-machine':
      return recovery.beginDeleteMachine(id, mustCarry);
    case 'network-interface':
      return recovery.beginDeleteNetworkInterface(id, mustCarry);
    case 'disk':
      return recovery.beginDeleteDisk(id, mustCarry);
    case 'snapshot':
      return recovery.beginDeleteSnapshot(id, mustCarry);
  }
}

/** Writes down what is not there any more, by us or by a person: only what Azure says it does not know. */
async function noticeGone(tools: Tools, { owners, things }: Survey): Promise<void> {
  const seen = new Set(things.map(({ found }) => found.id.toLowerCase()));
  const missing = owners
    .filter(({ isRunning }) => !isRunning)
    .flatMap((owner) => owner.resources.map((record) => ({ owner, record })))
    .filter(
      ({ record }) => record.deletedAt === undefined && (record.lifetime === 'temporary' || isPast(record.expiresAt)),
    )
    .filter(({ record }) => !seen.has(record.resourceId.toLowerCase()));
  // Originals last: they may stay for years.
  const isOriginal = ({ owner, record }: (typeof missing)[number]) =>
    owner.originals.includes(record.resourceId.toLowerCase());
  const inTurn = [...missing.filter((one) => !isOriginal(one)), ...missing.filter(isOriginal)];
  for (const { owner, record } of inTurn.slice(0, looksPerRound)) {
    if (!(await isGone(tools, record))) continue;
    await unlessUnreadable(tools, () => recordGone(tools, owner, record));
  }
}

async function recordGone({ ledger }: Tools, { repairId }: KnownOwner, record: ResourceRecord): Promise<void> {
  await ledger.recordResource(repairId, { ...record, deletedAt: new Date().toISOString() });
}

/** Whether Azure says that it does not know this. */
export async function isGone({ arm, recovery }: Tools, { kind, resourceId }: ResourceRecord): Promise<boolean> {
  const look = await lookAt();
  return look !== undefined && !look.ok && look.failure.kind === 'not-found';

  function lookAt(): Promise<Answer<unknown>> | undefined {
    switch (kind) {
      case 'snapshot':
        return arm.getSnapshot(resourceId);
      case 'disk':
        return arm.getDisk(resourceId);
      case 'virtual-machine':
        return arm.getVirtualMachine(resourceId);
      case 'network-interface':
        return recovery.getNetworkInterface(resourceId);
      default:
        return undefined;
    }
  }
}
