/** `Microsoft.Network/networkInterfaces`: GET, and the effective security groups of one. */
import { idKey } from '../arm-id';
import { nicNotOnRunningMachine, resourceNotFound, type ArmResponse } from '../arm-errors';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { apiVersions, quotas, type NetworkContext } from './context';
import { effectiveRules } from './effective-rules';
import type { NetworkInterface } from './network';

const type = 'Microsoft.Network/networkInterfaces';
const single = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`;

export function interfaceOperations({ world, results }: NetworkContext): ArmOperation[] {
  const find = (request: ArmRequest) =>
    world.network.interfaces.get(idKey(request.path.replace(/\/effectiveNetworkSecurityGroups$/i, '')));
  const missing = ({ segments }: ArmRequest) =>
    resourceNotFound(type, segments.name ?? '', segments.resourceGroup ?? '');

  function effectiveGroups(request: ArmRequest): ArmResponse {
    const found = find(request);
    if (!found) return missing(request);
    const machine = found.machineId === undefined ? undefined : world.machines.get(idKey(found.machineId));
    if (machine?.power !== 'running') return nicNotOnRunningMachine(found.id);
    return results.begin({ apiVersion: request.apiVersion, body: () => effectiveRules(world.network, found) });
  }

  return [
    {
      method: 'GET',
      path: single,
      apiVersions,
      action: `${type}/read`,
      quota: quotas.read,
      handle(request) {
        const found = find(request);
        return found ? { status: 200, body: interfaceBody(found) } : missing(request);
      },
    },
    {
      method: 'POST',
      path: `${single}/effectiveNetworkSecurityGroups`,
      apiVersions,
      action: `${type}/effectiveNetworkSecurityGroups/action`,
      quota: quotas.act,
      handle: effectiveGroups,
    },
  ];
}

/** https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get */
export function interfaceBody(found: NetworkInterface): object {
  return {
    name: found.name,
    id: found.id,
    type,
    location: found.location,
    tags: found.tags,
    properties: {
      provisioningState: found.provisioningState,
      resourceGuid: found.guid,
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${found.id}/ipConfigurations/ipconfig1`,
          type: `${type}/ipConfigurations`,
          properties: {
            provisioningState: 'Succeeded',
            privateIPAddress: found.privateAddress,
            privateIPAllocationMethod: 'Dynamic',
            ...(found.publicAddressId === undefined ? {} : { publicIPAddress: { id: found.publicAddressId } }),
            subnet: { id: found.subnetId },
            primary: true,
            privateIPAddressVersion: 'IPv4',
          },
        },
      ],
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      macAddress: found.macAddress,
      enableAcceleratedNetworking: true,
      enableIPForwarding: false,
      ...(found.securityGroupId === undefined ? {} : { networkSecurityGroup: { id: found.securityGroupId } }),
      primary: true,
      ...(found.machineId === undefined ? {} : { virtualMachine: { id: found.machineId } }),
      nicType: 'Standard',
    },
  };
}
