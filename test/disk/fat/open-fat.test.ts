import { memorySource, type ByteSource } from '../../../src/disk/byte-source';
import { openFat } from '../../../src/disk/fat/open-fat';
import { alteredSource, fuzzQuestion } from '../support/altered-source';
import { expectedFiles, foundFiles, imagePath, sorted } from '../support/expected-files';
import { openSparseImage } from '../support/sparse-image';

const BCD = '\\EFI\\Microsoft\\Boot\\BCD';

function openImage(name: string) {
  return openSparseImage(imagePath(`fat/${name}.sparse.gz`));
}

describe.each(['fat16', 'fat32'])('disk/fat/open-fat: reading files of %s', (name) => {
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

/** Every entry of both allocation tables, from 2 on, made to lead to its own cluster. */
async function chainToItself(image: ByteSource) {
  const boot = await image.read(0, 512);
  const tableSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36);
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

describe('disk/fat/open-fat: what is not FAT16 or FAT32', () => {
  it('is told', async () => {
    for (const bytes of [Buffer.alloc(100), Buffer.alloc(4096), Buffer.alloc(4096, 0xff)])
      await expect(openFat(memorySource(bytes))).rejects.toMatchObject({ code: 'not-this-format' });
  });
});
