/** GET of virtual networks, subnets, network security groups and public IP addresses. */
import { idKey } from '../arm-id';
import { resourceNotFound, type ArmResponse } from '../arm-errors';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { apiVersions, quotas, type NetworkContext } from './context';
import type { Network, PublicAddress, SecurityGroup, VirtualNetwork } from './network';
import { defaultRules, type SecurityRule } from './security-rule';

const group = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers';

/** Where the operation is, and what it shows of the resource at a path. */
interface Reading {
  type: string;
  path: string;
  show: (network: Network, request: ArmRequest) => object | undefined;
}

const readings: Reading[] = [
  {
    type: 'Microsoft.Network/virtualNetworks',
    path: `${group}/Microsoft.Network/virtualNetworks/{name}`,
    show: (network, { path }) =>
      shown(network.virtualNetworks.get(idKey(path)), (found) => virtualNetworkBody(network, found)),
  },
  {
    type: 'Microsoft.Network/virtualNetworks/subnets',
    path: `${group}/Microsoft.Network/virtualNetworks/{name}/subnets/{subnet}`,
    show(network, { path, segments }) {
      const found = network.virtualNetworks.get(idKey(path.replace(/\/subnets\/[^/]+$/i, '')));
      const subnet = found?.subnets.find(({ name }) => name.toLowerCase() === segments.subnet?.toLowerCase());
      return found && subnet ? subnetBody(network, found, subnet) : undefined;
    },
  },
  {
    type: 'Microsoft.Network/networkSecurityGroups',
    path: `${group}/Microsoft.Network/networkSecurityGroups/{name}`,
    show: (network, { path }) => shown(network.securityGroups.get(idKey(path)), (found) => groupBody(network, found)),
  },
  {
    type: 'Microsoft.Network/publicIPAddresses',
    path: `${group}/Microsoft.Network/publicIPAddresses/{name}`,
    show: (network, { path }) =>
      shown(network.publicAddresses.get(idKey(path)), (found) => addressBody(network, found)),
  },
];

function shown<T>(found: T | undefined, body: (found: T) => object): object | undefined {
  return found === undefined ? undefined : body(found);
}

export function surroundingsOperations({ world }: NetworkContext): ArmOperation[] {
  return readings.map(({ type, path, show }) => ({
    method: 'GET',
    path,
    apiVersions,
    action: `${type}/read`,
    quota: quotas.read,
    handle(request): ArmResponse {
      const body = show(world.network, request);
      if (body) return { status: 200, body };
      return resourceNotFound(type, request.segments.name ?? '', request.segments.resourceGroup ?? '');
    },
  }));
}

function virtualNetworkBody(network: Network, found: VirtualNetwork): object {
  return {
    ...common('Microsoft.Network/virtualNetworks', found),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: found.guid,
      addressSpace: { addressPrefixes: found.prefixes },
      subnets: found.subnets.map((subnet) => subnetBody(network, found, subnet)),
      virtualNetworkPeerings: [],
      enableDdosProtection: false,
    },
  };
}

function subnetBody(network: Network, { id }: VirtualNetwork, subnet: VirtualNetwork['subnets'][number]): object {
  const subnetId = `${id}/subnets/${subnet.name}`;
  const inside = [...network.interfaces.values()].filter((one) => one.subnetId === subnetId);
  return {
    name: subnet.name,
    id: subnetId,
    type: 'Microsoft.Network/virtualNetworks/subnets',
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix: subnet.prefix,
      ...(subnet.securityGroupId === undefined ? {} : { networkSecurityGroup: { id: subnet.securityGroupId } }),
      ipConfigurations: inside.map((one) => ({ id: `${one.id}/ipConfigurations/ipconfig1` })),
      delegations: [],
      privateEndpointNetworkPolicies: 'Disabled',
      privateLinkServiceNetworkPolicies: 'Enabled',
    },
  };
}

function groupBody(network: Network, found: SecurityGroup): object {
  const attached = [...network.interfaces.values()].filter(({ securityGroupId }) => securityGroupId === found.id);
  return {
    ...common('Microsoft.Network/networkSecurityGroups', found),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: found.guid,
      securityRules: found.rules.map((rule) => ruleBody(found, rule, 'securityRules')),
      defaultSecurityRules: defaultRules.map((rule) => ruleBody(found, rule, 'defaultSecurityRules')),
      networkInterfaces: attached.map(({ id }) => ({ id })),
    },
  };
}

function ruleBody({ id }: SecurityGroup, rule: SecurityRule, list: 'securityRules' | 'defaultSecurityRules'): object {
  return {
    name: rule.name,
    id: `${id}/${list}/${rule.name}`,
    type: `Microsoft.Network/networkSecurityGroups/${list}`,
    properties: {
      provisioningState: 'Succeeded',
      ...(rule.description === undefined ? {} : { description: rule.description }),
      protocol: rule.protocol,
      sourcePortRange: rule.sourcePort,
      destinationPortRange: rule.destinationPort,
      sourceAddressPrefix: rule.source,
      destinationAddressPrefix: rule.destination,
      access: rule.access,
      priority: rule.priority,
      direction: rule.direction,
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
    },
  };
}

function addressBody(network: Network, found: PublicAddress): object {
  const user = [...network.interfaces.values()].find(({ publicAddressId }) => publicAddressId === found.id);
  return {
    ...common('Microsoft.Network/publicIPAddresses', found),
    sku: { name: found.sku, tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: found.guid,
      ipAddress: found.address,
      publicIPAddressVersion: 'IPv4',
      publicIPAllocationMethod: 'Static',
      idleTimeoutInMinutes: 4,
      ipTags: [],
      ...(user ? { ipConfiguration: { id: `${user.id}/ipConfigurations/ipconfig1` } } : {}),
    },
  };
}

function common(type: string, { name, id, location, tags }: PublicAddress | SecurityGroup | VirtualNetwork): object {
  return { name, id, type, location, tags };
}
