import { memorySource, sliceSource, type ByteSource } from '../../../src/disk/byte-source';
import { openNtfs } from '../../../src/disk/ntfs/open-ntfs';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { openVolume, readFileSystemKind } from '../../../src/disk/volumes/open-volume';
import { alteredSource, fuzzQuestion, type Alteration } from '../support/altered-source';
import { expectedFiles, foundFiles, imagePath, sorted } from '../support/expected-files';
import { openSparseImage } from '../support/sparse-image';

const SYSTEM = '\\Windows\\System32\\config\\SYSTEM';
const SMALL_VOLUMES = ['cluster-512', 'cluster-64k', 'sector-4096', 'fragmented'];

function openImage(name: string) {
  return openSparseImage(imagePath(`ntfs/${name}.ntfs.sparse.gz`));
}

/** A partition of the disk of generation 1: the active one, or Windows of 126 GiB. */
async function openGeneration1(number: number) {
  const disk = openSparseImage(imagePath('partitions/gen1.sparse.gz'));
  const partition = (await readPartitions(disk)).partitions.find((each) => each.number === number);
  if (!partition) throw new Error(`the image has no partition ${number}`);
  return { reads: disk.reads, partition: sliceSource(disk, partition.start, partition.size) };
}

async function openWindows() {
  return openNtfs((await openGeneration1(2)).partition);
}

describe('disk/ntfs/open-ntfs: reading files of NTFS', () => {
  it('finds on a Windows volume of 126 GiB the names and contents that ntfsls and ntfscat find', async () => {
    const expected = expectedFiles('ntfs/windows');
    const found = await foundFiles(await openWindows(), expected);
    expect(expected.directories.find(({ directory }) => directory === '/Windows/System32')?.names).toHaveLength(5002);
    expect(found).toEqual({ ...expected, directories: expected.directories.map(sorted) });
  });

  it.each(SMALL_VOLUMES)('finds the same on the volume %s', async (name) => {
    const expected = expectedFiles(`ntfs/${name}`);
    const found = await foundFiles(await openNtfs(openImage(name)), expected);
    expect(found).toEqual({ ...expected, directories: expected.directories.map(sorted) });
  });

  it('finds the boot store on the active partition', async () => {
    const expected = expectedFiles('ntfs/system');
    const volume = await openVolume((await openGeneration1(1)).partition);
    if (volume.kind !== 'ntfs') throw new Error(`the partition is ${volume.kind}`);
    expect(await foundFiles(volume.files, expected)).toEqual(expected);
  });

  it('finds every one of 5,000 names in a directory, and none between them', async () => {
    const files = await openWindows();
    for (const number of ['00001', '02500', '04999', '05000'])
      expect((await files.openFile(`\\Windows\\System32\\MODULE-${number}.DLL`)).size).toBe(0);
    for (const name of ['aaa', 'module-00000.dll', 'module-02500.dlk', 'module-02500.dll.', 'module-05001.dll', 'zzz'])
      await expect(files.openFile(`\\Windows\\System32\\${name}`)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('compares names without regard to case by the volume’s own table', async () => {
    const files = await openWindows();
    for (const path of [
      '/NAMES/ärger UND gRÖßE.TXT',
      '\\names\\σίσυφοσ.TXT',
      '\\Names\\ÉMOJI 😀.txt',
      '\\names\\upper.txt',
    ])
      expect((await files.openFile(path)).size).toBeGreaterThan(0);
    // NTFS knows no lower case for a whole word: a final sigma and ss are other letters.
    for (const path of ['\\names\\σίσυφος.TXT', '\\names\\ärger und grösse.txt'])
      await expect(files.openFile(path)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('knows hard links as one file', async () => {
    const files = await openWindows();
    const first = await files.openFile('\\links\\first.txt');
    const other = await files.openFile('\\links\\a-rather-long-name-for-a-hard-link-so-that-records-fill-up-40.txt');
    expect(other.record).toBe(first.record);
  });

  it('reads any part of a file in some hundred pieces', async () => {
    const { source, size } = await (await openNtfs(openImage('fragmented'))).openFile('\\fragmented.bin');
    const whole = await source.read(0, size);
    for (const [offset, length] of [
      [0, 1],
      [1023, 2],
      [1024, 1024],
      [399_999, 12_345],
      [size - 1, 1],
      [size, 0],
    ] as const)
      expect((await source.read(offset, length)).equals(whole.subarray(offset, offset + length))).toBe(true);
    await expect(source.read(size, 1)).rejects.toMatchObject({ code: 'out-of-range' });
  });
});

describe('disk/ntfs/open-ntfs: telling NTFS by its boot sector', () => {
  const withoutMark = { offset: 510, bytes: Buffer.alloc(2) };

  it.each(SMALL_VOLUMES)('takes the volume %s without 55 AA, which only a BIOS needs', async (name) => {
    const image = alteredSource(openImage(name), [withoutMark]);
    expect(await readFileSystemKind(image)).toBe('ntfs');
    const volume = await openVolume(image);
    const expected = expectedFiles(`ntfs/${name}`);
    if (volume.kind !== 'ntfs') throw new Error(`the volume is ${volume.kind}`);
    const found = await foundFiles(volume.files, expected);
    expect(found).toEqual({ ...expected, directories: expected.directories.map(sorted) });
  });

  it.each<[string, Alteration]>([
    ['another name', { offset: 3, bytes: Buffer.from('MSDOS5.0') }],
    ['sectors of 513 bytes', { offset: 11, bytes: Buffer.from([1, 2]) }],
    ['no clusters', { offset: 13, bytes: Buffer.from([0]) }],
    ['records of 2 bytes', { offset: 64, bytes: Buffer.from([0xff]) }],
    ['reserved sectors, as FAT has them', { offset: 14, bytes: Buffer.from([1]) }],
    ['an allocation table, as FAT has it', { offset: 16, bytes: Buffer.from([2]) }],
  ])('does not take one without 55 AA and with %s', async (_title, alteration) => {
    const image = alteredSource(openImage('cluster-512'), [withoutMark, alteration]);
    expect(await readFileSystemKind(image)).toBe('unknown');
    await expect(openNtfs(image)).rejects.toMatchObject({ code: 'not-this-format' });
  });

  it('says what cannot be true in one with 55 AA', async () => {
    const image = alteredSource(openImage('cluster-512'), [{ offset: 11, bytes: Buffer.from([1, 2]) }]);
    await expect(openVolume(image)).rejects.toMatchObject({
      code: 'damaged',
      detail: expect.stringContaining('sectors of 513'),
    });
  });
});

describe('disk/ntfs/open-ntfs: how often NTFS is asked', () => {
  it('opens a hive on a volume of 126 GiB with at most a dozen reads, and the next one with none or few', async () => {
    const { partition, reads } = await openGeneration1(2);
    reads.count = 0;
    reads.bytes = 0;
    const files = await openNtfs(partition);
    await files.openFile(SYSTEM);
    expect(reads.count).toBeLessThanOrEqual(12);
    expect(reads.bytes).toBeLessThanOrEqual(192 * 1024);
    const before = reads.count;
    await files.openFile('\\Windows\\System32\\config\\SOFTWARE');
    expect(reads.count - before).toBeLessThanOrEqual(2);
  });

  it('lists 5,000 names in some dozen reads', async () => {
    const { partition, reads } = await openGeneration1(2);
    const files = await openNtfs(partition);
    const before = reads.count;
    await files.listDirectory('\\Windows\\System32');
    expect(reads.count - before).toBeLessThanOrEqual(40);
  });
});

describe('disk/ntfs/open-ntfs: what NTFS does not give', () => {
  it('tells what does not exist, and what is not a file', async () => {
    const files = await openWindows();
    await expect(files.openFile('\\Windows\\none\\x')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/\\none/u),
    });
    await expect(files.openFile('\\Windows')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/directory/u),
    });
    await expect(files.openFile('\\')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/directory/u),
    });
    await expect(files.openFile('\\Windows\\..\\Windows\\win.ini')).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.openFile('\\Windows\\win.ini\\x')).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/file/u),
    });
    await expect(files.listDirectory('\\Windows\\win.ini')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tells a symbolic link with where it leads, and does not follow it', async () => {
    const files = await openWindows();
    for (const path of ['\\links\\symbolic', '\\links\\symbolic\\win.ini'])
      await expect(files.openFile(path)).rejects.toMatchObject({
        code: 'not-available',
        detail: expect.stringMatching(/link to .*Windows/u),
      });
  });

  it.each([
    ['compressed', 0x0001],
    ['encrypted', 0x4000],
  ])('tells a file that is %s', async (code, flag) => {
    const image = openImage('cluster-512');
    const altered = alteredSource(image, [await dataFlags(image, '\\large.bin', flag)]);
    await expect((await openNtfs(altered)).openFile('\\large.bin')).rejects.toMatchObject({ code });
  });

  it('tells a file that Windows keeps compressed in its overlay', async () => {
    const { partition } = await openGeneration1(2);
    // The symbolic link's tag becomes the overlay's.
    const tag = await placeOf(partition, Buffer.from('0c0000a0', 'hex'), Buffer.from('symbolic', 'utf16le'));
    const altered = alteredSource(partition, [{ offset: tag, bytes: Buffer.from('17000080', 'hex') }]);
    await expect((await openNtfs(altered)).openFile('\\links\\symbolic')).rejects.toMatchObject({
      code: 'compressed',
      detail: expect.stringMatching(/WOF/u),
    });
  });

  it('finds a file by its short alias and does not list it twice', async () => {
    const image = openImage('cluster-512');
    const altered = alteredSource(image, [await namespaceInRoot(image, 'large.bin', 2)]);
    const files = await openNtfs(altered);
    expect((await files.openFile('\\LARGE.BIN')).size).toBe(100_000);
    expect((await files.listDirectory('\\')).map(({ name }) => name)).toEqual(['many']);
  });

  it('is not asked of what is no NTFS volume', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096)])
      await expect(openNtfs(memorySource(bytes))).rejects.toMatchObject({ code: 'not-this-format' });
  });
});

describe('disk/ntfs/open-ntfs: a damaged NTFS volume', () => {
  it('is opened by the copy of its first record', async () => {
    const image = openImage('cluster-512');
    const damaged = alteredSource(image, [{ offset: (await tableAt(image)) + 510, bytes: Buffer.from('torn') }]);
    expect((await (await openNtfs(damaged)).openFile('\\large.bin')).size).toBe(100_000);
  });

  it('is told when a record was written only in part', async () => {
    const image = openImage('cluster-512');
    const { record } = await (await openNtfs(image)).openFile('\\large.bin');
    const offset = (await tableAt(image)) + record * 1024 + 510;
    const torn = alteredSource(image, [{ offset, bytes: Buffer.from([0xab, 0xcd]) }]);
    await expect((await openNtfs(torn)).openFile('\\large.bin')).rejects.toMatchObject({
      code: 'damaged',
      detail: expect.stringMatching(/only in part/u),
    });
  });

  it('is told when a record was given to another file', async () => {
    const image = openImage('cluster-512');
    const { record } = await (await openNtfs(image)).openFile('\\large.bin');
    const offset = (await tableAt(image)) + record * 1024 + 16;
    const reused = alteredSource(image, [{ offset, bytes: Buffer.from([9, 0]) }]);
    await expect((await openNtfs(reused)).openFile('\\large.bin')).rejects.toMatchObject({ code: 'damaged' });
  });

  it.each(SMALL_VOLUMES)('never fails otherwise, whatever bytes of %s change', async (name) => {
    const file = name === 'fragmented' ? '\\fragmented.bin' : '\\large.bin';
    await fuzzQuestion(openImage(name), async (source) => {
      const files = await openNtfs(source);
      const state = await files.readState();
      const { source: content, size } = await files.openFile(file);
      const head = await content.read(0, Math.min(size, 20_000));
      return [state, size, head.toString('hex'), await files.listDirectory(name === 'fragmented' ? '\\' : '\\many')];
    });
  });

  it('never fails otherwise with Windows’ own tree', async () => {
    await fuzzQuestion((await openGeneration1(2)).partition, async (source) => {
      const files = await openNtfs(source);
      const sizes = [];
      for (const path of ['\\links\\first.txt', '\\NAMES\\日本語のファイル.TXT', SYSTEM])
        sizes.push((await files.openFile(path)).size);
      return sizes;
    });
  });
});

describe('disk/ntfs/open-ntfs: the state of an NTFS volume', () => {
  const settled = { label: 'Windows', isMarkedDirty: false, logFile: 'empty', hibernation: 'none' };

  it('is settled when nothing is left open', async () => {
    expect(await (await openWindows()).readState()).toEqual({ ...settled, metadataMayBeStale: false });
  });

  it('tells a volume that is marked for checking', async () => {
    const state = await (await openNtfs(openImage('sector-4096'))).readState();
    expect(state).toMatchObject({ isMarkedDirty: true, metadataMayBeStale: true });
  });

  it('tells a hibernated Windows', async () => {
    const state = await (await openNtfs(openImage('cluster-64k'))).readState();
    expect(state).toMatchObject({ isMarkedDirty: false, hibernation: 'hibernated', metadataMayBeStale: true });
  });

  it.each([
    ['wake', 'resumed', false],
    ['\0\0\0\0', 'none', false],
    ['what', 'unknown', true],
  ])('takes a hibernation file that begins with %j for %s', async (signature, hibernation, metadataMayBeStale) => {
    const image = openImage('cluster-64k');
    const offset = await placeOf(image, Buffer.from('hibr\0\0\0\0'));
    const state = await (await openNtfs(alteredSource(image, [{ offset, bytes: Buffer.from(signature) }]))).readState();
    expect(state).toMatchObject({ hibernation, metadataMayBeStale });
  });
});

/** Where the master file table begins: the first of each image made by mkntfs is in one piece. */
async function tableAt(image: ByteSource): Promise<number> {
  const boot = await image.read(0, 512);
  return Number(boot.readBigUInt64LE(48)) * boot.readUInt16LE(11) * boot.readUInt8(13);
}

/** Sets the flags of the $DATA attribute in a file's record. */
async function dataFlags(image: ByteSource, path: string, flags: number): Promise<Alteration> {
  const { record } = await (await openNtfs(image)).openFile(path);
  const recordAt = (await tableAt(image)) + record * 1024;
  const bytes = await image.read(recordAt, 1024);
  let at = bytes.readUInt16LE(20);
  while (bytes.readUInt32LE(at) !== 0x80) at += bytes.readUInt32LE(at + 4);
  return { offset: recordAt + at + 12, bytes: Buffer.from([flags & 0xff, flags >> 8]) };
}

/** Sets the namespace of a name in the root directory's index, which lies in its record (5). */
async function namespaceInRoot(image: ByteSource, name: string, namespace: number): Promise<Alteration> {
  const recordAt = (await tableAt(image)) + 5 * 1024;
  const nameAt = (await image.read(recordAt, 1024)).indexOf(Buffer.from(name, 'utf16le'));
  if (nameAt < 0) return { ...(await namespaceInBlock(image, name)), bytes: Buffer.from([namespace]) };
  return { offset: recordAt + nameAt - 1, bytes: Buffer.from([namespace]) };
}

async function namespaceInBlock(image: ByteSource, name: string): Promise<{ offset: number }> {
  const blockAt = await placeOf(image, Buffer.from('INDX'), Buffer.from(name, 'utf16le'));
  const block = await image.read(blockAt, 4096);
  return { offset: blockAt + block.indexOf(Buffer.from(name, 'utf16le')) - 1 };
}

/** The last place of some bytes in the first block of 4096 bytes that holds them, and the others too if given. */
async function placeOf(image: ByteSource, wanted: Buffer, beside?: Buffer): Promise<number> {
  for (let at = 0; at < Math.min(image.size, 64 * 1024 * 1024); at += 4096) {
    const block = await image.read(at, Math.min(4096, image.size - at));
    const found = block.lastIndexOf(wanted);
    if (found >= 0 && (!beside || block.includes(beside))) return at + found;
  }
  throw new Error(`the image does not hold ${wanted.toString('hex')}`);
}
