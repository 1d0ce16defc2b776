import type { VirtualMachine } from '../../../src/azure/ports';

/** A subscription that tests may use. */
export const subscriptionId = '00000000-0000-0000-0000-000000000001';

/** A VM's id as ARM writes it. */
export const vmId = `/subscriptions/${subscriptionId}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-1`;

const network = `/subscriptions/${subscriptionId}/resourceGroups/rg-app/providers/Microsoft.Network`;
export const interfaceId = `${network}/networkInterfaces/vm-1-nic`;
export const securityGroupId = `${network}/networkSecurityGroups/vm-1-nsg`;
export const publicAddressId = `${network}/publicIPAddresses/vm-1-ip`;

/** A Windows VM that runs, with a usable agent and the tag `rdp-lifeline: repair`; a test overrides what it is about. */
export function virtualMachine(fields: Partial<VirtualMachine> = {}): VirtualMachine {
  return {
    id: vmId,
    vmId: '11111111-2222-3333-4444-555555555555',
    name: 'vm-1',
    location: 'westeurope',
    tags: { 'rdp-lifeline': 'repair' },
    osType: 'Windows',
    powerState: 'running',
    provisioningState: 'Succeeded',
    osDiskId: `/subscriptions/${subscriptionId}/resourceGroups/rg-app/providers/Microsoft.Compute/disks/vm-1_OsDisk`,
    osDiskEphemeral: false,
    diskEncryption: false,
    agent: { usable: true, reason: 'The guest agent is Ready and its report is fresh.' },
    networkInterfaceId: interfaceId,
    networkInterfaces: 1,
    bootDiagnostics: true,
    configuration: { zones: [], dataDisks: [], networkInterfaceIds: [], changedAt: '2026-01-01T00:00:00.000Z' },
    ...fields,
  };
}
