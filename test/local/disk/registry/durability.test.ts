/** The hazard: the power goes while a hive is being written. What is found afterwards is never a mixture. */
import * as fc from 'fast-check';
import { createHive, openHive, type Hive, type HivePatch } from '../../../../local/disk/registry/hive';
import { applyToHive, edit, type Edit } from './support/edits';
import { contentOf, emptyDisk, patched, readByProduct, type HiveDisk } from './support/hive-disk';

/** How many random rows of writes each test tries; raise it by the environment for a longer search. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 30);

const start = Date.UTC(2024, 2, 1);

interface Write {
  edits: Edit[];
  how: 'commit' | 'flush';
}

const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.record({ edits: fc.array(edit, { maxLength: 6 }), how: fc.constantFrom('commit', 'commit', 'flush') }),
  { minLength: 1, maxLength: 8 },
);

function newDisk(): { hive: Hive; disk: HiveDisk } {
  const hive = createHive({ at: start, rootName: 'ROOT', fileName: 'SYSTEM' });
  return { hive, disk: patched(emptyDisk(), hive.flush()) };
}

/** The patches cut after so many whole ones and `sectors` sectors of the next: a disk writes a sector or does not. */
function cutOff(patches: readonly HivePatch[], whole: number, sectors: number): HivePatch[] {
  const torn = patches[whole];
  const done = patches.slice(0, whole);
  return torn === undefined ? done : [...done, { ...torn, bytes: torn.bytes.subarray(0, sectors * 512) }];
}

describe('local/disk/registry/durability: a hive whose writing is cut off', () => {
  it('opens with the state before or after, at every cut between patches', () => {
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
      { numRuns },
    );
  });

  it('goes on from there, cut after cut, even within a patch, and the product’s reader sees the same', async () => {
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
      { numRuns },
    );
  });

  it.each([
    ['log1', 0],
    ['log2', 1],
  ])('never brings a lost write back: one that had reached %s only', (file, flushes) => {
    let { hive, disk } = newDisk();
    for (let flush = 0; flush < flushes; flush += 1) {
      hive.createKey([`flushed ${flush}`], start);
      disk = patched(disk, hive.flush());
    }
    hive.createKey(['lost'], start);
    const lost = hive.commit().slice(0, 2);
    expect(lost.map((patch) => patch.file)).toEqual([file, file]);
    disk = patched(disk, lost);
    hive = openHive(disk);
    expect(hive.hasKey(['lost'])).toBe(false);
    hive.createKey(['kept'], start);
    disk = patched(disk, hive.commit());
    expect([['lost'], ['kept']].map((path) => openHive(disk).hasKey(path))).toEqual([false, true]);
  });

  it('is brought up to date across the wrap of sequence numbers', () => {
    const { disk } = newDisk();
    disk.primary.writeUInt32LE(0xffff_fffe, 4);
    disk.primary.writeUInt32LE(0xffff_fffe, 8);
    let sum = 0;
    for (let at = 0; at < 508; at += 4) sum ^= disk.primary.readInt32LE(at);
    disk.primary.writeInt32LE(sum, 508);
    const hive = openHive(disk);
    let now = disk;
    for (const name of ['a', 'b', 'c', 'd']) {
      hive.createKey([name], start);
      now = patched(now, hive.commit());
    }
    expect(openHive(now).subkeys([])).toEqual(['a', 'b', 'c', 'd']);
  });
});
