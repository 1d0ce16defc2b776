import { memorySource, UnreadableError } from '../../../src/disk/byte-source';
import { openHive } from '../../../src/disk/registry/hive';
import type { Key } from '../../../src/disk/registry/key';
import { isSameName } from '../../../src/disk/registry/names';
import { createPageOverlay } from '../../../src/disk/registry/page-overlay';
import { countingSource, hiveImage, readTree } from './support/images';
import { withChecksum } from './support/log-writer';

/** Places in a hive file: cell offsets count from byte 4,096, a cell's data begins after its size. */
const rootKey = 4096 + 0x20 + 4;
const inKey = { flags: 2, parent: 16, subkeyCount: 20, subkeyList: 28, valueCount: 36, valueList: 40 };

function dataAt(image: Buffer, pointerAt: number): number {
  return 4096 + image.readUInt32LE(pointerAt) + 4;
}

/** Where the data of the root's list, and of its subkeys `Description` and `Objects`, begin. */
function places(image: Buffer): { list: number; description: number; value: number } {
  const list = dataAt(image, rootKey + inKey.subkeyList);
  const description = dataAt(image, list + 4);
  return { list, description, value: dataAt(image, dataAt(image, description + inKey.valueList)) };
}

async function open(image: Buffer): Promise<Key> {
  return (await openHive(memorySource(withChecksum(image)))).root();
}

async function description(image: Buffer): Promise<Key | undefined> {
  return (await open(image)).subkey('Description');
}

async function all<T>(items: AsyncIterable<T> | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items ?? []) found.push(item);
  return found;
}

/** The hive with one more bin at its end, and the offset of its only cell's data. */
function withAddedCell(image: Buffer, data: Buffer): { image: Buffer; offset: number } {
  const size = image.readUInt32LE(40);
  const cellSize = Math.ceil((data.length + 4) / 8) * 8;
  const bin = Buffer.alloc(Math.ceil((32 + cellSize) / 4096) * 4096);
  bin.write('hbin', 'latin1');
  bin.writeUInt32LE(size, 4);
  bin.writeUInt32LE(bin.length, 8);
  bin.writeInt32LE(-cellSize, 32);
  data.copy(bin, 36);
  const grown = Buffer.concat([image.subarray(0, 4096 + size), bin]);
  grown.writeUInt32LE(size + bin.length, 40);
  return { image: grown, offset: size + 32 };
}

describe('disk/registry/damage: a damaged hive', () => {
  it.each<[string, (image: Buffer) => void, string]>([
    [
      'lists a subkey twice',
      (image) => image.copy(image, places(image).list + 12, places(image).list + 4, places(image).list + 8),
      'listed twice',
    ],
    [
      'counts more subkeys than it lists',
      (image) => image.writeUInt32LE(3, rootKey + inKey.subkeyCount),
      'has 3 subkeys',
    ],
    ['counts fewer', (image) => image.writeUInt32LE(1, rootKey + inKey.subkeyCount), 'its lists more'],
    [
      'counts more than fit in it',
      (image) => image.writeUInt32LE(1000, rootKey + inKey.subkeyCount),
      'counts 1000 subkeys',
    ],
    ['has a list of no known kind', (image) => image.write('lx', places(image).list), 'unknown kind "lx"'],
    [
      'lists a key of another parent',
      (image) => image.writeUInt32LE(8, places(image).description + inKey.parent),
      'not its parent',
    ],
    ['lists what is no key', (image) => image.write('kn', places(image).description), 'no key at'],
    ['has its root in a free cell', (image) => image.writeInt32LE(96, rootKey - 4), 'not allocated'],
    ['has a cell that ends outside', (image) => image.writeInt32LE(-1_000_000, rootKey - 4), 'ends outside'],
    ['has a name longer than its cell', (image) => image.writeUInt16LE(500, rootKey + 72), 'bytes of a cell of'],
    ['has a list outside', (image) => image.writeUInt32LE(0x7fff_fff8, rootKey + inKey.subkeyList), 'outside the hive'],
    [
      'has a list where no cell can be',
      (image) => image.writeUInt32LE(33, rootKey + inKey.subkeyList),
      'no cell can begin',
    ],
  ])('says so when it %s', async (_title, spoil, detail) => {
    const image = hiveImage('bcd');
    spoil(image);
    const walked = open(image).then((root) => all(root.subkeys()));
    await expect(walked).rejects.toMatchObject({ code: 'damaged', detail: expect.stringContaining(detail) });
  });

  it.each<[string, (image: Buffer) => void, string, string]>([
    [
      'says that five bytes lie in four',
      (image) => image.writeUInt32LE(0x8000_0005, places(image).value + 4),
      'damaged',
      '5 bytes lie in its four',
    ],
    [
      'is longer than its cell',
      (image) => image.writeUInt32LE(4000, places(image).value + 4),
      'damaged',
      'of a cell of',
    ],
    [
      'is long and no big data',
      (image) => image.writeUInt32LE(20_000, places(image).value + 4),
      'damaged',
      'neither in one cell',
    ],
    [
      'is longer than anyone reads',
      (image) => image.writeUInt32LE(0x7fff_ffff, places(image).value + 4),
      'too-large',
      '2147483647',
    ],
    ['has no record', (image) => image.write('kv', places(image).value), 'damaged', 'no value at'],
  ])('says so when a value %s', async (_title, spoil, code, detail) => {
    const image = hiveImage('bcd');
    spoil(image);
    const asked = description(image).then((key) => key?.value('KeyName'));
    await expect(asked).rejects.toMatchObject({ code, detail: expect.stringContaining(detail) });
  });

  it('says so when lists of lists go in a circle', async () => {
    const image = hiveImage('services');
    const root = image.indexOf('ri\x06\x00', 0, 'latin1');
    image.writeUInt32LE(root - 4 - 4096, root + 4);
    const asked = openHive(memorySource(image)).then((hive) => hive.findKey(['ControlSet001', 'Services', 'Dhcp']));
    await expect(asked).rejects.toMatchObject({ code: 'damaged', detail: expect.stringContaining('referenced twice') });
  });

  it('says so when lists of lists are nested deeply', async () => {
    const image = hiveImage('services');
    const root = image.indexOf('ri\x06\x00', 0, 'latin1');
    for (const [index, list] of [dataAt(image, root + 4), dataAt(image, root + 8)].entries()) {
      image.write('ri\x01\x00', list, 'latin1');
      image.writeUInt32LE(image.readUInt32LE(root + 8 + index * 4), list + 4);
    }
    const asked = openHive(memorySource(image)).then((hive) => hive.findKey(['ControlSet001', 'Services', 'Dhcp']));
    await expect(asked).rejects.toMatchObject({ code: 'too-deep' });
  });

  it('says so when many values share the data of one', async () => {
    const original = hiveImage('bcd');
    const record = original.readUInt32LE(dataAt(original, places(original).description + inKey.valueList));
    original.writeUInt32LE(60, 4096 + record + 4 + 4);
    const list = Buffer.alloc(300 * 4);
    for (let at = 0; at < list.length; at += 4) list.writeUInt32LE(record, at);
    const { image, offset } = withAddedCell(original, list);
    image.writeUInt32LE(300, places(image).description + inKey.valueCount);
    image.writeUInt32LE(offset, places(original).description + inKey.valueList);
    image.writeUInt32LE(0x8000_0000 + 4, 4096 + record + 4 + 4);
    expect(await all((await description(image))?.values())).toHaveLength(300);
    image.writeUInt32LE(16 * 1024 * 1024, 4096 + record + 4 + 4);
    const asked = description(image).then((key) => all(key?.values()));
    await expect(asked).rejects.toMatchObject({ detail: expect.stringContaining('exceed the hive') });
  });

  it('refuses a path deeper than Windows allows', async () => {
    const hive = await openHive(memorySource(hiveImage('bcd')));
    await expect(hive.findKey(Array<string>(513).fill('x'))).rejects.toMatchObject({ code: 'too-deep' });
  });
});

describe('disk/registry/damage: what is rare but in order', () => {
  it('reads long data in one cell, as version 1.3 stores it', async () => {
    const data = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 251));
    const { image, offset } = withAddedCell(hiveImage('bcd'), data);
    image.writeUInt32LE(data.length, places(image).value + 4);
    image.writeUInt32LE(offset, places(image).value + 8);
    expect((await (await description(image))?.value('KeyName'))?.bytes.equals(data)).toBe(true);
  });

  it('finds no values in a predefined handle, whose count is a handle', async () => {
    const image = hiveImage('bcd');
    image.writeUInt16LE(0x60, places(image).description + inKey.flags);
    image.writeUInt32LE(0x8000_0004, places(image).description + inKey.valueCount);
    expect(await all((await description(image))?.values())).toEqual([]);
  });

  it.each([
    ['0 is stored as 1', 0, 1],
    ['-1 is stored as -2', -1, -2],
  ])('takes the checksum that Windows stores: %s', async (_title, sum, stored) => {
    const image = withChecksum(hiveImage('bcd'));
    image.writeInt32LE(image.readInt32LE(504) ^ image.readInt32LE(508) ^ sum, 504);
    image.writeInt32LE(stored, 508);
    expect((await openHive(memorySource(image))).recovery).toEqual({ state: 'clean' });
  });

  it('holds names apart that only Unicode takes for one', () => {
    expect(isSameName('\u0131', 'I')).toBe(false);
    expect(isSameName('\u017f', 's')).toBe(false);
    expect(isSameName('é', 'É')).toBe(true);
  });
});

describe('disk/registry/damage: memory and faults below', () => {
  it('keeps no more than 4 MiB of a hive', async () => {
    const source = countingSource(hiveImage('services'));
    const hive = await openHive(source);
    await readTree(hive, false);
    const { reads } = source;
    await readTree(hive, false);
    expect(source.reads).toBeGreaterThan(reads);
  });

  it('asks again for what could not be read', async () => {
    const image = memorySource(hiveImage('services'));
    let isDown = false;
    const hive = await openHive({
      size: image.size,
      read: (offset, length) =>
        isDown ? Promise.reject(new UnreadableError('not-available', 'down')) : image.read(offset, length),
    });
    isDown = true;
    await expect(hive.findKey(['Types'])).rejects.toMatchObject({ code: 'not-available' });
    isDown = false;
    expect((await hive.findKey(['Types']))?.name).toBe('Types');
  });

  it('holds at most 64 MiB of pages from logs', () => {
    const overlay = createPageOverlay();
    overlay.lay(0, Buffer.alloc(1024));
    expect(overlay.hasRoomFor(64 * 1024 * 1024 - 1024)).toBe(true);
    expect(overlay.hasRoomFor(64 * 1024 * 1024 - 512)).toBe(false);
  });
});
