/** Rules of network security groups: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview */

/** As a person writes it: `*` and service tags stand as they are. */
export interface SecurityRule {
  name: string;
  description?: string;
  protocol: 'Tcp' | 'Udp' | 'Icmp' | '*';
  sourcePort: string;
  destinationPort: string;
  source: string;
  destination: string;
  access: 'Allow' | 'Deny';
  priority: number;
  direction: 'Inbound' | 'Outbound';
}

const fromAnywhere = { sourcePort: '*', source: '*', destination: '*', direction: 'Inbound' } as const;

/** A rule that lets a TCP port in from anywhere, at the portal's priority. */
export function letIn(name: string, destinationPort: string): SecurityRule {
  return { ...fromAnywhere, name, protocol: 'Tcp', destinationPort, access: 'Allow', priority: 1000 };
}

/** A rule that keeps a TCP port shut, before those that let it in. */
export function shutOut(name: string, destinationPort: string): SecurityRule {
  return { ...fromAnywhere, name, protocol: 'Tcp', destinationPort, access: 'Deny', priority: 100 };
}

const anything = { protocol: '*', sourcePort: '*', destinationPort: '*' } as const;

/** The six that Azure puts into every group, with its descriptions; names and priorities as in `az network nsg show`. */
export const defaultRules: readonly SecurityRule[] = [
  {
    ...{ ...anything, name: 'AllowVnetInBound', description: 'Allow inbound traffic from all VMs in VNET' },
    ...{ source: 'VirtualNetwork', destination: 'VirtualNetwork' },
    ...{ access: 'Allow', priority: 65000, direction: 'Inbound' },
  },
  {
    ...{
      ...anything,
      name: 'AllowAzureLoadBalancerInBound',
      description: 'Allow inbound traffic from azure load balancer',
    },
    ...{ source: 'AzureLoadBalancer', destination: '*' },
    ...{ access: 'Allow', priority: 65001, direction: 'Inbound' },
  },
  {
    ...{ ...anything, name: 'DenyAllInBound', description: 'Deny all inbound traffic' },
    ...{ source: '*', destination: '*' },
    ...{ access: 'Deny', priority: 65500, direction: 'Inbound' },
  },
  {
    ...{
      ...anything,
      name: 'AllowVnetOutBound',
      description: 'Allow outbound traffic from all VMs to all VMs in VNET',
    },
    ...{ source: 'VirtualNetwork', destination: 'VirtualNetwork' },
    ...{ access: 'Allow', priority: 65000, direction: 'Outbound' },
  },
  {
    ...{ ...anything, name: 'AllowInternetOutBound', description: 'Allow outbound traffic from all VMs to Internet' },
    ...{ source: '*', destination: 'Internet' },
    ...{ access: 'Allow', priority: 65001, direction: 'Outbound' },
  },
  {
    ...{ ...anything, name: 'DenyAllOutBound', description: 'Deny all outbound traffic' },
    ...{ source: '*', destination: '*' },
    ...{ access: 'Deny', priority: 65500, direction: 'Outbound' },
  },
];

/** A rule from a body of the control API: `name` and `priority`, the rest as for RDP from anywhere; or what is wrong. */
export function readPlantedRule(body: unknown): { ok: true; rule: SecurityRule } | { ok: false; problem: string } {
  const given = body as Partial<Record<keyof SecurityRule, unknown>>;
  const { name = 'DenyRdp', priority = 100, access = 'Deny', source = '*', destinationPort = '3389' } = given;
  if (typeof name !== 'string' || !/^[\w.-]{1,80}$/.test(name))
    return { ok: false, problem: 'name is no name of a rule.' };
  if (typeof priority !== 'number' || priority < 100 || priority > 4096) {
    return { ok: false, problem: 'priority must be a number from 100 to 4096.' };
  }
  if (access !== 'Allow' && access !== 'Deny') return { ok: false, problem: 'access must be "Allow" or "Deny".' };
  if (typeof source !== 'string' || typeof destinationPort !== 'string') {
    return { ok: false, problem: 'source and destinationPort must be texts.' };
  }
  return { ok: true, rule: { ...fromAnywhere, name, protocol: 'Tcp', source, destinationPort, access, priority } };
}
