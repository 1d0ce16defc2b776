import fc from 'fast-check';
import { parseAddresses } from '../../src/network/address-set';
import { reachOf, type SecurityGroup, type SecurityRule } from '../../src/network/reach';
import { denyTheRest, rdpRule } from './support/rules';

const address = '10.0.0.4';
const virtualNetwork = ['10.0.0.0/16', '168.63.129.16/32'];

const deny = (fields: Partial<SecurityRule> = {}) =>
  rdpRule({ name: 'securityRules/deny-rdp', access: 'Deny', priority: 100, ...fields });

/** What every group of Azure's ends with. */
const defaults: SecurityRule[] = [
  rdpRule({
    name: 'defaultSecurityRules/AllowVnetInBound',
    protocol: 'All',
    priority: 65000,
    destinationPorts: ['0-65535'],
    sources: ['VirtualNetwork'],
    expandedSources: virtualNetwork,
    destinations: ['VirtualNetwork'],
    expandedDestinations: virtualNetwork,
  }),
  rdpRule({
    name: 'defaultSecurityRules/AllowAzureLoadBalancerInBound',
    protocol: 'All',
    priority: 65001,
    destinationPorts: ['0-65535'],
    sources: ['AzureLoadBalancer'],
    expandedSources: ['168.63.129.16/32'],
  }),
  denyTheRest,
  rdpRule({
    name: 'defaultSecurityRules/AllowInternetOutBound',
    direction: 'Outbound',
    protocol: 'All',
    priority: 65001,
  }),
];

function group(rules: SecurityRule[], id = 'nsg'): SecurityGroup {
  return { id, rules: [...rules, ...defaults] };
}

const reach = (...groups: SecurityGroup[]) => reachOf(groups, { port: 3389, address });

describe('network/reach', () => {
  it('is open from everywhere without a group, and says that there is none', () => {
    expect(reach()).toEqual({ kind: 'open', from: ['everywhere'], groups: 0 });
  });

  it.each([
    [
      'standard',
      'closed from the Internet (hazard: a VM nobody reaches is called open)',
      { kind: 'open', from: ['VirtualNetwork'], groups: 0, internet: 'closed' },
    ],
    ['basic', 'open', { kind: 'open', from: ['everywhere'], groups: 0 }],
    ['not-told', 'not known', { kind: 'unknown' }],
  ] as const)('is without a group, by a public address that is %s, %s', (publicAddress, _says, expected) => {
    expect(reachOf([], { port: 3389, address, publicAddress })).toMatchObject(expected);
    const grouped = [group([rdpRule()])];
    expect(reachOf(grouped, { port: 3389, address, publicAddress })).toEqual(reach(...grouped));
  });

  it('is open from the virtual network only by the default rules', () => {
    expect(reach(group([]))).toEqual({ kind: 'open', from: ['VirtualNetwork'], groups: 1 });
  });

  it('is open from everywhere by the rule of the portal', () => {
    expect(reach(group([rdpRule({ name: 'securityRules/default-allow-rdp' })]))).toMatchObject({
      from: ['everywhere'],
    });
  });

  it('names the sources that are let through', () => {
    const rules = [rdpRule({ sources: ['203.0.113.7/32'] }), rdpRule({ sources: ['198.51.100.0/24'], priority: 1001 })];
    expect(reach(group(rules))).toMatchObject({ from: ['203.0.113.7/32', '198.51.100.0/24', 'VirtualNetwork'] });
  });

  it('names who is left out where the rest is let in', () => {
    const rules = [deny({ sources: ['Internet'], expandedSources: ['128.0.0.0/1'] }), rdpRule()];
    expect(reach(group(rules))).toMatchObject({ from: ['everywhere but Internet'] });
  });

  it('is blocked by a rule that denies everybody, whatever allows afterwards; the rule is named', () => {
    expect(reach(group([deny(), rdpRule()]))).toEqual({
      kind: 'blocked',
      by: [{ groupId: 'nsg', rule: 'securityRules/deny-rdp', priority: 100 }],
    });
  });

  it('is decided by priority, not by order', () => {
    expect(reach(group([deny({ priority: 300 }), rdpRule({ priority: 200 })]))).toMatchObject({ kind: 'open' });
  });

  it('is not blocked when one source is left', () => {
    const rules = [rdpRule({ priority: 90, sources: ['203.0.113.7'] }), deny()];
    expect(reach(group(rules))).toEqual({ kind: 'open', from: ['203.0.113.7'], groups: 1 });
  });

  it('takes Azure’s own health probes for no client', () => {
    const rules = [deny({ sources: ['VirtualNetwork'], expandedSources: ['10.0.0.0/16'] })];
    expect(reach(group(rules))).toMatchObject({ kind: 'blocked' });
  });

  it('needs every group to let through: the subnet’s and the interface’s', () => {
    expect(reach(group([rdpRule()], 'interface'), group([deny()], 'subnet'))).toMatchObject({
      kind: 'blocked',
      by: [{ groupId: 'subnet' }],
    });
    expect(reach(group([rdpRule()], 'interface'), group([], 'subnet'))).toMatchObject({ from: ['VirtualNetwork'] });
  });

  it('is blocked by two groups that have nobody in common', () => {
    const one = group([rdpRule({ priority: 90, sources: ['203.0.113.0/24'] }), deny()], 'one');
    const other = group([rdpRule({ priority: 90, sources: ['198.51.100.0/24'] }), deny()], 'other');
    const blocked = reach(one, other);
    expect(blocked).toMatchObject({ kind: 'blocked' });
    expect(blocked.kind === 'blocked' && blocked.by.map(({ groupId }) => groupId)).toEqual(['one', 'other']);
  });

  it.each([
    ['another port', { destinationPorts: ['22', '3390-4000'] }],
    ['another protocol', { protocol: 'Udp' }],
    ['the other direction', { direction: 'Outbound' }],
    ['another destination', { destinations: ['10.0.0.5'] }],
    ['IPv6 only', { sources: ['::/0'] }],
  ])('is not concerned by a rule about %s', (_what, fields) => {
    expect(reach(group([deny(fields), rdpRule()]))).toMatchObject({ from: ['everywhere'] });
  });

  it.each([
    ['a range of ports', { destinationPorts: ['3000-4000'] }],
    ['every port', { destinationPorts: ['*'] }],
    ['a list of ports', { destinationPorts: ['22', '3389'] }],
    ['every protocol', { protocol: '*' }],
    ['the VM’s own address', { destinations: ['10.0.0.4/32'] }],
    ['a star as its source', { sources: ['*'] }],
  ])('is blocked by a rule about %s', (_what, fields) => {
    expect(reach(group([deny(fields), rdpRule()]))).toMatchObject({ kind: 'blocked' });
  });

  it.each([
    ['a tag that Azure did not spell out', { sources: ['SomeTag'] }],
    ['no source at all', { sources: [] }],
    ['some of the client’s ports', { sourcePorts: ['1024-2048'] }],
    ['a protocol that we do not know', { protocol: 'Quic' }],
    ['an access that we do not know', { access: 'AlwaysDeny' }],
    ['ports that cannot be read', { destinationPorts: ['many'] }],
  ])('is neither open nor blocked for certain behind a denial of %s', (_what, fields) => {
    expect(reach(group([deny(fields), rdpRule(), deny({ priority: 2000 })]))).toMatchObject({ kind: 'unknown' });
  });

  it('does not take a group for closed whose last rule was not told', () => {
    expect(reachOf([{ id: 'nsg', rules: [] }], { port: 3389, address })).toMatchObject({ kind: 'unknown' });
  });

  it('without the address of the VM is sure of rules about every destination only', () => {
    const toOne = group([deny({ destinations: ['10.0.0.9'] }), deny({ priority: 200 })]);
    expect(reachOf([toOne], { port: 3389 })).toMatchObject({ kind: 'blocked' });
    expect(reachOf([group([rdpRule({ destinations: ['10.0.0.9'] })])], { port: 3389 })).toMatchObject({
      kind: 'unknown',
    });
  });

  describe('against a model that tries address by address', () => {
    const prefix = fc.constantFrom(
      '0.0.0.0/0',
      '10.0.0.0/16',
      '10.0.1.0/24',
      '203.0.113.0/24',
      '203.0.113.7/32',
      '128.0.0.0/1',
      '0.0.0.0/1',
    );
    const ports = fc.constantFrom('0-65535', '3389-3389', '22-22', '3000-4000', '*');
    const anyRule = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      direction: fc.constantFrom('Inbound', 'Outbound'),
      access: fc.constantFrom('Allow', 'Deny'),
      protocol: fc.constantFrom('Tcp', 'Udp', 'All'),
      priority: fc.integer({ min: 100, max: 4096 }),
      sources: fc.array(prefix, { minLength: 1, maxLength: 3 }),
      expandedSources: fc.constant([]),
      sourcePorts: fc.constant(['0-65535']),
      destinations: fc.constantFrom(['0.0.0.0/0'], ['10.0.0.4/32'], ['10.0.0.5/32']),
      expandedDestinations: fc.constant([]),
      destinationPorts: fc.array(ports, { minLength: 1, maxLength: 2 }),
    });
    const groups = fc
      .array(fc.uniqueArray(anyRule, { selector: ({ priority }) => priority, maxLength: 6 }), { maxLength: 3 })
      .map((lists) => lists.map((rules, index) => group(rules, `nsg-${index}`)));

    it('is blocked exactly when the model finds nobody who gets through, and is never unsure', () => {
      fc.assert(
        fc.property(groups, (given) => {
          const someone = candidates(given).some((source) => given.every(({ rules }) => isAllowed(rules, source)));
          expect(reachOf(given, { port: 3389, address }).kind).toBe(someone ? 'open' : 'blocked');
        }),
        { numRuns: 500 },
      );
    });

    it('calls nothing open from everywhere that keeps somebody out', () => {
      fc.assert(
        fc.property(groups, (given) => {
          const found = reachOf(given, { port: 3389, address });
          const all = candidates(given).every((source) => given.every(({ rules }) => isAllowed(rules, source)));
          expect(found.kind === 'open' && found.from.includes('everywhere')).toBe(all);
        }),
        { numRuns: 500 },
      );
    });

    it('stays true to what is known when tags are not spelt out: the truth is never the opposite', () => {
      fc.assert(
        fc.property(groups, fc.array(fc.nat({ max: 5 }), { maxLength: 3 }), (given, hidden) => {
          const veiled = given.map(({ id, rules }) => ({
            id,
            rules: rules.map((one, index) => (hidden.includes(index) ? { ...one, sources: ['SomeTag'] } : one)),
          }));
          const truth = reachOf(given, { port: 3389, address }).kind;
          expect(['unknown', truth]).toContain(reachOf(veiled, { port: 3389, address }).kind);
        }),
        { numRuns: 500 },
      );
    });
  });
});

/** Every address at which something may change, but Azure's own. */
function candidates(groups: SecurityGroup[]): number[] {
  const listed = groups.flatMap(({ rules }) => rules.flatMap((one) => [...one.sources, ...one.expandedSources]));
  const edges = listed.flatMap((text) => parseAddresses(text) ?? []).flatMap(([first, last]) => [first, last + 1]);
  return [0, 1, ...edges].filter((number) => number <= 0xffff_ffff && number !== 0xa83f_8110);
}

/** The first rule that matches, written down as plainly as can be. */
function isAllowed(rules: readonly SecurityRule[], source: number): boolean {
  const first = [...rules]
    .sort((one, other) => one.priority - other.priority)
    .find(
      (one) =>
        one.direction === 'Inbound' &&
        one.protocol !== 'Udp' &&
        one.destinationPorts.some((range) => ['0-65535', '3389-3389', '3000-4000', '*'].includes(range)) &&
        !one.destinations.includes('10.0.0.5/32') &&
        (one.expandedSources.length > 0 ? one.expandedSources : one.sources).some((text) => isIn(text, source)),
    );
  return first?.access === 'Allow';
}

function isIn(prefix: string, source: number): boolean {
  const [host = '', bits = '32'] = prefix.split('/');
  const number = host.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(bits));
  return source >= number && source < number + size;
}
