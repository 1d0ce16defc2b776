import { crc32 } from 'node:zlib';
import { isWithin, memorySource, sliceSource, type ByteSource } from '../../../src/disk/byte-source';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { readFileSystemKind } from '../../../src/disk/volumes/open-volume';
import { alteredSource, fuzzQuestion, type Alteration } from '../support/altered-source';
import { expectedAnswer, imagePath } from '../support/expected-files';
import { openSparseImage } from '../support/sparse-image';
import { byUs, bySfdisk } from './support/sfdisk';

const SECTOR = 512;
const GPT_HEADER = SECTOR;
const GPT_ENTRIES = 2 * SECTOR;
const damage = (offset: number) => ({ offset, bytes: Buffer.from('damaged') });

function openDisk(name: string) {
  return openSparseImage(imagePath(`partitions/${name}.sparse.gz`));
}

describe('disk/partitions/read-partitions: reading partition tables', () => {
  it.each(['gen1', 'gen2', 'logical'])('finds in %s what sfdisk finds', async (name) => {
    expect(await byUs(openDisk(name))).toEqual(bySfdisk(expectedAnswer(`partitions/${name}`)));
  });

  it('finds a GPT that counts in sectors of 4096 bytes, as fdisk does', async () => {
    const { dump } = expectedAnswer('partitions/sector-4096') as { dump: string[] };
    const expected = dump
      .map((line) => /start= *(\d+), size= *(\d+), type=([\dA-F-]+)/u.exec(line))
      .filter((match) => match !== null)
      .map((match) => ({
        start: Number(match[1]) * 4096,
        size: Number(match[2]) * 4096,
        typeId: match[3]?.toLowerCase(),
      }));
    const { sectorSize, partitions } = await readPartitions(openDisk('sector-4096'));
    expect(expected).toHaveLength(2);
    expect(sectorSize).toBe(4096);
    expect(partitions.map(({ start, size, typeId }) => ({ start, size, typeId }))).toEqual(expected);
    expect(partitions.map(({ isEfiSystem }) => isEfiSystem)).toEqual([true, false]);
  });

  it('asks a disk of 127 GiB once', async () => {
    const disk = openDisk('gen2');
    await readPartitions(disk);
    expect(disk.reads).toEqual({ count: 1, bytes: 32 * 1024 });
  });

  it('tells file systems by their boot sectors', async () => {
    const kinds = async (disk: ByteSource) => {
      const { partitions } = await readPartitions(disk);
      return Promise.all(partitions.map(({ start, size }) => readFileSystemKind(sliceSource(disk, start, size))));
    };
    expect(await kinds(openDisk('gen1'))).toEqual(['ntfs', 'ntfs']);
    expect(await kinds(openDisk('gen2'))).toEqual(['fat32', 'unknown', 'ntfs']);
    const locked = alteredSource(openDisk('gen1'), [{ offset: 2048 * SECTOR + 3, bytes: Buffer.from('-FVE-FS-') }]);
    expect(await kinds(locked)).toEqual(['bitlocker', 'ntfs']);
  });
});

describe('disk/partitions/read-partitions: a damaged partition table', () => {
  it.each([
    ['signature', GPT_HEADER],
    ['header', GPT_HEADER + 60],
    ['entries', GPT_ENTRIES + 130],
  ])('is read from the backup when the primary %s is damaged', async (_what, offset) => {
    const disk = alteredSource(openDisk('gen2'), [damage(offset)]);
    expect((await readPartitions(disk)).readFrom).toBe('backup');
    expect(await byUs(disk)).toEqual(bySfdisk(expectedAnswer('partitions/gen2')));
  });

  it('is found in the middle of a disk that has grown since', async () => {
    const disk = openDisk('gen2');
    const grown: ByteSource = {
      size: disk.size * 2,
      read: (offset, length) =>
        offset + length <= disk.size ? disk.read(offset, length) : Promise.resolve(Buffer.alloc(length)),
    };
    expect(await byUs(alteredSource(grown, [damage(GPT_HEADER)]))).toEqual(bySfdisk(expectedAnswer('partitions/gen2')));
  });

  it('is read from a backup on sectors of 4096 bytes', async () => {
    const disk = openDisk('sector-4096');
    const table = await readPartitions(alteredSource(disk, [damage(4096)]));
    expect(table).toEqual({
      ...(await readPartitions(disk)),
      readFrom: 'backup',
      problems: [expect.stringMatching(/^the GPT at sector 1 begins with "damaged/u)],
    });
  });

  it('is told as damaged when the backup is too', async () => {
    const disk = openDisk('gen2');
    const both = alteredSource(disk, [damage(GPT_HEADER), damage(disk.size - SECTOR)]);
    await expect(readPartitions(both)).rejects.toMatchObject({ code: 'damaged' });
  });

  it.each([
    ['signature', GPT_HEADER, /^the GPT at sector 1 begins with "damaged/u],
    [
      'header',
      GPT_HEADER + 60,
      /^the GPT at sector 1: the checksum of its header is wrong \(0x[\da-f]{8}, its bytes give/u,
    ],
    ['entries', GPT_ENTRIES + 130, /^the GPT at sector 1: the checksum of its entries is wrong \(0x[\da-f]{8}, its/u],
  ])('is told with what is wrong with the first %s', async (_what, offset, problem) => {
    const table = await readPartitions(alteredSource(openDisk('gen2'), [damage(offset)]));
    expect(table.problems).toEqual([expect.stringMatching(problem)]);
  });

  it('lists what is sound, and tells a partition that ends before it begins', async () => {
    const disk = openDisk('gen2');
    const last = Buffer.alloc(8);
    last.writeUInt32LE(5);
    const altered = await sealed(alteredSource(disk, [{ offset: GPT_ENTRIES + 128 + 40, bytes: last }]));
    const { partitions, problems } = await readPartitions(altered);
    expect(partitions.map(({ number }) => number)).toEqual([1, 3]);
    expect(problems).toEqual([
      'the GPT at sector 1: partition 2 is not read: it begins at sector 206848 and ends at 5',
    ]);
  });

  it.each([
    ['has no sectors', Buffer.from([0, 0, 0, 0]), 12, 'partition 2 is not read: type 7, 0 sectors from 1026048 on'],
    ['has no type', Buffer.from([0]), 4, /^partition 2 is not read: type 0, \d+ sectors from 1026048 on$/u],
  ])('tells a partition of an MBR that %s', async (_title, bytes, at, problem) => {
    const disk = alteredSource(openDisk('gen1'), [{ offset: 462 + at, bytes }]);
    const { partitions, problems } = await readPartitions(disk);
    expect(partitions.map(({ number }) => number)).toEqual([1]);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  it('tells a second extended partition, whose logical ones it does not list', async () => {
    const disk = openDisk('logical');
    const altered = alteredSource(disk, [{ offset: 446 + 4, bytes: Buffer.from([0x0f]) }]);
    const { problems } = await readPartitions(
      alteredSource(altered, [{ offset: 446 + 8, bytes: await disk.read(462 + 8, 8) }]),
    );
    expect(problems).toEqual(['partition 2 is a further extended one: its logical ones are not read']);
  });

  it.each(['gen1', 'gen2', 'logical', 'sector-4096'])('has nothing to tell of the sound disk %s', async (name) => {
    expect((await readPartitions(openDisk(name))).problems).toEqual([]);
  });

  it('is told when logical partitions run in circles', async () => {
    // The second entry of the first extended boot record leads to itself.
    const link = Buffer.alloc(16);
    link[4] = 5;
    link.writeUInt32LE(1, 12);
    const circle = alteredSource(openDisk('logical'), [{ offset: 12288 * SECTOR + 462, bytes: link }]);
    await expect(readPartitions(circle)).rejects.toMatchObject({
      code: 'damaged',
      detail: expect.stringMatching(/loops/u),
    });
  });

  it('is told when there is none', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(511), Buffer.alloc(1024 * 1024)])
      await expect(readPartitions(memorySource(bytes))).rejects.toMatchObject({ code: 'not-this-format' });
  });

  it.each(['gen1', 'gen2', 'logical', 'sector-4096'])(
    'never fails otherwise, whatever bytes of %s change',
    async (name) => {
      await fuzzQuestion(openDisk(name), readPartitions, { seal: sealed });
    },
  );
});

/** A GPT whose checksums are right again, also those of its copy; an MBR as it is. */
async function sealed(disk: ByteSource): Promise<ByteSource> {
  const sector = (await disk.read(SECTOR, 8)).toString('latin1') === 'EFI PART' ? SECTOR : 4096;
  const alterations: Alteration[] = [];
  for (const headerAt of [sector, disk.size - sector]) {
    const header = Buffer.from(await disk.read(headerAt, 512));
    const [entriesAt, size] = [
      Number(header.readBigUInt64LE(72)) * sector,
      header.readUInt32LE(80) * header.readUInt32LE(84),
    ];
    const isPlausible = isWithin(disk.size, entriesAt, size) && size <= 65_536 && header.readUInt32LE(12) === 92;
    if (!isPlausible) continue;
    header.writeUInt32LE(crc32(await disk.read(entriesAt, size)), 88);
    header.writeUInt32LE(0, 16);
    header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
    alterations.push({ offset: headerAt, bytes: header });
  }
  return alteredSource(disk, alterations);
}
