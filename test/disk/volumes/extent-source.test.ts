import { memorySource, type ByteSource } from '../../../src/disk/byte-source';
import { extentSource, type Extent } from '../../../src/disk/volumes/extent-source';

const volume = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7) % 251));

/** The volume, how many reads of it were under way at once at most, and how many there were. */
function watchedVolume() {
  const watch = { now: 0, most: 0, reads: 0 };
  const source: ByteSource = {
    size: volume.length,
    async read(offset, length) {
      watch.now += 1;
      watch.reads += 1;
      watch.most = Math.max(watch.most, watch.now);
      await new Promise(setImmediate);
      watch.now -= 1;
      return memorySource(volume).read(offset, length);
    },
  };
  return { source, watch };
}

/** Forty extents of ten bytes, in the opposite order on the volume. */
const backwards: Extent[] = Array.from({ length: 40 }, (_, index) => ({ start: 1000 - index * 20, length: 10 }));

describe('disk/volumes/extent-source: a file in extents', () => {
  it('is put together in the order of the file, its pieces read side by side, but not all at once', async () => {
    const { source, watch } = watchedVolume();
    const whole = await extentSource(source, backwards, 400).read(0, 400);
    const expected = backwards.map(({ start }) => volume.subarray(start ?? 0, (start ?? 0) + 10));
    expect(whole).toEqual(Buffer.concat(expected));
    expect(watch).toEqual({ now: 0, most: 16, reads: 40 });
  });

  it('has zeros where it has holes and where it was never written, and nothing is read for them', async () => {
    const { source, watch } = watchedVolume();
    const extents = [
      { start: 100, length: 10 },
      { start: null, length: 10 },
      { start: 200, length: 20 },
    ];
    const file = extentSource(source, extents, 40, 25);
    const content = [volume.subarray(100, 110), Buffer.alloc(10), volume.subarray(200, 205), Buffer.alloc(15)];
    expect(await file.read(0, 40)).toEqual(Buffer.concat(content));
    expect(await file.read(12, 5)).toEqual(Buffer.alloc(5));
    expect(await file.read(30, 10)).toEqual(Buffer.alloc(10));
    expect(watch.reads).toBe(2);
  });

  it('reads extents that follow each other on the volume together', async () => {
    const { source, watch } = watchedVolume();
    const extents = [
      { start: 100, length: 10 },
      { start: 110, length: 10 },
      { start: 300, length: 10 },
    ];
    await extentSource(source, extents, 30).read(5, 20);
    expect(watch.reads).toBe(2);
  });

  it('tells the failure of any of its pieces', async () => {
    const broken: ByteSource = {
      size: volume.length,
      read: (offset, length) =>
        offset === 500 ? Promise.reject(new Error('reset')) : memorySource(volume).read(offset, length),
    };
    await expect(extentSource(broken, backwards, 400).read(0, 400)).rejects.toThrow('reset');
  });

  it('is refused when it is larger than what it lies in', () => {
    const tooLarge = () => extentSource(memorySource(volume), backwards, 401);
    expect(tooLarge).toThrow(expect.objectContaining({ code: 'damaged' }));
  });
});
