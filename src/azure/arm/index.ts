import type { ComputeManagementClient, Snapshot as ArmSnapshot } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { TokenCredential } from '@azure/identity';
import { toArmFailure } from '../errors';
import type { Answer, Arm, Snapshot } from '../ports';
import { parseDiskId, parseSnapshotId, parseVirtualMachineId, type VirtualMachineId } from '../resource-id';
import { computeClients } from './compute-client';
import { readGuestRun } from './guest-run';
import { readVirtualMachine } from './virtual-machine';

/** Whose eyes and hands: reads go by one identity, everything that creates or runs goes by another. */
export interface ArmAdapterSettings {
  endpoint: string;
  audience: string;
  observe: TokenCredential;
  repair: TokenCredential;
}

/** The adapter that talks to Azure Resource Manager through `@azure/arm-compute`. */
export function connectArm(settings: ArmAdapterSettings): Arm {
  const { endpoint, audience } = settings;
  const observe = computeClients({ endpoint, audience, credential: settings.observe });
  const repair = computeClients({ endpoint, audience, credential: settings.repair });

  return {
    async getVirtualMachine(vmId) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return answer(observe(subscriptionId), async (client) => {
        const vm = await client.virtualMachines.get(resourceGroup, name, { expand: 'instanceView' });
        return readVirtualMachine(vm, Date.now());
      });
    },

    async getSnapshot(snapshotId) {
      const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
      return answer(repair(subscriptionId), async (client) =>
        readSnapshot(await client.snapshots.get(resourceGroup, name)),
      );
    },

    async beginSnapshot({ snapshotId, sourceDiskId, location, tags }) {
      const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
      idOf(sourceDiskId, parseDiskId);
      const creationData = { createOption: 'Copy', sourceResourceId: sourceDiskId };
      return answer(repair(subscriptionId), async (client) => {
        const snapshot = { location, tags, incremental: true, creationData };
        await client.snapshots.createOrUpdate(resourceGroup, name, snapshot).submitted();
        return 'begun' as const;
      });
    },

    async getGuestRun(vmId, runName) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return answer(repair(subscriptionId), async (client) => {
        const expand = 'instanceView';
        return readGuestRun(
          await client.virtualMachineRunCommands.getByVirtualMachine(resourceGroup, name, runName, { expand }),
        );
      });
    },

    async beginGuestRun(vmId, request) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return answer(repair(subscriptionId), async (client) => {
        const command = {
          location: request.location,
          tags: request.tags,
          source: { script: request.script },
          parameters: Object.entries(request.parameters).map(([key, value]) => ({ name: key, value })),
          timeoutInSeconds: request.timeoutSeconds,
          asyncExecution: true,
          treatFailureAsDeploymentFailure: false,
        };
        await client.virtualMachineRunCommands.createOrUpdate(resourceGroup, name, request.name, command).submitted();
        return 'begun' as const;
      });
    },

    async beginDeleteGuestRun(vmId, runName) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      const deleted = await answer(repair(subscriptionId), async (client) => {
        await client.virtualMachineRunCommands.delete(resourceGroup, name, runName).submitted();
        return 'begun' as const;
      });
      if (!deleted.ok && deleted.failure.kind === 'not-found') return { ok: true, value: 'begun' };
      return deleted;
    },
  };
}

/** Ids were checked at the door; one that is wrong here is a fault of ours, not an answer of Azure. */
function idOf(id: string, parse: (id: string) => VirtualMachineId | undefined): VirtualMachineId {
  const parts = parse(id);
  if (!parts) throw new Error(`Not an ARM id of the expected type: ${id.slice(0, 300)}`);
  return parts;
}

async function answer<T>(
  connecting: Promise<ComputeManagementClient>,
  call: (client: ComputeManagementClient) => Promise<T>,
): Promise<Answer<T>> {
  const client = await connecting;
  try {
    return { ok: true, value: await call(client) };
  } catch (error) {
    return { ok: false, failure: toArmFailure(error) };
  }
}

function readSnapshot(snapshot: ArmSnapshot): Snapshot {
  return {
    id: snapshot.id ?? '',
    state: snapshotStateOf(snapshot),
    sourceDiskId: snapshot.creationData?.sourceResourceId ?? '',
    tags: snapshot.tags ?? {},
    createdAt: snapshot.timeCreated?.toISOString(),
  };
}

// An incremental snapshot of a Premium SSD v2 or Ultra disk is usable only at 100 %; others have no percentage or
// start with it: https://learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots
function snapshotStateOf(snapshot: ArmSnapshot): Snapshot['state'] {
  if (snapshot.provisioningState === 'Failed' || snapshot.provisioningState === 'Canceled') return 'failed';
  if (snapshot.provisioningState !== 'Succeeded') return 'creating';
  return (snapshot.completionPercent ?? 100) >= 100 ? 'ready' : 'creating';
}
