import fc from 'fast-check';
import { blockSource, type BlockSourceOptions } from '../../src/disk/block-source';
import { UnreadableError } from '../../src/disk/byte-source';

const disk = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7) % 251));
const plenty = { bytes: 1e9, requests: 1e6 };

/** A source of `disk` in blocks of 100 bytes, and the ranges that it fetched. */
function open(options: Partial<BlockSourceOptions> = {}) {
  const fetched: [number, number][] = [];
  const source = blockSource({
    size: disk.length,
    budget: plenty,
    blockBytes: 100,
    requestBytes: 1000,
    fetchRange: (start, end) => {
      fetched.push([start, end]);
      return Promise.resolve(disk.subarray(start, end));
    },
    ...options,
  });
  return { source, fetched };
}

describe('disk/block-source', () => {
  it('gives the same bytes as the disk itself, at any place, in any order', async () => {
    const place = fc
      .tuple(fc.nat(disk.length), fc.nat(3000))
      .map(([offset, length]) => ({ offset, length: Math.min(length, disk.length - offset) }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (places, keptBlocks) => {
          const { source } = open({ keptBlocks });
          const read = await Promise.all(places.map(({ offset, length }) => source.read(offset, length)));
          const right = places.map(({ offset, length }, index) =>
            read[index]?.equals(disk.subarray(offset, offset + length)),
          );
          expect(right).toEqual(places.map(() => true));
        },
      ),
    );
  });

  it('fetches neighbours in one request, and no more than a request may hold', async () => {
    const { source, fetched } = open();
    await source.read(250, 2000);
    expect(fetched).toEqual([
      [200, 1200],
      [1200, 2200],
      [2200, 2300],
    ]);
  });

  it('fetches only what it does not have, and one block again rather than make two requests', async () => {
    const { source, fetched } = open();
    await source.read(300, 200);
    await source.read(0, 1000);
    await source.read(50, 900);
    await source.read(1200, 100);
    await source.read(1100, 300);
    expect(fetched).toEqual([
      [300, 500],
      [0, 300],
      [500, 1000],
      [1200, 1300],
      [1100, 1400],
    ]);
    expect(source.spent()).toEqual({ requests: 5, bytes: 1400 });
  });

  it('does not fetch beyond the end of a disk that ends within a block', async () => {
    const { source, fetched } = open({ size: 9950 });
    expect(await source.read(9900, 50)).toEqual(disk.subarray(9900, 9950));
    expect(fetched).toEqual([[9900, 9950]]);
  });

  it.each([
    ['requests', { bytes: 1e9, requests: 2 }],
    ['bytes', { bytes: 250, requests: 100 }],
  ])('fetches nothing beyond its budget of %s, and says so', async (_what, budget) => {
    const { source, fetched } = open({ budget });
    await source.read(0, 100);
    await source.read(500, 100);
    await expect(source.read(900, 100)).rejects.toMatchObject({ code: 'budget-exceeded' });
    expect(fetched).toHaveLength(2);
    expect(await source.read(0, 100)).toEqual(disk.subarray(0, 100));
  });

  it('asks again when a range fails, pays for each attempt, and forgets a failure', async () => {
    let failures = 2;
    const { source } = open({
      fetchRange: (start, end) =>
        failures-- > 0 ? Promise.reject(new Error('reset')) : Promise.resolve(disk.subarray(start, end)),
    });
    expect(await source.read(0, 10)).toEqual(disk.subarray(0, 10));
    expect(source.spent()).toEqual({ requests: 3, bytes: 300 });
    failures = 3;
    await expect(source.read(1000, 10)).rejects.toThrow('reset');
    expect(await source.read(1000, 10)).toEqual(disk.subarray(1000, 1010));
  });

  it('believes a denied access at once', async () => {
    let asked = 0;
    const { source } = open({
      fetchRange: () => {
        asked += 1;
        return Promise.reject(new UnreadableError('access-denied', '403'));
      },
    });
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'access-denied' });
    expect(asked).toBe(1);
  });

  it('takes a short answer for none', async () => {
    const { source } = open({ fetchRange: (start, end) => Promise.resolve(disk.subarray(start, end - 1)) });
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'not-available' });
  });

  it('refuses what lies outside without a request', async () => {
    const { source, fetched } = open();
    await expect(source.read(disk.length, 1)).rejects.toMatchObject({ code: 'out-of-range' });
    expect(fetched).toEqual([]);
  });

  it('keeps no more blocks than it may', async () => {
    const { source, fetched } = open({ keptBlocks: 2 });
    await source.read(0, 100);
    await source.read(100, 100);
    await source.read(200, 100);
    await source.read(0, 100);
    expect(fetched).toHaveLength(4);
  });
});
