import type { ComputeManagementClient, OSDisk, VirtualMachine } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { Answer } from '../ports';
import type { RecoveryArm } from '../recovery-ports';
import { parseDiskId, parseVirtualMachineId } from '../resource-id';
import { answer, begin, begun, idOf, refused, untold } from './answer';
import type { Clients } from './power-calls';
import { readVirtualMachine } from './virtual-machine';
import { isSameId } from '../../same-id';

/**
 * How a swap is asked for. `patch` names the OS disk alone, so that ARM checks nothing else that the VM refers to (joining its
 * network, its identities, its image) and we need no right to it. Known to work on a deallocated VM: reported in
 * Azure/azure-sdk-for-net#37285, tested live in Azure/azure-sdk-for-java (canSwapOSDiskWithManagedDisk, which sends more).
 * Not proven by a recording: on a VM that is stopped and not deallocated. `put` sends the whole VM without its image, as
 * recorded on a stopped VM in azure-cli's test_vm_os_disk_swap.
 */
export type SwapMethod = 'patch' | 'put';

/** States in which the guest cannot write to its disk. */
const withoutPower = new Set(['stopped', 'deallocated']);

/** The exchange of an OS disk. */
export function osDiskCalls({ observe, repair }: Clients, method: SwapMethod): Pick<RecoveryArm, 'beginSwapOsDisk'> {
  async function look(vmId: string): Promise<Answer<VirtualMachine>> {
    const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
    return answer(observe(subscriptionId), ({ virtualMachines }) =>
      virtualMachines.get(resourceGroup, name, { expand: 'instanceView' }),
    );
  }

  return {
    async beginSwapOsDisk(vmId, { from, to }) {
      const { subscriptionId } = idOf(vmId, parseVirtualMachineId);
      const { name: diskName } = idOf(to, parseDiskId);
      const found = await look(vmId);
      if (!found.ok) return found;
      const vm = found.value;
      const { osDiskId, powerState } = readVirtualMachine(vm, Date.now());
      if (osDiskId === undefined || powerState === undefined)
        return untold('Whether the VM runs, or which disk it has,');
      if (isSameId(osDiskId, to)) return begun;
      if (!isSameId(osDiskId, from)) return refused('OsDiskChanged', `The VM has another OS disk now: ${osDiskId}`);
      if (!withoutPower.has(powerState)) return refused('NotStopped', `The VM is ${powerState}.`);
      const osDisk = osDiskOf(vm, to, diskName);
      return begin(repair(subscriptionId), (client) => (method === 'put' ? put : patch)(client, vmId, { vm, osDisk }));
    },
  };
}

/**
 * What the VM says of its OS disk now, with another disk in it. That write acceleration is off is not said: it may be named for
 * sizes of the M series alone (https://learn.microsoft.com/azure/virtual-machines/how-to-enable-write-accelerator).
 */
function osDiskOf({ storageProfile }: VirtualMachine, id: string, name: string): OSDisk {
  const {
    osType,
    createOption = 'FromImage',
    caching,
    writeAcceleratorEnabled,
    deleteOption,
  } = storageProfile?.osDisk ?? {};
  const accelerated = writeAcceleratorEnabled === true ? { writeAcceleratorEnabled } : {};
  return { osType, name, createOption, caching, ...accelerated, deleteOption, managedDisk: { id } };
}

interface Change {
  vm: VirtualMachine;
  osDisk: OSDisk;
}

function patch({ virtualMachines }: ComputeManagementClient, vmId: string, { vm, osDisk }: Change) {
  const { resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
  return virtualMachines.update(resourceGroup, name, { storageProfile: { osDisk } }, { ifMatch: vm.etag });
}

function put({ virtualMachines }: ComputeManagementClient, vmId: string, { vm, osDisk }: Change) {
  const { resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
  const storageProfile = { ...vm.storageProfile, imageReference: undefined, osDisk };
  return virtualMachines.createOrUpdate(resourceGroup, name, { ...vm, storageProfile }, { ifMatch: vm.etag });
}
