import fc from 'fast-check';
import {
  ageOfLoggedBoot,
  bootByKeys,
  isAhead,
  isOfBootBefore,
  isOneBoot,
  mostAhead,
  type BootTimes,
} from '../../src/guest/boot-age';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const asOf = Date.parse('2026-03-02T12:00:00Z');

/** A time that a machine of the last twenty years may have written before its disk was copied, and a little after. */
const time = fc.integer({ min: asOf - 20 * 365 * day, max: asOf + mostAhead });
const maybe = fc.option(time, { nil: undefined });
const past = fc.record({
  loggedBoot: time,
  shutdown: maybe,
  boot: maybe,
  isShutdownLogged: fc.boolean(),
  asOf: fc.constant(asOf),
});

describe('guest/boot-age: a logged boot', () => {
  it.each<[string, Partial<BootTimes>, string]>([
    ['nothing else is known', {}, 'last'],
    ['the log has been silent for 72 h since', { loggedBoot: asOf - 72 * hour }, 'last'],
    ['the log has been silent for a year since', { loggedBoot: asOf - 365 * day }, 'last'],
    ['Windows was shut down before it', { shutdown: asOf - 101 * hour }, 'last'],
    ['Windows was shut down after it, and the log has that', { shutdown: asOf - hour, isShutdownLogged: true }, 'last'],
    ['Windows was shut down after it, and the log has not', { shutdown: asOf - hour }, 'older-than-shutdown'],
    ['the kernel counted that same boot', { boot: asOf - 100 * hour + 20_000 }, 'last'],
    ['the kernel counted a later one', { boot: asOf - hour }, 'older-than-boot'],
    ['the kernel counted an earlier one: the registry is older', { boot: asOf - 200 * hour }, 'last'],
    [
      'both were later, though the log has the shutdown',
      { shutdown: asOf - hour, boot: asOf - hour + minute, isShutdownLogged: true },
      'older-than-boot',
    ],
    ['its own time has not come yet', { loggedBoot: asOf + 2 * day }, 'clock-ahead'],
    ['its own time is a few hours ahead: another time zone', { loggedBoot: asOf + 14 * hour }, 'last'],
    ['the shutdown’s time has not come yet', { shutdown: asOf + 30 * day }, 'last'],
    ['the counted boot’s time has not come yet', { boot: asOf + 30 * day }, 'last'],
  ])('when %s', (_, given, expected) => {
    const age = ageOfLoggedBoot({ loggedBoot: asOf - 100 * hour, asOf, ...given });
    expect('code' in age ? age.code : age.kind).toBe(expected);
  });

  it('is the last one where no other time is told, however old', () => {
    fc.assert(fc.property(time, (loggedBoot) => ageOfLoggedBoot({ loggedBoot, asOf }).kind === 'last'));
  });

  it('is stale only where a time of the same disk is younger, and never by one that has not come yet', () => {
    fc.assert(
      fc.property(past, (times) => {
        const age = ageOfLoggedBoot(times);
        if (age.kind !== 'stale') return;
        const by = times[age.by];
        expect(by).toBeGreaterThan(times.loggedBoot);
        expect(isAhead(by ?? Infinity, asOf)).toBe(false);
      }),
    );
  });

  it('does not become older by being younger', () => {
    fc.assert(
      fc.property(past, fc.integer({ min: 0, max: 365 * day }), (times, later) => {
        fc.pre(ageOfLoggedBoot(times).kind === 'last' && times.loggedBoot + later <= asOf + mostAhead);
        expect(ageOfLoggedBoot({ ...times, loggedBoot: times.loggedBoot + later }).kind).toBe('last');
      }),
    );
  });

  it('hangs on the order of times and not on the calendar: all of them moved together say the same', () => {
    fc.assert(
      fc.property(past, fc.integer({ min: -365 * day, max: 365 * day }), (times, moved) => {
        const shifted = {
          ...times,
          loggedBoot: times.loggedBoot + moved,
          shutdown: times.shutdown === undefined ? undefined : times.shutdown + moved,
          boot: times.boot === undefined ? undefined : times.boot + moved,
          asOf: asOf + moved,
        };
        expect(ageOfLoggedBoot(shifted)).toEqual(ageOfLoggedBoot(times));
      }),
    );
  });

  it('stays what it is while time goes on and nothing is written', () => {
    fc.assert(
      fc.property(past, fc.integer({ min: 0, max: 10 * 365 * day }), (times, later) => {
        // What had not come yet may come meanwhile; all of these had.
        expect(ageOfLoggedBoot({ ...times, asOf: asOf + later })).toEqual(ageOfLoggedBoot(times));
      }),
    );
  });

  it('is not made older by the log knowing of the shutdown', () => {
    fc.assert(
      fc.property(past, (times) => {
        fc.pre(ageOfLoggedBoot({ ...times, isShutdownLogged: false }).kind === 'last');
        expect(ageOfLoggedBoot({ ...times, isShutdownLogged: true }).kind).toBe('last');
      }),
    );
  });
});

describe('guest/boot-age: a word about the last boot that has no time of its own', () => {
  const written = asOf - 100 * hour;
  it.each<[string, Parameters<typeof isOfBootBefore>[1], boolean]>([
    ['nothing else is known', { asOf }, false],
    ['Windows was shut down after it', { asOf, shutdown: asOf - hour }, true],
    [
      'Windows was shut down after it, and booted since',
      { asOf, shutdown: asOf - hour, boot: asOf - hour + minute },
      false,
    ],
    ['Windows was shut down after it, and booted before', { asOf, shutdown: asOf - hour, boot: written }, true],
    ['Windows was shut down before it', { asOf, shutdown: asOf - 101 * hour }, false],
    ['the shutdown’s time has not come yet', { asOf, shutdown: asOf + 30 * day }, false],
  ])('is of the boot before when %s: %j', (_, times, expected) => {
    expect(isOfBootBefore(written, times)).toBe(expected);
  });

  it('does not become older by being written later', () => {
    fc.assert(
      fc.property(past, fc.integer({ min: 0, max: 365 * day }), ({ loggedBoot, ...times }, later) => {
        fc.pre(!isOfBootBefore(loggedBoot, times));
        expect(isOfBootBefore(loggedBoot + later, times)).toBe(false);
      }),
    );
  });
});

describe('guest/boot-age: a boot by the keys of the kernel', () => {
  it.each([
    ['one key alone', [asOf], undefined],
    ['one key and none', [asOf, undefined], undefined],
    ['no key', [], undefined],
    ['two that were written at once', [asOf + 31, asOf], asOf],
    ['two of which one was written later', [asOf, asOf + 2 * minute], undefined],
  ])('is told by %s: %p', (_, times, expected) => {
    expect(bootByKeys(times)).toBe(expected);
  });

  it('is one of their times, and the earliest, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 2, maxLength: 4 }), (times) => {
        const at = bootByKeys(times);
        expect(bootByKeys(times.toReversed())).toBe(at);
        if (at !== undefined) expect(at).toBe(Math.min(...times));
      }),
    );
  });
});

describe('guest/boot-age: two times of one boot', () => {
  it('are the same either way round, and a time is of its own boot', () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(isOneBoot(one, other)).toBe(isOneBoot(other, one));
        expect(isOneBoot(one, one)).toBe(true);
      }),
    );
  });
});
