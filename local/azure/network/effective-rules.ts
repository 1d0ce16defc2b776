/**
 * The rules that apply to a network interface, as Azure spells them: `*` is 0.0.0.0/0, one port is a range, tags have what
 * they stand for beside them, and a rule is named with the list that it is from. Azure/azure-rest-api-specs:
 * NetworkInterfaceEffectiveNSGList.json (2025-05-01), and MicrosoftDocs/azure-docs: virtual-network-nsg-troubleshoot-powershell.md.
 */
import { idKey } from '../arm-id';
import type { Network, NetworkInterface } from './network';
import { defaultRules, type SecurityRule } from './security-rule';

/** Where Azure's own services come from: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const PLATFORM = '168.63.129.16/32';

/** assumed: Azure's list differs in its parts. All that is not private, shared, of one machine or of a group. */
const internet = [
  ...['1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/7', '11.0.0.0/8', '12.0.0.0/6', '16.0.0.0/4', '32.0.0.0/3'],
  ...['64.0.0.0/3', '96.0.0.0/6', '100.0.0.0/10', '100.128.0.0/9', '101.0.0.0/8', '102.0.0.0/7', '104.0.0.0/5'],
  ...['112.0.0.0/5', '120.0.0.0/6', '124.0.0.0/7', '126.0.0.0/8', '128.0.0.0/3', '160.0.0.0/5', '168.0.0.0/8'],
  ...['169.0.0.0/9', '169.128.0.0/10', '169.192.0.0/11', '169.224.0.0/12', '169.240.0.0/13', '169.248.0.0/14'],
  ...['169.252.0.0/15', '169.255.0.0/16', '170.0.0.0/7', '172.0.0.0/12', '172.32.0.0/11', '172.64.0.0/10'],
  ...['172.128.0.0/9', '173.0.0.0/8', '174.0.0.0/7', '176.0.0.0/4', '192.0.0.0/9', '192.128.0.0/11', '192.160.0.0/13'],
  ...['192.169.0.0/16', '192.170.0.0/15', '192.172.0.0/14', '192.176.0.0/12', '192.192.0.0/10', '193.0.0.0/8'],
  ...['194.0.0.0/7', '196.0.0.0/6', '200.0.0.0/5', '208.0.0.0/4'],
];

/** The answer's body: one entry for the subnet's group and one for the interface's; none if there is neither. */
export function effectiveRules(network: Network, on: NetworkInterface): object {
  const virtualNetworkId = on.subnetId.replace(/\/subnets\/[^/]+$/, '');
  const virtualNetwork = network.virtualNetworks.get(idKey(virtualNetworkId));
  const subnet = virtualNetwork?.subnets.find(({ name }) => on.subnetId.endsWith(`/subnets/${name}`));
  const tags: Record<string, string[]> = {
    VirtualNetwork: [...(virtualNetwork?.prefixes ?? []), PLATFORM],
    AzureLoadBalancer: [PLATFORM],
    Internet: internet,
  };
  const entry = (groupId: string | undefined, association: object) => {
    const group = groupId === undefined ? undefined : network.securityGroups.get(idKey(groupId));
    if (!group) return [];
    return [
      {
        networkSecurityGroup: { id: group.id },
        association,
        effectiveSecurityRules: [
          ...group.rules.map((rule) => effectiveRule(rule, 'securityRules', tags)),
          ...defaultRules.map((rule) => effectiveRule(rule, 'defaultSecurityRules', tags)),
        ],
      },
    ];
  };
  return {
    value: [
      ...entry(subnet?.securityGroupId, { subnet: { id: on.subnetId } }),
      ...entry(on.securityGroupId, { networkInterface: { id: on.id } }),
    ],
  };
}

function effectiveRule(rule: SecurityRule, list: string, tags: Record<string, string[]>): object {
  const source = addressPrefix(rule.source);
  const destination = addressPrefix(rule.destination);
  const sourceTag = tags[rule.source];
  const destinationTag = tags[rule.destination];
  return {
    name: `${list}/${rule.name}`,
    protocol: rule.protocol === '*' ? 'All' : rule.protocol,
    sourcePortRange: portRange(rule.sourcePort),
    destinationPortRange: portRange(rule.destinationPort),
    sourceAddressPrefix: source,
    destinationAddressPrefix: destination,
    ...(sourceTag ? { expandedSourceAddressPrefix: sourceTag } : {}),
    ...(destinationTag ? { expandedDestinationAddressPrefix: destinationTag } : {}),
    access: rule.access,
    priority: rule.priority,
    direction: rule.direction,
  };
}

function addressPrefix(given: string): string {
  if (given === '*') return '0.0.0.0/0';
  return /^\d+\.\d+\.\d+\.\d+$/.test(given) ? `${given}/32` : given;
}

function portRange(given: string): string {
  if (given === '*') return '0-65535';
  return given.includes('-') ? given : `${given}-${given}`;
}

/**
 * Whether the groups turn a TCP port away whoever knocks: for the truth that tests and people read, and so by other
 * means than the app's.
 */
export function isShutToAll(network: Network, on: NetworkInterface, port: number): boolean {
  const group = on.securityGroupId === undefined ? undefined : network.securityGroups.get(idKey(on.securityGroupId));
  if (!group) return false;
  const inbound = [...group.rules, ...defaultRules]
    .filter(({ direction, protocol }) => direction === 'Inbound' && (protocol === 'Tcp' || protocol === '*'))
    .filter(({ destinationPort }) => destinationPort === '*' || destinationPort === String(port))
    .sort((one, other) => one.priority - other.priority);
  const first = inbound.find(({ access, source }) => access === 'Allow' || source === '*');
  return first?.access === 'Deny';
}
