/**
 * Hives as hivex reads them (Debian: python3-hivex), and real ones. Skips what needs hivex where it is not installed,
 * and what needs real hives where they do not lie beside the project.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHive, openHive } from '../../../../local/disk/registry/hive';
import {
  askHivex,
  hasHivex,
  hasRealHives,
  hiveImage,
  hivexAnswer,
  inMilliseconds,
  realHive,
  type ExpectedKey,
} from '../../../disk/registry/support/images';
import { emptyDisk, patched, readByProduct, type HiveDisk } from './support/hive-disk';

const start = Date.UTC(2024, 2, 1);
const folder = mkdtempSync(join(tmpdir(), 'hive-'));
afterAll(() => rmSync(folder, { recursive: true }));

function byHivex(disk: HiveDisk): ExpectedKey[] {
  const file = join(folder, 'HIVE');
  writeFileSync(file, disk.primary);
  return inMilliseconds(askHivex(file));
}

function find(keys: ExpectedKey[], path: string[]): ExpectedKey | undefined {
  return keys.find((key) => idOf(key.path) === idOf(path));
}

function idOf(path: string[]): string {
  return path.join('\\').toUpperCase();
}

(hasHivex ? describe : describe.skip)('local/disk/registry/other-readers: a hive of ours, read by hivex', () => {
  it('has every key and value, lists of lists and big data too', async () => {
    const hive = createHive({ at: start, rootName: 'ROOT', fileName: 'SYSTEM' });
    for (let index = 0; index < 1200; index += 1) {
      hive.writeValue(['Services', `S${index}`], 'Start', { type: 4, data: Buffer.from([index % 5, 0, 0, 0]) }, start);
    }
    // hivex 1.3.23 leaves out the last bytes of a segment whose size is no multiple of eight.
    for (const size of [0, 3, 4, 5, 16_344, 16_352, 40_000]) {
      hive.writeValue(['Größe', 'Ω'], `${size}`, { type: 3, data: Buffer.alloc(size, 7) }, start + 1000);
    }
    for (let index = 0; index < 1200; index += 2) hive.deleteKey(['Services', `S${index}`], start);
    const disk = patched(emptyDisk(), hive.flush());
    const read = byHivex(disk);
    expect(read).toEqual((await readByProduct(disk)).keys);
    expect(read).toHaveLength(604);
    expect(find(read, ['Größe', 'Ω'])?.values.map(({ size }) => size)).toEqual([0, 3, 4, 5, 16_344, 16_352, 40_000]);
  });
});

describe('local/disk/registry/other-readers: a hive that hivex wrote', () => {
  it.each(['bcd', 'services'] as const)(
    'holds what hivex reads in it after a write and its undoing: %s',
    async (name) => {
      const disk = { ...emptyDisk(), primary: hiveImage(name) };
      const hive = openHive(disk);
      const value = { type: 3, data: Buffer.alloc(50_000) };
      hive.writeValue(['Scratch', 'Below'], 'value', value, start);
      const dirty = patched(disk, hive.commit());
      hive.deleteKey(
        ['Scratch'],
        Number(BigInt(hivexAnswer(name)[0]?.lastWritten ?? 0) / 10_000n - 11_644_473_600_000n),
      );
      const undone = patched(dirty, hive.commit());
      const expected = inMilliseconds(hivexAnswer(name)).map(({ path, lastWritten, values }) => ({
        path,
        lastWritten,
        values: values.map(({ name, type, size, sha256 }) => ({ name, type, size, sha256 })),
      }));
      expect((await readByProduct(dirty)).keys).not.toEqual(expected);
      expect(await readByProduct(undone)).toEqual({ state: 'recovered', keys: expected });
      expect((await readByProduct(patched(undone, hive.flush()))).keys).toEqual(expected);
    },
  );
});

(hasRealHives ? describe : describe.skip)('local/disk/registry/other-readers: a hive of Windows', () => {
  it('that Windows 10 left dirty becomes what Windows 10 itself made of it, byte by byte', () => {
    const disk = {
      primary: realHive('dirty-new-format/NewDirtyHive'),
      log1: realHive('dirty-new-format/NewDirtyHive.LOG1'),
      log2: realHive('dirty-new-format/NewDirtyHive.LOG2'),
    };
    const flushed = patched(disk, openHive(disk).flush());
    const byWindows = realHive('dirty-new-format/RecoveredHive_Windows10');
    expect(flushed.primary.equals(byWindows)).toBe(true);
  });

  const whenHivex = hasHivex ? it : it.skip;
  whenHivex(
    'is edited in place: hivex finds the changes, everything else as it was, in the log and in the file',
    async () => {
      const disk = { ...emptyDisk(), primary: realHive('SYSTEM') };
      const before = byHivex(disk);
      const services = ['ControlSet001', 'Services'];
      const dhcp = [...services, 'Dhcp'];
      const hive = openHive(disk);
      hive.writeValue(dhcp, 'start', { type: 4, data: Buffer.from([4, 0, 0, 0]) }, start);
      hive.writeValue([...dhcp, 'New'], 'big', { type: 3, data: Buffer.alloc(100_000, 1) }, start);
      hive.deleteKey([...services, 'Tcpip'], start);
      const logged = patched(disk, hive.commit());
      const flushed = patched(logged, hive.flush());
      const after = byHivex(flushed);
      expect((await readByProduct(logged)).keys).toEqual(after);

      expect(find(before, dhcp)?.values.find(({ name }) => name === 'Start')).toMatchObject({ size: 4 });
      expect(hive.readValue(dhcp, 'Start')?.data[0]).toBe(4);
      expect(find(after, [...dhcp, 'New'])?.values).toMatchObject([{ name: 'big', type: 3, size: 100_000 }]);
      expect(find(after, [...services, 'Tcpip'])).toBeUndefined();
      const touched = [dhcp, [...dhcp, 'New'], services].map(idOf);
      const gone = `${idOf([...services, 'Tcpip'])}\\`;
      const untouched = (keys: ExpectedKey[]) =>
        keys.filter(({ path }) => !touched.includes(idOf(path)) && !`${idOf(path)}\\`.startsWith(gone));
      expect(untouched(after)).toEqual(untouched(before));
      expect(untouched(after)).toHaveLength(after.length - 3);
      expect(flushed.primary.length - disk.primary.length).toBeLessThan(150_000);
    },
  );
});
