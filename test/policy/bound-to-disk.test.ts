import { bonds, boundToDisk, isBond, isReplicated, toldBond, type BondKind } from '../../src/policy/bound-to-disk';
import type { VirtualMachineConfiguration } from '../../src/azure/virtual-machine-configuration';
import { virtualMachine } from '../azure/support/machine';

const made = (fields: Partial<VirtualMachineConfiguration>) =>
  virtualMachine({ configuration: { zones: [], dataDisks: [], networkInterfaceIds: [], ...fields } });
const stateOf = (kind: BondKind, fields: Partial<VirtualMachineConfiguration>, locks?: string[]) =>
  boundToDisk(made(fields), locks).find((one) => one.kind === kind)?.state;
const kinds = Object.keys(bonds) as BondKind[];

describe('policy/bound-to-disk', () => {
  it.each([
    ['Microsoft.Azure.RecoveryServices.SiteRecovery', true],
    ['microsoft.azure.recoveryservices.siterecovery2', true],
    ['Microsoft.Azure.RecoveryServices', false],
    ['Contoso.Microsoft.Azure.RecoveryServices.SiteRecovery', false],
    [undefined, false],
  ])('takes the extension of %s for Site Recovery: %s', (publisher, expected) => {
    expect(isReplicated(made({ extensions: [{ publisher }] }))).toBe(expected);
  });

  it('says not known, and never none, of what nobody may see', () => {
    const bare = boundToDisk(made({}), undefined);
    expect(bare.map(({ kind }) => kind)).toEqual(kinds);
    expect(new Set(bare.map(({ state }) => state))).toEqual(new Set(['not-known']));
    expect(boundToDisk(virtualMachine({ configuration: undefined }), undefined)).toEqual(bare);
  });

  it('leaves out what is certainly not there', () => {
    const told = boundToDisk(made({ extensions: [], osDisk: { deleteOption: 'Detach' } }), []);
    expect(told.map(({ kind }) => kind)).toEqual(['azure-backup', 'disk-roles', 'deployment-state']);
  });

  it('finds what is there', () => {
    const publisher = 'Microsoft.Azure.RecoveryServices';
    expect(stateOf('azure-backup', { extensions: [{ publisher, type: 'VMSnapshot' }] })).toBe('found');
    expect(stateOf('azure-backup', { extensions: [{ publisher, type: 'Other' }] })).toBe('not-known');
    expect(stateOf('delete-option', { osDisk: { deleteOption: 'Delete' } })).toBe('found');
    expect(stateOf('disk-lock', {}, ['keep'])).toBe('found');
  });

  it.each(kinds)('has a text and an advice for %s, found or not known, and reads both back', (kind) => {
    for (const state of ['found', 'not-known'] as const) {
      expect(isBond({ kind, state })).toBe(true);
      expect(toldBond({ kind, state })).toMatchObject({
        meaning: expect.stringMatching(/^[A-Z].{20,}\.$/) as string,
        advice: expect.stringMatching(/^[A-Z].{15,}\.$/) as string,
      });
    }
    for (const wrong of [{ kind, state: 'none' }, { kind }, { kind: 'toString', state: 'found' }, null, kind]) {
      expect(isBond(wrong)).toBe(false);
    }
  });
});
