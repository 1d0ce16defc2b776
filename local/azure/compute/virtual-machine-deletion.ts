/** DELETE of a virtual machine, with what its delete options say of its disks and network interfaces. */
import { idKey } from '../arm-id';
import { beingChanged, type ArmResponse } from '../arm-errors';
import { VM_DELETE_MS } from '../durations';
import { carryOut } from '../long-running-operations';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import type { World } from '../world';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import type { Machine } from './machine';
import { failMachine } from './struck-machine';
import { findMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines';

export function virtualMachineDeletionOperations(context: ComputeContext): ArmOperation[] {
  return [
    {
      apiVersions: virtualMachineVersions,
      method: 'DELETE',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`,
      // No right on its disks and interfaces is asked for: Seqera's documented role deletes them so without one.
      action: `${type}/delete`,
      quota: quotas.deleteVm,
      handle(request) {
        const machine = findMachine(context, request);
        return machine ? deleteMachine(context, machine, request) : { status: 204 };
      },
    },
  ];
}

function deleteMachine(context: ComputeContext, machine: Machine, request: ArmRequest): ArmResponse {
  if (machine.provisioningState === 'Deleting') return beingChanged(type, machine.name);
  machine.isBusy = true;
  machine.provisioningState = 'Deleting';
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: VM_DELETE_MS,
    fate: request.fate,
    apply() {
      remove(context.world, machine);
    },
    failed: failMachine(machine),
  });
  return { status: 202, headers: operation.headers('both') };
}

function remove(world: World, machine: Machine): void {
  const { model } = machine;
  machine.guest?.powerOff();
  machine.power = 'deallocated';
  world.machines.delete(idKey(machine.id));
  for (const { diskId, deleteOption } of [model.osDisk, ...model.dataDisks]) {
    const disk = world.disks.get(idKey(diskId));
    if (deleteOption === 'Delete') world.disks.delete(idKey(diskId));
    else if (disk) Object.assign(disk, { managedBy: undefined, ownershipChangedAt: Date.now() });
  }
  for (const { id, deleteOption } of model.networkInterfaces) {
    const nic = world.network.interfaces.get(idKey(id));
    if (deleteOption === 'Delete') world.network.interfaces.delete(idKey(id));
    else if (nic) nic.machineId = undefined;
  }
}
