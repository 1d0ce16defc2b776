import fc from 'fast-check';
import {
  parseDiskId,
  parseSnapshotId,
  parseVirtualMachineId,
  runCommandIdOf,
  snapshotIdOf,
} from '../../src/azure/resource-id';
import { subscriptionId, vmId } from './support/machine';

const base = `/subscriptions/${subscriptionId}/resourceGroups/rg-app/providers/Microsoft.Compute`;

describe('azure/resource-id', () => {
  it('reads the id of a virtual machine, as written', () => {
    expect(parseVirtualMachineId(vmId)).toEqual({ subscriptionId, resourceGroup: 'rg-app', name: 'vm-1' });
  });

  it('reads it in any case', () => {
    expect(parseVirtualMachineId(vmId.toUpperCase())).toMatchObject({ resourceGroup: 'RG-APP', name: 'VM-1' });
    expect(parseVirtualMachineId(vmId.toLowerCase())).toBeDefined();
  });

  it.each(['rg', 'RG_(test).a-1', 'größe-東京', 'x'.repeat(90)])('reads the resource group %s', (group) => {
    expect(parseVirtualMachineId(vmId.replace('rg-app', group))).toMatchObject({ resourceGroup: group });
  });

  it('reads disks and snapshots only as what they are', () => {
    expect(parseDiskId(`${base}/disks/vm-1_OsDisk_1`)).toMatchObject({ name: 'vm-1_OsDisk_1' });
    expect(parseSnapshotId(snapshotIdOf(subscriptionId, 'rg', 'rdp-lifeline-x'))).toMatchObject({
      name: 'rdp-lifeline-x',
    });
    expect(parseVirtualMachineId(`${base}/disks/vm-1`)).toBeUndefined();
    expect(parseDiskId(vmId)).toBeUndefined();
    expect(parseSnapshotId(vmId)).toBeUndefined();
  });

  it('gives the id of a Run Command', () => {
    expect(runCommandIdOf(vmId, 'run-1')).toBe(`${vmId}/runCommands/run-1`);
  });

  it.each([
    ['nothing', ''],
    ['a name alone', 'vm-1'],
    ['another resource', vmId.replace('virtualMachines', 'virtualMachineScaleSets')],
    ['an instance of a scale set', `${base}/virtualMachineScaleSets/set/virtualMachines/0`],
    ['an extension of the VM', `${vmId}/extensions/x`],
    ['a trailing slash', `${vmId}/`],
    ['a query', `${vmId}?api-version=2024-01-01`],
    ['a fragment', `${vmId}#x`],
    ['a host before it', `https://management.azure.com${vmId}`],
    ['a second id after it', `${vmId},${vmId}`],
    ['a line break after it', `${vmId}\n`],
    ['a line break before it', `\n${vmId}`],
    ['a carriage return within', vmId.replace('vm-1', 'vm\r-1')],
    ['a null character', vmId.replace('vm-1', 'vm-1\0')],
    ['traversal as name', vmId.replace('vm-1', '..')],
    ['traversal in the name', vmId.replace('vm-1', '../../disks/x')],
    ['traversal as group', vmId.replace('rg-app', '..')],
    ['a dot as group', vmId.replace('rg-app', '.')],
    ['a group that ends with a dot', vmId.replace('rg-app', 'rg.')],
    ['a group of 91 characters', vmId.replace('rg-app', 'x'.repeat(91))],
    ['percent-encoding', vmId.replace('vm-1', 'vm%2F1')],
    ['a percent-encoded slash between', vmId.replaceAll('/', '%2F')],
    ['backslashes', vmId.replaceAll('/', '\\')],
    ['a blank', vmId.replace('vm-1', 'vm 1')],
    ['quotes', vmId.replace('vm-1', `vm'"1`)],
    ['a shell’s words', vmId.replace('vm-1', '$(id);vm')],
    ['markup', vmId.replace('vm-1', '<b>vm</b>')],
    ['a subscription that is none', vmId.replace(subscriptionId, 'my-subscription')],
    ['a subscription with other digits', vmId.replace(subscriptionId, subscriptionId.replaceAll('0', '٠'))],
    ['a long name', vmId.replace('vm-1', 'x'.repeat(81))],
    ['10,000 characters', vmId.replace('vm-1', 'x'.repeat(10_000))],
    ['10,000 characters of group', vmId.replace('rg-app', 'x.'.repeat(5_000))],
    ['an invisible character', vmId.replace('vm-1', 'vm\u200b-1')],
    ['right-to-left marks', vmId.replace('vm-1', '\u202evm-1')],
  ])('refuses %s', (_what, id) => {
    expect(parseVirtualMachineId(id)).toBeUndefined();
  });

  // With case ignored the Unicode way, U+017F is "s" and U+212A is "k": one VM would have two ids, and two leases.
  it.each([
    vmId.replace('/subscriptions', '/\u017fubscriptions'),
    vmId.replace('resourceGroups', 'resourceGroup\u017f'),
    vmId.replace('virtualMachines', 'virtualMachine\u017f'),
    vmId.replace('Microsoft', 'Micro\u017foft'),
    vmId.replace('vm-1', 'vm-\u212a'),
    vmId.replace('vm-1', 'vm-\u017f'),
    vmId.replace('rg-app', 'rg-\u212a'),
    vmId.replace('rg-app', 'rg-\u0130'),
    vmId.replace('vm-1', '\u0440-1'),
  ])('refuses look-alikes: %s', (id) => {
    expect(parseVirtualMachineId(id)).toBeUndefined();
  });

  it('refuses look-alikes in the ids of disks', () => {
    expect(parseDiskId(`${base}/dis\u212as/x`)).toBeUndefined();
  });

  it('reads only what is made of safe characters, and reads it lower-cased too', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const parts = parseVirtualMachineId(id);
        if (!parts) return;
        expect(parts.subscriptionId).toMatch(/^[0-9a-fA-F-]{36}$/);
        expect(parts.resourceGroup).toMatch(/^[\p{L}\p{N}_().-]{1,90}$/u);
        expect(parts.name).toMatch(/^[A-Za-z0-9_.-]{1,80}$/);
        expect([parts.resourceGroup, parts.name]).not.toContain('..');
        expect(parseVirtualMachineId(id.toLowerCase())).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });
});

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[\p{L}\p{N}_().-]{1,20}$/u) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const anyId = fc
  .tuple(fc.constantFrom(subscriptionId, subscriptionId.toUpperCase()), piece, piece)
  .map(
    ([subscription, group, name]) =>
      `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
  );
