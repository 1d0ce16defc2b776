import { readSize } from '../../../src/azure/arm/size';

describe('azure/arm/size', () => {
  const sku = {
    name: 'Standard_D2s_v5',
    family: 'standardDSv5Family',
    locationInfo: [{ location: 'WestEurope', zones: ['1', '2'] }],
    capabilities: [
      { name: 'vCPUs', value: '2' },
      { name: 'MemoryGB', value: '8' },
      { name: 'HyperVGenerations', value: 'V1,V2' },
      { name: 'PremiumIO', value: 'True' },
      { name: 'MaxDataDiskCount', value: '4' },
    ],
  };

  it('reads what decides whether a VM of it can hold a disk', () => {
    expect(readSize(sku, { location: 'westeurope', zone: '2' })).toEqual({
      size: 'Standard_D2s_v5',
      unusable: undefined,
      family: 'standardDSv5Family',
      vCpus: 2,
      memoryGb: 8,
      generations: ['V1', 'V2'],
      diskControllerTypes: ['SCSI'],
      architecture: 'x64',
      premiumStorage: true,
      maxDataDisks: 4,
    });
  });

  it('says nothing of what Azure leaves out, and counts it as nothing against the size (hazard: missing is taken for no)', () => {
    const silent = readSize({ name: sku.name, family: sku.family }, { location: 'westeurope', zone: '2' });
    expect(silent.unusable).toBeUndefined();
    expect([silent.premiumStorage, silent.maxDataDisks, silent.generations]).toEqual([undefined, undefined, []]);
    const withoutZones = { ...sku, locationInfo: [{ location: 'westeurope' }] };
    expect(readSize(withoutZones, { location: 'westeurope', zone: '2' }).unusable).toBeUndefined();
  });

  it.each([
    ['a zone that it is not in', { zone: '3' }, [], 'not-in-zone'],
    ['a restricted zone', { zone: '1' }, [{ type: 'Zone', restrictionInfo: { zones: ['1'] } }], 'restricted'],
    [
      'another zone than the restricted one',
      { zone: '2' },
      [{ type: 'Zone', restrictionInfo: { zones: ['1'] } }],
      undefined,
    ],
    ['no zone, where zones are restricted', {}, [{ type: 'Zone', restrictionInfo: { zones: ['1'] } }], undefined],
    ['a restricted region', {}, [{ type: 'Location', values: ['WESTEUROPE'] }], 'restricted'],
    ['another region than the restricted one', {}, [{ type: 'Location', values: ['eastus'] }], undefined],
  ] as const)('cannot be had in %s', (_case, place, restrictions, expected) => {
    const restricted = restrictions.map((one) => ({ ...one, values: 'values' in one ? [...one.values] : [] }));
    const read = readSize({ ...sku, restrictions: restricted as never }, { location: 'westeurope', ...place });
    expect(read.unusable).toBe(expected);
  });
});
