/** A hive's three files as a disk has them, and what other readers see in them. */
import { memorySource } from '../../../../../src/disk/byte-source';
import { openHive as openByProduct } from '../../../../../src/disk/registry/hive';
import type { Hive, HiveFiles, HivePatch } from '../../../../../local/disk/registry/hive';
import { readTree, type ExpectedKey } from '../../../../disk/registry/support/images';

export type HiveDisk = Required<HiveFiles>;

export function emptyDisk(): HiveDisk {
  return { primary: Buffer.alloc(0), log1: Buffer.alloc(0), log2: Buffer.alloc(0) };
}

/** The disk after these patches; the one given stays as it is. */
export function patched(disk: HiveDisk, patches: readonly HivePatch[]): HiveDisk {
  const files = { ...disk };
  for (const { file, offset, bytes } of patches) {
    const grown = Buffer.alloc(Math.max(files[file].length, offset + bytes.length));
    files[file].copy(grown);
    bytes.copy(grown, offset);
    files[file] = grown;
  }
  return files;
}

/** Every key and value as the product's reader finds them, and how it found the hive. */
export async function readByProduct(disk: HiveDisk): Promise<{ state: string; keys: ExpectedKey[] }> {
  const hive = await openByProduct(memorySource(disk.primary), {
    log1: memorySource(disk.log1),
    log2: memorySource(disk.log2),
  });
  return { state: hive.recovery.state, keys: await readTree(hive, false) };
}

/** Every key and value of a hive, by its own account. */
export function contentOf(hive: Hive, path: string[] = []): unknown[] {
  const values = hive.values(path).map(({ name, type, data }) => [name, type, data.toString('base64')]);
  const key = { path, lastWritten: hive.lastWritten(path), values };
  return [key, ...hive.subkeys(path).flatMap((name) => contentOf(hive, [...path, name]))];
}

/** Where the cells of the primary file that are in use begin. */
export function cellsOf(primary: Buffer): number[] {
  const end = 4096 + primary.readUInt32LE(40);
  const cells: number[] = [];
  for (let bin = 4096; bin < end; bin += primary.readUInt32LE(bin + 8)) {
    const binEnd = bin + primary.readUInt32LE(bin + 8);
    for (let cell = bin + 32; cell < binEnd; cell += Math.abs(primary.readInt32LE(cell))) {
      if (primary.readInt32LE(cell) < 0) cells.push(cell);
    }
  }
  return cells;
}
