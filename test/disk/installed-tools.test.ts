/** The readers held against Debian's tools as they are installed here; each part is skipped where its tools are missing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { memorySource, sliceSource } from '../../src/disk/byte-source';
import { readEvents } from '../../src/disk/event-log/read-events';
import { openFat } from '../../src/disk/fat/open-fat';
import { openFixedVhd } from '../../src/disk/fixed-vhd';
import { openNtfs } from '../../src/disk/ntfs/open-ntfs';
import { readPartitions } from '../../src/disk/partitions/read-partitions';
import { openHive } from '../../src/disk/registry/hive';
import type { FileVolume } from '../../src/disk/volumes/file-volume';
import { exportEvents } from './event-log/support/evtxexport';
import { imagePath } from './support/expected-files';
import { openDirtyDisk, windowsPartition } from './support/large-disk';
import { openSparseImage } from './support/sparse-image';
import { ask, describeWith, linesOf, sha256, withFile } from './support/installed-tools';
import { byUs, bySfdisk } from './partitions/support/sfdisk';
import { askHivex, hasHivex, inMilliseconds, readTree } from './registry/support/images';

interface Tree {
  directories: string[];
  files: string[];
}

/** Every directory and file of a volume, by our reader, down from its root. */
async function treeOf(volume: FileVolume, path = ''): Promise<Tree> {
  const tree: Tree = { directories: [path === '' ? '/' : path], files: [] };
  for (const { name, isDirectory } of await volume.listDirectory(path)) {
    const below = isDirectory
      ? await treeOf(volume, `${path}/${name}`)
      : { directories: [], files: [`${path}/${name}`] };
    tree.directories.push(...below.directories);
    tree.files.push(...below.files);
  }
  return tree;
}

/** Some of many, the first among them: a program is started for each. */
function spread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, index) => index % step === 0);
}

async function namesIn(volume: FileVolume, directory: string): Promise<string[]> {
  return (await volume.listDirectory(directory)).map(({ name }) => name).sort();
}

async function contentOf(volume: FileVolume, path: string): Promise<Buffer> {
  const { source, size } = await volume.openFile(path);
  return source.read(0, size);
}

const ntfsVolumes = [
  ['ntfs/cluster-512.ntfs.sparse.gz', undefined],
  ['ntfs/cluster-64k.ntfs.sparse.gz', undefined],
  ['ntfs/sector-4096.ntfs.sparse.gz', undefined],
  ['ntfs/fragmented.ntfs.sparse.gz', undefined],
  ['partitions/gen1.sparse.gz', 2],
  ['large/gen2.sparse.gz.gz', 3],
] as const;

describeWith('ntfsls', 'ntfscat')('disk/installed-tools: volumes of NTFS, as ntfsls and ntfscat read them now', () => {
  it.each(ntfsVolumes)('%s, partition %s', async (name, number) => {
    const image = openSparseImage(imagePath(name));
    const table = number === undefined ? undefined : await readPartitions(image);
    const partition = table?.partitions.find((one) => one.number === number) ?? { start: 0, size: image.size };
    const volume = await openNtfs(sliceSource(image, partition.start, partition.size));
    const { directories, files } = await treeOf(volume);
    expect(files.length).toBeGreaterThan(2);
    await withFile(
      name,
      async (path) => {
        for (const directory of spread(directories, 12)) {
          const names = linesOf(ask('ntfsls', '--force', '--path', directory, path)).filter(
            (one) => !/^\.{1,2}$/u.test(one),
          );
          expect([directory, await namesIn(volume, directory)]).toEqual([directory, names.sort()]);
        }
        // ntfscat gives what a symbolic link says; we tell it and do not follow it.
        for (const file of spread(
          files.filter((one) => !one.includes('symbolic') && !one.includes('ballast')),
          20,
        )) {
          const content = ask('ntfscat', '--force', path, file);
          expect([file, sha256(await contentOf(volume, file))]).toEqual([file, sha256(content)]);
        }
      },
      partition,
    );
  });
});

describeWith('mdir', 'mtype')('disk/installed-tools: volumes of FAT, as mdir and mtype read them now', () => {
  it.each(['fat/fat16.sparse.gz', 'fat/fat32.sparse.gz'])('%s', async (name) => {
    const volume = await openFat(openSparseImage(imagePath(name)));
    const { directories, files } = await treeOf(volume);
    await withFile(name, async (path) => {
      for (const directory of directories) {
        const names = linesOf(ask('mdir', '-b', '-i', path, `::${directory}`)).map((one) => one.replace(/\/$/u, ''));
        const expected = names.map((one) => one.replace(/^.*\//u, '')).sort();
        expect([directory, await namesIn(volume, directory)]).toEqual([directory, expected]);
      }
      for (const file of spread(files, 20)) {
        const content = ask('mtype', '-i', path, `::${file}`);
        expect([file, sha256(await contentOf(volume, file))]).toEqual([file, sha256(content)]);
      }
    });
  });
});

describeWith('sfdisk')('disk/installed-tools: partition tables, as sfdisk reads them now', () => {
  it.each([
    'partitions/gen1.sparse.gz',
    'partitions/gen2.sparse.gz',
    'partitions/logical.sparse.gz',
    'large/gen2.sparse.gz.gz',
  ])('%s', async (name) => {
    const answer = await withFile(name, (path) => JSON.parse(ask('sfdisk', '--json', path).toString()) as unknown);
    expect(await byUs(openSparseImage(imagePath(name)))).toEqual(bySfdisk(answer));
  });
});

function unpacked(name: string): Buffer {
  return gunzipSync(readFileSync(imagePath(name)));
}

/** The bytes in a file of their own, for as long as `use` takes. */
function withBytes<T>(bytes: Buffer, use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-image-'));
  try {
    writeFileSync(join(folder, 'file'), bytes);
    return use(join(folder, 'file'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (!hasHivex) process.stderr.write('Skipped, because it is not installed: python3-hivex.\n');
(hasHivex ? describe : describe.skip)('disk/installed-tools: hives, as hivex reads them now', () => {
  it.each(['registry/services.hive.gz', 'registry/bcd.hive.gz'])('%s', async (name) => {
    const bytes = unpacked(name);
    expect(await readTree(await openHive(memorySource(bytes)), false)).toEqual(
      inMilliseconds(withBytes(bytes, askHivex)),
    );
  });

  it('SOFTWARE of 10 MiB, read from its pieces on a disk of generation 2', async () => {
    const volume = await openNtfs(await windowsPartition(openDirtyDisk()));
    const bytes = await contentOf(volume, '/Windows/System32/config/SOFTWARE');
    const found = await readTree(await openHive(memorySource(bytes)), false);
    expect(found.length).toBeGreaterThan(5000);
    expect(found).toEqual(inMilliseconds(withBytes(bytes, askHivex)));
  });
});

describeWith('evtxexport')('disk/installed-tools: event logs, as evtxexport reads them now', () => {
  const everything = { from: new Date('1900-01-01'), to: new Date('2200-01-01'), limit: 100_000 };

  it('the System log of 4 MiB on a disk of generation 2', async () => {
    const volume = await openNtfs(await windowsPartition(openDirtyDisk()));
    const bytes = await contentOf(volume, '/Windows/System32/winevt/Logs/System.evtx');
    const expected = withBytes(bytes, exportEvents);
    const providers = [...new Set(expected.map(({ provider }) => provider))].map((name) => ({ name }));
    const { events, problems } = await readEvents(memorySource(bytes), { ...everything, providers });
    expect(problems).toEqual([]);
    expect(expected.length).toBeGreaterThan(5000);
    expect(events).toEqual(expected);
  });
});

describeWith('qemu-img')('disk/installed-tools: a fixed VHD, as qemu-img reads it now', () => {
  it('has the same disk in it', async () => {
    const bytes = unpacked('vhd/fixed.vhd.gz');
    const disk = await openFixedVhd(memorySource(bytes));
    const raw = withBytes(bytes, (path) => {
      ask('qemu-img', 'convert', '-f', 'vpc', '-O', 'raw', path, `${path}.raw`);
      return readFileSync(`${path}.raw`);
    });
    expect(sha256(await disk.read(0, disk.size))).toBe(sha256(raw));
  });
});
