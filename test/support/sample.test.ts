import type * as Sample from './sample';

const cases = Array.from({ length: 200 }, (_, index) => `case ${index}`);
const nameOf = (one: string) => one;

/** The functions as they are in a run with this share and seed. */
function sampleWith(share: string, seed: string): typeof Sample {
  const before = { ...process.env };
  Object.assign(process.env, { TEST_SAMPLE: share, TEST_SEED: seed });
  try {
    let loaded: typeof Sample | undefined;
    jest.isolateModules(() => {
      loaded = jest.requireActual<typeof Sample>('./sample');
    });
    if (!loaded) throw new Error('not loaded');
    return loaded;
  } finally {
    process.env = before;
  }
}

describe('support/sample', () => {
  it('is all of the cases where all are wanted', () => {
    const { sampled, sampledRuns, pickedByName } = sampleWith('1', '7');
    expect(sampled(cases)).toEqual(cases);
    expect(sampledRuns(40)).toBe(40);
    expect(pickedByName(cases, nameOf, cases.length)).toEqual(cases);
  });

  it('is a share of the cases in their order, the same by the same seed, others by another', () => {
    const [one, again, other] = ['7', '7', '8'].map((seed) => sampleWith('0.05', seed));
    const chosen = one?.sampled(cases) ?? [];
    expect(chosen).toHaveLength(10);
    expect(cases.filter((each) => chosen.includes(each))).toEqual(chosen);
    expect(again?.sampled(cases)).toEqual(chosen);
    expect(other?.sampled(cases)).not.toEqual(chosen);
    expect(other?.pickedByName(cases, nameOf, 10)).not.toEqual(one?.pickedByName(cases, nameOf, 10));
  });

  it('is one of the cases at least, and none where there is none', () => {
    const { sampled, sampledRuns, pickedByName } = sampleWith('0.0001', '7');
    expect(sampled(cases)).toHaveLength(1);
    expect(sampledRuns(40)).toBe(1);
    expect(pickedByName(cases, nameOf, 0)).toHaveLength(1);
    expect([sampled([]), pickedByName([], nameOf, 3)]).toEqual([[], []]);
  });

  it('by names stays, where a case that it has not picked comes or goes', () => {
    const { pickedByName } = sampleWith('0.05', '7');
    const chosen = pickedByName(cases, nameOf, 10);
    expect(chosen).toHaveLength(10);
    const fewer = cases.filter((one, index) => chosen.includes(one) || index % 2 === 0);
    expect(pickedByName(fewer, nameOf, 10)).toEqual(chosen);
  });
});
