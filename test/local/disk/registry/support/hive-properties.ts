/** What must be true of a hive whatever was done to it, and of one with thousands of keys. */
import * as fc from 'fast-check';
import { createHive, openHive, type Hive } from '../../../../../local/disk/registry/hive';
import { applyToHive, applyToModel, contentOfModel, edit, emptyModel } from './edits';
import { cellsOf, contentOf, emptyDisk, patched, readByProduct, type HiveDisk } from './hive-disk';

export const start = Date.UTC(2024, 2, 1);

/** A hive with nothing but its root. */
export function newHive(): Hive {
  return createHive({ at: start, rootName: 'ROOT', fileName: 'SYSTEM' });
}

/** The disk after a flush. */
export function flushed(hive: Hive, disk: HiveDisk = emptyDisk()): HiveDisk {
  return patched(disk, hive.flush());
}

/** Expects a hive to hold what a plain map would hold, in memory, after reopening, and for the product's reader. */
export async function expectLikeAMap(search: Pick<fc.Parameters, 'numRuns' | 'seed'>): Promise<void> {
  const steps = fc.array(fc.oneof({ weight: 8, arbitrary: edit }, fc.constantFrom('commit', 'flush', 'reopen')), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      let hive = newHive();
      let disk = flushed(hive);
      const model = emptyModel(start);
      let at = start;
      for (const step of all) {
        at += 1000;
        if (step === 'commit') disk = patched(disk, hive.commit());
        else if (step === 'flush') disk = flushed(hive, disk);
        else if (step === 'reopen') {
          disk = patched(disk, hive.commit());
          hive = openHive(disk);
        } else {
          applyToHive(hive, step, at);
          applyToModel(model, step, at);
        }
      }
      const expected = contentOfModel(model);
      expect(contentOf(hive)).toEqual(expected);
      disk = patched(disk, hive.commit());
      const dirty = await readByProduct(disk);
      disk = flushed(hive, disk);
      const clean = await readByProduct(disk);
      expect(clean.state).toBe('clean');
      expect(clean.keys).toEqual(dirty.keys);
      expect(clean.keys.map(({ path }) => path)).toEqual(expected.map((key) => (key as { path: string[] }).path));
      expect(contentOf(openHive(disk))).toEqual(expected);
    }),
    search,
  );
}

/** Expects no cell in use, once everything is deleted. */
export function expectNoLeak(search: Pick<fc.Parameters, 'numRuns' | 'seed'>): void {
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 60 }), (edits) => {
      const hive = newHive();
      for (const one of edits) applyToHive(hive, one, start);
      for (const name of hive.subkeys([])) hive.deleteKey([name], start);
      // The root key and its security descriptor.
      expect(cellsOf(flushed(hive).primary)).toHaveLength(2);
    }),
    search,
  );
}

/** The ranks of some thousand keys, by which they are made. */
export const orders: [string, (index: number) => number][] = [
  ['in order', (index: number) => index],
  ['in reverse', (index: number) => -index],
  ['in a muddle', (index: number) => (index * 7919) % 2503],
];

/** Expects thousands of keys to be found, whose list is a list of lists, when they were made in this order. */
export async function expectThousands(order: (index: number) => number): Promise<void> {
  const hive = newHive();
  const names = Array.from({ length: 2500 }, (_, index) => `Key${String(index).padStart(4, '0')}`);
  const inOrderOfMaking = names.map((name, index) => ({ name, rank: order(index) }));
  inOrderOfMaking.sort((one, other) => one.rank - other.rank);
  for (const { name } of inOrderOfMaking) hive.createKey(['Parent', name], start);
  expect(hive.subkeys(['Parent'])).toEqual(names);
  let disk = flushed(hive);
  expect(listKinds(disk.primary)).toContain('ri');
  expect((await readByProduct(disk)).keys).toHaveLength(2502);
  for (const name of names.filter((_, index) => index % 3 > 0)) hive.deleteKey(['Parent', name], start);
  expect(hive.subkeys(['Parent'])).toEqual(names.filter((_, index) => index % 3 === 0));
  disk = flushed(hive, disk);
  expect((await readByProduct(disk)).keys).toHaveLength(2 + Math.ceil(2500 / 3));
  hive.deleteKey(['Parent'], start);
  expect(cellsOf(flushed(hive, disk).primary)).toHaveLength(2);
}

/** The kinds of all lists of subkeys in the hive's cells in use. */
function listKinds(primary: Buffer): string[] {
  const signatures = cellsOf(primary).map((cell) => primary.toString('latin1', cell + 4, cell + 6));
  return signatures.filter((signature) => /^(li|lf|lh|ri)$/.test(signature));
}
