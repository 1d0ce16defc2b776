/** The hazard: the power goes while a hive is being written. What is found afterwards is never a mixture. */
import { openHive } from '../../../../local/disk/registry/hive';
import { expectEitherState, expectToGoOn, newDisk, start } from './support/cut-off-writes';
import { patched } from './support/hive-disk';

describe('local/disk/registry/durability: a hive whose writing is cut off', () => {
  it('opens with the state before or after, at every cut between patches', () => {
    expectEitherState({ numRuns: 5 });
  });

  it('goes on from there, cut after cut, even within a patch, and the product’s reader sees the same', async () => {
    await expectToGoOn({ numRuns: 5 });
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
