import type { RepairSpeed } from '../../../bench/repair-speed';

/** What a repair leaves of each VM's buckets at the worst moment, for whoever else has to do with the VM. */
const least = 4;

/** That these VMs, and no others, were asked, and that none of their buckets was nearly empty. */
export function expectTokensLeft(tokens: RepairSpeed['tokens'], vms: unknown[]): void {
  expect(Object.keys(tokens).sort()).toEqual(vms.length === 1 ? vms : expect.arrayContaining(vms));
  expect(Object.keys(tokens)).toHaveLength(vms.length);
  for (const { updates, reads } of Object.values(tokens)) {
    expect(updates.fewest ?? least).toBeGreaterThanOrEqual(least);
    expect(reads.fewest).toBeGreaterThanOrEqual(least);
  }
}
