import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openTemplate } from '../../../local/disk/open-template';
import { openWindowsDisk } from '../../../local/disk/open-volumes';
import { findPartitions } from '../../../local/disk/partitions';
import { createSparseDisk } from '../../../local/disk/sparse-disk';
import type { Volume } from '../../../local/disk/volume';
import { sliceSource } from '../../../src/disk/byte-source';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { openVolume } from '../../../src/disk/volumes/open-volume';
import { sourceOf } from './support/readers-of-others';

const GENERATIONS = ['V1', 'V2'] as const;
const MIB = 1024 ** 2;

/** Every path of a volume, directories with a backslash at the end. */
function pathsOf(volume: Volume, directory = ''): string[] {
  return (volume.list(directory) ?? []).flatMap((name) => {
    const path = directory === '' ? name : `${directory}\\${name}`;
    return volume.list(path) === undefined ? [path] : [`${path}\\`, ...pathsOf(volume, path)];
  });
}

describe('local/disk/templates: the disks that VMs start from', () => {
  it('are partitioned like Azure’s images, as the product’s reader sees them', async () => {
    const tables = await Promise.all(
      GENERATIONS.map((generation) => readPartitions(sourceOf(openTemplate(generation)))),
    );
    expect(tables.map(({ style, partitions }) => ({ style, sizes: partitions.map(({ size }) => size / MIB) }))).toEqual(
      [
        { style: 'mbr', sizes: [500, 129546] },
        { style: 'gpt', sizes: [450, 99, 16, 129481] },
      ],
    );
    expect(tables[0]?.partitions[0]?.active).toBe(true);
    expect(tables[1]?.partitions[1]?.isEfiSystem).toBe(true);
  });

  it.each(GENERATIONS)('%s: hold Windows’ directories and no hive and no event log', (generation) => {
    const { windows, system } = openWindowsDisk(openTemplate(generation));
    const paths = pathsOf(windows);
    for (const directory of ['System32\\config', 'System32\\winevt\\Logs', 'Temp', 'WinSxS'])
      expect(paths).toContain(`Windows\\${directory}\\`);
    expect(paths.filter((path) => path.startsWith('Windows\\System32\\')).length).toBeGreaterThan(250);
    expect(windows.list('Windows\\System32\\config')).toEqual(['RegBack', 'systemprofile', 'TxR']);
    expect(windows.list('Windows\\System32\\winevt\\Logs')).toEqual([]);
    expect(pathsOf(system)).toContain(generation === 'V1' ? 'Boot\\' : 'EFI\\Microsoft\\Boot\\');
    expect(pathsOf(system).join()).not.toContain('BCD');
  });

  it.each(GENERATIONS)('%s: are told by the product’s reader to be shut down and in order', async (generation) => {
    const disk = openTemplate(generation);
    const { partitions } = await readPartitions(sourceOf(disk));
    const windows = partitions.find(({ size }) => size > 2 ** 36);
    const opened = await openVolume(sliceSource(sourceOf(disk), windows?.start ?? 0, windows?.size ?? 0));
    if (opened.kind !== 'ntfs') throw new Error(`Windows is on ${opened.kind}`);
    expect(await opened.files.readState()).toMatchObject({ label: 'Windows', metadataMayBeStale: false });
    expect((await opened.files.listDirectory('\\Windows\\System32')).length).toBeGreaterThan(250);
  });

  it('stay small, packed and opened', () => {
    for (const name of ['generation-1', 'generation-2'])
      expect(statSync(join(__dirname, `../../../local/disk/templates/${name}.sparse.gz`)).size).toBeLessThan(400_000);
  });
});

describe('local/disk/templates: finding the partitions of a Windows disk', () => {
  it('goes by what is on them: the recovery partition of generation 2 comes first and is NTFS as well', () => {
    expect(findPartitions(openTemplate('V2'))).toMatchObject({
      style: 'gpt',
      system: { number: 2 },
      windows: { number: 4 },
    });
    expect(findPartitions(openTemplate('V1'))).toMatchObject({
      style: 'mbr',
      system: { number: 1 },
      windows: { number: 2 },
    });
  });

  it('says what is missing', () => {
    expect(() => findPartitions(createSparseDisk(MIB))).toThrow('no partition table');
    const withoutActive = openTemplate('V1');
    withoutActive.write(446, Buffer.of(0));
    expect(() => findPartitions(withoutActive)).toThrow('no partition to start from');
    const withoutWindows = openTemplate('V1');
    withoutWindows.write(501 * MIB, Buffer.alloc(512));
    expect(() => findPartitions(withoutWindows)).toThrow('System32');
  });
});
