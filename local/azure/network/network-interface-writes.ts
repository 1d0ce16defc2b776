/**
 * `Microsoft.Network/networkInterfaces`: PUT, GET, list, DELETE of interfaces that are made by calls. Bodies as recorded in
 * azure-cli's test_vm_os_disk_swap (GET of vm1VMNic). Virtual networks are not looked at here: every subnet is believed.
 */
import { randomUUID } from 'node:crypto';
import { idKey, resourceGroupOf, resourceId } from '../arm-id';
import { invalidParameter, type ArmResponse } from '../arm-errors';
import { NETWORK_INTERFACE_CHANGE_MS } from '../durations';
import { pause } from '../timers';
import { readObject, readTags } from '../request-body';
import type { ArmOperation, ArmRequest, Demand } from '../resource-provider';
import type { World } from '../world';
import { interfaceBody } from './interfaces';
import { macAddress, type NetworkInterface } from './network';
import { interfaceIsReserved, interfaceIsUsed } from './network-errors';
import { callsIn } from '../throttling';

const type = 'Microsoft.Network/networkInterfaces';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const single = `${collection}/{name}`;
const apiVersions = ['2018-01-01', '2023-11-01', '2024-05-01', '2025-01-01'] as const;
/** assumed: the network provider's own limits are wide: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling#network-throttling */
const quota = callsIn(5, { group: 'Network5Min', limit: 10_000 });

export function networkInterfaceWrites(world: World): ArmOperation[] {
  const find = (request: ArmRequest) => world.network.interfaces.get(idKey(request.path));
  return [
    {
      ...{ method: 'GET', path: collection, apiVersions, quota, action: `${type}/read` },
      handle: ({ segments }) => ({
        status: 200,
        body: {
          value: [...world.network.interfaces.values()]
            .filter(({ id }) => resourceGroupOf(id)?.toLowerCase() === segments.resourceGroup?.toLowerCase())
            .map(interfaceBody),
        },
      }),
    },
    {
      ...{ method: 'PUT', path: single, apiVersions, quota, action: `${type}/write` },
      linked: ({ body }) => linkedSubnets(body),
      handle: (request) => putInterface(world, request),
    },
    {
      ...{ method: 'DELETE', path: single, apiVersions, quota, action: `${type}/delete` },
      handle: (request) => deleteInterface(world, find(request)),
    },
  ] satisfies ArmOperation[];
}

function linkedSubnets(body: unknown): Demand[] {
  const subnetId = subnetOf(body);
  return subnetId === undefined
    ? []
    : [{ action: 'Microsoft.Network/virtualNetworks/subnets/join/action', scope: subnetId }];
}

function configurationsOf(body: unknown): unknown[] {
  const properties = objectOf(objectOf(body).properties);
  return Array.isArray(properties.ipConfigurations) ? properties.ipConfigurations : [];
}

function subnetOf(body: unknown): string | undefined {
  const [first] = configurationsOf(body);
  const { id } = objectOf(objectOf(objectOf(first).properties).subnet);
  return typeof id === 'string' ? id : undefined;
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = readObject(value);
  return object.ok ? object.value : {};
}

function putInterface(world: World, request: ArmRequest): ArmResponse {
  const { subscriptionId = '', resourceGroup = '', name = '' } = request.segments;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const { location } = objectOf(request.body);
  const subnetId = subnetOf(request.body);
  if (typeof location !== 'string') {
    return invalidParameter('location', "Required parameter 'location' is missing (null).");
  }
  // assumed: the words.
  if (subnetId === undefined) return invalidParameter('ipConfigurations', 'The IP configuration has no subnet.');
  const existing = world.network.interfaces.get(idKey(request.path));
  if (existing) {
    existing.tags = tags.value ?? {};
    return { status: 200, body: interfaceBody(existing) };
  }
  const nic: NetworkInterface = {
    ...{ id: resourceId(subscriptionId, resourceGroup, type, name), name, location, subnetId },
    tags: tags.value ?? {},
    privateAddress: `10.0.200.${4 + (world.network.interfaces.size % 250)}`,
    publicAddressId: undefined,
    securityGroupId: undefined,
    machineId: undefined,
    guid: randomUUID(),
    macAddress: macAddress(world.network.interfaces.size + 1),
    provisioningState: 'Updating',
  };
  world.network.interfaces.set(idKey(nic.id), nic);
  // Its operation is not looked at: the interface shows when it is ready. A planted fault lets it fail or hang all the same.
  const { fate } = request;
  void pause(NETWORK_INTERFACE_CHANGE_MS + (fate?.kind === 'lasts' ? fate.ms : 0)).then(() => {
    if (fate?.kind === 'never-ends') return;
    nic.provisioningState = fate?.kind === 'fails' ? 'Failed' : 'Succeeded';
  });
  return { status: 201, body: interfaceBody(nic) };
}

function deleteInterface(world: World, nic: NetworkInterface | undefined): ArmResponse {
  if (!nic) return { status: 204 };
  if (nic.machineId !== undefined) return interfaceIsUsed(nic.id, nic.machineId);
  const { reservedUntil = 0, reservedFor = '' } = nic;
  if (reservedUntil > Date.now()) return interfaceIsReserved(reservedFor);
  nic.provisioningState = 'Deleting';
  void pause(NETWORK_INTERFACE_CHANGE_MS).then(() => {
    world.network.interfaces.delete(idKey(nic.id));
  });
  return { status: 202 };
}
