import { saysQuota } from '../../azure/failure-codes';
import type { ArmFailure, ManagedDisk } from '../../azure/ports';
import { isWorthWaiting } from '../asked-since';
import { end, progressOf, wait, type Progress } from '../progress';
import { tagsOfCopy } from '../tags';
import type { Tools } from '../toolbox';
import type { RecoveryInput } from './input';

/** Recorded in azure-cli's test_vm_os_disk_swap: 0.6 s for a copy of an attached disk. */
export const usualCopyMs = 1_000;

/** How often is asked again where the quota of disks is used up, in ms. */
const quotaPauseMs = 15_000;

/** A disk that could take the original's place. */
interface CopyToMake {
  diskId: string;
  snapshotId: string;
  original: ManagedDisk;
  /** "the trial copy": what is made, within a sentence. */
  called: string;
  /** How long (ms) a quota that is used up is waited for. */
  quotaMs: number;
}

/**
 * Begins a copy of the original's disk in the original's group. The trial copy and the copy that is swapped in are both begun here,
 * with one body: what Azure says to the one it says to the other.
 */
export async function beginCopy(tools: Tools, input: RecoveryInput, copy: CopyToMake): Promise<Progress<never>> {
  const { diskId, snapshotId, original, called } = copy;
  const tags = tagsOfCopy(input, tools.settings, original.tags);
  const begun = await tools.recovery.beginCopyDisk({ diskId, sourceId: snapshotId, like: original, tags });
  if (begun.ok) return wait(`${capital(called)} was begun.`, usualCopyMs);
  return isQuota(begun.failure)
    ? quotaUsedUp(tools, input, copy, begun.failure)
    : progressOf(begun.failure, `make ${called}`);
}

function isQuota(failure: ArmFailure): failure is Extract<ArmFailure, { kind: 'rejected' }> {
  return failure.kind === 'rejected' && saysQuota(failure.code);
}

/** Others give disks back meanwhile: it is asked again until its time is over. */
async function quotaUsedUp(
  tools: Tools,
  input: RecoveryInput,
  { called, quotaMs }: CopyToMake,
  { code, message }: Extract<ArmFailure, { kind: 'rejected' }>,
): Promise<Progress<never>> {
  const reason = `Azure has no quota left for ${called} (${code}): ${message}`;
  const name = `disk-quota-${called.replaceAll(' ', '-')}`;
  const { conclusion } = end('not-repaired', 'disk-quota-used-up', reason);
  return (await isWorthWaiting(tools, input, { name, limitMs: quotaMs }))
    ? wait(reason, quotaPauseMs, conclusion)
    : { kind: 'end', conclusion };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
