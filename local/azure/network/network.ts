/** What exists of Microsoft.Network in the simulated subscription: data, in memory. Maps are by `idKey` of the id. */
import { randomUUID } from 'node:crypto';
import { idKey, resourceId } from '../arm-id';
import { letIn, type SecurityRule } from './security-rule';

type Tags = Record<string, string>;

interface Resource {
  id: string;
  name: string;
  location: string;
  tags: Tags;
  /** ARM's `resourceGuid`. */
  guid: string;
}

export interface NetworkInterface extends Resource {
  subnetId: string;
  privateAddress: string;
  publicAddressId: string | undefined;
  securityGroupId: string | undefined;
  /** The VM that it is attached to. */
  machineId: string | undefined;
  macAddress: string;
  provisioningState: 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
  /** After a VM that was to use it could not be made, it is kept for that VM until then. */
  reservedUntil?: number;
  /** The VM that it is kept for. */
  reservedFor?: string;
}

export interface SecurityGroup extends Resource {
  /** Without the default ones, which every group has. */
  rules: SecurityRule[];
}

export interface PublicAddress extends Resource {
  address: string;
  /** A Standard one is closed to the Internet where no group opens it: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses */
  sku: 'Basic' | 'Standard';
}

export interface VirtualNetwork extends Resource {
  prefixes: string[];
  subnets: { name: string; prefix: string; securityGroupId: string | undefined }[];
}

export interface Network {
  interfaces: Map<string, NetworkInterface>;
  securityGroups: Map<string, SecurityGroup>;
  publicAddresses: Map<string, PublicAddress>;
  virtualNetworks: Map<string, VirtualNetwork>;
}

/** Where a resource is made. */
export interface Place {
  subscriptionId: string;
  resourceGroup: string;
  location: string;
}

const virtualNetworkName = 'vnet-production';

function resource(place: Place, type: string, name: string): Resource {
  const id = resourceId(place.subscriptionId, place.resourceGroup, `Microsoft.Network/${type}`, name);
  return { id, name, location: place.location, tags: {}, guid: randomUUID() };
}

/** One virtual network with one subnet, and nothing in it. */
export function createNetwork(place: Place): Network {
  const virtualNetwork: VirtualNetwork = {
    ...resource(place, 'virtualNetworks', virtualNetworkName),
    prefixes: ['10.0.0.0/16'],
    subnets: [{ name: 'default', prefix: '10.0.0.0/24', securityGroupId: undefined }],
  };
  return {
    interfaces: new Map(),
    securityGroups: new Map(),
    publicAddresses: new Map(),
    virtualNetworks: new Map([[idKey(virtualNetwork.id), virtualNetwork]]),
  };
}

interface MachineOnNetwork {
  id: string;
  name: string;
  osType: 'Windows' | 'Linux';
  address: string;
  publicAddress?: string;
  /** Standard if not given. */
  publicAddressSku?: PublicAddress['sku'];
  securityRules?: readonly SecurityRule[];
}

/**
 * Gives a VM its interface, with a security group of its own that lets its remote desktop or shell in, as the portal makes it:
 * MicrosoftDocs/azure-docs, virtual-network-nsg-troubleshoot-powershell.md (default-allow-rdp, priority 1000).
 */
export function connectMachine(network: Network, place: Place, machine: MachineOnNetwork): void {
  const { name, osType } = machine;
  const group: SecurityGroup = {
    ...resource(place, 'networkSecurityGroups', `${name}-nsg`),
    rules: [
      osType === 'Windows' ? letIn('default-allow-rdp', '3389') : letIn('default-allow-ssh', '22'),
      ...(machine.securityRules ?? []),
    ],
  };
  network.securityGroups.set(idKey(group.id), group);
  const address = machine.publicAddress
    ? {
        ...resource(place, 'publicIPAddresses', `${name}-ip`),
        address: machine.publicAddress,
        sku: machine.publicAddressSku ?? 'Standard',
      }
    : undefined;
  if (address) network.publicAddresses.set(idKey(address.id), address);
  const virtualNetworkId = resource(place, 'virtualNetworks', virtualNetworkName).id;
  const made: NetworkInterface = {
    ...resource(place, 'networkInterfaces', `${name}-nic`),
    subnetId: `${virtualNetworkId}/subnets/default`,
    privateAddress: machine.address,
    publicAddressId: address?.id,
    securityGroupId: group.id,
    machineId: machine.id,
    macAddress: macAddress(network.interfaces.size + 1),
    provisioningState: 'Succeeded',
  };
  network.interfaces.set(idKey(made.id), made);
}

/** Takes away what `connectMachine` made for a VM. */
export function disconnectMachine(network: Network, machineId: string): void {
  for (const [key, { machineId: connected, securityGroupId, publicAddressId }] of network.interfaces) {
    if (!connected || idKey(connected) !== idKey(machineId)) continue;
    network.interfaces.delete(key);
    if (securityGroupId) network.securityGroups.delete(idKey(securityGroupId));
    if (publicAddressId) network.publicAddresses.delete(idKey(publicAddressId));
  }
}

/** Azure's own range is 00-0D-3A. */
export function macAddress(number: number): string {
  const hex = number.toString(16).toUpperCase().padStart(6, '0');
  return `00-0D-3A-${hex.slice(0, 2)}-${hex.slice(2, 4)}-${hex.slice(4, 6)}`;
}
