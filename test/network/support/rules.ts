import type { SecurityRule } from '../../../src/network/reach';

/** A rule about RDP from anywhere to anywhere. */
export function rdpRule(fields: Partial<SecurityRule> = {}): SecurityRule {
  return {
    name: 'securityRules/default-allow-rdp',
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    priority: 1000,
    sources: ['0.0.0.0/0'],
    expandedSources: [],
    sourcePorts: ['0-65535'],
    destinations: ['0.0.0.0/0'],
    expandedDestinations: [],
    destinationPorts: ['3389-3389'],
    ...fields,
  };
}

/** What every group of Azure's ends with. */
export const denyTheRest = rdpRule({
  name: 'defaultSecurityRules/DenyAllInBound',
  access: 'Deny',
  protocol: 'All',
  priority: 65500,
  destinationPorts: ['0-65535'],
});
