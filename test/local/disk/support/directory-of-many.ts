/** A directory of many files, whose tree has many nodes: what must be true of it, for us and for other readers. */
import { openNtfs } from '../../../../src/disk/ntfs/open-ntfs';
import { sliceSource } from '../../../../src/disk/byte-source';
import { openTemplate } from '../../../../local/disk/open-template';
import { openWindowsDisk } from '../../../../local/disk/open-volumes';
import { findPartitions } from '../../../../local/disk/partitions';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { run, sourceOf, withFileOf } from './readers-of-others';

const MIB = 1024 ** 2;
const NOW = Date.UTC(2024, 4, 6, 7, 8, 9, 123);
/** Of generation 1. */
export const WINDOWS = { start: 501 * MIB, size: 129546 * MIB };

/** The Windows volume, at a clock that stands still. */
export function windowsOf(disk: SparseDisk) {
  return openWindowsDisk(disk, { now: () => NOW }).windows;
}

/** The same, as the product reads it. */
export function productReader(disk: SparseDisk) {
  return openNtfs(sliceSource(sourceOf(disk), WINDOWS.start, WINDOWS.size));
}

export interface DirectoryOfMany {
  disk: SparseDisk;
  /** What stands in the directory `many`. */
  names: string[];
}

/** A disk with a directory of so many files. */
export function directoryOfMany(count: number): DirectoryOfMany {
  const disk = openTemplate('V1');
  const names = Array.from({ length: count }, (_, number) => `a module with a long name, number ${number}.dll`);
  const windows = windowsOf(disk);
  windows.makeDirectory('many');
  for (const [number, name] of names.entries()) windows.writeFile(`many\\${name}`, Buffer.from(`content ${number}`));
  return { disk, names };
}

/** Expects every file to be found and read, by us and by the product's reader. */
export async function expectEveryFile({ disk, names }: DirectoryOfMany): Promise<void> {
  const windows = windowsOf(disk);
  expect([...(windows.list('many') ?? [])].sort()).toEqual([...names].sort());
  const reader = await productReader(disk);
  expect((await reader.listDirectory('\\many')).map(({ name }) => name).sort()).toEqual([...names].sort());
  for (const number of [0, 1, names.length / 2, names.length - 2, names.length - 1]) {
    const path = `many\\A MODULE with a long name, number ${number}.dll`;
    expect(windows.readFile(path)?.toString()).toBe(`content ${number}`);
    const { source, size } = await reader.openFile(`\\${path}`);
    expect((await source.read(0, size)).toString()).toBe(`content ${number}`);
  }
}

/** Expects the first records of the table of files in its mirror. */
export function expectMirror({ disk }: DirectoryOfMany): void {
  const { store } = findPartitions(disk).windows;
  const cluster = (at: number) => Number(store.read(at, 8).readBigUInt64LE(0)) * 4096;
  expect(store.read(cluster(56), 4096).equals(store.read(cluster(48), 4096))).toBe(true);
}

/** Expects ntfsls and ntfsresize to find the volume sound, and that they and ntfsinfo do once the files are gone. */
export function expectToBeSoundForTools({ disk, names }: DirectoryOfMany): void {
  withFileOf(disk, WINDOWS, (image) => {
    expectSoundVolume(image);
    const listed = run('ntfsls', '--path', '/many', image).output.toString('utf8').split('\n');
    expect(listed.filter((name) => name.endsWith('.dll')).sort()).toEqual([...names].sort());
  });
  const emptied = disk.copy();
  const windows = windowsOf(emptied);
  // Most first: whole nodes of its tree go while there are names before and after them.
  const kept = names.filter((_, number) => number % (names.length / 20) === 0);
  for (const name of names) if (!kept.includes(name)) windows.deleteFile(`many\\${name}`);
  expect([...(windows.list('many') ?? [])].sort()).toEqual([...kept].sort());
  for (const name of kept) windows.deleteFile(`many\\${name}`);
  expect(windows.list('many')).toEqual([]);
  withFileOf(emptied, WINDOWS, (image) => {
    expectSoundVolume(image);
    // Its index is back in its record: no clusters are left behind.
    const information = run('ntfsinfo', '--file', '/many', image).output.toString('utf8');
    expect(information).toContain('$INDEX_ROOT');
    expect(information).not.toContain('$INDEX_ALLOCATION');
  });
}

function expectSoundVolume(image: string): void {
  expect(run('ntfsresize', '--no-progress-bar', '--info', '--force', image)).toMatchObject({
    exitCode: 0,
    errors: '',
  });
}
