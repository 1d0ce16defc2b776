/** A hive whose writing is cut off at random: what must be found afterwards. */
import * as fc from 'fast-check';
import { createHive, openHive, type Hive, type HivePatch } from '../../../../../local/disk/registry/hive';
import { applyToHive, edit, type Edit } from './edits';
import { contentOf, emptyDisk, patched, readByProduct, type HiveDisk } from './hive-disk';

export const start = Date.UTC(2024, 2, 1);

interface Write {
  edits: Edit[];
  how: 'commit' | 'flush';
}

const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.record({ edits: fc.array(edit, { maxLength: 6 }), how: fc.constantFrom('commit', 'commit', 'flush') }),
  { minLength: 1, maxLength: 8 },
);

/** A new hive, and what of it is on its disk. */
export function newDisk(): { hive: Hive; disk: HiveDisk } {
  const hive = createHive({ at: start, rootName: 'ROOT', fileName: 'SYSTEM' });
  return { hive, disk: patched(emptyDisk(), hive.flush()) };
}

/** The patches cut after so many whole ones and `sectors` sectors of the next: a disk writes a sector or does not. */
function cutOff(patches: readonly HivePatch[], whole: number, sectors: number): HivePatch[] {
  const torn = patches[whole];
  const done = patches.slice(0, whole);
  return torn === undefined ? done : [...done, { ...torn, bytes: torn.bytes.subarray(0, sectors * 512) }];
}

/** Expects the state before or after, at every cut between patches. */
export function expectEitherState(search: Pick<fc.Parameters, 'numRuns' | 'seed'>): void {
  fc.assert(
    fc.property(writes, (all) => {
      let { hive, disk } = newDisk();
      let before = contentOf(hive);
      for (const [index, { edits, how }] of all.entries()) {
        for (const one of edits) applyToHive(hive, one, start + index);
        const after = contentOf(hive);
        const patches = hive[how]();
        for (let whole = 0; whole <= patches.length; whole += 1) {
          const found = contentOf(openHive(patched(disk, patches.slice(0, whole))));
          expect([before, after]).toContainEqual(found);
        }
        disk = patched(disk, patches);
        expect(contentOf(openHive(disk))).toEqual(after);
        before = after;
        hive = index % 3 === 2 ? openHive(disk) : hive;
      }
    }),
    search,
  );
}

/** Expects a hive to go on, cut after cut, even within a patch, and the product's reader to see the same. */
export async function expectToGoOn(search: Pick<fc.Parameters, 'numRuns' | 'seed'>): Promise<void> {
  const lives = fc.array(
    fc.record({ writes, whole: fc.integer({ min: 0, max: 6 }), sectors: fc.integer({ min: 0, max: 40 }) }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(lives, fc.boolean(), async (all, flushAtLoad) => {
      let { hive, disk } = newDisk();
      for (const [index, life] of all.entries()) {
        let before = contentOf(hive);
        for (const [number, { edits, how }] of life.writes.entries()) {
          for (const one of edits) applyToHive(hive, one, start + index);
          const after = contentOf(hive);
          const patches = hive[how]();
          if (number + 1 === life.writes.length) {
            disk = patched(disk, cutOff(patches, life.whole, life.sectors));
            hive = openHive(disk);
            expect([before, after]).toContainEqual(contentOf(hive));
          } else disk = patched(disk, patches);
          before = after;
        }
        const { keys } = await readByProduct(disk);
        if (flushAtLoad) disk = patched(disk, hive.flush());
        expect((await readByProduct(disk)).keys).toEqual(keys);
        expect(contentOf(openHive(disk))).toEqual(contentOf(hive));
      }
    }),
    search,
  );
}
