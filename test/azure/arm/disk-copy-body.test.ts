import fc from 'fast-check';
import { diskCopyBody } from '../../../src/azure/arm/disk-copy-body';
import type { ManagedDisk } from '../../../src/azure/ports';
import { refuseProperties } from '../../../local/azure/compute/disk-properties';

const GIB = 1024 ** 3;
const setId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/des';
const original: ManagedDisk = {
  ...{ id: '/disk', location: 'westeurope', zones: ['1'], sku: 'Premium_LRS', sizeBytes: 1024 * GIB },
  ...{ osType: 'Windows', hyperVGeneration: 'V2', securityType: 'TrustedLaunch', tier: 'P40', burstingEnabled: true },
  ...{ maxShares: 1, optimizedForFrequentAttach: true, supportsHibernation: true },
  ...{ logicalSectorSize: 512, diskIopsReadWrite: 5000, diskMBpsReadWrite: 200 },
  capabilities: {
    ...{ diskControllerTypes: 'SCSI, NVMe', acceleratedNetwork: true, architecture: 'x64' },
    supportedSecurityOption: 'TrustedLaunchSupported',
  },
  purchasePlan: { name: 'n', publisher: 'p', product: 'o' },
  encryptionType: 'EncryptionAtRestWithCustomerKey',
  diskEncryptionSetId: setId,
  network: { networkAccessPolicy: 'AllowPrivate', diskAccessId: '/access', publicNetworkAccess: 'Disabled' },
};
const bodyOf = (fields: Partial<ManagedDisk> = {}) =>
  diskCopyBody({ diskId: '/copy', sourceId: '/snapshot', like: { ...original, ...fields }, tags: { ours: 'yes' } });

describe('azure/arm/disk-copy-body', () => {
  it('hands on everything of a large premium disk of generation 2', () => {
    expect(JSON.parse(JSON.stringify(bodyOf()))).toEqual({
      location: 'westeurope',
      tags: { ours: 'yes' },
      creationData: { createOption: 'Copy', sourceResourceId: '/snapshot' },
      sku: { name: 'Premium_LRS' },
      zones: ['1'],
      osType: 'Windows',
      hyperVGeneration: 'V2',
      supportedCapabilities: original.capabilities,
      purchasePlan: original.purchasePlan,
      encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: setId },
      tier: 'P40',
      burstingEnabled: true,
      optimizedForFrequentAttach: true,
      supportsHibernation: true,
      networkAccessPolicy: 'AllowPrivate',
      diskAccessId: '/access',
      publicNetworkAccess: 'Disabled',
    });
  });

  it.each<[string, string, Partial<ManagedDisk>]>([
    ['a tier', 'tier', { sku: 'StandardSSD_LRS', tier: 'E30' }],
    ['bursting of a disk that cannot have it', 'burstingEnabled', { sku: 'StandardSSD_LRS' }],
    ['bursting of a small one', 'burstingEnabled', { sizeBytes: 512 * GIB }],
    ['bursting that is off', 'burstingEnabled', { burstingEnabled: false }],
    ['zones of a zone-redundant one', 'zones', { sku: 'Premium_ZRS' }],
    ['zones of a regional one', 'zones', { zones: [] }],
    ['frequent attachment that is off', 'optimizedForFrequentAttach', { optimizedForFrequentAttach: false }],
    ['hibernation that is off', 'supportsHibernation', { supportsHibernation: false }],
    [
      'a disk access without private endpoints',
      'diskAccessId',
      { network: { networkAccessPolicy: 'DenyAll', diskAccessId: '/a' } },
    ],
  ])('leaves out %s', (_what, property, fields) => {
    expect(bodyOf()).not.toMatchObject({ [property]: undefined });
    expect(bodyOf(fields)).toMatchObject(property in bodyOf(fields) ? { [property]: undefined } : {});
  });

  it('names neither controllers nor a security option for generation 1, and no key for Azure’s own', () => {
    const ofFirst = { architecture: 'x64', acceleratedNetwork: true };
    for (const hyperVGeneration of ['V1', undefined]) {
      expect(JSON.parse(JSON.stringify(bodyOf({ hyperVGeneration }).supportedCapabilities))).toEqual(ofFirst);
    }
    const encryption = bodyOf({ encryptionType: 'EncryptionAtRestWithPlatformKey' }).encryption;
    expect(encryption).toEqual({ type: 'EncryptionAtRestWithPlatformKey' });
  });

  it('never asks for what the simulated Azure refuses, whatever Azure shows of the original', () => {
    const disk = fc.record({
      sku: fc.constantFrom('Standard_LRS', 'StandardSSD_LRS', 'StandardSSD_ZRS', 'Premium_LRS', 'Premium_ZRS'),
      zones: fc.constantFrom<string[]>([], ['1']),
      sizeBytes: fc.constantFrom(30, 127, 512, 513, 4095).map((gib) => gib * GIB),
      hyperVGeneration: fc.constantFrom('V1', 'V2', undefined),
      tier: fc.constantFrom('P10', 'E10', 'S10', undefined),
      burstingEnabled: fc.constantFrom(true, false, undefined),
      maxShares: fc.constantFrom(1, 2, undefined),
      capabilities: fc.constantFrom(original.capabilities, { diskControllerTypes: 'SCSI' }, undefined),
    });
    fc.assert(
      fc.property(disk, (fields) => {
        const body = bodyOf(fields);
        const { sku, zones, hyperVGeneration, creationData, ...properties } = JSON.parse(JSON.stringify(body)) as {
          sku: { name: string };
          zones?: string[];
          hyperVGeneration?: string;
          creationData: Record<string, unknown>;
        };
        const sizeGiB = fields.sizeBytes / GIB;
        const asked = { sku: sku.name, zones: zones ?? [], sizeGiB, hyperVGeneration, properties, creationData };
        expect(refuseProperties(asked)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
