import fc from 'fast-check';
import { readEffectiveRules } from '../../../src/azure/arm/effective-rules';
import { reachOf } from '../../../src/network/reach';

/** Azure's own example: Azure/azure-rest-api-specs, NetworkInterfaceEffectiveNSGList.json (2025-05-01), with its names. */
const example = {
  value: [
    {
      association: { networkInterface: { id: '/nic1' }, subnet: { id: '/subnet1' } },
      effectiveSecurityRules: [
        {
          name: 'securityRules/rule1',
          access: 'Allow',
          destinationAddressPrefix: '0.0.0.0/32',
          destinationPortRange: '6579-6579',
          direction: 'Inbound',
          priority: 234,
          sourceAddressPrefix: '0.0.0.0/32',
          sourcePortRange: '456-456',
          protocol: 'Tcp',
        },
        {
          name: 'securityRules/default-allow-rdp',
          access: 'Allow',
          destinationAddressPrefix: '0.0.0.0/0',
          destinationPortRange: '3389-3389',
          direction: 'Inbound',
          priority: 1000,
          sourceAddressPrefix: '1.1.1.1/32',
          sourcePortRange: '0-65535',
          protocol: 'Tcp',
        },
        {
          name: 'defaultSecurityRules/AllowInternetOutBound',
          access: 'Allow',
          destinationAddressPrefix: 'Internet',
          destinationPortRange: '0-65535',
          direction: 'Outbound',
          expandedDestinationAddressPrefix: ['32.0.0.0/3', '4.0.0.0/6', '2.0.0.0/7', '1.0.0.0/8'],
          priority: 65001,
          sourceAddressPrefix: '0.0.0.0/0',
          sourcePortRange: '0-65535',
          protocol: 'All',
        },
      ],
      networkSecurityGroup: { id: '/test-nsg' },
    },
  ],
};

describe('azure/arm/effective-rules', () => {
  it('reads Azure’s own example', () => {
    const groups = readEffectiveRules(example) ?? [];
    expect(groups).toMatchObject([
      { id: '/test-nsg', rules: [{ priority: 234 }, { priority: 1000 }, { priority: 65001 }] },
    ]);
    expect(reachOf(groups, { port: 3389, address: '10.0.0.4' })).toEqual({
      kind: 'open',
      from: ['1.1.1.1/32'],
      groups: 1,
    });
  });

  it('reads both forms of every list, and takes null for nothing', () => {
    const rule = {
      ...{ direction: 'Inbound', access: 'Deny', protocol: 'Tcp', priority: 100, name: null },
      ...{ sourceAddressPrefix: null, sourceAddressPrefixes: ['*'], expandedSourceAddressPrefix: null },
      ...{ sourcePortRange: '0-65535', destinationPortRange: null, destinationPortRanges: ['22-22', '3389-3389'] },
      destinationAddressPrefixes: ['0.0.0.0/0', '0.0.0.0/0'],
    };
    const [group] = readEffectiveRules({ value: [{ effectiveSecurityRules: [rule] }] }) ?? [];
    expect(group?.rules[0]).toMatchObject({
      sources: ['*'],
      expandedSources: [],
      destinations: ['0.0.0.0/0'],
      destinationPorts: ['22-22', '3389-3389'],
    });
  });

  it('has an answer to any JSON, and never a part of one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const groups = readEffectiveRules(body);
        expect(groups === undefined || Array.isArray(groups)).toBe(true);
      }),
    );
    expect(readEffectiveRules('text')).toBeUndefined();
    expect(readEffectiveRules({ value: [{ effectiveSecurityRules: Array(5_001).fill({}) }] })).toBeUndefined();
  });

  it('is weighed quickly, however many addresses Azure spells out', () => {
    const prefixes = Array.from({ length: 5_000 }, (_, index) => `20.${index >> 8}.${index & 255}.0/25`);
    const rules = Array.from({ length: 100 }, (_, index) => ({
      ...{
        direction: 'Inbound',
        access: index % 2 ? 'Allow' : 'Deny',
        protocol: 'Tcp',
        priority: 100 + index,
        name: 'x',
      },
      ...{ sourceAddressPrefix: 'AzureCloud', expandedSourceAddressPrefix: prefixes, sourcePortRange: '0-65535' },
      ...{ destinationPortRange: '0-65535', destinationAddressPrefix: '0.0.0.0/0' },
    }));
    const groups = readEffectiveRules({ value: [{ effectiveSecurityRules: rules }] }) ?? [];
    // Pair by pair it would take minutes: the limit of the test is what fails.
    expect(reachOf(groups, { port: 3389, address: '10.0.0.4' })).toBeDefined();
  });
});
