import { callsIn, type Quota } from '../throttling';

/** Versions that Azure publishes for these types; the newest of each list is what @azure/arm-compute 24.1 sends. */
export const virtualMachineVersions = [
  '2022-03-01',
  '2022-08-01',
  '2022-11-01',
  '2023-03-01',
  '2023-09-01',
  '2024-03-01',
  '2024-07-01',
  '2024-11-01',
  '2025-04-01',
  '2026-03-01',
] as const;

export const diskVersions = [
  '2021-12-01',
  '2022-03-02',
  '2022-07-02',
  '2023-04-02',
  '2024-03-02',
  '2025-01-02',
] as const;

/**
 * Compute's throttling policies: tokens a minute, and how many a bucket holds, for a VM and for the subscription in its region. Of VMs as
 * documented (https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits); assumed: the names of the groups, that
 * attaching and detaching data disks are updates, and that each operation has a bucket of its own. Of disks and snapshots by recorded
 * `x-ms-ratelimit-remaining-resource` headers.
 */
export const quotas = {
  lowCostGet: {
    group: 'LowCostGetSubscriptionMaximum',
    subscription: { perMinute: 8000, holds: 24_000 },
    virtualMachine: { perMinute: 12, holds: 36 },
  },
  highCostGet: { group: 'HighCostGetSubscriptionMaximum', subscription: { perMinute: 300, holds: 900 } },
  getOperation: { group: 'GetOperationSubscriptionMaximum', subscription: { perMinute: 5000, holds: 15_000 } },
  updateVm: vmChanges('UpdateVM'),
  putVm: vmChanges('PutVM'),
  deleteVm: vmChanges('DeleteVM'),
  getDisk: callsIn(3, { group: 'LowCostGet3Min', limit: 4000 }),
  listDisks: callsIn(3, { group: 'HighCostGet3Min', limit: 140 }),
  createSnapshot: callsIn(3, { group: 'HighCostSnapshotCreateHydrate3Min', limit: 240 }),
  changeDisks: callsIn(3, { group: 'CreateUpdateDisks3Min', limit: 1000 }),
} as const satisfies Record<string, Quota>;

function vmChanges(name: string) {
  return {
    group: `${name}SubscriptionMaximum`,
    subscription: { perMinute: 500, holds: 1500 },
    virtualMachine: { perMinute: 4, holds: 12 },
  };
}
