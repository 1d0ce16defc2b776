import { z } from 'zod';
import { parseSubnetId } from '../network-id';
import { parseNetworkInterfaceId } from '../resource-id';
import type { Answer } from '../ports';
import type { NetworkInterface, RecoveryArm } from '../recovery-ports';
import { answer, begun, goneIsDone, idOf, refused } from './answer';
import type { ComputeClients } from './compute-client';
import { carries } from './disk-calls';
import { callArm, type RestCall } from './rest-call';
import type { Clients } from './power-calls';
import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };

/** https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces */
const apiVersion = '2024-05-01';

const shape = z.object({
  id: z.string(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.object({
    provisioningState: z.string().optional(),
    virtualMachine: z.object({ id: z.string() }).optional(),
    ipConfigurations: z
      .array(
        z.object({
          properties: z.object({
            privateIPAddress: z.string().optional(),
            subnet: z.object({ id: z.string() }).optional(),
          }),
        }),
      )
      .optional(),
  }),
});

const listShape = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/** More is a fault: a page holds hundreds. */
const mostPages = 50;

type InterfaceCalls = Pick<
  RecoveryArm,
  'beginCreateNetworkInterface' | 'getNetworkInterface' | 'beginDeleteNetworkInterface'
>;

/** How the calls reach ARM. */
export interface RestAccess {
  endpoint: string;
  http: () => Promise<HttpClient>;
}

/** Sends a call by one of the identities. */
export async function send(access: RestAccess, clients: ComputeClients, subscriptionId: string, call: RestCall) {
  return answer(clients(subscriptionId), async ({ pipeline }) =>
    callArm({ endpoint: access.endpoint, pipeline, http: await access.http() }, call),
  );
}

/** All network interfaces of a resource group, by its id. Throws if there is no end of pages. */
export async function listInterfaces(
  access: RestAccess,
  clients: ComputeClients,
  { subscriptionId, scope }: { subscriptionId: string; scope: string },
): Promise<Answer<NetworkInterface[]>> {
  const path = `${scope}/providers/Microsoft.Network/networkInterfaces`;
  const interfaces: NetworkInterface[] = [];
  let next: Pick<RestCall, 'nextLink'> = {};
  for (let page = 0; page < mostPages; page += 1) {
    const found = await send(access, clients, subscriptionId, { method: 'GET', path, apiVersion, ...next });
    if (!found.ok) return found;
    const { value, nextLink } = listShape.parse(found.value);
    interfaces.push(...value.map(readInterface));
    if (!nextLink) return { ok: true, value: interfaces };
    next = { nextLink };
  }
  throw new Error(`There are more than ${mostPages} pages of network interfaces.`);
}

/** Network interfaces of recovery VMs. */
export function networkInterfaceCalls({ observe, repair }: Clients, access: RestAccess): InterfaceCalls {
  async function look(id: string): Promise<Answer<NetworkInterface>> {
    const { subscriptionId } = idOf(id, parseNetworkInterfaceId);
    const found = await send(access, observe, subscriptionId, { method: 'GET', path: id, apiVersion });
    return found.ok ? { ok: true, value: readInterface(found.value) } : found;
  }

  return {
    getNetworkInterface: look,

    async beginCreateNetworkInterface({ networkInterfaceId, location, subnetId, tags }) {
      const { subscriptionId } = idOf(networkInterfaceId, parseNetworkInterfaceId);
      idOf(subnetId, parseSubnetId);
      const found = await look(networkInterfaceId);
      if (found.ok) {
        return carries(found.value.tags, tags)
          ? begun
          : refused('NameTaken', 'There is another interface of that name.');
      }
      if (found.failure.kind !== 'not-found') return found;
      // No public address, and no security group but the subnet's.
      const properties = { privateIPAllocationMethod: 'Dynamic', subnet: { id: subnetId } };
      const body = { location, tags, properties: { ipConfigurations: [{ name: 'ipconfig1', properties }] } };
      const put: RestCall = { method: 'PUT', path: networkInterfaceId, apiVersion, body };
      const made = await send(access, repair, subscriptionId, put);
      return made.ok ? begun : made;
    },

    async beginDeleteNetworkInterface(networkInterfaceId, mustCarry) {
      const { subscriptionId } = idOf(networkInterfaceId, parseNetworkInterfaceId);
      const found = await look(networkInterfaceId);
      if (!found.ok) return goneIsDone(found);
      const { tags, virtualMachineId } = found.value;
      if (!carries(tags, mustCarry)) return refused('TagsDiffer', 'The interface does not carry the expected tags.');
      if (virtualMachineId) return refused('InUse', `The interface is used by ${virtualMachineId}.`);
      const call: RestCall = { method: 'DELETE', path: networkInterfaceId, apiVersion };
      const deleted = await send(access, repair, subscriptionId, call);
      return deleted.ok ? begun : goneIsDone(deleted);
    },
  };
}

/** Our view of ARM's network interface. Throws if it is none: a fault, not an answer that a story could decide on. */
function readInterface(body: unknown): NetworkInterface {
  const { id, tags = {}, properties } = shape.parse(body);
  const first = properties.ipConfigurations?.[0]?.properties;
  return {
    id,
    tags,
    provisioningState: properties.provisioningState ?? 'unknown',
    virtualMachineId: properties.virtualMachine?.id,
    privateIpAddress: first?.privateIPAddress,
    subnetId: first?.subnet?.id,
  };
}
