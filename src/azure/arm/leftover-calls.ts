import type { ComputeManagementClient, Disk, Snapshot, VirtualMachine } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { Answer } from '../ports';
import type { Leftover, Leftovers, RecoveryArm, Tags } from '../recovery-ports';
import { parseVirtualMachineId } from '../resource-id';
import { answer, idOf, naming } from './answer';
import type { ComputeClients } from './compute-client';
import { listInterfaces, type RestAccess } from './network-interface-calls';
import type { Clients } from './power-calls';

/** What was made and may have been left behind, by its tag. */
export function leftoverCalls({ observe, repair }: Clients, access: RestAccess): Pick<RecoveryArm, 'listLeftovers'> {
  return {
    async listLeftovers({ subscriptionId, resourceGroup, tag, kinds }) {
      const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
      idOf(`${scope}/providers/Microsoft.Compute/virtualMachines/any`, parseVirtualMachineId);

      async function all<T>(
        clients: ComputeClients,
        action: string,
        list: (client: ComputeManagementClient) => AsyncIterable<T>,
      ): Promise<Answer<T[]>> {
        const found = await answer(clients(subscriptionId), async (client) => {
          const items: T[] = [];
          for await (const item of list(client)) items.push(item);
          return items;
        });
        return naming(found, { action, scope });
      }

      function wanted<T>(kind: Leftover['kind'], list: () => Promise<Answer<T[]>>): Promise<Answer<T[]>> {
        return kinds.includes(kind) ? list() : Promise.resolve({ ok: true, value: [] });
      }

      const [disks, snapshots, machines, interfaces] = await Promise.all([
        wanted('disk', () =>
          all(observe, 'Microsoft.Compute/disks/read', (client) => client.disks.listByResourceGroup(resourceGroup)),
        ),
        wanted('snapshot', () =>
          all(repair, 'Microsoft.Compute/snapshots/read', (client) =>
            client.snapshots.listByResourceGroup(resourceGroup),
          ),
        ),
        all(observe, 'Microsoft.Compute/virtualMachines/read', (client) => client.virtualMachines.list(resourceGroup)),
        wanted('network-interface', () => listInterfaces(access, observe, { subscriptionId, scope })),
      ]);
      if (!disks.ok) return disks;
      if (!snapshots.ok) return snapshots;
      if (!machines.ok) return machines;
      if (!interfaces.ok) return interfaces;
      const resources: Leftover[] = [
        ...disks.value.map(diskLeftover),
        ...snapshots.value.map(snapshotLeftover),
        ...machines.value.map(machineLeftover),
        ...interfaces.value.map(({ id, tags, virtualMachineId }): Leftover => ({
          kind: 'network-interface',
          id,
          tags,
          usedBy: virtualMachineId,
        })),
      ];
      const value: Leftovers = {
        resources: resources.filter(({ kind, tags }) => kinds.includes(kind) && hasTag(tags, tag)),
        disksOfMachines: machines.value.flatMap(diskIdsOf),
      };
      return { ok: true, value };
    },
  };
}

/** Names of tags are compared without case, as Azure does. */
function hasTag(tags: Tags, name: string): boolean {
  return Object.keys(tags).some((one) => one.toLowerCase() === name.toLowerCase());
}

function diskLeftover({ id = '', tags = {}, managedBy, timeCreated }: Disk): Leftover {
  return { kind: 'disk', id, tags, usedBy: managedBy, createdAt: timeCreated?.toISOString() };
}

function snapshotLeftover({ id = '', tags = {}, timeCreated }: Snapshot): Leftover {
  return { kind: 'snapshot', id, tags, createdAt: timeCreated?.toISOString() };
}

function machineLeftover({ id = '', tags = {}, timeCreated }: VirtualMachine): Leftover {
  return { kind: 'virtual-machine', id, tags, createdAt: timeCreated?.toISOString() };
}

function diskIdsOf({ storageProfile }: VirtualMachine): string[] {
  const disks = [storageProfile?.osDisk, ...(storageProfile?.dataDisks ?? [])];
  return disks.flatMap((disk) => disk?.managedDisk?.id?.toLowerCase() ?? []);
}
