import { makePlan, type MachineToMake, type Plan, type RecoveryPlan } from '../../../../src/activities/plan';
import { makeLookPlan, putLookPlan } from '../../../../src/activities/recovery/look-plan';
import {
  copyOf,
  lookDiskOf,
  madeVmOf,
  stoppedSnapshotOf,
  trialCopyOf,
} from '../../../../src/activities/recovery/names';
import type { ArmFailure, ManagedDisk, VirtualMachine } from '../../../../src/azure/ports';
import type { Evidence } from '../../../../src/guest/evidence';
import type { ResourceRecord } from '../../../../src/ledger/ports';
import type { Settings } from '../../../../src/settings';
import { subscriptionId, virtualMachine } from '../../../azure/support/machine';
import { recordOf, resourceOf, type RecordFields } from '../../../ledger/support/resources';
import { fakeWorld, type FakeWorld } from '../../support/fakes';
import { about, permitPlan, plan as gentlePlan, repairId, repairWorld, vmId } from '../../support/repair';

export { permitPlan };

/** A world in which a repair takes the route `recovery-vm`. */

/** What was found, as far as the route's pre-flight looks at it. */
export const finding = {
  kind: 'found' as const,
  signature: 'dhcp-client-disabled',
  title: 'x',
  effect: 'now' as const,
  reasons: [],
};

/** What the snapshot's disk says of the patient's Windows. */
export function installation(isDomainController: boolean): Evidence {
  return {
    kind: 'windows-installation',
    computerName: 'VM-1',
    productName: 'Windows Server 2022 Datacenter',
    build: '20348',
    isDomainController,
    from: { source: 'snapshot-disk', place: 'x', readAt: '2026-01-02T03:04:05.000Z' },
  };
}

export const osDiskId = virtualMachine().osDiskId ?? '';
export const subnetId = `/subscriptions/${subscriptionId}/resourceGroups/rg-workbench/providers/Microsoft.Network/virtualNetworks/net/subnets/rescue`;

export const machine: MachineToMake = {
  kind: 'made',
  subnetId,
  sizes: ['Standard_D2s_v5', 'Standard_B2ms'],
  unchecked: [],
  passedOver: [],
  image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter' },
  generation: 'V1',
};
/** A place to make recovery VMs in. */
export const workbenches = [{ subscriptionId, location: 'westeurope', subnetId }];
export const recovery: RecoveryPlan = {
  osDiskId,
  diskGeneration: 'V2',
  resourceGroup: 'rg-workbench',
  machine,
  options: [],
};
export const plan: Plan = makePlan({ ...gentlePlan, routes: ['recovery-vm'], closed: [], recovery });
export const input = { ...about, planHash: plan.hash, round: 1 } as const;

export const look = makeLookPlan(recovery);
export const lookInput = { ...about, lookHash: look.hash };

export const copyId = copyOf(about, recovery, 1);
export const trialCopyId = trialCopyOf(about, recovery);
export const lookDiskId = lookDiskOf(about, recovery);
export const { recoveryVmId, networkInterfaceId } = madeVmOf(about, recovery);
export const stoppedSnapshotId = stoppedSnapshotOf(about, fakeWorld().tools.settings, 1);
export const ours = { 'rdp-lifeline-repair': repairId };

export const original: ManagedDisk = {
  id: osDiskId,
  location: 'westeurope',
  zones: [],
  network: { networkAccessPolicy: 'DenyAll' },
  tags: { owner: 'shop' },
  managedBy: virtualMachine().id,
  diskState: 'Attached',
  provisioningState: 'Succeeded',
  sizeBytes: 136_365_211_648,
  hyperVGeneration: 'V2',
};

export async function recoveryWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await repairWorld(settings);
  await permitPlan(world, plan);
  world.recoveryContent.disks.set(osDiskId.toLowerCase(), original);
  return world;
}

/** A world in which a recovery VM is to look, before anything was diagnosed. */
export async function lookWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await repairWorld(settings);
  world.recoveryContent.disks.set(osDiskId.toLowerCase(), original);
  await putLookPlan(world.tools.ledger, repairId, look);
  return world;
}

/** Changes the patient and keeps what a test does not name. */
export function alterVm(world: FakeWorld, fields: Partial<VirtualMachine>, id = vmId): void {
  world.vms.set(id.toLowerCase(), { ...virtualMachine(), ...world.vms.get(id.toLowerCase()), ...fields });
}

/** When the last operation on the patient ended. */
export function changedAt(world: FakeWorld, time: string): void {
  alterVm(world, { configuration: { zones: [], dataDisks: [], networkInterfaceIds: [], changedAt: time } });
}

export function putDisk(world: FakeWorld, fields: Partial<ManagedDisk> & { id: string }): void {
  const known = world.recoveryContent.disks.get(fields.id.toLowerCase()) ?? original;
  world.recoveryContent.disks.set(fields.id.toLowerCase(), { ...known, ...fields });
}

export function addRecoveryVm(world: FakeWorld, fields: Partial<VirtualMachine> = {}): void {
  const machine = virtualMachine({
    id: recoveryVmId,
    name: 'rescue',
    tags: ours,
    osDiskId: `${recoveryVmId}-os`,
    ...fields,
  });
  world.vms.set(recoveryVmId.toLowerCase(), machine);
}

/** Something on record, as the step before would have put it. */
export async function oweNow(
  world: FakeWorld,
  resourceId: string,
  kind: ResourceRecord['kind'],
  more: RecordFields = {},
): Promise<void> {
  const registeredAt = new Date().toISOString();
  const resource = resourceOf(kind, resourceId, { copyId, originalId: osDiskId });
  await world.tools.ledger.recordResource(repairId, recordOf(resource, { purpose: kind, registeredAt, ...more }));
}

export const busy: ArmFailure = { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 7000 };

/** Each way in which a permit is taken back, by the code that the repair then ends with. */
export const brakes: readonly (readonly [string, (world: FakeWorld) => Promise<void> | void])[] = [
  ['kill-switch', (world) => world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: 'now', reason: 'x' })],
  ['not-opted-in', (world) => alterVm(world, { tags: {} })],
  ['cancelled', (world) => world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: 'now' })],
];

/** The deeds of the route in Azure. */
export function begunIn(world: FakeWorld): string[] {
  return world.deeds.filter((deed) => /^(?:arm|recovery)\.begin/.test(deed)).map((deed) => deed.split(' ')[0] ?? '');
}

export const standingId = `/subscriptions/${subscriptionId}/resourceGroups/rg-workbench/providers/Microsoft.Compute/virtualMachines/vm-rescue`;
export const standingPlan: Plan = makePlan({
  ...{ ...gentlePlan, routes: ['recovery-vm'], closed: [] },
  recovery: { ...recovery, machine: { kind: 'standing', vmId: standingId } },
});
export const standingInput = { ...input, planHash: standingPlan.hash };

/** A standing recovery VM that can be taken: its own disk is MBR, the patient's is GPT. */
export function addStandingVm(world: FakeWorld, fields: Partial<VirtualMachine> = {}, id = standingId): void {
  const osDiskId = `/subscriptions/${subscriptionId}/resourceGroups/rg-workbench/providers/Microsoft.Compute/disks/${fields.name ?? 'vm-rescue'}_OsDisk`;
  const machine = virtualMachine({ id, name: 'vm-rescue', tags: {}, osDiskId, ...fields });
  world.vms.set(id.toLowerCase(), machine);
  putDisk(world, { id: osDiskId, hyperVGeneration: 'V1', managedBy: id, tags: {} });
}

/** A world whose plan has chosen it. */
export async function standingWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await recoveryWorld({ standingRecoveryVms: [standingId], ...settings });
  await permitPlan(world, standingPlan);
  addStandingVm(world);
  return world;
}
