import { isSettled } from '../../resource-state';
import { requestOnce, type Begun, type Request, type Requested } from '../begun';
import type { AboutRepair } from '../input';
import { progressOf, wait } from '../progress';
import { debtOf, settled } from '../recovery/debts';
import { rollbackOf } from '../recovery/names';
import { recordSwap } from '../recovery/swapped';
import { leftBy, markGone, type Settled } from '../settled';
import { expiryOf } from '../tags';
import { ofKind } from '../../ledger/of-kind';
import { isSameId } from '../../same-id';
import type { ResourceRecord } from '../../ledger/ports';
import type { Tools } from '../toolbox';
import { readErrand, type Errand } from './errand';

/** What a rollback leaves on record and on the disks, whoever sees that it is so: its own step or the clean-up. */

type Recorded = { kind: 'recorded'; detail: string } | { kind: 'wait'; reason: string; afterMs?: number };

/**
 * The VM has its original disk again: the copy gets an expiry, and both repairs say what became of the disks. A copy whose tags
 * cannot be changed stays without an expiry, until a person deletes it. May be repeated.
 */
export async function recordRollback(
  tools: Tools,
  about: AboutRepair,
  errand: Errand,
  begun?: Begun,
): Promise<Recorded> {
  const tagging = await tagCopy(tools, about, errand.copyId, begun);
  if (tagging.kind === 'wait') return tagging;
  const expiresAt = tagging.kind === 'tagged' ? expiryOf(about, tools.settings) : undefined;
  await recordAtOrigin(tools, about, errand, expiresAt);
  await recordHere(tools, about, errand, expiresAt);
  const { copyId } = errand;
  const detail =
    tagging.kind === 'tagged'
      ? `The copy ${copyId} is kept until ${expiresAt}.`
      : `The copy ${copyId} is kept until a person deletes it: ${tagging.why}`;
  return { kind: 'recorded', detail };
}

/** It keeps the tags of the repair that made it: by these the sweeper knows whose it is. */
async function tagCopy(
  tools: Tools,
  about: AboutRepair,
  copyId: string,
  begun: Begun | undefined,
): Promise<
  { kind: 'tagged' } | { kind: 'untagged'; why: string } | { kind: 'wait'; reason: string; afterMs?: number }
> {
  function request(tags: Record<string, string>): Promise<Requested> {
    const tagging: Request = {
      ...{ resourceId: copyId, to: 'tag', for: 'expiry', reason: 'The copy’s tags are being changed.', usualMs: 1_000 },
      begin: () => tools.recovery.beginTagDisk(copyId, tags),
    };
    return begun?.once(tagging) ?? requestOnce(tools, about.repairId, tagging);
  }
  const copy = await tools.arm.getDisk(copyId);
  if (copy.ok && copy.value.tags?.['rdp-lifeline-expires'] !== undefined) return { kind: 'tagged' };
  const expiry = { 'rdp-lifeline-expires': expiryOf(about, tools.settings) };
  const requested = copy.ok ? await request({ ...copy.value.tags, ...expiry }) : copy;
  if ('kind' in requested) return requested;
  const progress = progressOf(requested.failure, 'give the copy its expiry');
  return progress.kind === 'wait' ? progress : { kind: 'untagged', why: progress.conclusion.reason };
}

/** On the record of the repair that is rolled back: the exchange is over, and the original is nothing that is kept any more. */
async function recordAtOrigin(
  tools: Tools,
  about: AboutRepair,
  { rollsBack, copyId, originalId }: Errand,
  expiresAt: string | undefined,
): Promise<void> {
  const { ledger } = tools;
  const { resources } = await ledger.getTimeline(rollsBack);
  const swaps = ofKind(resources, 'os-disk-swap').filter(({ details }) => isSameId(details.copyId, copyId));
  const original = await debtOf(tools, rollsBack, originalId);
  for (const one of [...swaps, ...(original ? [original] : [])]) await settled(tools, rollsBack, one);
  const copy = await debtOf(tools, rollsBack, copyId);
  const purpose = `The mended copy, which the rollback ${about.repairId} has taken out of the VM`;
  if (copy) await ledger.recordResource(rollsBack, { ...copy, lifetime: 'kept', purpose, expiresAt });
  await ledger.updateRepair(rollsBack, { rolledBackBy: about.repairId });
}

/** On its own record; that the exchange is done comes last, because it says that all of it is on record. */
async function recordHere(
  tools: Tools,
  about: AboutRepair,
  { copyId, round }: Errand,
  expiresAt: string | undefined,
): Promise<void> {
  const now = new Date().toISOString();
  await tools.ledger.recordResource(about.repairId, {
    resourceId: copyId,
    kind: 'disk',
    details: { role: 'copy', round },
    purpose: 'The mended copy, with everything that was written on it until the rollback',
    registeredAt: now,
    lifetime: 'kept',
    expiresAt,
    createdAt: now,
  });
  const exchange = await debtOf(tools, about.repairId, rollbackOf(about));
  if (exchange) await recordSwap(tools, about, exchange);
}

/** For the clean-up: the VM has its original disk again by this rollback, or the exchange never came to be. */
export async function confirmRollback(
  tools: Tools,
  about: AboutRepair,
  exchange: ResourceRecord,
  begun: Begun,
): Promise<Settled> {
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) return leftBy(look.failure, exchange);
  const { osDiskId } = look.value;
  if (!isSettled(look.value) || osDiskId === undefined)
    return wait('Waiting for Azure to end the exchange of the OS disk.', 2_000);
  const errand = await readErrand(tools, about);
  if (errand?.originalId.toLowerCase() !== osDiskId.toLowerCase()) return markGone(tools, about, exchange);
  const recorded = await recordRollback(tools, about, errand, begun);
  return recorded.kind === 'wait' ? recorded : { kind: 'settled' };
}
