import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memorySource } from '../../../src/disk/byte-source';
import type { Key } from '../../../src/disk/registry/key';
import { openHive } from '../../../src/disk/registry/hive';
import {
  askHivex,
  countingSource,
  hasHivex,
  hasRealHives,
  hiveImage,
  hivexAnswer,
  inMilliseconds,
  readTree,
  realHive,
} from './support/images';

const whenReal = hasRealHives ? it : it.skip;
const whenRealAndHivex = hasRealHives && hasHivex ? it : it.skip;

async function findKey(image: Buffer, ...path: string[]): Promise<Key> {
  const key = await (await openHive(memorySource(image))).findKey(path);
  if (key === undefined) throw new Error(`no key ${path.join('\\')}`);
  return key;
}

describe('disk/registry/hive: a hive that is in order', () => {
  it.each(['services', 'bcd'] as const)('is read as hivex reads it, every key and value: %s', async (name) => {
    const hive = await openHive(memorySource(hiveImage(name)));
    const expected = hivexAnswer(name);
    expect(expected.length).toBeGreaterThan(10);
    expect(await readTree(hive, true)).toEqual(inMilliseconds(expected));
    expect(hive.recovery).toEqual({ state: 'clean' });
  });

  it('holds all kinds of lists and big data, so that these were read', () => {
    const image = hiveImage('services');
    const heads = ['ri\x06\x00', 'li\x14\x00', 'lf\x0b\x00', 'lh\xc8\x00', 'db\x02\x00', 'db\x04\x00'];
    expect(heads.filter((head) => !image.includes(head, 0, 'latin1'))).toEqual([]);
  });

  it('reads big data whose last segment is one byte', async () => {
    const image = hiveImage('services');
    const size = 16_345;
    const sizeField = Buffer.alloc(4);
    sizeField.writeUInt32LE(size + 7);
    image.writeUInt32LE(size, image.indexOf(Buffer.concat([Buffer.from('vk\x04\x00', 'latin1'), sizeField])) + 4);
    const value = await (await findKey(image, 'BigData', '16352')).value('data');
    const whole = await (await findKey(hiveImage('services'), 'BigData', '16352')).value('data');
    expect(value?.bytes.equals(whole?.bytes.subarray(0, size) ?? Buffer.alloc(0))).toBe(true);
  });

  it('says its version and when it was last written', async () => {
    const image = hiveImage('services');
    image.writeBigUInt64LE(134_241_858_001_234_567n, 12);
    const hive = await openHive(memorySource(withChecksum(image)));
    expect(hive.version).toEqual({ major: 1, minor: 5 });
    expect(hive.lastWritten.toISOString()).toBe('2026-05-25T12:30:00.123Z');
  });

  it.each([
    [['controlset001', 'SERVICES', 'dHCP'], 'Dhcp'],
    [['Names', 'größe'], 'Größe'],
    [['Names', 'GRÖßE'], 'Größe'],
    [['Names', 'ελληνικά'], 'Ελληνικά'],
    [['Names', 'ab'], 'ab'],
    [['Names', 'abce'], 'ABCE'],
    [['Names', '{BRACE}'], '{brace}'],
    [['IndexLeaf', 'plain07'], 'Plain07'],
  ])('finds %j in any case', async (path, name) => {
    expect((await findKey(hiveImage('services'), ...path)).name).toBe(name);
  });

  it.each([[['ControlSet001', 'Services', 'Dhc']], [['No', 'such']], [['Names', 'Größ']], [['Select', 'Current']]])(
    'has no key %j',
    async (path) => {
      const hive = await openHive(memorySource(hiveImage('services')));
      expect(await hive.findKey(path)).toBeUndefined();
    },
  );

  it('gives the root for an empty path', async () => {
    expect((await findKey(hiveImage('bcd'))).subkeyCount).toBe(2);
  });

  it('gives a value by its name in any case, typed', async () => {
    const dhcp = await findKey(hiveImage('services'), 'ControlSet001', 'Services', 'Dhcp');
    expect(await dhcp.value('START')).toMatchObject({ name: 'Start', type: 'REG_DWORD', number: 4 });
    expect(await dhcp.value('objectname')).toMatchObject({ type: 'REG_SZ', text: 'NT Authority\\LocalService' });
    expect(await dhcp.value('DependOnService')).toMatchObject({ type: 'REG_MULTI_SZ', texts: ['NSI', 'Tdx', 'Afd'] });
    expect(await dhcp.value('Star')).toBeUndefined();
    expect(dhcp.lastWritten.toISOString()).toBe('2026-05-25T12:30:00.123Z');
  });

  it('gives the default value by the empty name, and 64-bit numbers whole', async () => {
    const types = await findKey(hiveImage('services'), 'Types');
    expect(await types.value('')).toMatchObject({ type: 'REG_SZ', text: 'the default value' });
    expect(await types.value('qword')).toMatchObject({ type: 'REG_QWORD', number: 0xfedc_ba98_7654_3210n });
  });

  it('gives data that does not fit its type as bytes', async () => {
    const types = await findKey(hiveImage('services'), 'Types');
    expect(await types.value('dword of two bytes')).toEqual({
      name: 'dword of two bytes',
      typeCode: 4,
      type: 'other',
      bytes: Buffer.from([1, 2]),
    });
  });

  it('says in a boot store which safe mode the machine starts in', async () => {
    const loader = '{b2721d73-1db4-4c62-bf78-c548a880142d}';
    const safeboot = await findKey(hiveImage('bcd'), 'Objects', loader, 'Elements', '25000080');
    expect((await safeboot.value('Element'))?.bytes.readBigUInt64LE(0)).toBe(1n);
  });
});

describe('disk/registry/hive: what it costs', () => {
  it('finds a service in a hive of megabytes with few reads', async () => {
    const source = countingSource(hiveImage('services'));
    const hive = await openHive(source);
    const dhcp = await hive.findKey(['ControlSet001', 'Services', 'Dhcp']);
    await dhcp?.value('Start');
    await (await hive.findKey(['Select']))?.value('Current');
    expect(source.reads).toBeLessThanOrEqual(12);
    expect(source.bytesRead).toBeLessThan(512 * 1024);
  });

  it('reads what it was asked for twice only once', async () => {
    const source = countingSource(hiveImage('bcd'));
    const hive = await openHive(source);
    await readTree(hive, false);
    const { reads } = source;
    await readTree(hive, false);
    expect(source.reads).toBe(reads);
  });

  it('does not look at the logs of a hive that is in order', async () => {
    const log = countingSource(Buffer.alloc(4096));
    await openHive(memorySource(hiveImage('bcd')), { log1: log, log2: log });
    expect(log.reads).toBe(0);
  });
});

describe('disk/registry/hive: the SYSTEM hive of a real machine', () => {
  whenRealAndHivex('is read as hivex reads it, every key and value', async () => {
    const image = realHive('SYSTEM');
    const folder = mkdtempSync(join(tmpdir(), 'hive-'));
    try {
      writeFileSync(join(folder, 'SYSTEM'), image);
      const expected = askHivex(join(folder, 'SYSTEM'));
      expect(expected.length).toBeGreaterThan(10_000);
      const actual = await readTree(await openHive(memorySource(image)), false);
      // Compared as text: a difference in a tree this large takes jest minutes to print.
      expect(JSON.stringify(actual) === JSON.stringify(inMilliseconds(expected))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  whenReal('gives the state of the DHCP client in a few dozen reads', async () => {
    const source = countingSource(realHive('SYSTEM'));
    const hive = await openHive(source);
    expect(await (await hive.findKey(['Select']))?.value('Current')).toMatchObject({ number: 1 });
    const dhcp = await hive.findKey(['ControlSet001', 'Services', 'Dhcp']);
    expect(await dhcp?.value('Start')).toMatchObject({ type: 'REG_DWORD', number: 2 });
    expect(await dhcp?.value('Type')).toMatchObject({ type: 'REG_DWORD', number: 32 });
    expect(await dhcp?.value('ObjectName')).toMatchObject({ text: 'NT Authority\\LocalService' });
    expect(source.reads).toBeLessThanOrEqual(24);
  });
});

/** The checksum of the base block put right. */
function withChecksum(image: Buffer): Buffer {
  let sum = 0;
  for (let offset = 0; offset < 508; offset += 4) sum ^= image.readInt32LE(offset);
  image.writeInt32LE(sum, 508);
  return image;
}
