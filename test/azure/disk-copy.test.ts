import fc from 'fast-check';
import { differencesOf, obstaclesBetween } from '../../src/azure/disk-copy';
import type { ManagedDisk } from '../../src/azure/ports';

const original: ManagedDisk = {
  id: '/disk',
  location: 'westeurope',
  zones: ['1'],
  sizeBytes: 136_365_211_648,
  sku: 'Premium_LRS',
  osType: 'Windows',
  hyperVGeneration: 'V2',
  securityType: 'TrustedLaunch',
  encryptionType: 'EncryptionAtRestWithCustomerKey',
  diskEncryptionSetId: '/des',
  capabilities: { diskControllerTypes: 'SCSI, NVMe', architecture: 'x64' },
  purchasePlan: { name: 'n', publisher: 'p', product: 'o' },
  network: { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' },
};

describe('azure/disk-copy: a copy beside its original', () => {
  it('is like it if all that Azure looks at is alike, however it is written', () => {
    const copy: ManagedDisk = {
      ...original,
      id: '/copy',
      uniqueId: 'another',
      tags: { ours: 'yes' },
      location: 'WestEurope',
      diskEncryptionSetId: '/DES',
      capabilities: { diskControllerTypes: 'nvme,SCSI', architecture: 'x64', acceleratedNetwork: true },
      purchasePlan: { name: 'N', publisher: 'P', product: 'O' },
    };
    expect(differencesOf(original, copy)).toEqual([]);
  });

  it.each<[string, Partial<ManagedDisk>]>([
    ['location', { location: 'northeurope' }],
    ['zones', { zones: [] }],
    ['size', { sizeBytes: 1 }],
    ['sku', { sku: 'Standard_LRS' }],
    ['osType', { osType: 'Linux' }],
    ['hyperVGeneration', { hyperVGeneration: undefined }],
    ['architecture', { capabilities: { ...original.capabilities, architecture: 'Arm64' } }],
    ['diskControllerTypes', { capabilities: { architecture: 'x64' } }],
    ['securityType', { securityType: undefined }],
    ['encryption', { encryptionType: 'EncryptionAtRestWithPlatformKey' }],
    ['diskEncryptionSet', { diskEncryptionSetId: undefined }],
    ['purchasePlan', { purchasePlan: undefined }],
    ['networkAccess', { network: {} }],
  ])('differs in its %s', (trait, change) => {
    expect(differencesOf(original, { ...original, ...change })).toEqual([trait]);
  });

  it('takes what is not said for Azure’s default', () => {
    const plain: ManagedDisk = { id: '/a', location: 'westeurope', zones: [], network: {} };
    const said: ManagedDisk = {
      ...plain,
      hyperVGeneration: 'V1',
      securityType: 'Standard',
      capabilities: { diskControllerTypes: 'SCSI' },
      network: { networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Enabled', dataAccessAuthMode: 'None' },
    };
    expect(differencesOf(plain, said)).toEqual([]);
  });

  it('is like itself, and a difference has no direction', () => {
    const disk = fc.record({
      id: fc.string(),
      location: fc.constantFrom('westeurope', 'northeurope'),
      zones: fc.subarray(['1', '2', '3']),
      sku: fc.option(fc.constantFrom('Premium_LRS', 'Standard_LRS'), { nil: undefined }),
      hyperVGeneration: fc.option(fc.constantFrom('V1', 'V2'), { nil: undefined }),
      network: fc.record({
        networkAccessPolicy: fc.option(fc.constantFrom('AllowAll', 'DenyAll'), { nil: undefined }),
      }),
    });
    fc.assert(
      fc.property(disk, disk, (one, other) => {
        expect(differencesOf(one, one)).toEqual([]);
        expect(differencesOf(one, other)).toEqual(differencesOf(other, one));
      }),
    );
  });

  it.each<[string, Partial<ManagedDisk>]>([
    ['location', { location: 'northeurope' }],
    ['zones', { zones: ['1'] }],
    ['hyperVGeneration', { hyperVGeneration: 'V2' }],
    ['securityType', { securityType: 'TrustedLaunch' }],
    ['osType', { osType: 'Linux' }],
  ])('stands in the way of an exchange by its %s', (name, fields) => {
    const plain: ManagedDisk = { id: '/a', location: 'westeurope', zones: [], network: {}, hyperVGeneration: 'V1' };
    expect(obstaclesBetween(plain, { ...plain, ...fields })).toEqual([name]);
  });

  it('stands in the way of no exchange by what somebody may have changed since: its size, its price, who may fetch it', () => {
    const plain: ManagedDisk = { id: '/a', location: 'westeurope', zones: [], network: {}, sku: 'Standard_LRS' };
    const grown = { ...plain, sizeBytes: 1, sku: 'Premium_LRS', network: { networkAccessPolicy: 'DenyAll' } };
    expect(differencesOf(plain, grown)).not.toEqual([]);
    expect(obstaclesBetween(plain, grown)).toEqual([]);
  });
});
