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

/** Throttling groups with their quota per three minutes, from recorded `x-ms-ratelimit-remaining-resource` headers. */
export const quotas = {
  lowCostGet: { group: 'LowCostGet3Min', limit: 4000 },
  highCostGet: { group: 'HighCostGet3Min', limit: 140 },
  getOperation: { group: 'GetOperation3Min', limit: 15_000 },
  updateVm: { group: 'UpdateVM3Min', limit: 240 },
  createSnapshot: { group: 'HighCostSnapshotCreateHydrate3Min', limit: 240 },
  changeDisks: { group: 'CreateUpdateDisks3Min', limit: 1000 },
} as const;
