import type { ArmFailure } from '../../azure/ports';
import type { ResourceRecord } from '../../ledger/ports';
import { isWorthWaiting } from '../asked-since';
import { requestOnce, type Begun, type Request } from '../begun';
import type { AboutRepair } from '../input';
import { expiryOf, tagsOfCopy } from '../tags';
import type { Tools } from '../toolbox';
import { debtOf } from './debts';

/** What an exchange of the OS disk leaves on record and on the disks, whoever sees that it is so: its own step or the clean-up. */

/**
 * Gives a copy the tags that it shall have: no expiry while it is the VM's disk, one when it was rejected. `begun`: look again.
 * A copy that does not exist is `tagged`. Whoever makes other requests beside this one gives what keeps them.
 */
export async function tagAs(
  tools: Tools,
  about: AboutRepair,
  { copyId, isOsDisk }: { copyId: string; isOsDisk: boolean },
  begun?: Begun,
): Promise<{ kind: 'tagged' } | { kind: 'begun' } | { kind: 'failed'; failure: ArmFailure }> {
  const copy = await tools.arm.getDisk(copyId);
  // Only a swap back finds no copy: the VM never had one.
  if (!copy.ok && copy.failure.kind === 'not-found') return { kind: 'tagged' };
  if (!copy.ok) return { kind: 'failed', failure: copy.failure };
  // The copy was made with tags: an answer without any lacks them, and replacing them would lose the original's.
  const awaited = { name: 'tags-of-copy', limitMs: 60_000 };
  if (copy.value.tags === undefined && (await isWorthWaiting(tools, about, awaited))) return { kind: 'begun' };
  const { 'rdp-lifeline-expires': expires, ...rest } = copy.value.tags ?? {};
  if ((expires === undefined) === isOsDisk) return { kind: 'tagged' };
  const tags = isOsDisk ? rest : tagsOfCopy(about, tools.settings, rest);
  const request: Request = {
    ...{ resourceId: copyId, to: 'tag', for: isOsDisk ? 'no-expiry' : 'expiry', reason: '' },
    begin: () => tools.recovery.beginTagDisk(copyId, tags),
  };
  const requested = await (begun?.once(request) ?? requestOnce(tools, about.repairId, request));
  return 'kind' in requested ? { kind: 'begun' } : { kind: 'failed', failure: requested.failure };
}

/**
 * The VM has the copy: puts on record that the copy is its disk, and that the original is kept. The original's expiry is a date
 * to report: it carries no tag of ours, and we never delete it.
 */
export async function recordDisksOfSwap(
  tools: Tools,
  about: AboutRepair,
  { copyId, originalId }: { copyId: string; originalId: string },
): Promise<void> {
  const { ledger, settings } = tools;
  const { repairId } = about;
  const now = new Date().toISOString();
  await ledger.recordResource(repairId, {
    resourceId: originalId,
    kind: 'disk',
    details: { role: 'original' },
    purpose: 'The original OS disk, as it was when the VM had stopped; only a person deletes it',
    registeredAt: now,
    lifetime: 'kept',
    expiresAt: expiryOf(about, settings),
    createdAt: now,
  });
  const copy = await debtOf(tools, repairId, copyId);
  if (!copy) return;
  const purpose = 'The VM’s OS disk: the mended copy';
  await ledger.recordResource(repairId, { ...copy, lifetime: 'kept', purpose, createdAt: copy.createdAt ?? now });
}

/** The exchange is done and will not be taken back. Comes last: it says that all of it is on record. */
export async function recordSwap({ ledger }: Tools, { repairId }: AboutRepair, swap: ResourceRecord): Promise<void> {
  const createdAt = swap.createdAt ?? new Date().toISOString();
  await ledger.recordResource(repairId, { ...swap, lifetime: 'kept', createdAt });
}
