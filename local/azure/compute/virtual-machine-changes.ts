/**
 * PATCH of a virtual machine, and PUT of one that exists: tags, and another OS disk. The answer as recorded in
 * test_vm_os_disk_swap (durations.ts names the folder): 200, Updating, Azure-AsyncOperation alone. A swap by PATCH of the OS
 * disk alone is reported to work in Azure/azure-sdk-for-net#37285, and tested live in Azure/azure-sdk-for-java
 * (canSwapOSDiskWithManagedDisk), both on a deallocated VM.
 */
import { idKey } from '../arm-id';
import { beingChanged, invalidParameter, type ArmResponse } from '../arm-errors';
import { VM_UPDATE_MS } from '../durations';
import { carryOut } from '../long-running-operations';
import { readObject, readTags } from '../request-body';
import type { ArmOperation, ArmRequest, Demand } from '../resource-provider';
import type { World } from '../world';
import { quotas, virtualMachineVersions } from './api-versions';
import { changeNotAllowed, etagMismatch, notSimulated, osDiskBesideImage } from './compute-errors';
import type { ComputeContext } from './context';
import { linkedSetOfMachine } from './disk-encryption-sets';
import { restart, type Machine } from './machine';
import { checkSwap } from './os-disk-rules';
import { failMachine, settleMachine } from './struck-machine';
import { etagOf, virtualMachineBody } from './virtual-machine-body';
import { findMachine, missingMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines';

export function virtualMachineChangeOperations(context: ComputeContext): ArmOperation[] {
  return [
    {
      apiVersions: virtualMachineVersions,
      method: 'PATCH',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`,
      action: `${type}/write`,
      linked: ({ body }) => [...linkedDisks(context.world, body), ...linkedSetOfMachine(body)],
      quota: quotas.updateVm,
      handle(request) {
        const machine = findMachine(context, request);
        return machine ? updateMachine(context, machine, request) : missingMachine(request);
      },
    },
  ];
}

/**
 * assumed: who puts a disk under a VM needs `disks/write` on it (MicrosoftDocs/azure-docs#31800: the role without disks could
 * not); a disk that is there already asks for nothing.
 */
export function linkedDisks(world: World, body: unknown): Demand[] {
  const osDisk = osDiskOf(body);
  const id = osDisk && managedDiskId(osDisk);
  const isAttached = id !== undefined && world.disks.get(idKey(id))?.managedBy !== undefined;
  return id === undefined || isAttached ? [] : [{ action: 'Microsoft.Compute/disks/write', scope: id }];
}

/** Carries out a PATCH, or a PUT of a machine that exists. */
export function updateMachine(context: ComputeContext, machine: Machine, request: ArmRequest): ArmResponse {
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const expected = request.header('if-match');
  if (expected !== undefined && expected !== etagOf(machine)) return etagMismatch(expected, etagOf(machine));
  const refusal = refuse(context.world, machine, body.value);
  if (refusal) return refusal;
  const osDisk = osDiskOf(request.body);
  const diskId = osDisk && managedDiskId(osDisk);
  const isSwap = osDisk !== undefined && diskId !== undefined && idKey(diskId) !== idKey(machine.model.osDisk.diskId);
  if (isSwap && machine.isBusy) return beingChanged(type, machine.name);
  if (tags.value) machine.tags = tags.value;
  machine.revision += 1;
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  const stateBefore = machine.provisioningState;
  machine.provisioningState = 'Updating';
  if (isSwap) {
    machine.isBusy = true;
    const before = machine.model.osDisk.diskId;
    // Recorded: the answer that begins it shows the new disk already. It stays when the operation fails, as of a data disk
    // (Azure/azure-xplat-cli#3008); who owns which disk changes at the end.
    machine.model.osDisk = readOsDisk(machine, osDisk, diskId);
    const wasRunning = machine.power === 'running';
    const apply = () => {
      changeOwner(context.world, machine, before);
      settleMachine(machine);
      // assumed: a running VM is restarted from the new disk, as on unmanaged disks (Azure/azure-powershell#4892).
      if (wasRunning) void restart(machine);
    };
    void carryOut(operation, { durationMs: VM_UPDATE_MS, fate: request.fate, apply, failed: failMachine(machine) });
  } else {
    const apply = () => {
      if (!machine.isBusy && machine.provisioningState === 'Updating') machine.provisioningState = stateBefore;
    };
    void carryOut(operation, { durationMs: VM_UPDATE_MS, fate: request.fate, apply, failed: failMachine(machine) });
  }
  const shown = virtualMachineBody(context.world, machine, false);
  return { status: 200, body: shown, headers: operation.headers('async-operation-only') };
}

/** A body that asks for more than is simulated is refused, so that nobody believes that it was done. */
function refuse(world: World, machine: Machine, body: Record<string, unknown>): ArmResponse | undefined {
  const { model } = machine;
  const properties = objectOf(body.properties);
  const storage = objectOf(properties.storageProfile);
  const { vmSize } = objectOf(properties.hardwareProfile);
  if (vmSize !== undefined && vmSize !== model.size) return notSimulated('hardwareProfile.vmSize');
  const zones = body.zones;
  if (zones !== undefined && JSON.stringify(zones) !== JSON.stringify(model.zones)) return changeNotAllowed('zones');
  const osDisk = osDiskOf(body);
  if (!osDisk) return undefined;
  const { createOption, name, osType } = osDisk;
  if (createOption !== model.osDisk.createOption) return changeNotAllowed('osDisk.createOption');
  if (osType !== undefined && osType !== machine.osType) return changeNotAllowed('osDisk.osType');
  const id = managedDiskId(osDisk) ?? model.osDisk.diskId;
  const isSwap = idKey(id) !== idKey(model.osDisk.diskId);
  // Azure/azure-libraries-for-java#275: the name must be that of the disk.
  const diskName = world.disks.get(idKey(id))?.name ?? id.split('/').at(-1) ?? '';
  const isNamedSo = typeof name === 'string' && name.toLowerCase() === diskName.toLowerCase();
  if (name !== undefined && !isNamedSo) return changeNotAllowed('osDisk.name');
  // "Write Accelerator … for M-Series virtual machines": https://learn.microsoft.com/azure/virtual-machines/how-to-enable-write-accelerator
  // assumed: the words
  if (osDisk.writeAcceleratorEnabled === true && !/^Standard_M/i.test(model.size)) {
    return invalidParameter('osDisk.writeAcceleratorEnabled', `Write Accelerator is not supported by ${model.size}.`);
  }
  if (!isSwap) return undefined;
  if (storage.imageReference !== undefined) return osDiskBesideImage();
  const checked = checkSwap(world, machine, id);
  return checked.ok ? undefined : checked.response;
}

type NewOsDisk = Machine['model']['osDisk'];

/** What the request does not name stays as it is. */
function readOsDisk(machine: Machine, given: Record<string, unknown>, diskId: string): NewOsDisk {
  const { caching, deleteOption, writeAcceleratorEnabled } = given as Partial<NewOsDisk>;
  const { osDisk } = machine.model;
  return {
    ...osDisk,
    diskId,
    caching: caching ?? osDisk.caching,
    deleteOption: deleteOption ?? osDisk.deleteOption,
    writeAcceleratorEnabled: writeAcceleratorEnabled ?? osDisk.writeAcceleratorEnabled,
  };
}

function changeOwner(world: World, machine: Machine, before: string): void {
  const ownershipChangedAt = Date.now();
  const left = world.disks.get(idKey(before));
  const taken = world.disks.get(idKey(machine.model.osDisk.diskId));
  if (left) Object.assign(left, { managedBy: undefined, ownershipChangedAt });
  if (taken) Object.assign(taken, { managedBy: machine.id, ownershipChangedAt });
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = readObject(value);
  return object.ok ? object.value : {};
}

function osDiskOf(body: unknown): Record<string, unknown> | undefined {
  const { osDisk } = objectOf(objectOf(objectOf(body).properties).storageProfile);
  const object = readObject(osDisk);
  return object.ok ? object.value : undefined;
}

function managedDiskId(osDisk: Record<string, unknown>): string | undefined {
  const { id } = objectOf(osDisk.managedDisk);
  return typeof id === 'string' ? id : undefined;
}
