import fc from 'fast-check';
import type { ByteStore } from '../../../local/disk/byte-store';
import { openFatVolume } from '../../../local/disk/fat/open-fat-volume';
import { readSparseImage } from '../../../local/disk/sparse-image';
import { memorySource, UnreadableError, type ByteSource } from '../../../src/disk/byte-source';
import { openFat } from '../../../src/disk/fat/open-fat';
import { readFileSystemKind } from '../../../src/disk/volumes/open-volume';
import { alteredSource, fuzzQuestion } from '../support/altered-source';
import { expectedFiles, foundFiles, imagePath, sorted } from '../support/expected-files';
import { openSparseImage } from '../support/sparse-image';

const BCD = '\\EFI\\Microsoft\\Boot\\BCD';

function openImage(name: string) {
  return openSparseImage(imagePath(`fat/${name}.sparse.gz`));
}

describe.each(['fat12', 'fat16', 'fat32'])('disk/fat/open-fat: reading files of %s', (name) => {
  it('finds the names and contents that mtools find', async () => {
    const expected = expectedFiles(`fat/${name}`);
    const found = await foundFiles(await openFat(openImage(name)), expected);
    expect(found).toEqual({ ...expected, directories: expected.directories.map(sorted) });
  });

  it('finds names without regard to case, long or short, with either slash', async () => {
    const files = await openFat(openImage(name));
    for (const path of ['\\efi\\MICROSOFT\\boot\\bcd', 'EFI/Microsoft/Boot/BCD', '\\EFI\\MICROS~1\\BOOT\\BCD'])
      expect((await files.openFile(path)).size).toBe(28672);
    expect((await files.openFile('\\MANY\\gröSSE ÄRGER.TXT'.replace('SS', 'ß'))).size).toBe(7);
  });

  it('opens the boot store with few reads', async () => {
    const image = openImage(name);
    const files = await openFat(image);
    await files.openFile(BCD);
    expect(image.reads.count).toBeLessThanOrEqual(8);
    expect(image.reads.bytes).toBeLessThanOrEqual(64 * 1024);
  });

  it('tells what does not exist, and what is not a file', async () => {
    const files = await openFat(openImage(name));
    await expect(files.openFile('\\EFI\\none')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/\\EFI\\none/u),
    });
    await expect(files.openFile('\\EFI')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/directory/u),
    });
    await expect(files.openFile('\\')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/directory/u),
    });
    await expect(files.openFile('\\empty.txt\\below')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/file/u),
    });
    await expect(files.listDirectory('\\empty.txt')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/file/u),
    });
  });

  it('tells a chain that runs in circles', async () => {
    const image = openImage(name);
    const circle = alteredSource(image, await chainToItself(image));
    await expect((await openFat(circle)).openFile('\\pieces.bin')).rejects.toMatchObject({ code: 'damaged' });
  });

  it('never fails otherwise, whatever bytes change', async () => {
    await fuzzQuestion(openImage(name), async (source) => {
      const files = await openFat(source);
      const { source: content, size } = await files.openFile(BCD);
      const head = await content.read(0, Math.min(size, 4096));
      const pieces = await (await files.openFile('\\pieces.bin')).source.read(200_000, 10);
      return [size, head.toString('hex'), pieces.toString('hex'), await files.listDirectory('\\many')];
    });
  });
});

/** Every entry of the first allocation table, from 22 on, made to lead to its own cluster. */
async function chainToItself(image: ByteSource) {
  const boot = await image.read(0, 512);
  const tableSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36);
  const kind = await readFileSystemKind(image);
  if (kind === 'fat12') return [await pairsToThemselves(image, boot.readUInt16LE(14) * 512, tableSectors * 512)];
  const width = boot.readUInt16LE(22) ? 2 : 4;
  const entries = Array.from({ length: (tableSectors * 512) / width }, (_, cluster) => cluster);
  const table = Buffer.concat(
    entries.slice(2).map((cluster) => {
      const entry = Buffer.alloc(width);
      entry.writeUIntLE(cluster, 0, width);
      return entry;
    }),
  );
  const tableAt = boot.readUInt16LE(14) * 512;
  // The directories on the way, of one cluster each, keep their ends: only what follows the fifth cluster is changed.
  const first = 2 + 20;
  return [{ offset: tableAt + first * width, bytes: table.subarray((first - 2) * width) }];
}

/** The same for entries of 12 bits, two of which share three bytes. */
async function pairsToThemselves(image: ByteSource, tableAt: number, tableSize: number) {
  const table = Buffer.from(await image.read(tableAt, tableSize));
  for (let cluster = 22; (cluster * 3) / 2 + 3 <= tableSize; cluster += 2)
    table.writeUIntLE(cluster + (cluster + 1) * 0x1000, (cluster * 3) / 2, 3);
  return { offset: tableAt, bytes: table };
}

/** A boot sector of FAT as mkfs.fat writes it, with some fields set: [offset, width, value]. */
function bootSector(...fields: [offset: number, width: number, value: number][]): Buffer {
  const sector = Buffer.alloc(512);
  const standard: typeof fields = [
    [0, 3, 0x90_3c_eb],
    [11, 2, 512],
    [13, 1, 1],
    [14, 2, 1],
    [16, 1, 2],
    [17, 2, 512],
    [21, 1, 0xf8],
    [22, 2, 32],
    [510, 2, 0xaa55],
  ];
  for (const [offset, width, value] of [...standard, ...fields]) sector.writeUIntLE(value, offset, width);
  return sector;
}

/** What comes before the clusters of such a volume, in sectors. */
const BEFORE_CLUSTERS = 1 + 2 * 32 + 32;

describe('disk/fat/open-fat: telling FAT12, FAT16 and FAT32 apart', () => {
  // microsoft/Windows-driver-samples:filesys/fastfat/fat.h: IsBpbFat32, FatIndexBitSize.
  it.each<[string, [number, number, number][]]>([
    ['fat12', [[32, 4, BEFORE_CLUSTERS + 4086]]],
    ['fat16', [[32, 4, BEFORE_CLUSTERS + 4087]]],
    ['fat16', [[19, 2, BEFORE_CLUSTERS + 4087]]],
    ['fat16', [[32, 4, BEFORE_CLUSTERS + 70_000]]],
    [
      'fat32',
      [
        [17, 2, 0],
        [22, 2, 0],
        [36, 4, 200],
        [32, 4, 3000],
      ],
    ],
    [
      'fat32',
      [
        [17, 2, 0],
        [22, 2, 0],
        [36, 4, 2000],
        [32, 4, 200_000],
      ],
    ],
    [
      'fat16',
      [
        [32, 4, 20_000],
        [510, 2, 0],
      ],
    ],
    [
      'fat16',
      [
        [32, 4, 20_000],
        [0, 1, 0x49],
      ],
    ],
  ])('gives %s, case %#', async (kind, fields) => {
    expect(await readFileSystemKind(memorySource(bootSector(...fields)))).toBe(kind);
  });

  it('reads what mkfs.fat -F 32 makes of few clusters', async () => {
    const { size, extents } = readSparseImage(imagePath('fat/fat32-few-clusters.sparse.gz'));
    const bytes = Buffer.alloc(size);
    for (const { offset, length, content } of extents) {
      if (typeof content === 'number') bytes.fill(content, offset, offset + length);
      else content.copy(bytes, offset);
    }
    expect(await readFileSystemKind(memorySource(bytes))).toBe('fat32');
    const content = Buffer.alloc(50_000, 'numbered ');
    const written = openFatVolume(bufferStore(bytes));
    written.makeDirectory(String.raw`\EFI`);
    written.writeFile(String.raw`\EFI\a long name.bin`, content);
    const files = await openFat(memorySource(bytes));
    expect((await files.listDirectory('\\')).map(({ name }) => name)).toEqual(['EFI']);
    const { source, size: found } = await files.openFile(String.raw`\EFI\a long name.bin`);
    expect((await source.read(0, found)).equals(content)).toBe(true);
  });

  it('reads the same files when fewer sectors leave FAT32 with few clusters', async () => {
    const image = openImage('fat32');
    const few = Buffer.alloc(4);
    few.writeUInt32LE(40_000);
    const expected = expectedFiles('fat/fat32');
    const found = await foundFiles(await openFat(alteredSource(image, [{ offset: 32, bytes: few }])), expected);
    expect(found).toEqual({ ...expected, directories: expected.directories.map(sorted) });
  });
});

describe('disk/fat/open-fat: what is not FAT', () => {
  it('is told', async () => {
    for (const bytes of [Buffer.alloc(100), Buffer.alloc(4096), Buffer.alloc(4096, 0xff)])
      await expect(openFat(memorySource(bytes))).rejects.toMatchObject({ code: 'not-this-format' });
  });

  it.each<[string, [number, number, number][]]>([
    ['begins with 0, which is no jump', [[0, 1, 0]]],
    ['sectors of 513 bytes', [[11, 2, 513]]],
    ['clusters of 3 sectors', [[13, 1, 3]]],
    ['no reserved sectors', [[14, 2, 0]]],
    ['no allocation table', [[16, 1, 0]]],
    ['no sectors', [[32, 4, 0]]],
    ['an allocation table of 0 sectors', [[22, 2, 0]]],
    [
      'version 1 of FAT32',
      [
        [22, 2, 0],
        [36, 4, 200],
        [42, 2, 1],
      ],
    ],
    ['the media byte 247', [[21, 1, 0xf7]]],
    ['no root directory', [[17, 2, 0]]],
    [
      'a conversion to FAT32 that did not end',
      [
        [22, 2, 0],
        [36, 4, 200],
        [40, 2, 0x80],
      ],
    ],
    ['50 sectors, of which -47 are for clusters', [[32, 4, 50]]],
  ])('is told with its reason: %s', async (reason, fields) => {
    const source = memorySource(bootSector([32, 4, 20_000], ...fields));
    await expect(openFat(source)).rejects.toMatchObject({
      code: 'not-this-format',
      detail: expect.stringContaining(reason),
    });
    expect(await readFileSystemKind(source)).toBe('unknown');
  });

  it('never fails otherwise, whatever stands in a boot sector', async () => {
    const field = fc.tuple(fc.constantFrom(0, 11, 13, 14, 16, 17, 19, 21, 22, 32, 36, 40, 42, 44), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 6 }), async (fields) => {
        const sector = bootSector(
          [32, 4, 20_000],
          ...fields.map(([at, value]) => [at, 1, value] as [number, number, number]),
        );
        const source = memorySource(Buffer.concat([sector, Buffer.alloc(200_000)]));
        const error: unknown = await openFat(source)
          .then((files) => files.listDirectory('\\'))
          .then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
        expect(error === undefined || error instanceof UnreadableError).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

function bufferStore(bytes: Buffer): ByteStore {
  return {
    size: bytes.length,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    write: (offset, content) => void bytes.set(content, offset),
  };
}
