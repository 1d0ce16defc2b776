import { exhaustedQuota, type SizeAvailability } from '../../src/azure/sizes';

const size: SizeAvailability = {
  size: 'Standard_D2s_v5',
  family: 'standardDSv5Family',
  vCpus: 2,
  generations: ['V1', 'V2'],
  diskControllerTypes: ['SCSI'],
  architecture: 'x64',
  premiumStorage: true,
};

describe('the quota that is exhausted', () => {
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
