import type { ArmFailure } from './ports';

/**
 * Codes of refused calls by which something is decided. Azure has many more, without end: those stay texts, and are only quoted.
 */

/** Codes of a no of our own adapter, before ARM was asked. */
export type AdapterRefusal = 'InUse' | 'LunDiffers' | 'NameTaken' | 'NotStopped' | 'OsDiskChanged' | 'TagsDiffer';

/** Azure's codes for a size that a region, zone or subscription has no room for just now. */
const noRoom: readonly string[] = [
  'SkuNotAvailable',
  'AllocationFailed',
  'ZonalAllocationFailed',
  'OverconstrainedAllocationRequest',
  'QuotaExceeded',
  'OperationNotAllowed',
];

/** Whether a code, of a call or of a VM that could not be made, says that there is no room. */
export function saysNoRoom(code: string): boolean {
  return noRoom.includes(code);
}

/** Whether that may pass: a quota or a region that is full just now. A size that this subscription does not get stays so. */
export function saysFullNow(code: string): boolean {
  return saysNoRoom(code) && code !== 'SkuNotAvailable';
}

/**
 * Codes of a refused copy by which a quota is used up, of disks of a kind or of resources of a group:
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota
 * assumed: which of them a disk gets; `PremiumDiskCount` and its like are among a region's usages.
 */
const quotaOfDisks: readonly string[] = ['QuotaExceeded', 'OperationNotAllowed', 'ResourceQuotaExceeded'];

/** Whether a copy of a disk was refused because a quota is used up: that may pass. */
export function saysQuota(code: string): boolean {
  return quotaOfDisks.includes(code);
}

// Ours, and Azure's answer where what we compare by (If-Match) has changed: RFC 9110, 412.
const overtaken: readonly string[] = ['NotStopped' satisfies AdapterRefusal, 'PreconditionFailed'];

/** Whether a swap was refused because somebody used the VM since it had stopped. */
export function isOvertaken(failure: ArmFailure): boolean {
  return failure.kind === 'rejected' && overtaken.includes(failure.code);
}
