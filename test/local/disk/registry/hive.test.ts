import { openHive } from '../../../../local/disk/registry/hive';
import { emptyDisk, patched } from './support/hive-disk';
import {
  expectLikeAMap,
  expectNoLeak,
  expectThousands,
  flushed,
  newHive,
  orders,
  start,
} from './support/hive-properties';

function dword(number: number) {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(number);
  return { type: 4, data };
}

describe('local/disk/registry/hive: a hive that is edited at random', () => {
  it('holds what a plain map would hold, in memory, after reopening, and for the product’s reader', async () => {
    await expectLikeAMap({ numRuns: 5 });
  });

  it('leaves nothing in use when everything is deleted: no cell leaks', () => {
    expectNoLeak({ numRuns: 5 });
  });

  it('uses room again instead of growing', () => {
    const hive = newHive();
    let disk = emptyDisk();
    const sizes = [];
    for (let round = 0; round < 50; round += 1) {
      for (let key = 0; key < 20; key += 1) {
        hive.writeValue(['Key', String(key)], 'Data', { type: 3, data: Buffer.alloc(700 + key) }, start);
      }
      hive.deleteKey(['Key'], start);
      disk = flushed(hive, disk);
      sizes.push(disk.primary.length);
    }
    expect(new Set(sizes).size).toBe(1);
    expect(sizes[0]).toBeLessThan(40_000);
  });
});

describe('local/disk/registry/hive: keys', () => {
  it('are listed in the order of their upper-case names, found in any case, kept in their own', () => {
    const hive = newHive();
    for (const name of ['beta', 'Alpha', 'ALPHA_', 'gamma', 'Ärger']) hive.createKey([name], start);
    hive.createKey(['ALPHA', 'below'], start);
    expect(hive.subkeys([])).toEqual(['Alpha', 'ALPHA_', 'beta', 'gamma', 'Ärger']);
    expect(hive.hasKey(['aLpHa', 'BELOW'])).toBe(true);
    expect(hive.hasKey(['ÄRGER'])).toBe(true);
    expect(hive.hasKey(['delta'])).toBe(false);
  });

  it.each(orders.slice(-1))(
    'are found among thousands, whose list is a list of lists, when they were made %s',
    (_title, order) => expectThousands(order),
  );

  it('share one security descriptor, counted', () => {
    const hive = newHive();
    for (let index = 0; index < 9; index += 1) hive.createKey([`k${index}`], start);
    hive.deleteKey(['k3'], start);
    const { primary } = flushed(hive);
    const descriptor = primary.indexOf('sk\0\0', 4096, 'latin1');
    expect(primary.readUInt32LE(descriptor + 12)).toBe(9);
    expect(primary.indexOf('sk\0\0', descriptor + 1, 'latin1')).toBe(-1);
  });

  it('know the largest names and data below them, in bytes of UTF-16', () => {
    const hive = newHive();
    hive.writeValue(['a longer name', 'x'], 'four', dword(1), start);
    hive.writeValue(['a longer name'], 'value', { type: 3, data: Buffer.alloc(77) }, start);
    hive.createKey(['short'], start);
    const { primary } = flushed(hive);
    const root = 4096 + 32 + 4;
    const key = primary.indexOf('a longer name', 4096, 'latin1') - 76;
    expect(primary.readUInt16LE(root + 52)).toBe(26);
    expect(primary.readUInt32LE(root + 20)).toBe(2);
    expect([52, 60, 64].map((field) => primary.readUInt32LE(key + field))).toEqual([2, 10, 77]);
  });

  it.each([[''], ['a\\b'], ['n'.repeat(256)]])('refuse the name %j', (name) => {
    expect(() => newHive().createKey([name], start)).toThrow('No key can have the name');
  });

  it('that are the root are not deleted', () => {
    expect(() => newHive().deleteKey([], start)).toThrow('cannot be deleted');
  });
});

describe('local/disk/registry/hive: a commit', () => {
  it('touches only the log, with the pages that changed, and marks the primary file dirty once', () => {
    const hive = newHive();
    for (let index = 0; index < 500; index += 1) hive.writeValue([`k${index}`], 'Start', dword(index), start);
    hive.flush();
    hive.writeValue(['k250'], 'Start', dword(4), start);
    const first = hive.commit();
    expect(first.map(({ file, offset }) => [file, offset])).toEqual([
      ['log1', 0],
      ['log1', 512],
      ['primary', 0],
    ]);
    hive.writeValue(['k250'], 'Start', dword(3), start);
    const second = hive.commit();
    expect(second.map(({ file, offset }) => [file, offset])).toEqual([['log1', 512 + (first[1]?.bytes.length ?? 0)]]);
    // The key's node and the value's record: at most two pages, and the entry's head.
    expect(second[0]?.bytes.length).toBeLessThanOrEqual(3 * 4096);
    expect(hive.commit()).toEqual([]);
  });

  it('takes the other log after a flush', () => {
    const hive = newHive();
    hive.flush();
    const filesOf = () => {
      hive.createKey([`k${Math.random()}`], start);
      return [...new Set(hive.commit().map(({ file }) => file))];
    };
    expect(filesOf()).toEqual(['log1', 'primary']);
    hive.flush();
    expect(filesOf()).toEqual(['log2', 'primary']);
    hive.flush();
    expect(filesOf()).toEqual(['log1', 'primary']);
  });

  it('writes the primary file by itself when the log becomes long', () => {
    const hive = newHive();
    let disk = flushed(hive);
    for (let index = 0; index < 400; index += 1) {
      hive.writeValue(['key'], 'value', { type: 3, data: Buffer.alloc(8000, index) }, start);
      disk = patched(disk, hive.commit());
    }
    expect(Math.max(disk.log1.length, disk.log2.length)).toBeLessThan(1_100_000);
    expect(openHive(disk).readValue(['key'], 'value')?.data[0]).toBe(399 % 256);
  });
});

describe('local/disk/registry/hive: what cannot be opened', () => {
  const clean = flushed(newHive());
  it.each([
    ['nothing', { primary: Buffer.alloc(0) }, 'no hive at all'],
    ['zeros', { primary: Buffer.alloc(8192) }, 'no hive at all'],
    ['half a hive', { primary: clean.primary.subarray(0, 6000) }, 'cut off'],
    [
      'a hive without its bins',
      { primary: Buffer.concat([clean.primary.subarray(0, 4096), Buffer.alloc(4096)]) },
      'no hive bin',
    ],
  ])('is refused with the reason: %s', (_title, files, reason) => {
    expect(() => openHive(files)).toThrow(reason);
  });

  it('is a dirty hive without its logs', () => {
    const hive = openHive(clean);
    hive.createKey(['x'], start);
    const { primary } = patched(clean, hive.commit());
    expect(() => openHive({ primary })).toThrow('no log of it can be used');
  });
});
