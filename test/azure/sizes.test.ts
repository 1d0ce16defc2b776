import { exhaustedQuota, unfitFor, untoldOf, type SizeAvailability } from '../../src/azure/sizes';

const size: SizeAvailability = {
  size: 'Standard_D2s_v5',
  family: 'standardDSv5Family',
  vCpus: 2,
  generations: ['V1', 'V2'],
  diskControllerTypes: ['SCSI'],
  architecture: 'x64',
  premiumStorage: true,
};

describe('azure/sizes: the quota that is exhausted', () => {
  it.each([
    [
      'none, to the last vCPU',
      { regional: { used: 8, limit: 10 }, families: { standarddsv5family: { used: 0, limit: 2 } } },
      undefined,
    ],
    ['the region’s', { regional: { used: 9, limit: 10 }, families: {} }, 'regional'],
    [
      'the family’s',
      { regional: { used: 0, limit: 10 }, families: { standarddsv5family: { used: 1, limit: 2 } } },
      'family',
    ],
    ['none, of which Azure tells nothing', { families: {} }, undefined],
  ])('is %s', (_case, quota, expected) => {
    expect(exhaustedQuota(size, quota)).toBe(expected);
  });
});

describe('azure/sizes: what a size lacks for a recovery VM', () => {
  const needs = { generation: 'V1', premiumStorage: true } as const;

  it.each([
    ['nothing', {}],
    ['nothing that Azure tells', { generations: [], maxDataDisks: undefined, premiumStorage: undefined }],
    ['nothing, with NVMe as well', { diskControllerTypes: ['NVMe', 'SCSI'] }],
  ])('is %s', (_what, fields) => {
    expect(unfitFor({ ...size, ...fields }, needs)).toBeUndefined();
  });

  it.each([
    ['Arm64', { architecture: 'Arm64' }],
    ['generation V1', { generations: ['V2'] }],
    ['SCSI', { diskControllerTypes: ['NVMe'] }],
    ['premium', { premiumStorage: false }],
    ['no data disk', { maxDataDisks: 0 }],
  ])('is told by %s', (word, fields) => {
    expect(unfitFor({ ...size, ...fields }, needs)).toContain(word);
  });

  it('is told apart from what Azure does not say (hazard: missing is taken for no)', () => {
    const silent = { ...size, generations: [], maxDataDisks: undefined, premiumStorage: undefined };
    expect(untoldOf({ ...size, maxDataDisks: 4 }, needs)).toBeUndefined();
    expect(untoldOf(silent, needs)).toBe(
      'Azure does not say whether Standard_D2s_v5 boots a disk of generation V1, or takes a premium disk, or takes a data disk.',
    );
    expect(untoldOf({ ...silent, generations: ['V1'], maxDataDisks: 4 }, { ...needs, premiumStorage: false })).toBe(
      undefined,
    );
  });

  it('is no premium storage where the copy is not on it', () => {
    expect(unfitFor({ ...size, premiumStorage: false }, { ...needs, premiumStorage: false })).toBeUndefined();
  });
});
