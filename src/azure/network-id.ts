import { parseVirtualMachineId, type VirtualMachineId } from './resource-id';

/** Ids of Microsoft.Network, read as strictly as those of a virtual machine: the groups and names have the same rules. */

const subnet = /\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i;

function asVirtualMachine(id: string, pattern: RegExp, name: string): VirtualMachineId | undefined {
  return parseVirtualMachineId(id.replace(pattern, () => `/providers/Microsoft.Compute/virtualMachines/${name}`));
}

/** The parts of the id of a subnet's network, or undefined if the text is not exactly the id of a subnet. */
export function parseSubnetId(id: string): VirtualMachineId | undefined {
  const [, network, name] = subnet.exec(id) ?? [];
  if (network === undefined || name === undefined || !asVirtualMachine(id, subnet, name)) return undefined;
  return asVirtualMachine(id, subnet, network);
}

/** The ARM id of a network interface with these names. */
export function networkInterfaceIdOf(subscriptionId: string, resourceGroupName: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/networkInterfaces/${name}`;
}
