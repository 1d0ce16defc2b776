import * as fc from 'fast-check';
import type { ByteSource } from '../../../src/disk/byte-source';
import { isWithin, memorySource, UnreadableError } from '../../../src/disk/byte-source';
import type { Hive } from '../../../src/disk/registry/hive';
import { openHive } from '../../../src/disk/registry/hive';
import type { Key } from '../../../src/disk/registry/key';
import { fuzzTally } from '../support/fuzz-tally';
import { hiveImage, hivexAnswer } from './support/images';
import {
  changedPages,
  logWithDirtyVector,
  logWithEntries,
  withChecksum,
  withHashes,
  withSequences,
} from './support/log-writer';

/** How many mutated images each test tries; raise it by the environment for a longer search. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 150);

const bootStore = hiveImage('bcd');
const services = hiveImage('services');
const bootStoreKeys = hivexAnswer('bcd').length;

/** One change to an image: a 32-bit word at a place of eight bytes' alignment plus 0 to 7, or a cut. */
interface Mutation {
  at: number;
  word: number;
}

/** Numbers that hurt: signs, limits, small counts, and offsets of other cells. */
const words = fc.oneof(
  fc.constantFrom(0, 1, 2, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff, 0x6b6e, 0x6972),
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.integer({ min: 0, max: 1500 }).map((cell) => 0x20 + cell * 8),
);

function mutations(size: number): fc.Arbitrary<Mutation[]> {
  return fc.array(fc.record({ at: fc.integer({ min: 0, max: size - 4 }), word: words }), {
    minLength: 1,
    maxLength: 12,
  });
}

/** A copy of the image with the changes, its base block's checksum put right so that they are not met at the door. */
function mutated(image: Buffer, changes: readonly Mutation[], cutTo: number): Buffer {
  const copy = Buffer.from(image.subarray(0, cutTo));
  for (const { at, word } of changes) if (at + 4 <= copy.length) copy.writeUInt32LE(word, at);
  return copy.length >= 512 ? withChecksum(copy) : copy;
}

/** A source that finds fault with being asked for what is not there: readers must know before they ask. */
function strictSource(bytes: Buffer): ByteSource {
  const below = memorySource(bytes);
  return {
    size: below.size,
    read(offset, length) {
      if (!isWithin(bytes.length, offset, length)) throw new Error(`asked for ${length} bytes at ${offset}`);
      return below.read(offset, length);
    },
  };
}

/** The answer, or undefined where the reader says that it cannot be read; anything else fails the test. */
async function orUnreadable<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

/** Walks all that can be walked, past whatever is unreadable. How many keys that was. */
async function walk(key: Key | undefined): Promise<number> {
  if (key === undefined) return 0;
  let keys = 1;
  await orUnreadable(drain(key.values()));
  const subkeys: Key[] = [];
  await orUnreadable(drain(key.subkeys(), subkeys));
  for (const subkey of subkeys) keys += await walk(subkey);
  return keys;
}

async function drain<T>(items: AsyncIterable<T>, into: T[] = []): Promise<void> {
  for await (const item of items) into.push(item);
}

/** Throws if not even the root can be read. */
async function walkHive(hive: Hive): Promise<number> {
  return walk(await hive.root());
}

/** Where a log was refused there was nothing of it to read: as far as this test goes, it did not get past the door. */
async function recoveredKeys(hive: Hive): Promise<number> {
  const keys = await orUnreadable(walkHive(hive));
  if (hive.recovery.state !== 'recovered') throw new UnreadableError('not-this-format', 'the log was refused');
  return keys ?? 0;
}

describe('disk/registry/fuzz: a hostile hive', () => {
  it('is read or refused, never crashed on, and never has more keys than fit in it', async () => {
    const cuts = fc.oneof(fc.constant(bootStore.length), fc.integer({ min: 0, max: bootStore.length }));
    const tally = fuzzTally(bootStoreKeys);
    await fc.assert(
      fc.asyncProperty(mutations(bootStore.length), cuts, async (changes, cutTo) => {
        const image = mutated(bootStore, changes, cutTo);
        const keys = await tally.ask(openHive(strictSource(image)).then(walkHive));
        expect(keys ?? 0).toBeLessThanOrEqual(image.length / 80 + 1);
      }),
      { numRuns },
    );
    tally.finish();
  });

  it('answers or refuses questions for lists of lists, big data and values of all types', async () => {
    // Changes near what the questions meet: the lists and the big data lie in the last bins.
    const near = fc.array(
      fc.record({ at: fc.integer({ min: services.length - 300_000, max: services.length - 4 }), word: words }),
      { minLength: 1, maxLength: 200 },
    );
    const head = fc.record({ at: fc.integer({ min: 0, max: 8192 }), word: words });
    const tally = fuzzTally();
    await fc.assert(
      fc.asyncProperty(near, head, async (changes, first) => {
        const image = mutated(services, [first, ...changes], services.length);
        const hive = await orUnreadable(openHive(strictSource(image)));
        for (const path of [['Types'], ['BigData'], ['IndexLeaf'], ['Names'], ['ControlSet001', 'Services', 'Dhcp']]) {
          await walk(
            await tally.ask(hive?.findKey(path) ?? Promise.reject(new UnreadableError('not-this-format', ''))),
          );
        }
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
    tally.finish();
  });
});

describe('disk/registry/fuzz: hostile logs', () => {
  const dirty = withSequences(bootStore, 8, 7);
  const pages = changedPages(Buffer.alloc(bootStore.length), bootStore);

  it('in the new format are applied or refused, also when their hashes are right', async () => {
    const log = logWithEntries(
      dirty,
      [7, 8, 9].map((sequence) => ({ sequence, pages })),
    );
    const entrySize = (log.length - 512) / 3;
    const tally = fuzzTally();
    await fc.assert(
      fc.asyncProperty(mutations(1024), mutations(log.length), fc.boolean(), async (heads, changes, isResealed) => {
        const hostile = mutated(log, changes, log.length);
        for (const { at, word } of heads) hostile.writeUInt32LE(word, 512 + (at % 128) + (at % 3) * entrySize);
        if (isResealed)
          for (let at = 512; at < log.length; at += entrySize) withHashes(hostile.subarray(at, at + entrySize));
        await tally.ask(openHive(strictSource(dirty), { log1: strictSource(hostile) }).then(recoveredKeys));
      }),
      { numRuns },
    );
    tally.finish();
  });

  it('in the old format are applied or refused', async () => {
    const log = logWithDirtyVector(dirty, 8, pages);
    const tally = fuzzTally();
    await fc.assert(
      fc.asyncProperty(mutations(log.length), mutations(1100), async (changes, heads) => {
        const hostile = mutated(log, [...changes, ...heads], log.length);
        await tally.ask(openHive(strictSource(dirty), { log2: strictSource(hostile) }).then(recoveredKeys));
      }),
      { numRuns },
    );
    tally.finish();
  });
});

describe('disk/registry/fuzz: every key that hivex lists', () => {
  it('is found by its path in any case', async () => {
    const hive = await openHive(memorySource(services));
    const keys = hivexAnswer('services');
    const index = fc.integer({ min: 0, max: keys.length - 1 });
    await fc.assert(
      fc.asyncProperty(index, fc.boolean(), async (at, isUpper) => {
        const path = keys[at]?.path ?? [];
        const asked = path.map((name) => (isUpper && name !== 'Größe' ? name.toUpperCase() : name.toLowerCase()));
        expect((await hive.findKey(asked))?.name).toBe(path.at(-1) ?? 'root');
      }),
      { numRuns },
    );
  });
});
