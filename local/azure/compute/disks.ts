/** `Microsoft.Compute/disks`: GET. Fields as recorded in test_completion_percent. */
import { idKey } from '../arm-id';
import { resourceNotFound } from '../arm-errors';
import { azureTime } from '../long-running-operations';
import type { ArmOperation } from '../resource-provider';
import type { Disk, World } from '../world';
import { diskVersions, quotas } from './api-versions';
import type { ComputeContext } from './context';
import { openToAll } from './network-access';

const type = 'Microsoft.Compute/disks';
export const GIB = 1024 ** 3;

export function diskOperations({ world }: ComputeContext): ArmOperation[] {
  return [
    {
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`,
      apiVersions: diskVersions,
      action: `${type}/read`,
      quota: quotas.lowCostGet,
      handle(request) {
        const disk = world.disks.get(idKey(request.path));
        if (disk) return { status: 200, body: diskBody(disk, world) };
        return resourceNotFound(type, request.segments.name ?? '', request.segments.resourceGroup ?? '');
      },
    },
  ];
}

function diskBody(disk: Disk, world: World): object {
  const owner = disk.managedBy === undefined ? undefined : world.machines.get(idKey(disk.managedBy));
  // "Reserved" is a disk of a deallocated VM: https://learn.microsoft.com/rest/api/compute/disks/get#diskstate
  const attached = owner?.power === 'deallocated' ? 'Reserved' : 'Attached';
  return {
    name: disk.name,
    id: disk.id,
    type,
    location: disk.location,
    tags: disk.tags,
    managedBy: disk.managedBy,
    sku: { name: 'StandardSSD_LRS', tier: 'Standard' },
    properties: {
      osType: disk.osType,
      hyperVGeneration: disk.hyperVGeneration,
      supportedCapabilities: { diskControllerTypes: 'SCSI, NVMe', acceleratedNetwork: true, architecture: 'x64' },
      creationData: { createOption: 'FromImage' },
      diskSizeGB: disk.sizeGiB,
      diskSizeBytes: disk.sizeGiB * GIB,
      diskIOPSReadWrite: 500,
      diskMBpsReadWrite: 100,
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
      ...(disk.network ?? openToAll),
      timeCreated: azureTime(disk.createdAt),
      provisioningState: 'Succeeded',
      diskState: owner ? attached : 'Unattached',
      uniqueId: disk.uniqueId,
    },
  };
}
