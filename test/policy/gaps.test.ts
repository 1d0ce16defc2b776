import fc from 'fast-check';
import { gapsBetween, type Span } from '../../src/policy/gaps';

const time = fc.integer({ min: 0, max: 60 });
const span = fc
  .tuple(time, time)
  .map(([one, other]): Span => ({ from: Math.min(one, other), to: Math.max(one, other) }));

describe('policy/gaps', () => {
  it('gives the whole where nothing is taken, and nothing where all is', () => {
    expect(gapsBetween({ from: 0, to: 10 }, [])).toEqual([{ from: 0, to: 10 }]);
    expect(gapsBetween({ from: 0, to: 10 }, [{ from: -5, to: Number.POSITIVE_INFINITY }])).toEqual([]);
  });

  it('gives what lies between, before and behind', () => {
    const taken = [
      { from: 60, to: 70 },
      { from: 20, to: 40 },
      { from: 30, to: 35 },
    ];
    expect(gapsBetween({ from: 0, to: 100 }, taken)).toEqual([
      { from: 0, to: 19 },
      { from: 41, to: 59 },
      { from: 71, to: 100 },
    ]);
  });

  it('touches nothing that is taken and leaves out nothing else but single points', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), (taken) => {
        const gaps = gapsBetween({ from: 0, to: 60 }, taken);
        const isIn = (spans: Span[], at: number) => spans.some(({ from, to }) => from <= at && at <= to);
        for (let at = 0; at <= 60; at += 1) {
          if (isIn(taken, at)) expect(isIn(gaps, at)).toBe(false);
          const isLonely = (at === 0 || isIn(taken, at - 1)) && (at === 60 || isIn(taken, at + 1));
          if (!isIn(taken, at) && !isLonely) expect(isIn(gaps, at)).toBe(true);
        }
      }),
    );
  });
});
