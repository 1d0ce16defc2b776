import { randomBytes } from 'node:crypto';
import type { ComputeManagementClient, VirtualMachine as ArmVirtualMachine } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { Answer, VirtualMachine } from '../ports';
import type { RecoveryArm, RecoveryMachineRequest, Tags } from '../recovery-ports';
import { parseDiskId, parseNetworkInterfaceId, parseVirtualMachineId } from '../resource-id';
import { answer, begin, begun, goneIsDone, idOf, refused } from './answer';
import { carries } from './disk-calls';
import type { Clients } from './power-calls';
import { readVirtualMachine } from './virtual-machine';

type MachineCalls = Pick<
  RecoveryArm,
  'beginCreateRecoveryMachine' | 'beginDeleteMachine' | 'beginAttachDataDisk' | 'beginDetachDataDisk'
>;

/** Nobody signs in with it. Not one of the names that Azure refuses. */
const adminUsername = 'rdplifeline';

/** Making and ending the recovery VM, and the disks that it is given. */
export function recoveryMachineCalls({ observe, repair }: Clients): MachineCalls {
  async function look(vmId: string): Promise<Answer<VirtualMachine>> {
    const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
    return answer(observe(subscriptionId), async ({ virtualMachines }) =>
      readVirtualMachine(await virtualMachines.get(resourceGroup, name), Date.now()),
    );
  }

  /** Whether the machine is there and ours; undefined: it is not there. */
  async function isOurs(vmId: string, tags: Tags): Promise<Answer<'begun'> | undefined> {
    const found = await look(vmId);
    if (found.ok)
      return carries(found.value.tags, tags) ? begun : refused('NameTaken', 'There is another VM of that name.');
    return found.failure.kind === 'not-found' ? undefined : found;
  }

  async function changeDataDisks(vmId: string, change: AttachDetach): Promise<Answer<'begun'>> {
    const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
    return begin(repair(subscriptionId), ({ virtualMachines }) =>
      virtualMachines.attachDetachDataDisks(resourceGroup, name, change),
    );
  }

  return {
    async beginCreateRecoveryMachine(request) {
      const { subscriptionId, resourceGroup, name } = idOf(request.vmId, parseVirtualMachineId);
      idOf(request.networkInterfaceId, parseNetworkInterfaceId);
      const found = await isOurs(request.vmId, request.tags);
      if (found) return found;
      const made = await begin(repair(subscriptionId), ({ virtualMachines }) =>
        // Never a change of a VM that is there: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
        virtualMachines.createOrUpdate(resourceGroup, name, recoveryMachine(request), { ifNoneMatch: '*' }),
      );
      const isThere = !made.ok && made.failure.kind === 'rejected' && made.failure.status === 412;
      return isThere ? ((await isOurs(request.vmId, request.tags)) ?? made) : made;
    },

    async beginDeleteMachine(vmId, mustCarry) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      const found = await look(vmId);
      if (!found.ok) return goneIsDone(found);
      if (!carries(found.value.tags, mustCarry))
        return refused('TagsDiffer', 'The VM does not carry the expected tags.');
      if (found.value.provisioningState === 'Deleting') return begun;
      return goneIsDone(
        await begin(repair(subscriptionId), ({ virtualMachines }) => virtualMachines.delete(resourceGroup, name)),
      );
    },

    async beginAttachDataDisk(vmId, { diskId, lun }) {
      idOf(diskId, parseDiskId);
      const found = await look(vmId);
      if (!found.ok) return found;
      const known = dataDiskOf(found.value, diskId);
      if (known && !known.toBeDetached) {
        return known.lun === lun ? begun : refused('LunDiffers', `The disk is attached at LUN ${known.lun}.`);
      }
      const disk = { diskId, lun, caching: 'None', deleteOption: 'Detach' } as const;
      return changeDataDisks(vmId, { dataDisksToAttach: [disk] });
    },

    async beginDetachDataDisk(vmId, { diskId, force }) {
      idOf(diskId, parseDiskId);
      const found = await look(vmId);
      if (!found.ok) return found;
      const known = dataDiskOf(found.value, diskId);
      if (!known) return begun;
      if (known.toBeDetached && found.value.provisioningState === 'Updating') return begun;
      const disk = force ? { diskId, detachOption: 'ForceDetach' } : { diskId };
      return changeDataDisks(vmId, { dataDisksToDetach: [disk] });
    },
  };
}

type AttachDetach = Parameters<ComputeManagementClient['virtualMachines']['attachDetachDataDisks']>[2];

function dataDiskOf({ configuration }: VirtualMachine, diskId: string) {
  return configuration?.dataDisks.find((disk) => disk.diskId?.toLowerCase() === diskId.toLowerCase());
}

/**
 * A recovery VM: no identity, no public address, no updates of its own, an OS disk that goes when it goes, and a SCSI controller,
 * because disks are found by their LUN there. Azure wants a password; it is made here, sent, and forgotten.
 */
function recoveryMachine(request: RecoveryMachineRequest): ArmVirtualMachine {
  const { location, zone, size, image, securityType, tags } = request;
  return {
    location,
    tags,
    zones: zone === undefined ? undefined : [zone],
    hardwareProfile: { vmSize: size },
    storageProfile: {
      imageReference: image,
      osDisk: {
        name: request.osDiskName,
        createOption: 'FromImage',
        deleteOption: 'Delete',
        caching: 'ReadWrite',
        managedDisk: { storageAccountType: request.osDiskSku },
      },
      diskControllerType: controllerFor(request),
    },
    osProfile: {
      computerName: request.computerName,
      adminUsername,
      adminPassword: newPassword(),
      allowExtensionOperations: true,
      windowsConfiguration: {
        provisionVMAgent: true,
        enableAutomaticUpdates: false,
        patchSettings: { patchMode: 'Manual' },
      },
    },
    securityProfile: securityType === undefined ? undefined : { securityType },
    networkProfile: {
      networkInterfaces: [{ id: request.networkInterfaceId, primary: true, deleteOption: 'Delete' }],
    },
    // Without an address of storage: Azure keeps them itself.
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  };
}

/**
 * Generation 1 has SCSI and takes no property that says so: "Disk Controller Type is only supported for VMs that are created from a
 * Generation 2 Image or OS disk" (fortinet/azure-templates#76, microsoft/lisa#2628). Of generation 2 Azure chooses by the abilities of
 * size and disk if nothing is said: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
 */
function controllerFor({ generation }: RecoveryMachineRequest): 'SCSI' | undefined {
  return generation === 'V2' ? 'SCSI' : undefined;
}

/** 256 bits, with a letter of either case, a digit and a sign, as Azure asks for. */
function newPassword(): string {
  return `aA1-${randomBytes(32).toString('base64url')}`;
}
