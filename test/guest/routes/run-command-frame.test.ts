import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  framePart,
  guestAnswer,
  maximumParts,
  readAnswer,
  readFrame,
  type FramePart,
} from '../../../src/guest/routes/run-command-frame';
import { bodyOf, framesOf, framesOfAnswer, type PackedAnswer, type PackedResult } from './support/frame-packer';

const nonce = '0123456789abcdef0123456789abcdef';
const otherNonce = 'f'.repeat(32);
const hash = 'a'.repeat(64);

describe('guest/routes/run-command-frame', () => {
  it('reads a whole answer', () => {
    const results: PackedResult[] = [
      { id: 'a', exitCode: 1060, output: '\u0090TAT\r\n', error: 'no', durationMs: 3 },
      { id: 'b', timedOut: true, output: 'half', error: '', durationMs: 9 },
      { id: 'c', skipped: true },
      { id: 'd', notStarted: 'x'.repeat(900) },
    ];
    expect(read(framesOfAnswer(answerOf(results, { bootedAt: '2026-01-01T00:00:00.0000000Z' })))).toEqual({
      ok: true,
      answer: {
        startedAt: '2026-01-02T03:04:05.0000000Z',
        bootedAt: '2026-01-01T00:00:00.0000000Z',
        computerName: 'vm-1',
        results: [
          { id: 'a', kind: 'ended', exitCode: 1060, output: '\u0090TAT\r\n', error: 'no' },
          { id: 'b', kind: 'timed-out', output: 'half' },
          { id: 'c', kind: 'left-out' },
          { id: 'd', kind: 'not-started', reason: 'x'.repeat(500) },
        ],
      },
    });
  });

  it('reads an answer of a guest that could not tell its boot time', () => {
    expect(read(framesOfAnswer(answerOf([], { bootedAt: null })))).toMatchObject({ ok: true });
  });

  it('finds the frame among other text', () => {
    const frame = single(framesOfAnswer(answerOf([])));
    const noise = `WARNING: <b>##RDPL1</b>\r\n##RDPL1 ${otherNonce} 1/1 0 ${hash}####END ${otherNonce}##\r\n`;
    expect(read([`${noise}${frame}${noise}`])).toMatchObject({ ok: true });
  });

  it.each([
    ['in the middle', (frame: string) => frame.slice(0, frame.length / 2)],
    ['before its end mark', (frame: string) => frame.replace(`##END ${nonce}##`, '')],
    ['at its begin, as Run Command cuts', (frame: string) => frame.slice(10)],
    ['away altogether', () => ''],
  ])('refuses a frame that is cut %s', (_where, cut) => {
    expect(readFrame(cut(single(framesOfAnswer(answerOf([])))), nonce)).toEqual({
      ok: false,
      reason: 'The output holds no whole frame of this run.',
    });
  });

  it('refuses a frame of another run', () => {
    const frame = single(framesOfAnswer(answerOf([], { nonce: otherNonce })));
    expect(readFrame(frame, nonce)).toMatchObject({ ok: false });
  });

  it('refuses a frame of ours around the answer of another run', () => {
    const frames = framesOf(bodyOf(answerOf([], { nonce: otherNonce })), nonce);
    expect(read(frames)).toEqual({ ok: false, reason: 'The answer belongs to another run.' });
  });

  it('refuses a repeated frame: one of them may be forged', () => {
    const frame = single(framesOfAnswer(answerOf([])));
    expect(readFrame(frame + frame, nonce)).toEqual({
      ok: false,
      reason: 'The output holds 2 frames instead of one.',
    });
  });

  it.each([
    ['part 0', '0/1 10', 'out of bounds'],
    ['a part beyond the last', '2/1 10', 'out of bounds'],
    ['too many parts', `1/${maximumParts + 1} 61000`, 'out of bounds'],
    ['a body beyond the bound', '1/20 76001', 'out of bounds'],
    ['fewer parts than its length needs', '1/1 3801', "don't fit"],
    ['more parts than its length needs', '1/3 3801', "don't fit"],
    ['two parts of nothing', '1/2 0', "don't fit"],
  ])('refuses a frame that says %s', (_what, numbers, reason) => {
    const frame = `##RDPL1 ${nonce} ${numbers} ${hash}##AAAA##END ${nonce}##`;
    expect(readFrame(frame, nonce)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it.each(['1/1 9999999', '1/1 -1', '01/1 1e3', ' 1/1 10', '1/1/1 10', '١/١ 10'])(
    'refuses the numbers %j',
    (numbers) => {
      expect(readFrame(`##RDPL1 ${nonce} ${numbers} ${hash}##AAAA##END ${nonce}##`, nonce)).toMatchObject({
        ok: false,
      });
    },
  );

  it('refuses an answer with the wrong hash', () => {
    const body = bodyOf(answerOf([]));
    const frame = single(framesOf(body, nonce));
    const forged = frame.replace(/[0-9a-f]{64}/, hash);
    expect(read([forged])).toEqual({ ok: false, reason: 'The answer does not have the hash that it says.' });
  });

  it('refuses an answer that is shorter than it says', () => {
    const frame = single(framesOfAnswer(answerOf([])));
    expect(read([frame.replace('##H4sI', '##')])).toEqual({ ok: false, reason: 'The answer was cut.' });
  });

  it('refuses parts in another order, mixed, missing or doubled', () => {
    const parts = partsOf(framesOfAnswer(bigAnswer('one')));
    const others = partsOf(framesOfAnswer(bigAnswer('two')));
    expect(parts).toHaveLength(others.length);
    expect(parts.length).toBeGreaterThan(2);
    const [first, second, ...rest] = parts;
    if (!first || !second) throw new Error('the composed answer is too short');
    const foreign = { ok: false, reason: 'The parts do not belong to one answer.' };
    const missing = { ok: false, reason: 'Parts of the answer are missing.' };
    expect(readAnswer([second, first, ...rest], nonce)).toEqual(foreign);
    expect(readAnswer([first, first, ...rest], nonce)).toEqual(foreign);
    expect(readAnswer([...parts.slice(0, -1), ...others.slice(-1)], nonce)).toEqual(foreign);
    expect(readAnswer(parts.slice(0, -1), nonce)).toEqual(missing);
    expect(readAnswer([...parts, ...parts.slice(-1)], nonce)).toEqual(missing);
    expect(readAnswer([], nonce)).toEqual(missing);
  });

  it('refuses an answer that unpacks to more than our memory shall hold', () => {
    const bomb = bodyOf(answerOf([{ id: 'a', exitCode: 0, output: 'A'.repeat(4_000_000), error: '' }]));
    expect(bomb.length).toBeLessThan(60_000);
    expect(read(framesOf(bomb, nonce))).toEqual({ ok: false, reason: 'The answer cannot be unpacked.' });
  });

  it('takes no answer that would not fit into a document of the ledger', () => {
    const largest = answerThatUnpacksTo(768 * 1024);
    const answer = read(framesOf(bodyOf(largest), nonce));
    expect(answer.ok).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(4 * 1024 * 1024);
    expect(read(framesOf(bodyOf(answerThatUnpacksTo(768 * 1024 + 4)), nonce)).ok).toBe(false);
  });

  it.each([
    ['not gzip', Buffer.from('hello').toString('base64')],
    ['gzip of no JSON', bodyOfText('{"version":1')],
    ['nothing', ''],
  ])('refuses a body that is %s', (_what, body) => {
    expect(read(framesOf(body, nonce))).toEqual({ ok: false, reason: 'The answer cannot be unpacked.' });
  });

  const whole = answerOf([]);
  it.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['text', 'answer'],
    ['another version', { ...whole, version: 1 }],
    ['no results', { ...whole, results: undefined }],
    ['too many results', { ...whole, results: Array.from({ length: 201 }, () => ({ id: 'a', skipped: true })) }],
    ['no computer name', { ...whole, computerName: null }],
    ['an endless computer name', { ...whole, computerName: 'x'.repeat(257) }],
    ['output that is no bytes', { ...whole, results: [{ id: 'a', exitCode: 0, output: '\u0100', error: '' }] }],
    [
      'an exit code that is no whole number',
      { ...whole, results: [{ id: 'a', exitCode: 0.5, output: '', error: '' }] },
    ],
    ['a result of no kind', { ...whole, results: [{ id: 'a' }] }],
    ['a result without an id', { ...whole, results: [{ skipped: true }] }],
  ])('refuses an answer with %s', (_what, value) => {
    expect(read(framesOf(bodyOf(value), nonce))).toEqual({
      ok: false,
      reason: 'The answer does not have the expected form.',
    });
  });

  it('reads back any answer of up to several parts', () => {
    fc.assert(
      fc.property(packedResults, (results) => {
        const frames = framesOfAnswer(answerOf(results));
        const answer = read(frames.map((frame) => `noise\r\n${frame}`));
        expect(answer).toMatchObject({ ok: true });
        expect(answer.ok && answer.answer.results.map((result) => result.kind === 'ended' && result.output)).toEqual(
          results.map((result) => 'exitCode' in result && result.output),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('gives parts and answers that come back from a document as they were', () => {
    const id = fc.string({ maxLength: 20 });
    const others = fc.oneof(
      fc.record({ id, timedOut: fc.constant(true as const), output: fc.string() }),
      fc.record({ id, skipped: fc.constant(true as const) }),
      fc.record({ id, notStarted: fc.string({ unit: 'binary', maxLength: 700 }) }),
    );
    const bootedAt = fc.option(fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(packedResults, fc.array(others), bootedAt, (some, more, booted) => {
        const frames = framesOfAnswer(answerOf([...some, ...more], { bootedAt: booted }));
        const parts = partsOf(frames);
        for (const part of parts) expect(framePart.parse(JSON.parse(JSON.stringify(part)))).toEqual(part);
        const answer = readAnswer(parts, nonce);
        expect(answer.ok && guestAnswer.parse(JSON.parse(JSON.stringify(answer.answer)))).toEqual(
          answer.ok && answer.answer,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('never throws on any output', () => {
    const piece = fc.constantFrom('##RDPL1 ', nonce, ' 1/1 4 ', hash, '##', 'AAAA', '##END ', '\n', '\0');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
        const frame = readFrame(pieces.join(''), nonce);
        expect(frame.ok ? readAnswer([frame.part], nonce).ok : false).toBe(false);
      }),
    );
  });

  it('gets through megabytes of frames that do not end', () => {
    const text = `##RDPL1 ${nonce} 1/1 3000 ${hash}##AAAA`.repeat(20_000);
    expect(readFrame(text, nonce)).toMatchObject({ ok: false });
  });
});

function answerOf(results: PackedResult[], more: Partial<PackedAnswer> = {}): PackedAnswer {
  return { version: 2, nonce, startedAt: '2026-01-02T03:04:05.0000000Z', computerName: 'vm-1', results, ...more };
}

/** Text that gzip cannot make short, so that the answer takes several parts. */
function bigAnswer(seed: string): PackedAnswer {
  const digests = Array.from({ length: 200 }, (_, index) => createHash('sha256').update(`${seed}${index}`).digest());
  return answerOf([{ id: 'a', exitCode: 0, output: Buffer.concat(digests).toString('latin1'), error: '' }]);
}

/** An answer of control characters, whose JSON has exactly this many bytes. */
function answerThatUnpacksTo(bytes: number): PackedAnswer {
  const empty = JSON.stringify(answerOf([{ id: '', exitCode: 0, output: '', error: '' }])).length;
  const output = 'AAAA'.repeat(Math.floor((bytes - empty) / 4));
  const id = 'i'.repeat(bytes - empty - output.length);
  return answerOf([{ id, exitCode: 0, output, error: '' }]);
}

function bodyOfText(text: string): string {
  return gzipSync(text).toString('base64');
}

function partsOf(frames: string[]): FramePart[] {
  return frames.map((frame) => {
    const read = readFrame(frame, nonce);
    if (!read.ok) throw new Error(read.reason);
    return read.part;
  });
}

function read(frames: string[]): ReturnType<typeof readAnswer> {
  return readAnswer(partsOf(frames), nonce);
}

function single(frames: string[]): string {
  const [frame, ...more] = frames;
  if (frame === undefined || more.length > 0) throw new Error('not exactly one frame');
  return frame;
}

const packedResults: fc.Arbitrary<PackedResult[]> = fc.array(
  fc.record({
    id: fc.string({ maxLength: 20 }),
    exitCode: fc.integer(),
    output: fc.uint8Array({ maxLength: 4000, size: 'max' }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    error: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  }),
  { maxLength: 4 },
);
