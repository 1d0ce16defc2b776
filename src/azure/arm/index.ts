import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import type { TokenCredential } from '@azure/identity';
import type { Arm } from '../ports';
import { parseDiskId, parseSnapshotId, parseVirtualMachineId } from '../resource-id';
import { listAlerts } from './alerts';
import { answer, idOf } from './answer';
import { computeClients } from './compute-client';
import { readDisk } from './disk';
import { azureBlobHosts } from './granted-reading';
import { readGuestRun } from './guest-run';
import { httpClientOf } from './http-client';
import { networkAccessToSend } from './network-access';
import { outsideCalls } from './outside';
import { queryVirtualMachines } from './resource-graph';
import { readSnapshot } from './snapshot';
import { readWithAccess, revokeAnyAccess, type SnapshotPlace } from './snapshot-access';
import { readVirtualMachine } from './virtual-machine';

/** Whose eyes and hands: reads go by one identity, everything that creates or runs goes by another. */
export interface ArmAdapterSettings {
  endpoint: string;
  audience: string;
  observe: TokenCredential;
  repair: TokenCredential;
  /** Hosts (names or ends of names) where snapshots' bytes may be read; Azure's own if not given. */
  blobHosts?: readonly string[];
  /** What speaks HTTP; the SDK's own if not given. */
  httpClient?: HttpClient;
}

/** The adapter that talks to Azure Resource Manager through `@azure/arm-compute`. */
export function connectArm(settings: ArmAdapterSettings): Arm {
  const { endpoint, audience, httpClient } = settings;
  const observe = computeClients({ endpoint, audience, httpClient, credential: settings.observe });
  const repair = computeClients({ endpoint, audience, httpClient, credential: settings.repair });
  const http = httpClientOf(settings);

  async function placeOf(snapshotId: string): Promise<SnapshotPlace> {
    const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
    const client = await repair(subscriptionId);
    return { client, resourceGroup, name, http: await http(), blobHosts: settings.blobHosts ?? azureBlobHosts };
  }

  return {
    async getVirtualMachine(vmId) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return answer(observe(subscriptionId), async (client) => {
        const vm = await client.virtualMachines.get(resourceGroup, name, { expand: 'instanceView' });
        return readVirtualMachine(vm, Date.now());
      });
    },

    async findVirtualMachines(names, subscriptionIds) {
      const [first] = subscriptionIds;
      // Without a list Resource Graph would look in all that the identity can see.
      if (first === undefined || names.length === 0) return { ok: true, value: new Map() };
      return answer(observe(first), async ({ pipeline }) =>
        queryVirtualMachines({ endpoint, pipeline, http: await http() }, names, subscriptionIds),
      );
    },

    async listAlerts(subscriptionId) {
      return answer(observe(subscriptionId), async ({ pipeline }) =>
        listAlerts({ endpoint, pipeline, http: await http() }, subscriptionId),
      );
    },

    async getDisk(diskId) {
      const { subscriptionId, resourceGroup, name } = idOf(diskId, parseDiskId);
      return answer(observe(subscriptionId), async (client) => readDisk(await client.disks.get(resourceGroup, name)));
    },

    async getSnapshot(snapshotId) {
      const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
      return answer(repair(subscriptionId), async (client) =>
        readSnapshot(await client.snapshots.get(resourceGroup, name)),
      );
    },

    async beginSnapshot({ snapshotId, sourceDiskId, location, tags, network = {} }) {
      const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
      idOf(sourceDiskId, parseDiskId);
      const creationData = { createOption: 'Copy', sourceResourceId: sourceDiskId };
      return answer(repair(subscriptionId), async (client) => {
        const snapshot = { location, tags, incremental: true, creationData, ...networkAccessToSend(network) };
        await client.snapshots.createOrUpdate(resourceGroup, name, snapshot).submitted();
        return 'begun' as const;
      });
    },

    async readSnapshot(snapshotId, { limitMs }, read) {
      return readWithAccess(await placeOf(snapshotId), limitMs, read);
    },

    async revokeSnapshotAccess(snapshotId) {
      return revokeAnyAccess(await placeOf(snapshotId));
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

    ...outsideCalls({ endpoint, observe, http }),
  };
}
