import fc from 'fast-check';
import { eachOnce, everyCombination, pairwise, type Dimensions } from './pairwise';

const machines = {
  language: ['en-US', 'de-DE', 'fr-FR'],
  generation: ['V1', 'V2'],
  stop: ['shut down', 'pulled'],
} as const;

/** Dimensions with names and values of their own. */
const anyDimensions: fc.Arbitrary<Dimensions> = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  .map((sizes) =>
    Object.fromEntries(
      sizes.map((size, index) => [`d${index}`, Array.from({ length: size }, (_value, value) => value)]),
    ),
  );

describe('support/pairwise: pairwise', () => {
  it('gives the rows of three dimensions, always the same', () => {
    expect(pairwise(machines)).toEqual([
      { language: 'en-US', generation: 'V1', stop: 'shut down' },
      { language: 'de-DE', generation: 'V2', stop: 'pulled' },
      { language: 'fr-FR', generation: 'V1', stop: 'pulled' },
      { language: 'fr-FR', generation: 'V2', stop: 'shut down' },
      { language: 'en-US', generation: 'V2', stop: 'pulled' },
      { language: 'de-DE', generation: 'V1', stop: 'shut down' },
    ]);
  });

  it('lets every two values of different dimensions meet, in few rows', () => {
    fc.assert(
      fc.property(anyDimensions, (dimensions) => {
        const rows = pairwise(dimensions);
        expect(missingPairs(rows, dimensions)).toEqual([]);
        expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
        expect(rows.length).toBeLessThanOrEqual(2 * fewestRows(dimensions));
      }),
    );
  });

  it('gives none where a dimension has no values', () => {
    expect(pairwise({ language: ['en-US'], generation: [] })).toEqual([]);
  });
});

describe('support/pairwise: eachOnce', () => {
  it('gives each subject once, in their order, and covers all pairs if there are subjects enough', () => {
    fc.assert(
      fc.property(anyDimensions, fc.nat(40), (dimensions, count) => {
        const subjects = Array.from({ length: count }, (_subject, id) => ({ id }));
        const rows = eachOnce(subjects, dimensions);
        expect(rows.map(({ id }) => ({ id }))).toEqual(subjects);
        if (count >= pairwise(dimensions).length) expect(missingPairs(rows, dimensions)).toEqual([]);
      }),
    );
  });

  it.each([6, 7, 30, 61])('uses the values of %i subjects about equally often', (count) => {
    const rows = eachOnce(
      Array.from({ length: count }, (_subject, id) => ({ id })),
      machines,
    );
    for (const [one, other] of pairsOf(machines)) {
      const counts = everyCombination({ one: machines[one], other: machines[other] }).map(
        (pair) => rows.filter((row) => row[one] === pair.one && row[other] === pair.other).length,
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('throws where a dimension has no values', () => {
    expect(() => eachOnce([{ id: 1 }], { generation: [] })).toThrow('A dimension has no values.');
  });
});

describe('support/pairwise: everyCombination', () => {
  it('gives the product, the last dimension fastest', () => {
    expect(everyCombination({ one: [1, 2], other: ['a', 'b'] })).toEqual([
      { one: 1, other: 'a' },
      { one: 1, other: 'b' },
      { one: 2, other: 'a' },
      { one: 2, other: 'b' },
    ]);
  });
});

function pairsOf<Of extends Dimensions>(dimensions: Of): [keyof Of, keyof Of][] {
  const names = Object.keys(dimensions) as (keyof Of)[];
  return names.flatMap((one, index) => names.slice(index + 1).map((other): [keyof Of, keyof Of] => [one, other]));
}

/** The values, and the pairs of them, that no row has. */
function missingPairs(rows: readonly Record<string, unknown>[], dimensions: Dimensions): unknown[] {
  const names = Object.keys(dimensions);
  const wanted = [...names.map((name) => [name]), ...pairsOf(dimensions)].flatMap((some) =>
    everyCombination(Object.fromEntries(some.map((name) => [name, dimensions[name] ?? []]))),
  );
  return wanted.filter(
    (part) => !rows.some((row) => Object.entries(part).every(([name, value]) => row[name] === value)),
  );
}

/** No table has fewer: the two dimensions with the most values need a row for each pair. */
function fewestRows(dimensions: Dimensions): number {
  const [most = 1, next = 1] = Object.values(dimensions)
    .map(({ length }) => length)
    .sort((one, other) => other - one);
  return most * next;
}
