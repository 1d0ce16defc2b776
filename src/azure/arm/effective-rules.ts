import { z } from 'zod';
import type { SecurityGroup, SecurityRule } from '../../network/reach';

/**
 * The answer of `networkInterfaces/{name}/effectiveNetworkSecurityGroups`:
 * https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/list-effective-network-security-groups
 */

const text = z.string().max(300).nullish();
const texts = z.array(z.string().max(300)).max(20_000).nullish();
const rule = z.object({
  name: text,
  direction: z.string(),
  access: z.string(),
  protocol: z.string(),
  priority: z.number(),
  sourceAddressPrefix: text,
  sourceAddressPrefixes: texts,
  expandedSourceAddressPrefix: texts,
  sourcePortRange: text,
  sourcePortRanges: texts,
  destinationAddressPrefix: text,
  destinationAddressPrefixes: texts,
  expandedDestinationAddressPrefix: texts,
  destinationPortRange: text,
  destinationPortRanges: texts,
});
const result = z.object({
  value: z
    .array(
      z.object({
        networkSecurityGroup: z.object({ id: z.string().max(1000) }).nullish(),
        effectiveSecurityRules: z.array(rule).max(5_000).nullish(),
      }),
    )
    .max(50)
    .nullish(),
});

/** The groups with their rules; undefined if any part cannot be read, because a rule left out would change the meaning. */
export function readEffectiveRules(body: unknown): SecurityGroup[] | undefined {
  const parsed = result.safeParse(body);
  if (!parsed.success) return undefined;
  return (parsed.data.value ?? []).map(({ networkSecurityGroup, effectiveSecurityRules }) => ({
    id: networkSecurityGroup?.id ?? '(not named by Azure)',
    rules: (effectiveSecurityRules ?? []).map(readRule),
  }));
}

function readRule(given: z.infer<typeof rule>): SecurityRule {
  const { name, direction, access, protocol, priority } = given;
  return {
    name: name ?? '(not named by Azure)',
    direction,
    access,
    protocol,
    priority,
    sources: listOf(given.sourceAddressPrefix, given.sourceAddressPrefixes),
    expandedSources: given.expandedSourceAddressPrefix ?? [],
    sourcePorts: listOf(given.sourcePortRange, given.sourcePortRanges),
    destinations: listOf(given.destinationAddressPrefix, given.destinationAddressPrefixes),
    expandedDestinations: given.expandedDestinationAddressPrefix ?? [],
    destinationPorts: listOf(given.destinationPortRange, given.destinationPortRanges),
  };
}

/** Azure gives one value, a list, or both. */
function listOf(one: string | null | undefined, many: string[] | null | undefined): string[] {
  return [...new Set([...(one ? [one] : []), ...(many ?? [])])];
}
