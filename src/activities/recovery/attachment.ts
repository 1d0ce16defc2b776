import { isSettled } from '../../resource-state';
import { isSameId } from '../../same-id';
import { openBegun } from '../begun';
import { done, progressOf, wait, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { permittedOnPatient, type HelperInput } from './input';
import { dataDiskLun } from './names';

/** assumed: attaching takes some seconds, detaching about as long; 30 to 120 s are reported (kubernetes-sigs/azuredisk-csi-driver#3712). */
const usualMs = 4_000;
/** So long (ms) after a request only the disk is looked at: a look at the VM takes one of its few tokens. */
const quietMs = 60_000;

/** A disk that the recovery VM works on. */
export interface Attachment {
  repairId: string;
  recoveryVmId: string;
  diskId: string;
  /** "The copy", at the beginning of a sentence. */
  called: string;
}

/** Attaches the disk at a fixed slot, after the recovery VM has booted: so it never boots from it. */
export async function attach(tools: Tools, input: HelperInput, attachment: Attachment): Promise<Progress<'attached'>> {
  const { recoveryVmId, diskId, called } = attachment;
  const change = await openChange(tools, attachment, 'attach');
  if (await change.isEarly()) return wait(`${called} is being attached.`, 2_000);
  const look = await lookAtBoth(tools, recoveryVmId, diskId);
  if (look.kind !== 'looked') return look;
  if (look.isAttached) return done('attached', `${called} is at LUN ${dataDiskLun} of the recovery VM.`);
  if (look.isBusy) return wait(`${called} is being attached.`, 2_000);
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const begun = await tools.recovery.beginAttachDataDisk(recoveryVmId, { diskId, lun: dataDiskLun });
  if (!begun.ok) return progressOf(begun.failure, 'attach the disk');
  await change.note();
  return wait(`${called} is being attached.`, usualMs);
}

/** Detaches the disk, and sees that nobody has it. */
export async function detach(tools: Tools, attachment: Attachment): Promise<Progress<'detached'>> {
  const { recoveryVmId, diskId, called } = attachment;
  const change = await openChange(tools, attachment, 'detach');
  if (await change.isEarly()) return wait(`${called} is being detached.`, 2_000);
  const look = await lookAtBoth(tools, recoveryVmId, diskId);
  if (look.kind !== 'looked') return look;
  if (look.isFree) return done('detached', `${called} is free again.`);
  if (look.isBusy) return wait(`${called} is being detached.`, 2_000);
  const begun = await tools.recovery.beginDetachDataDisk(recoveryVmId, { diskId });
  if (!begun.ok) return progressOf(begun.failure, 'detach the disk');
  await change.note();
  return wait(`${called} is being detached.`, usualMs);
}

/** What was asked for last: for a while after that the disk alone tells whether it may be over. */
async function openChange(tools: Tools, { repairId, diskId, recoveryVmId }: Attachment, wanted: 'attach' | 'detach') {
  const begun = await openBegun(tools, repairId);
  const what = { resourceId: diskId, to: 'attach-or-detach', for: wanted } as const;
  return {
    note: () => begun.note(what),
    async isEarly(): Promise<boolean> {
      const underWayMs = begun.underWayMs(what);
      if (underWayMs === undefined || underWayMs >= quietMs) return false;
      const disk = await tools.arm.getDisk(diskId);
      if (!disk.ok) return false;
      const isOwned = isSameId(disk.value.managedBy, recoveryVmId);
      return wanted === 'attach' ? !isOwned : isOwned;
    },
  };
}

/** Both sides of an attachment: the VM's list and the disk's owner. Only together do they tell that it has ended. */
async function lookAtBoth(
  tools: Tools,
  recoveryVmId: string,
  diskId: string,
): Promise<
  { kind: 'looked'; isAttached: boolean; isFree: boolean; isBusy: boolean } | Exclude<Progress<never>, { kind: 'done' }>
> {
  const [machine, disk] = await Promise.all([tools.arm.getVirtualMachine(recoveryVmId), tools.arm.getDisk(diskId)]);
  if (!machine.ok) return progressOf(machine.failure, 'look at the recovery VM');
  if (!disk.ok) return progressOf(disk.failure, 'look at the disk');
  const entry = machine.value.configuration?.dataDisks.find(
    (one) => one.diskId?.toLowerCase() === diskId.toLowerCase(),
  );
  const isOwned = disk.value.managedBy?.toLowerCase() === recoveryVmId.toLowerCase();
  const isBusy = !isSettled(machine.value);
  return {
    kind: 'looked',
    isAttached: entry?.lun === dataDiskLun && !entry.toBeDetached && isOwned && !isBusy,
    isFree: !entry && disk.value.managedBy === undefined && !isBusy,
    isBusy,
  };
}
