import fc from 'fast-check';
import type { PartitionTable } from '../../../src/disk/partitions/partition';
import { partitionNamedBy } from '../../../src/guest/snapshot-disk/mounted-devices';

const partition = (number: number) => ({
  number,
  start: number * 1_048_576,
  size: 1_048_576,
  typeId: '0x07',
  isEfiSystem: false,
  uniqueId: `8c4e3b52-7d10-4f6a-9b21-3e5a1c7d9f1${number}`,
});
const table = (style: 'mbr' | 'gpt'): PartitionTable => ({
  style,
  diskId: '5cbea03e',
  sectorSize: 512,
  readFrom: 'primary',
  partitions: [partition(1), partition(2)],
  problems: [],
});

describe('guest/snapshot-disk/mounted-devices: the data of a drive letter', () => {
  it('names a partition of an MBR disk by the disk’s signature and an offset', () => {
    // The form is that of drive C: of a real machine: 3ea0be5c 0000100000000000.
    const data = Buffer.from('3ea0be5c0000100000000000', 'hex');
    expect(partitionNamedBy(data, table('mbr'))?.number).toBe(1);
    expect(partitionNamedBy(data, { ...table('mbr'), diskId: '00000001' })).toBeUndefined();
    expect(partitionNamedBy(data, table('gpt'))).toBeUndefined();
  });

  it('names a partition of a GPT disk by its GUID', () => {
    const data = Buffer.concat([Buffer.from('DMIO:ID:'), Buffer.from('523b4e8c107d6a4f9b213e5a1c7d9f12', 'hex')]);
    expect(partitionNamedBy(data, table('gpt'))?.number).toBe(2);
    expect(partitionNamedBy(data, table('mbr'))).toBeUndefined();
  });

  it('of a device, or of another disk, names none', () => {
    const device = Buffer.from(String.raw`\??\IDE#CdRomNECVMWar_VMware_IDE_CDR10`, 'utf16le');
    expect(partitionNamedBy(device, table('mbr'))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const named = partitionNamedBy(Buffer.from(bytes), table('gpt'));
        expect(named === undefined || bytes.length === 24).toBe(true);
      }),
    );
  });
});
