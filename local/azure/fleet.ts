/** The default fleet: what the simulated subscription holds when it starts. Data only. */
import type { Identity } from './access';
import { disableDhcpClient } from '../windows/faults/dhcp-client-disabled';
import { breakDhcpClient } from '../windows/faults/dhcp-client-not-running';
import { enterSafeMode } from '../windows/faults/safe-mode';
import type { WindowsGuest } from '../windows/guest';
import type { GuestLanguage } from '../windows/language';
import type { NetworkAccess } from './compute/network-access';
import { shutOut, type SecurityRule } from './network/security-rule';

/** One VM to make. */
export interface FleetMember {
  name: string;
  osType: 'Windows' | 'Linux';
  tags: Record<string, string>;
  /** What DHCP gives it. */
  address: string;
  /** English if not given. */
  language?: GuestLanguage;
  /** V2 if not given. */
  generation?: 'V1' | 'V2';
  /** Its Windows volume is encrypted; the machine has the key. */
  bitLocker?: boolean;
  /** Who may fetch its disk's bytes; anybody with a SAS if not given. */
  network?: NetworkAccess;
  /** None if not given. */
  publicAddress?: string;
  /** Rules of its network security group, besides the one that lets RDP in. */
  securityRules?: readonly SecurityRule[];
  /** Breaks its guest after it has come up. */
  fault?: (guest: WindowsGuest, at: number) => void;
}

export interface Fleet {
  subscriptionId: string;
  tenantId: string;
  location: string;
  resourceGroup: string;
  workbenchResourceGroup: string;
  machines: readonly FleetMember[];
  identities: readonly Identity[];
}

const subscriptionId = '5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6';
const resourceGroup = 'rg-production';
const workbenchResourceGroup = 'rg-rdp-lifeline-workbench';
const groupScope = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;

const defaultFleet: Fleet = {
  subscriptionId,
  tenantId: 'a3c5e7d9-1b2f-4e68-8a0c-9d7b5f3e1c24',
  location: 'westeurope',
  resourceGroup,
  workbenchResourceGroup,
  machines: [
    { name: 'vm-healthy', osType: 'Windows', tags: { 'rdp-lifeline': 'repair' }, address: '10.0.0.4' },
    {
      name: 'vm-dhcp-disabled',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.5',
      publicAddress: '203.0.113.5',
      fault: disableDhcpClient,
    },
    {
      name: 'vm-dhcp-diagnose',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'diagnose' },
      address: '10.0.0.6',
      fault: disableDhcpClient,
    },
    { name: 'vm-dhcp-untagged', osType: 'Windows', tags: {}, address: '10.0.0.7', fault: disableDhcpClient },
    {
      name: 'vm-safe-mode',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.9',
      language: 'fr-FR',
      fault: (guest, at) => enterSafeMode(guest, at, { mode: 'Minimal', restart: true }),
    },
    {
      name: 'vm-safe-mode-waiting',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.13',
      language: 'de-DE',
      generation: 'V1',
      fault: (guest, at) => enterSafeMode(guest, at, { mode: 'Minimal', alternateShell: true, restart: false }),
    },
    {
      // Hypothetical: its agent answers in safe mode.
      name: 'vm-safe-mode-agent',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.14',
      fault: (guest, at) => enterSafeMode(guest, at, { mode: 'Network', restart: true, keepsAgent: true }),
    },
    {
      name: 'vm-dhcp-rebooted',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.10',
      language: 'de-DE',
      generation: 'V1',
      fault: (guest, at) => disableDhcpClient(guest, at, { restart: true }),
    },
    {
      name: 'vm-dhcp-account',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.15',
      language: 'fr-FR',
      fault: (guest, at) => breakDhcpClient(guest, at, 'wrong account'),
    },
    {
      name: 'vm-bitlocker',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.11',
      bitLocker: true,
      fault: disableDhcpClient,
    },
    {
      name: 'vm-export-denied',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.12',
      network: { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' },
      fault: (guest, at) => disableDhcpClient(guest, at, { restart: true }),
    },
    {
      // Mended inside, and shut from outside.
      name: 'vm-nsg-blocked',
      osType: 'Windows',
      tags: { 'rdp-lifeline': 'repair' },
      address: '10.0.0.16',
      securityRules: [shutOut('DenyRdp', '3389')],
      fault: disableDhcpClient,
    },
    { name: 'vm-linux', osType: 'Linux', tags: { 'rdp-lifeline': 'repair' }, address: '10.0.0.8' },
  ],
  // The same three identities and grants as infra/: grant.bicep on a group of VMs, workbench.bicep on the workbench.
  identities: [
    {
      name: 'host',
      clientId: '0d6f1c52-7f3a-4f0e-b0a4-5b1c9e2d7a11',
      objectId: '4b7a2e90-95c8-4c1d-8e33-1f6d0a9b5c21',
      assignments: [],
    },
    {
      name: 'observe',
      clientId: '1e7a2d63-8a4b-4c1f-a1b5-6c2d0f3e8b12',
      objectId: '5c8b3fa1-a6d9-4d2e-9f44-2a7e1bac6d32',
      assignments: [{ role: 'observe', scope: groupScope(resourceGroup) }],
    },
    {
      name: 'repair',
      clientId: '2f8b3e74-9b5c-4d20-92c6-7d3e104f9c13',
      objectId: '6d9c40b2-b7ea-4e3f-a055-3b8f2cbd7e43',
      assignments: [
        { role: 'repair', scope: groupScope(resourceGroup) },
        { role: 'workbench', scope: groupScope(workbenchResourceGroup) },
      ],
    },
  ],
};

const fleets: Record<string, Fleet> = { default: defaultFleet };

/** A fleet by its name. Throws when there is none of that name. */
export function getFleet(name: string): Fleet {
  const fleet = fleets[name];
  if (!fleet) throw new Error(`There is no fleet "${name}". Known: ${Object.keys(fleets).join(', ')}.`);
  return fleet;
}
