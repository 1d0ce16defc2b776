import { ofKind } from '../../ledger/of-kind';
import type { ResourceRecord } from '../../ledger/ports';
import { isSameId } from '../../same-id';
import { isSettled } from '../../resource-state';
import { isUnreadableDocument } from '../documents';
import type { AboutRepair } from '../input';
import { end, type Progress } from '../progress';
import { leftBy, markGone, type Settled } from '../settled';
import type { Tools } from '../toolbox';
import { attachedDisk, release, type Held } from './disk-bench';
import { benchOf } from './names';

/** assumed: detaching takes some seconds. */
const usualMs = 4_000;

/**
 * Gives a standing recovery VM back as it was: it lets go of our disk, the disk is detached, and only then another repair may have
 * it. A VM that does not answer keeps nobody from detaching: that it may still hold on to something is told.
 */
export async function settleLoan(
  tools: Tools,
  about: AboutRepair,
  loan: ResourceRecord<'recovery-vm-loan'>,
): Promise<Settled> {
  const recoveryVmId = loan.details.vmId;
  const machine = await tools.arm.getVirtualMachine(recoveryVmId);
  if (!machine.ok && machine.failure.kind !== 'not-found') return leftBy(machine.failure, loan);
  if (!machine.ok) return giveBack(tools, about, loan);
  if (!isSettled(machine.value)) return { kind: 'wait', reason: waiting, afterMs: 2_000 };
  const { resources } = await tools.ledger.getTimeline(about.repairId);
  const ours = ofKind(resources, 'disk');
  const [first] = (machine.value.configuration?.dataDisks ?? []).flatMap(({ diskId = '' }) => {
    const disk = ours.find(({ resourceId }) => isSameId(resourceId, diskId));
    const name = disk && benchOf(disk.details);
    return name === undefined ? [] : [{ diskId, name }];
  });
  if (!first) return giveBack(tools, about, loan);
  const letGo = await letGoOf(tools, about, { recoveryVmId, ...first });
  if (letGo) return letGo;
  const begun = await tools.recovery.beginDetachDataDisk(recoveryVmId, { diskId: first.diskId });
  return begun.ok
    ? { kind: 'wait', reason: 'The disk is being detached from the standing recovery VM.', afterMs: usualMs }
    : leftBy(begun.failure, loan);
}

const waiting = 'Azure is changing the standing recovery VM.';

interface OursOnIt {
  recoveryVmId: string;
  diskId: string;
  /** Of the bench. */
  name: string;
}

/** Undefined once it is let go, or once it is clear that it does not let go; that is kept until the loan is over. */
async function letGoOf(
  tools: Tools,
  about: AboutRepair,
  { recoveryVmId, diskId, name }: OursOnIt,
): Promise<Settled | undefined> {
  if ((await heldOnTo(tools, about)) !== undefined) return undefined;
  const disk = await attachedDisk(tools, diskId);
  // Of a disk that is gone there is nothing to let go.
  if (disk.kind !== 'done') return disk.kind === 'wait' ? disk : undefined;
  const held = { tools, input: about, recoveryVmId, disk: disk.value, name, called: 'The disk' };
  const released = await releasedOrTold(held);
  if (released.kind === 'wait') return released;
  if (released.kind === 'end') await tools.ledger.putDocument(about.repairId, 'held-on-to', released.conclusion.reason);
  return undefined;
}

/** Whether it let go cannot be read any more: a person is told, and the clean-up, which owes others their power, goes on. */
async function releasedOrTold(held: Held): Promise<Progress<'released'>> {
  try {
    return await release(held);
  } catch (error) {
    if (!isUnreadableDocument(error)) throw error;
    return end('not-repaired', 'copy-not-released', error.message);
  }
}

async function heldOnTo({ ledger }: Tools, { repairId }: AboutRepair): Promise<string | undefined> {
  const reason = await ledger.getDocument(repairId, 'held-on-to');
  // One that cannot be read says as much: that it did not let go. The clean-up must not stop at it.
  return reason === undefined || typeof reason === 'string' ? reason : 'what it holds on to cannot be read any more.';
}

/** The loan is over. One that did not let go stays open in the record: a person has to restart that VM. */
async function giveBack(tools: Tools, about: AboutRepair, loan: ResourceRecord<'recovery-vm-loan'>): Promise<Settled> {
  const recoveryVmId = loan.details.vmId;
  await tools.ledger.takeRecoveryVmBack(recoveryVmId, about.repairId);
  const reason = await heldOnTo(tools, about);
  if (reason === undefined) return markGone(tools, about, loan);
  return { kind: 'left', reason: `Restart the standing recovery VM ${recoveryVmId}: ${reason}` };
}
