import fc from 'fast-check';
import { UnreadableError, type ByteSource } from '../../../src/disk/byte-source';

export interface Alteration {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A source with some bytes of it replaced. */
export function alteredSource(source: ByteSource, alterations: readonly Alteration[]): ByteSource {
  return {
    size: source.size,
    async read(offset, length) {
      const result = Buffer.from(await source.read(offset, length));
      for (const alteration of alterations) overlay(result, offset, alteration);
      return result;
    },
  };
}

function overlay(target: Buffer, targetOffset: number, { offset, bytes }: Alteration): void {
  const from = Math.max(offset, targetOffset);
  const until = Math.min(offset + bytes.length, targetOffset + target.length);
  if (from < until) bytes.copy(target, from - targetOffset, from - offset, until - offset);
}

/** No question to an image of these sizes needs more reads; a reader that runs in circles does. */
const MOST_READS = 20_000;

/**
 * Asks `question` of the source again and again, each time with bytes altered that it was seen to read; anything that
 * comes out of it other than an answer or an UnreadableError fails, as do more reads than any honest disk needs.
 * FUZZ_RUNS in the environment sets how often (300), FUZZ_SEED where the search begins.
 */
export async function fuzzQuestion(source: ByteSource, question: (source: ByteSource) => Promise<void>): Promise<void> {
  const places = await placesRead(source, question);
  const interesting = fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff);
  const alteration = fc.record({
    place: fc.nat(places.length - 1),
    within: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bytes: fc.array(fc.oneof(interesting, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 24 }), async (chosen) => {
      const alterations = chosen.map(({ place, within, bytes }) => {
        const { offset, length } = places[place] ?? { offset: 0, length: 1 };
        return { offset: offset + Math.floor(within * length), bytes: Buffer.from(bytes) };
      });
      const altered = limited(alteredSource(source, alterations));
      await question(altered).catch((error: unknown) => {
        if (!(error instanceof UnreadableError)) throw error;
      });
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300), seed: Number(process.env.FUZZ_SEED ?? 20240305) },
  );
}

/** Pieces of what is read that hold something: the zeros behind the records are not where readers stumble. */
async function placesRead(source: ByteSource, question: (source: ByteSource) => Promise<void>) {
  const places = new Map<number, { offset: number; length: number }>();
  await question({
    size: source.size,
    async read(offset, length) {
      const bytes = await source.read(offset, length);
      for (let at = 0; at < length; at += 64)
        if (bytes.subarray(at, at + 64).some((byte) => byte !== 0))
          places.set(offset + at, { offset: offset + at, length: Math.min(64, length - at) });
      return bytes;
    },
  });
  return [...places.values()];
}

function limited(source: ByteSource): ByteSource {
  let reads = 0;
  return {
    size: source.size,
    read(offset, length) {
      reads += 1;
      if (reads > MOST_READS) throw new Error(`more than ${MOST_READS} reads for one question`);
      return source.read(offset, length);
    },
  };
}
