import fc from 'fast-check';
import { memorySource, type ByteSource } from '../../src/disk/byte-source';
import { keptPages, type KeptPagesOptions } from '../../src/disk/kept-pages';

const content = Buffer.from(Array.from({ length: 1050 }, (_, index) => (index * 7) % 251));

/** `content` in pages of 100 bytes, and what was read of it. */
function open(options: Partial<KeptPagesOptions> = {}, below: ByteSource = memorySource(content)) {
  const reads: [offset: number, length: number][] = [];
  const counted: ByteSource = {
    size: below.size,
    read(offset, length) {
      reads.push([offset, length]);
      return below.read(offset, length);
    },
  };
  return { source: keptPages(counted, { pageBytes: 100, pages: 8, ...options }), reads };
}

describe('disk/kept-pages', () => {
  it('give the same bytes as the source itself, at any place, in any order, however few are kept', async () => {
    const place = fc
      .tuple(fc.nat(content.length), fc.nat(600))
      .map(([offset, length]) => ({ offset, length: Math.min(length, content.length - offset) }));
    const options = fc.record({ pages: fc.integer({ min: 1, max: 8 }), joinOver: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(place, { maxLength: 6 }), { maxLength: 4 }), options, async (turns, given) => {
        const { source } = open(given);
        for (const places of turns) {
          const found = await Promise.all(places.map(({ offset, length }) => source.read(offset, length)));
          const right = places.map(({ offset, length }) => content.subarray(offset, offset + length));
          expect(found).toEqual(right);
        }
      }),
    );
  });

  it('are read once, neighbours together, and the last one no further than the source goes', async () => {
    const { source, reads } = open();
    await source.read(310, 20);
    await source.read(390, 210);
    await source.read(300, 300);
    await source.read(1049, 1);
    expect(reads).toEqual([
      [300, 100],
      [400, 200],
      [1000, 50],
    ]);
  });

  it('are not asked for again while they are on their way', async () => {
    const { source, reads } = open();
    await Promise.all([source.read(0, 50), source.read(20, 60), source.read(50, 100)]);
    expect(reads).toEqual([
      [0, 100],
      [100, 100],
    ]);
  });

  it('on both sides of a small gap of kept ones are one read, of a larger gap two', async () => {
    const { source, reads } = open({ joinOver: 1 });
    await source.read(100, 100);
    await source.read(0, 300);
    await source.read(500, 200);
    await source.read(400, 400);
    expect(reads).toEqual([
      [100, 100],
      [0, 300],
      [500, 200],
      [400, 100],
      [700, 100],
    ]);
  });

  it('that were not used for longest are dropped first', async () => {
    const { source, reads } = open({ pages: 2 });
    for (const page of [0, 1, 0, 2, 0, 1]) await source.read(page * 100, 100);
    expect(reads.map(([offset]) => offset)).toEqual([0, 100, 200, 100]);
  });

  it('are passed by for a read of more than may be kept, and stay as they are', async () => {
    const { source, reads } = open({ pages: 2 });
    await source.read(0, 100);
    await source.read(50, 205);
    await source.read(0, 100);
    expect(reads).toEqual([
      [0, 100],
      [50, 205],
    ]);
  });

  it('that could not be read are told to all who waited, and asked for again', async () => {
    let isBroken = true;
    const { source, reads } = open(
      {},
      {
        size: content.length,
        read: (offset, length) =>
          isBroken ? Promise.reject(new Error('reset')) : memorySource(content).read(offset, length),
      },
    );
    const answers = await Promise.allSettled([source.read(0, 10), source.read(50, 100)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await source.read(50, 100)).toEqual(content.subarray(50, 150));
    expect(reads.at(-1)).toEqual([0, 200]);
  });

  it('that were asked for anew are not forgotten over the failure of an earlier read', async () => {
    const pending: ((failure: Error) => void)[] = [];
    let isHeld = true;
    const { source, reads } = open(
      { pages: 1 },
      {
        size: content.length,
        read: (offset, length) =>
          isHeld
            ? new Promise((_resolve, reject) => {
                pending.push(reject);
              })
            : memorySource(content).read(offset, length),
      },
    );
    const failing = source.read(0, 10);
    isHeld = false;
    // Dropped while it is on its way, and asked for anew.
    await source.read(100, 10);
    await source.read(0, 10);
    pending[0]?.(new Error('reset'));
    await expect(failing).rejects.toThrow('reset');
    await source.read(0, 10);
    expect(reads).toHaveLength(3);
  });

  it('do not hold the answer that they were cut from', async () => {
    const page = 1 << 16;
    const large = keptPages(memorySource(Buffer.alloc(8 * page)), { pageBytes: page, pages: 8 });
    await large.read(0, 8 * page);
    expect((await large.read(0, page)).buffer.byteLength).toBe(page);
  });

  it.each([
    [-1, 10],
    [0, content.length + 1],
    [content.length, 1],
    [0.5, 1],
    [Number.MAX_SAFE_INTEGER, 10],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('refuse %d + %d without a read', async (offset, length) => {
    const { source, reads } = open();
    await expect(source.read(offset, length)).rejects.toMatchObject({ code: 'out-of-range' });
    expect(reads).toEqual([]);
  });
});
