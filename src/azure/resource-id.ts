/**
 * ARM resource ids, read strictly: they arrive in payloads that anybody may have written, and end up in URLs.
 * Rules of the names: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */

/** The parts of a virtual machine's ARM id, as written by whoever gave it. */
export interface VirtualMachineId {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
}

const subscription = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const resourceGroup = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u;
// Letters whose lower case holds an ASCII letter: the lower-cased id would name another group.
const lowersToAscii = /[\u0130\u212a]/;
const resourceName = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_-])?';

function idPattern(type: string, namespace = 'Microsoft\\.Compute'): RegExp {
  // Not with the flag u: with it and i, look-alikes such as U+017F stand for "s", and one VM would have several ids.
  return new RegExp(
    `^/subscriptions/(${subscription})/resourceGroups/([^/]{1,90})/providers/${namespace}/${type}/(${resourceName})$`,
    'i',
  );
}

const virtualMachine = idPattern('virtualMachines');
const disk = idPattern('disks');
const snapshot = idPattern('snapshots');
const diskEncryptionSet = idPattern('diskEncryptionSets');
const networkInterface = idPattern('networkInterfaces', 'Microsoft\\.Network');
const publicAddress = idPattern('publicIPAddresses', 'Microsoft\\.Network');

function parse(pattern: RegExp, id: string): VirtualMachineId | undefined {
  const [whole, subscriptionId = '', group = '', name = ''] = pattern.exec(id) ?? [];
  if (whole === undefined || !resourceGroup.test(group) || lowersToAscii.test(group)) return undefined;
  return { subscriptionId, resourceGroup: group, name };
}

/** The parts of a virtual machine's id, or undefined if the text is not exactly one. */
export function parseVirtualMachineId(id: string): VirtualMachineId | undefined {
  return parse(virtualMachine, id);
}

/** The parts of a managed disk's id, or undefined. */
export function parseDiskId(id: string): VirtualMachineId | undefined {
  return parse(disk, id);
}

/** The parts of a snapshot's id, or undefined. */
export function parseSnapshotId(id: string): VirtualMachineId | undefined {
  return parse(snapshot, id);
}

/** The parts of a disk encryption set's id, or undefined. */
export function parseDiskEncryptionSetId(id: string): VirtualMachineId | undefined {
  return parse(diskEncryptionSet, id);
}

/** The parts of a network interface's id, or undefined. */
export function parseNetworkInterfaceId(id: string): VirtualMachineId | undefined {
  return parse(networkInterface, id);
}

/** The parts of a public IP address's id, or undefined. */
export function parsePublicAddressId(id: string): VirtualMachineId | undefined {
  return parse(publicAddress, id);
}

/** The ARM id of a snapshot with these names. */
export function snapshotIdOf(subscriptionId: string, resourceGroupName: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Compute/snapshots/${name}`;
}

/** The ARM id of a managed disk. */
export function diskIdOf(subscriptionId: string, resourceGroupName: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Compute/disks/${name}`;
}

/** The ARM id of a virtual machine. */
export function virtualMachineIdOf(subscriptionId: string, resourceGroupName: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Compute/virtualMachines/${name}`;
}

/** The ARM id of a managed Run Command of a VM. */
export function runCommandIdOf(vmId: string, name: string): string {
  return `${vmId}/runCommands/${name}`;
}
