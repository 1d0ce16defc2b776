/** The default fleet: what the simulated subscription holds when it starts. Data only. */
import { repairedLive, repairedOnCopy, type Expectation } from '../expectation';
import { disableDhcpClient } from '../windows/faults/dhcp-client-disabled';
import type { WindowsGuest } from '../windows/guest';
import { knownFaults } from '../windows/known-faults';
import type { Identity } from './access';
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
  /** That of the fleet if not given. */
  resourceGroup?: string;
  /** English if not given. */
  language?: GuestLanguage;
  /** V2 if not given. */
  generation?: 'V1' | 'V2';
  /** Its Windows volume is encrypted; the machine has the key. */
  bitLocker?: boolean;
  /** The set by whose key its OS disk is encrypted; Azure's own key if not given. */
  diskEncryptionSet?: string;
  /** Its Windows holds a directory. */
  isDomainController?: boolean;
  /** Who may fetch its disk's bytes; anybody with a SAS if not given. */
  network?: NetworkAccess;
  /** None if not given. */
  publicAddress?: string;
  /** Rules of its network security group, besides the one that lets RDP in. */
  securityRules?: readonly SecurityRule[];
  /** Breaks its guest after it has come up. */
  fault?: (guest: WindowsGuest, at: number) => void;
  /** What its repair must come to. */
  expected: Expectation;
}

export interface Fleet {
  subscriptionId: string;
  tenantId: string;
  location: string;
  resourceGroup: string;
  workbenchResourceGroup: string;
  /** Where the disk encryption sets are: a group of their own, whose owner is another one. */
  keysResourceGroup: string;
  /** Names of sets. */
  diskEncryptionSets: readonly string[];
  machines: readonly FleetMember[];
  identities: readonly Identity[];
}

const subscriptionId = '5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6';
const resourceGroup = 'rg-production';
const workbenchResourceGroup = 'rg-rdp-lifeline-workbench';
const keysResourceGroup = 'rg-keys';
/** The second one is for what a missing role is tried with. */
const diskEncryptionSets = ['des-production', 'des-without-role'] as const;
const groupScope = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;

/** The first host address of an Azure subnet: https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq */
const firstAddress = 4;

const repairTag = { 'rdp-lifeline': 'repair' };
const disabled = { Dhcp: { startType: 4, state: 'STOPPED' } } as const;

/** VMs that are not there for their fault: what matters is their tag, their disk or that they are well. */
const plainMachines: Omit<FleetMember, 'address'>[] = [
  {
    name: 'vm-healthy',
    osType: 'Windows',
    tags: repairTag,
    publicAddress: '203.0.113.4',
    expected: { ending: 'healthy', boot: 'normal', reachable: true, snapshot: true },
  },
  {
    name: 'vm-dhcp-diagnose',
    osType: 'Windows',
    tags: { 'rdp-lifeline': 'diagnose' },
    fault: disableDhcpClient,
    expected: { ...repairedLive('dhcp-client-disabled', disabled), ending: 'diagnosed', code: 'mode-diagnose' },
  },
  {
    name: 'vm-dhcp-untagged',
    osType: 'Windows',
    tags: {},
    fault: disableDhcpClient,
    expected: { ending: 'refused', boot: 'normal', services: disabled, reachable: true, snapshot: false },
  },
  {
    // Its disk can't be read, but its agent answers.
    name: 'vm-bitlocker',
    osType: 'Windows',
    tags: repairTag,
    bitLocker: true,
    fault: disableDhcpClient,
    expected: repairedLive('dhcp-client-disabled'),
  },
  {
    name: 'vm-export-denied',
    osType: 'Windows',
    tags: repairTag,
    network: { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' },
    fault: (guest, at) => disableDhcpClient(guest, at, { restart: true }),
    // Nobody may fetch its bytes, so a recovery VM looks at a disk of the snapshot first.
    expected: repairedOnCopy('dhcp-client-disabled', undefined, 'recovery-vm'),
  },
  {
    // Its disk is encrypted by a key of the customer's, and so must its copy be.
    name: 'vm-cmk',
    osType: 'Windows',
    tags: repairTag,
    diskEncryptionSet: diskEncryptionSets[0],
    fault: (guest, at) => disableDhcpClient(guest, at, { restart: true }),
    expected: repairedOnCopy('dhcp-client-disabled'),
  },
  {
    // Mended inside, and shut from outside: the group is not ours to change.
    name: 'vm-nsg-blocked',
    publicAddress: '203.0.113.5',
    osType: 'Windows',
    tags: repairTag,
    securityRules: [shutOut('DenyRdp', '3389')],
    fault: disableDhcpClient,
    expected: { ...repairedLive('dhcp-client-disabled'), ending: 'fixed-rdp-unproven', code: 'blocked-by-nsg' },
  },
  {
    name: 'vm-linux',
    osType: 'Linux',
    tags: repairTag,
    expected: { ending: 'refused', reachable: true, snapshot: false },
  },
];

/** One VM for each way in which a known failure shows. */
const brokenMachines: Omit<FleetMember, 'address'>[] = knownFaults().flatMap(({ machines }) =>
  machines.map(({ break: fault, ...machine }) => ({ ...machine, osType: 'Windows', tags: repairTag, fault })),
);

const defaultFleet: Fleet = {
  subscriptionId,
  tenantId: 'a3c5e7d9-1b2f-4e68-8a0c-9d7b5f3e1c24',
  location: 'westeurope',
  resourceGroup,
  workbenchResourceGroup,
  keysResourceGroup,
  diskEncryptionSets,
  machines: [...plainMachines, ...brokenMachines].map((machine, index) => ({
    ...machine,
    address: `10.0.0.${firstAddress + index}`,
  })),
  // A person who may do everything but grant rights, and the same three identities and grants as infra/: grant.bicep on a group of VMs, workbench.bicep on the workbench.
  identities: [
    {
      name: 'operator',
      clientId: '3a9c4f85-ac6d-4e31-83d7-8e4f215a0d14',
      objectId: '7ea0d1c3-c8fb-4f40-9166-4c903dce8f54',
      assignments: [{ role: 'Contributor', scope: `/subscriptions/${subscriptionId}` }],
    },
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
      assignments: [
        { role: 'observe', scope: groupScope(resourceGroup) },
        { role: 'observe', scope: groupScope(workbenchResourceGroup) },
        // What alerts-grant.bicep adds.
        { role: 'alerts', scope: `/subscriptions/${subscriptionId}` },
      ],
    },
    {
      name: 'repair',
      clientId: '2f8b3e74-9b5c-4d20-92c6-7d3e104f9c13',
      objectId: '6d9c40b2-b7ea-4e3f-a055-3b8f2cbd7e43',
      assignments: [
        { role: 'repair', scope: groupScope(resourceGroup) },
        { role: 'workbench', scope: groupScope(workbenchResourceGroup) },
        // What recovery.bicep and recovery-grant.bicep add.
        { role: 'recovery', scope: groupScope(resourceGroup) },
        { role: 'recovery', scope: groupScope(workbenchResourceGroup) },
        { role: 'repair', scope: groupScope(workbenchResourceGroup) },
        { role: 'helper', scope: groupScope(workbenchResourceGroup) },
        // What docs/deploy.md has the owner of a key set do.
        {
          role: 'recovery',
          scope: `${groupScope(keysResourceGroup)}/providers/Microsoft.Compute/diskEncryptionSets/${diskEncryptionSets[0]}`,
        },
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
