/** Disks that nobody would make: bytes of what is read are changed. FUZZ_RUNS sets how often (default 300). */
import fc from 'fast-check';
import { isWithin, type ByteSource } from '../../../src/disk/byte-source';
import { evidenceItem } from '../../../src/guest/evidence-schemas';
import { readDiskEvidence } from '../../../src/guest/snapshot-disk';
import { alteredSource, type Alteration } from '../../disk/support/altered-source';
import { allNeeds, given, inBlocks, openDisk } from './support/disks';

const numRuns = Math.ceil(Number(process.env.FUZZ_RUNS ?? 150) / 3);

/** What a hostile disk may cost; the product's own bound is far above. */
const budget = { bytes: 48 * 1024 * 1024, requests: 1500 };

/** Pieces of 64 bytes that hold something and were read for the answer. */
async function placesRead(disk: ByteSource): Promise<number[]> {
  const places = new Set<number>();
  const watched: ByteSource = {
    size: disk.size,
    async read(offset, length) {
      const bytes = await disk.read(offset, length);
      for (let at = 0; at < length; at += 64) {
        if (bytes.subarray(at, at + 64).some((byte) => byte !== 0)) places.add(offset + at);
      }
      return bytes;
    },
  };
  await readDiskEvidence(watched, allNeeds, given);
  return [...places];
}

const words = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('00000000', 'ffffffff', '01000000', '7fffffff', '80000000', 'f8ffffff')
    .map((hex) => Buffer.from(hex, 'hex')),
);

describe.each(['gen1', 'gen2', 'small'] as const)('guest/snapshot-disk/fuzz: a changed disk %s', (name) => {
  it('is read or said to be unreadable, within the budget and in bounded words', async () => {
    const disk = openDisk(name);
    const places = await placesRead(disk);
    const alteration = fc
      .record({ place: fc.nat(places.length - 1), within: fc.nat(63), bytes: words })
      .map(({ place, within, bytes }): Alteration => ({ offset: (places[place] ?? 0) + within, bytes }))
      .filter(({ offset, bytes }) => isWithin(disk.size, offset, bytes.length));
    await fc.assert(
      fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 60 }), async (alterations) => {
        const blocks = inBlocks(alteredSource(disk, alterations), budget);
        const reading = await readDiskEvidence(blocks, allNeeds, given);
        if (reading.kind === 'unreadable') {
          expect(reading.reason.length).toBeLessThan(1000);
          expect(reading.reason).not.toMatch(unprintable);
          expect(reading.code).not.toBe('budget-exceeded');
          return;
        }
        expect(reading.evidence).toHaveLength(allNeeds.length);
        for (const [index, item] of reading.evidence.entries()) {
          expect([allNeeds[index]?.kind, 'unreadable']).toContain(item.kind);
          expect(JSON.stringify(item).length).toBeLessThan(40_000);
          expect(textsIn(item).filter((text) => unprintable.test(text))).toEqual([]);
          // It is read back from the repair's documents before anything is decided.
          expect(evidenceItem.parse(JSON.parse(JSON.stringify(item)))).toEqual(item);
        }
      }),
      { numRuns, seed: Number(process.env.FUZZ_SEED ?? 20260302) },
    );
  });
});

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Every text anywhere in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
