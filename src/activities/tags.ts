import type { Settings } from '../settings';
import type { AboutRepair } from './input';

/** The tags on everything that we create: whose it is and for which VM. */
export function tagsOf({ repairId, vmId }: AboutRepair): Record<string, string> {
  // A tag's value may have 256 characters; a VM's id can be longer.
  return { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-vm': vmId.slice(-256) };
}

/** When what a repair keeps expires (ISO 8601): the same at every call, counted from the time in the repair's id. */
export function expiryOf({ repairId }: AboutRepair, { snapshotRetentionDays }: Settings): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z/.exec(repairId) ?? [];
  const accepted = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return new Date(accepted + snapshotRetentionDays * 24 * 60 * 60_000).toISOString();
}
