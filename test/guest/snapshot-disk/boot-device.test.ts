import { parseBootDevice, partitionOf } from '../../../src/guest/snapshot-disk/boot-device';
import type { PartitionTable } from '../../../src/disk/partitions/partition';

/** `partition=C:` of a real store, as http://www.mistyprojects.co.uk/documents/BCDEdit/files/device_partition.htm shows it. */
const real = Buffer.from(
  '00000000000000000000000000000000' +
    '060000000000000048000000000000000000f01500000000' +
    '00000000000000000000000001000000f1a8ebb3' +
    '00000000000000000000000000000000000000000000000000000000',
  'hex',
);

const table: PartitionTable = {
  style: 'mbr',
  diskId: 'b3eba8f1',
  sectorSize: 512,
  readFrom: 'primary',
  problems: [],
  partitions: [
    { number: 1, start: 1048576, size: 367001600, typeId: '0x07', isEfiSystem: false, active: true },
    { number: 2, start: 718848 * 512, size: 1e10, typeId: '0x07', isEfiSystem: false, active: false },
  ],
};

describe("guest/snapshot-disk/boot-device: a boot entry's device", () => {
  it('is read from a real store', () => {
    expect(real).toHaveLength(0x58);
    expect(parseBootDevice(real)).toEqual({ kind: 'mbr', start: 718848 * 512, diskId: 'b3eba8f1' });
  });

  it('is the partition of this disk that begins there', () => {
    expect(partitionOf({ kind: 'mbr', start: 718848 * 512, diskId: 'b3eba8f1' }, table)).toMatchObject({ number: 2 });
  });

  it.each([
    [{ kind: 'mbr', start: 512, diskId: 'b3eba8f1' }, 'it names a partition that is not in the table'],
    [{ kind: 'mbr', start: 1048576, diskId: '00000001' }, 'it names disk 00000001, and this is b3eba8f1'],
    [{ kind: 'gpt', partitionId: 'a', diskId: 'b' }, 'it names a partition of another style (gpt)'],
    [{ kind: 'other', type: 5 }, 'it is no partition (device type 5)'],
  ] as const)('is none of this disk: %j', (device, reason) => {
    expect(partitionOf(device, table)).toEqual({ reason });
  });

  it('is nothing where the data ends too early, whatever it says', () => {
    for (let length = 0; length < 0x48; length += 1) expect(parseBootDevice(real.subarray(0, length))).toBeUndefined();
  });

  it('is no partition where it lies in a virtual disk, or has a style that nobody knows', () => {
    const inVirtualDisk = Buffer.from(real);
    inVirtualDisk.writeUInt32LE(6, 0x30);
    expect(parseBootDevice(inVirtualDisk)).toEqual({ kind: 'other', type: 6 });
    const unknownStyle = Buffer.from(real);
    unknownStyle.writeUInt32LE(9, 0x34);
    expect(parseBootDevice(unknownStyle)).toEqual({ kind: 'other', type: 6 });
  });
});
