/** A disk that is broken in two places, and what a recovery VM does with it. */
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { mountContent } from '../../../../local/windows/disk-content';
import { disableDhcpClient } from '../../../../local/windows/faults/dhcp-client-disabled';
import { enterSafeMode } from '../../../../local/windows/faults/safe-mode';
import type { Change } from '../../../../src/guest/changes';
import { readOfflineLook, renderOfflineLook, type OfflineNeed } from '../../../../src/guest/offline';
import {
  readOfflineChange,
  renderOfflineChanges,
  type OfflineDeed,
  type OfflineResult,
} from '../../../../src/guest/offline-changes';
import type { PreparedDisk } from '../../../../src/guest/routes/recovery-vm-answers';
import { stoppedPatient } from './patient';
import type { RecoveryVm } from './recovery-guest';

export const config = 'Windows\\System32\\config';
const needs: OfflineNeed[] = [
  { kind: 'boot-configuration' },
  { kind: 'service-configuration', service: 'Dhcp' },
  { kind: 'control-sets' },
  { kind: 'windows-installation' },
];
export const loader = '{6b3e1f52-0c7d-11ed-9a41-806e6f6e6963}';
const dhcp: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };
const noSafeMode: Change = { kind: 'delete-boot-element', object: loader, element: 'safeboot' };
const both: Change[] = [noSafeMode, dhcp];

const brokenDisks: { V1?: SparseDisk; V2?: SparseDisk } = {};

/** Broken in both places, so that each hazard can be seen in each. */
export function brokenCopy(generation: 'V1' | 'V2' = 'V2'): SparseDisk {
  brokenDisks[generation] ??= stoppedPatient({
    generation,
    hasOlderControlSet: true,
    machine(guest, at) {
      enterSafeMode(guest, at, { mode: 'Minimal', restart: false });
      disableDhcpClient(guest, at);
    },
  });
  return brokenDisks[generation].copy();
}

/** What the route reads of the disk. */
export async function look(vm: RecoveryVm, disk: PreparedDisk, name = 'look') {
  return readOfflineLook(disk, needs, await vm.commands(name, renderOfflineLook(disk, needs)));
}

/** What the route does on the disk, with its result for each change. */
export async function change(
  vm: RecoveryVm,
  disk: PreparedDisk,
  given: { controlSets?: number[]; changes?: readonly OfflineDeed[]; name?: string } = {},
): Promise<OfflineResult[]> {
  const { controlSets = [1], changes = both, name = 'change' } = given;
  const target = { disk, controlSets };
  const answer = await vm.commands(name, renderOfflineChanges(changes, target));
  return changes.map((one) => readOfflineChange(one, target, answer));
}

/** What the disk says now, read by the simulated Windows' own readers. */
export function stateOf(disk: SparseDisk) {
  const content = mountContent(disk.copy(), { readOnly: true });
  const start = (set: string) => content.readValue(`SYSTEM\\${set}\\Services\\Dhcp`, 'Start');
  return {
    first: start('ControlSet001'),
    second: start('ControlSet002'),
    safeboot: content.hasKey(`BCD\\Objects\\${loader}\\Elements\\25000080`),
  };
}
export const automatic = { type: 'REG_DWORD', data: 2 };
export const disabled = { type: 'REG_DWORD', data: 4 };
