import fc from 'fast-check';
import { memorySource, UnreadableError } from '../../../src/disk/byte-source';
import { openHive } from '../../../src/disk/registry/hive';
import type { Hive } from '../../../src/disk/registry/hive';
import { marvin32 } from '../../../src/disk/registry/marvin32';
import {
  countingSource,
  hasRealHives,
  hiveImage,
  hivexAnswer,
  inMilliseconds,
  readTree,
  realHive,
} from './support/images';
import type { Entry } from './support/log-writer';
import {
  changedPages,
  logWithDirtyVector,
  logWithEntries,
  withChecksum,
  withHashes,
  withSequences,
} from './support/log-writer';

const whenReal = hasRealHives ? it : it.skip;

/** The state that recovery must lead to. */
const current = stamped(hiveImage('bcd'));
const currentTree = inMilliseconds(hivexAnswer('bcd'));

/** The same hive some writes ago: different on every page. */
const stale = staleState();

const allPages = changedPages(stale, current);
const half = Math.ceil(allPages.length / 2);

/** Written before the current state, and wrong by now: only applied pages that came later make it right. */
const outdated = allPages.map(({ offset }) => ({ offset, bytes: Buffer.alloc(4096, 0xee) }));

function open(hive: Buffer, log1?: Buffer, log2?: Buffer): Promise<Hive> {
  return openHive(memorySource(hive), {
    ...(log1 === undefined ? {} : { log1: memorySource(log1) }),
    ...(log2 === undefined ? {} : { log2: memorySource(log2) }),
  });
}

describe('disk/registry/recovery: a hive that Windows 10 left dirty', () => {
  whenReal('becomes what Windows 10 itself made of it, every key and value', async () => {
    const recovered = await open(realHive('dirty-new-format/RecoveredHive_Windows10'));
    const dirty = realHive('dirty-new-format/NewDirtyHive');
    const log1 = realHive('dirty-new-format/NewDirtyHive.LOG1');
    const log2 = realHive('dirty-new-format/NewDirtyHive.LOG2');
    const hive = await open(dirty, log1, log2);
    const expected = await readTree(recovered, false);
    expect(await readTree(hive, false)).toEqual(expected);
    expect(await readTree(await open(dirty), false)).not.toEqual(expected);
    expect(hive.recovery).toEqual({
      state: 'recovered',
      dirtyBecause: 'sequence-numbers-differ',
      format: 'log-entries',
      logs: [
        { name: 'LOG1', entries: 1 },
        { name: 'LOG2', entries: 3 },
      ],
      pages: 40,
      lastSequence: 5,
    });
  });

  whenReal('becomes the same from the second log alone, which begins later than the hive waits for', async () => {
    const expected = await readTree(await open(realHive('dirty-new-format/RecoveredHive_Windows10')), false);
    const [dirty, log2] = [realHive('dirty-new-format/NewDirtyHive'), realHive('dirty-new-format/NewDirtyHive.LOG2')];
    expect([dirty.readUInt32LE(8), log2.readUInt32LE(4)]).toEqual([2, 3]);
    const hive = await open(dirty, undefined, log2);
    expect(await readTree(hive, false)).toEqual(expected);
    expect(hive.recovery).toMatchObject({ state: 'recovered', logs: [{ name: 'LOG2', entries: 3 }], lastSequence: 5 });
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  whenReal('takes what its log holds before a torn entry', async () => {
    const log2 = realHive('dirty-new-format/NewDirtyHive.LOG2');
    const second = 512 + log2.readUInt32LE(512 + 4);
    log2.writeUInt8((log2[second + 100] ?? 0) ^ 1, second + 100);
    const hive = await open(realHive('dirty-new-format/NewDirtyHive'), undefined, log2);
    expect(hive.recovery).toMatchObject({
      state: 'recovered',
      logs: [{ name: 'LOG2', entries: 1 }],
      lastSequence: 3,
      stoppedBecause: expect.stringMatching(new RegExp(`^LOG2, entry 4 at byte ${second}: the hash of`, 'u')),
    });
  });

  whenReal('becomes the same with its base block destroyed', async () => {
    const dirty = realHive('dirty-new-format/NewDirtyHive');
    dirty.fill(0, 0, 512);
    const log1 = realHive('dirty-new-format/NewDirtyHive.LOG1');
    const hive = await open(dirty, log1, realHive('dirty-new-format/NewDirtyHive.LOG2'));
    const recovered = await open(realHive('dirty-new-format/RecoveredHive_Windows10'));
    expect(await readTree(hive, false)).toEqual(await readTree(recovered, false));
    expect(hive.recovery).toMatchObject({ state: 'recovered', dirtyBecause: 'checksum-wrong' });
  });
});

describe('disk/registry/recovery: the hash of log entries', () => {
  // https://github.com/dotnet/runtime, MarvinTests: seed 4FB61A001BDBCC.
  it.each([
    ['af', 0x48e7_3fc7_7d75_ddc1n],
    ['e70f', 0xb5f6_e1fc_485d_bff8n],
    ['37f495', 0xf0b0_7c78_9b8c_f7e8n],
    ['153fb79826', 0xe6c0_8c6d_a2af_a997n],
    ['0932e6246c47', 0x6f04_bf1a_5ea2_4060n],
    ['ab427ea8d10fc7', 0xe118_47e4_f067_8c41n],
  ])('is Marvin32: %s', (bytes, hash) => {
    const seed = { low: 0x001b_dbcc, high: 0x004f_b61a };
    expect(marvin32(Buffer.from(bytes, 'hex'), seed).readBigUInt64LE(0)).toBe(hash);
  });
});

describe('disk/registry/recovery: a dirty hive with log entries', () => {
  const dirty = withSequences(stale, 8, 7);

  it('is not what it should be without its logs', async () => {
    expect(allPages).toHaveLength(2);
    expect(await readTree(await open(withSequences(stale, 7, 7)), true)).not.toEqual(currentTree);
  });

  it.each<[string, Entry[]]>([
    ['one entry', [entry(7, allPages)]],
    ['two entries', [entry(7, allPages.slice(0, half)), entry(8, allPages.slice(half))]],
    ['a later entry over an earlier one', [entry(7, outdated), entry(8, allPages)]],
    ['remnants of an older row behind them', [entry(7, allPages), entry(3, outdated)]],
  ])('is brought up to date: %s', async (_title, entries) => {
    const hive = await open(dirty, logWithEntries(dirty, entries));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ state: 'recovered', format: 'log-entries' });
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  it.each([
    ['LOG1 first', 7, 8],
    ['LOG2 first', 8, 7],
  ])('is brought up to date from both logs in the order of their numbers: %s', async (_title, in1, in2) => {
    const pagesOf = (sequence: number) => (sequence === 7 ? outdated : allPages);
    const log1 = logWithEntries(dirty, [entry(in1, pagesOf(in1))]);
    const log2 = logWithEntries(dirty, [entry(in2, pagesOf(in2))]);
    const hive = await open(dirty, log1, log2);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ lastSequence: 8, logs: [{ entries: 1 }, { entries: 1 }] });
  });

  it('is brought up to date across the wrap of sequence numbers', async () => {
    const wrapped = withSequences(stale, 0, 0xffff_ffff);
    const log1 = logWithEntries(wrapped, [entry(0, allPages)]);
    const log2 = logWithEntries(wrapped, [entry(0xffff_ffff, outdated)]);
    expect(await readTree(await open(wrapped, log1, log2), true)).toEqual(currentTree);
  });

  it('takes two logs that join even if they begin later than the hive waits for', async () => {
    const log1 = logWithEntries(dirty, [entry(251, allPages)]);
    const log2 = logWithEntries(dirty, [entry(250, outdated)]);
    expect(await readTree(await open(dirty, log1, log2), true)).toEqual(currentTree);
  });

  it('takes a single log that begins later than the hive waits for', async () => {
    const hive = await open(dirty, logWithEntries(dirty, [entry(250, outdated), entry(251, allPages)]));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({
      state: 'recovered',
      logs: [{ name: 'LOG1', entries: 2 }],
      lastSequence: 251,
    });
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  it('takes a single LOG2 as well, beside a log that was never written to', async () => {
    const hive = await open(dirty, Buffer.alloc(65_536), logWithEntries(dirty, [entry(250, allPages)]));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ state: 'recovered', logs: [{ name: 'LOG2', entries: 1 }] });
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  it.each([7, 250])('takes the entries before a torn one, from %d on', async (first) => {
    const log = logWithEntries(dirty, [entry(first, allPages), entry(first + 1, outdated), entry(first + 2, outdated)]);
    const second = 512 + log.readUInt32LE(512 + 4);
    log.writeUInt8((log[second + 600] ?? 0) ^ 1, second + 600);
    const hive = await open(dirty, log);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({
      logs: [{ name: 'LOG1', entries: 1 }],
      lastSequence: first,
      stoppedBecause: expect.stringMatching(
        new RegExp(
          `^LOG1, entry ${first + 1} at byte ${second}: the hash of its pages is wrong \\([0-9a-f]{16}, its`,
          'u',
        ),
      ),
    });
  });

  it('goes on with the other log where the first was torn', async () => {
    const log1 = logWithEntries(dirty, [entry(7, outdated), entry(8, outdated)]);
    log1.writeUInt8((log1.at(-1) ?? 0) ^ 1, log1.length - 1);
    const hive = await open(dirty, log1, logWithEntries(dirty, [entry(8, allPages)]));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ logs: [{ entries: 1 }, { entries: 1 }], lastSequence: 8 });
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  it('says that its log jumps, and takes what comes before', async () => {
    const log = logWithEntries(dirty, [entry(7, allPages), entry(9, outdated)]);
    const hive = await open(dirty, log);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({
      lastSequence: 7,
      stoppedBecause: `LOG1, entry 8 at byte ${512 + log.readUInt32LE(512 + 4)}: entry 9 stands in its place`,
    });
  });

  it.each<[string, (log: Buffer) => Buffer, RegExp]>([
    [
      'has a wrong checksum',
      (log) => setUInt32(log, 508, 1),
      /^LOG2 has a wrong checksum in its base block \(0x00000001 at/u,
    ],
    ['was cut off', (log) => withChecksum(setUInt32(log, 8, 99)), /^LOG2 was not written to its end/u],
    ['is something else', () => Buffer.alloc(8192, 0x61), /^LOG2 does not begin with a base block but with "aaaa"$/u],
    ['ends within its base block', (log) => log.subarray(0, 100), /^LOG2 ends after 100 bytes/u],
  ])('says that newer changes may be missing when its other log %s', async (_title, spoil, reason) => {
    const log1 = logWithEntries(dirty, [entry(7, allPages)]);
    const hive = await open(dirty, log1, spoil(logWithEntries(dirty, [entry(8, outdated)])));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ lastSequence: 7, stoppedBecause: expect.stringMatching(reason) });
  });

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['was never written to', Buffer.alloc(8192)],
    ['is of another state', withChecksum(setUInt32(logWithEntries(dirty, [entry(3, outdated)]), 12, 1))],
    ['is older', logWithEntries(dirty, [entry(3, outdated)])],
  ])('says nothing of its other log when that %s', async (_title, log2) => {
    const hive = await open(dirty, logWithEntries(dirty, [entry(7, allPages)]), log2);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  });

  it('leaves a log alone that holds only what the hive has', async () => {
    const log1 = logWithEntries(dirty, [entry(5, outdated), entry(6, outdated)]);
    const log2 = logWithEntries(dirty, [entry(7, allPages)]);
    const hive = await open(dirty, log1, log2);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ logs: [{ name: 'LOG2', entries: 1 }] });
  });

  it('grows as its log says, beyond the end of the file', async () => {
    const size = current.readUInt32LE(40);
    const short = Buffer.from(stale.subarray(0, 2 * 4096));
    short.writeUInt32LE(4096, 40);
    const hive = withSequences(short, 8, 7);
    const log = logWithEntries(hive, [entry(7, changedPages(hive, current), size)]);
    expect(size).toBeGreaterThan(4096);
    expect(await readTree(await open(hive, log), true)).toEqual(currentTree);
  });

  it('is damaged where it grew and neither file nor log has the bytes', async () => {
    const log = logWithEntries(dirty, [entry(7, allPages, dirty.readUInt32LE(40) + 4096)]);
    // The root's list of subkeys is said to lie in what was added.
    log.writeUInt32LE(dirty.readUInt32LE(40), 512 + 40 + 16 + 0x20 + 4 + 28);
    withHashes(log.subarray(512));
    const hive = await open(dirty, log);
    await expect(hive.findKey(['Objects'])).rejects.toMatchObject({
      code: 'damaged',
      detail: expect.stringContaining('neither the hive nor its logs'),
    });
  });

  it('stops before an entry with a wrong hash and says so', async () => {
    const log = logWithEntries(dirty, [entry(7, allPages), entry(8, outdated)]);
    log.writeUInt8((log.at(-1) ?? 0) ^ 1, log.length - 1);
    const hive = await open(dirty, log);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ lastSequence: 7, stoppedBecause: expect.stringContaining('hash') });
  });

  it('does not pass over a gap between its logs', async () => {
    const log1 = logWithEntries(dirty, [entry(7, allPages)]);
    const log2 = logWithEntries(dirty, [entry(9, outdated)]);
    const hive = await open(dirty, log1, log2);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ lastSequence: 7, stoppedBecause: 'LOG2 begins with entry 9, not with 8' });
  });

  it('takes the later log when the base block is lost and the logs do not join', async () => {
    const lost = Buffer.from(dirty);
    lost.fill(0xff, 0, 512);
    const log1 = logWithEntries(dirty, [entry(3, outdated)]);
    const log2 = logWithEntries(dirty, [entry(7, allPages)]);
    const hive = await open(lost, log1, log2);
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ dirtyBecause: 'checksum-wrong', logs: [{ name: 'LOG2', entries: 1 }] });
  });

  it('takes only the later log when the base block is lost, as Windows does, and says so', async () => {
    const lost = setUInt32(Buffer.from(dirty), 508, 1);
    const log1 = logWithEntries(dirty, [entry(7, outdated)]);
    const hive = await open(lost, log1, logWithEntries(dirty, [entry(8, allPages)]));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({
      dirtyBecause: 'checksum-wrong',
      logs: [{ name: 'LOG2', entries: 1 }],
      stoppedBecause: expect.stringMatching(/^LOG1 is not applied: without a valid base block/u),
    });
  });

  it.each<[string, (log: Buffer) => Buffer, string]>([
    ['is not there', () => Buffer.alloc(0), 'LOG1 is empty (0 bytes); LOG2 was not given'],
    ['is zeros', () => Buffer.alloc(8192), 'does not begin with a base block'],
    ['has a wrong checksum', (log) => patched(log, (head) => head.writeUInt32LE(1, 508)), 'LOG1 has a wrong checksum'],
    ['was cut off', (log) => patched(log, (head) => withChecksum(setUInt32(head, 8, 99))), 'not written to its end'],
    ['is of another time', (log) => patched(log, (head) => withChecksum(setUInt32(head, 12, 1))), 'another state'],
    ['is a hive', (log) => patched(log, (head) => withChecksum(setUInt32(head, 28, 0))), 'a hive, not a log'],
    [
      'has a wrong hash',
      (log) => patched(log, (head) => setUInt32(head, 600, 1)),
      'entry 7 at byte 512: the hash of its pages',
    ],
    [
      'has a wrong head',
      (log) => patched(log, (head) => setUInt32(head, 512 + 20, 9)),
      'the hash of its head is wrong',
    ],
    ['ends in its entry', (log) => log.subarray(0, 1024), 'end outside the log'],
    ['has no entry', (log) => log.subarray(0, 512), 'the logs hold no entries'],
    ['counts pages that it lacks', (log) => resealed(log, 20, 0xffff_ffff), 'do not fit'],
    ['has pages outside the hive', (log) => resealed(log, 40, 0xffff_f000), 'do not fit'],
    ['has pages at odd places', (log) => resealed(log, 40, 7), 'do not fit'],
    ['has no size of the hive', (log) => resealed(log, 16, 4097), 'hive bins have 4097 bytes'],
    [
      'begins before what the hive waits for',
      () => logWithEntries(dirty, [entry(6, allPages), entry(7, allPages)]),
      'LOG1 begins with entry 6, before the 7 that the hive waits for',
    ],
    [
      'begins with another entry than its base block says',
      (log) => resealed(log, 12, 9),
      'entry 7 at byte 512: entry 9 stands in its place',
    ],
  ])('is given as it is, with the reason, when its log %s', async (_title, spoil, reason) => {
    const log = spoil(logWithEntries(dirty, [entry(7, allPages)]));
    const hive = await open(dirty, log);
    expect(hive.recovery).toMatchObject({
      state: 'dirty-without-usable-logs',
      dirtyBecause: 'sequence-numbers-differ',
      reason: expect.stringContaining(reason),
    });
    expect(await readTree(hive, true)).toEqual(await readTree(await open(withSequences(stale, 7, 7)), true));
  });

  it('does not take an unreadable log for one that holds nothing', async () => {
    const failing = { size: 8192, read: () => Promise.reject(new UnreadableError('access-denied', 'no')) };
    const opened = openHive(memorySource(dirty), { log1: failing });
    await expect(opened).rejects.toMatchObject({ code: 'access-denied' });
  });

  it('ignores entries when the hive is in order', async () => {
    const clean = withSequences(current, 7, 7);
    const hive = await open(clean, logWithEntries(clean, [entry(7, outdated)]));
    expect(hive.recovery).toEqual({ state: 'clean' });
    expect(await readTree(hive, true)).toEqual(currentTree);
  });

  it('reads its logs in large pieces', async () => {
    const log = countingSource(logWithEntries(dirty, [entry(7, allPages)]));
    await openHive(memorySource(dirty), { log1: log });
    expect(log.reads).toBe(1);
  });
});

describe('disk/registry/recovery: a dirty hive with a log in the old format', () => {
  const dirty = withSequences(stale, 8, 7);

  it('is brought up to date', async () => {
    const hive = await open(dirty, logWithDirtyVector(dirty, 8, allPages));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toEqual({
      state: 'recovered',
      dirtyBecause: 'sequence-numbers-differ',
      format: 'dirty-vector',
      logs: [{ name: 'LOG1', entries: 1 }],
      pages: allPages.length * 8,
      lastSequence: 8,
    });
  });

  it('takes the one of two logs that belongs to it', async () => {
    const foreign = logWithDirtyVector(dirty, 9, outdated);
    withChecksum(setUInt32(foreign, 12, 1));
    const hive = await open(dirty, foreign, logWithDirtyVector(dirty, 8, allPages));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ logs: [{ name: 'LOG2', entries: 1 }] });
  });

  it('gets its base block back from the log', async () => {
    const lost = Buffer.from(dirty);
    lost.writeUInt32LE(0, 508);
    lost.writeUInt32LE(0x7777, 36);
    const hive = await open(lost, logWithDirtyVector(dirty, 8, allPages));
    expect(await readTree(hive, true)).toEqual(currentTree);
    expect(hive.recovery).toMatchObject({ dirtyBecause: 'checksum-wrong' });
  });

  it('is given as it is when the log has no dirty vector', async () => {
    const log = logWithDirtyVector(dirty, 8, allPages);
    log.write('TRID', 512, 'latin1');
    const hive = await open(dirty, log);
    expect(hive.recovery).toMatchObject({
      state: 'dirty-without-usable-logs',
      reason: expect.stringContaining('vector'),
    });
  });

  it('stops where its log ends and says so', async () => {
    const log = logWithDirtyVector(dirty, 8, allPages);
    const hive = await open(dirty, log.subarray(0, 1024));
    expect(hive.recovery).toMatchObject({ reason: expect.stringContaining('ends before its dirty pages do') });
  });

  it('stops before a hive bin that is none', async () => {
    const bad = Buffer.alloc(4096);
    bad.write('hbin', 'latin1');
    bad.writeUInt32LE(0x5000, 4);
    const hive = await open(dirty, logWithDirtyVector(dirty, 8, [{ offset: 0, bytes: bad }]));
    expect(hive.recovery).toMatchObject({
      state: 'dirty-without-usable-logs',
      reason: expect.stringContaining('a hive bin at 0'),
    });
  });
});

describe('disk/registry/recovery: spoilt logs', () => {
  it('give the right hive, or say that something is missing', async () => {
    const dirty = withSequences(stale, 8, 7);
    const log = logWithEntries(dirty, [
      entry(7, outdated),
      entry(8, allPages.slice(0, half)),
      entry(9, allPages.slice(half)),
    ]);
    const heads = [...log.keys()].filter((at) => at % 512 === 0 && log.toString('latin1', at, at + 4) === 'HvLE');
    expect(heads).toHaveLength(3);
    const spoilt = fc.record({
      // Without what says that there is an entry at all: where that is gone, the row has ended.
      place: fc.nat(log.length - 1).filter((at) => !heads.some((head) => at < head + 4 && at + 8 > head)),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(spoilt, { minLength: 1, maxLength: 3 }), async (all) => {
        const bytes = Buffer.from(log);
        for (const { place, bytes: replacement } of all) Buffer.from(replacement).copy(bytes, place);
        const hive = await open(dirty, bytes);
        const isTold = hive.recovery.state !== 'recovered' || hive.recovery.stoppedBecause !== undefined;
        if (!isTold) expect(await readTree(hive, true)).toEqual(currentTree);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });
});

describe('disk/registry/recovery: a base block with a wrong checksum', () => {
  const spoilt = setUInt32(withSequences(stale, 7, 7), 508, 0x1234);
  const computed = `0x${withSequences(stale, 7, 7).readUInt32LE(508).toString(16).padStart(8, '0')}`;

  it('is told as that, with what it is and what it should be', async () => {
    expect((await open(spoilt)).recovery).toEqual({
      state: 'dirty-without-usable-logs',
      dirtyBecause: 'checksum-wrong',
      reason:
        `the hive has a wrong checksum in its base block (0x00001234 at byte 508, its bytes give ${computed}); ` +
        'LOG1 was not given; LOG2 was not given',
    });
  });

  it('is told as that also where its fields cannot be true', async () => {
    const bytes = setUInt32(Buffer.from(spoilt), 24, 77);
    await expect(open(bytes)).rejects.toMatchObject({
      code: 'not-this-format',
      detail: expect.stringMatching(/^a hive with a wrong checksum in its base block \(0x00001234 .*version 1\.77/u),
    });
  });
});

describe('disk/registry/recovery: what is no hive', () => {
  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'not-this-format'],
    ['zeros', Buffer.alloc(8192), 'not-this-format'],
    ['another version', withChecksum(setUInt32(Buffer.from(current), 24, 1)), 'not-this-format'],
    ['no size', withChecksum(setUInt32(Buffer.from(current), 40, 17)), 'not-this-format'],
    ['a log', withChecksum(setUInt32(Buffer.from(current), 28, 6)), 'not-this-format'],
  ])('is refused: %s', async (_title, bytes, code) => {
    await expect(open(bytes)).rejects.toMatchObject({ name: 'UnreadableError', code });
  });

  it('is refused even if its log is there, when the log is of another hive', async () => {
    const opened = open(Buffer.alloc(8192), logWithEntries(current, [entry(7, outdated)]));
    await expect(opened).rejects.toMatchObject({ detail: expect.stringContaining('LOG1 belongs to another state') });
  });
});

function entry(sequence: number, pages: Entry['pages'], hiveBinsSize?: number): Entry {
  return { sequence, pages, ...(hiveBinsSize === undefined ? {} : { hiveBinsSize }) };
}

/** A last write in base block and first bin, so that logs can belong to it. */
function stamped(hive: Buffer): Buffer {
  hive.writeBigUInt64LE(134_241_858_001_234_567n, 12);
  hive.writeBigUInt64LE(134_241_858_001_234_567n, 4096 + 20);
  return withChecksum(hive);
}

/** Another time of the root key on the first page, another name of a key on the second. */
function staleState(): Buffer {
  const hive = Buffer.from(current);
  hive.writeBigUInt64LE(1n << 56n, 4096 + 0x20 + 4 + 4);
  hive.write('25000081', hive.indexOf('25000080'), 'latin1');
  return hive;
}

function setUInt32(bytes: Buffer, offset: number, value: number): Buffer {
  bytes.writeUInt32LE(value, offset);
  return bytes;
}

function patched(log: Buffer, patch: (log: Buffer) => unknown): Buffer {
  patch(log);
  return log;
}

/** A field of the first entry changed, its hashes put right: only what the field says is wrong. */
function resealed(log: Buffer, offset: number, value: number): Buffer {
  setUInt32(log, 512 + offset, value);
  withHashes(log.subarray(512));
  return log;
}
