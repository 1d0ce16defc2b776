import fc from 'fast-check';
import type { ByteSource } from '../../../src/disk/byte-source';
import { fuzzTally } from './fuzz-tally';

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

/** The largest buffer that a reader makes without having read for it: a hole in a file, read in one piece. */
const LARGEST_HOLE = 64 * 1024 * 1024;

interface FuzzOptions {
  /** The part of FUZZ_RUNS that is tried; 1 if not given. */
  share?: number;
  /** The most places that are altered at once; 12 if not given. More where little of what is read matters. */
  mostPlaces?: number;
  /** Puts right the checksums of an altered source, as a careful forger would; tried with every second case. */
  seal?: (source: ByteSource) => Promise<ByteSource>;
}

/**
 * Asks `question` of the source again and again, each time with bytes altered that it was seen to read; anything that
 * comes out of it other than an answer or an UnreadableError fails, as do more reads than any honest disk needs, more
 * memory than what was read can explain, and changes that make no difference or all end at the door. FUZZ_RUNS in the
 * environment sets how often (300), FUZZ_SEED where the search begins. The question's answer must be data (JSON).
 */
export async function fuzzQuestion(
  source: ByteSource,
  question: (source: ByteSource) => Promise<unknown>,
  { share = 1, mostPlaces = 12, seal }: FuzzOptions = {},
): Promise<void> {
  const { reads, answer } = await readsFor(source, question);
  const interesting = fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff);
  const alteration = fc.record({
    read: fc.nat(reads.length - 1),
    piece: fc.nat(),
    within: fc.nat(PIECE - 1),
    bytes: fc.array(fc.oneof(interesting, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
  });
  const changes = fc.array(alteration, { minLength: 1, maxLength: mostPlaces, size: 'max' });
  const tally = fuzzTally(answer);
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), async (chosen, isSealed) => {
      const alterations = chosen.map(({ read, piece, within, bytes }) => {
        const pieces = reads[read] ?? [];
        return { offset: (pieces[piece % pieces.length] ?? 0) + within, bytes: Buffer.from(bytes) };
      });
      const altered = alteredSource(source, alterations);
      const asked = limited(seal && isSealed ? await seal(altered) : altered);
      const allocated = await allocatedBy(() => tally.ask(question(asked)));
      const most = LARGEST_HOLE + 8 * asked.spent.bytes;
      if (allocated > most) throw new Error(`${allocated} bytes of buffers for ${asked.spent.bytes} bytes read`);
    }),
    {
      numRuns: Math.ceil(Number(process.env.FUZZ_RUNS ?? 150) * share),
      seed: Number(process.env.FUZZ_SEED ?? 20240305),
    },
  );
  tally.finish();
}

/** The bytes of all buffers that were made while `action` ran, kept or not. */
async function allocatedBy(action: () => Promise<unknown>): Promise<number> {
  let allocated = 0;
  const makers = (['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const).map((name) => {
    const make = Buffer[name].bind(Buffer) as (size: number, ...fill: unknown[]) => Buffer;
    return jest.spyOn(Buffer, name as 'alloc').mockImplementation((size, ...fill) => {
      allocated += size;
      return make(size, ...fill) as Buffer<ArrayBuffer>;
    });
  });
  try {
    await action();
    return allocated;
  } finally {
    for (const maker of makers) maker.mockRestore();
  }
}

const PIECE = 64;

/**
 * For each read of an honest answer, the pieces that hold something: the zeros behind the records are not where readers
 * stumble. By reads, so that a short one of a header is altered as often as a long one of content.
 */
async function readsFor(source: ByteSource, question: (source: ByteSource) => Promise<unknown>) {
  const reads = new Map<string, number[]>();
  const answer = await question({
    size: source.size,
    async read(offset, length) {
      const bytes = await source.read(offset, length);
      const starts = Array.from({ length: Math.ceil(length / PIECE) }, (_, index) => index * PIECE);
      const held = starts.filter((at) => bytes.subarray(at, at + PIECE).some((byte) => byte !== 0));
      if (held.length > 0)
        reads.set(
          `${offset}+${length}`,
          held.map((at) => offset + at),
        );
      return bytes;
    },
  });
  return { reads: [...reads.values()], answer };
}

/** A source that gives up on a reader that asks without end, and counts what it asked for. */
function limited(source: ByteSource): ByteSource & { readonly spent: { reads: number; bytes: number } } {
  const spent = { reads: 0, bytes: 0 };
  return {
    size: source.size,
    spent,
    read(offset, length) {
      spent.reads += 1;
      spent.bytes += length;
      if (spent.reads > MOST_READS) throw new Error(`more than ${MOST_READS} reads for one question`);
      return source.read(offset, length);
    },
  };
}
