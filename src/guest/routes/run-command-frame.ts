import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { GuestAnswer, GuestCommandResult } from '../command';

/**
 * Reads the frame that scripts/run-commands.ps1 prints (its format stands there). Everything in it comes from the
 * guest and may be forged, cut or repeated: it is taken only whole, with our nonce, right length and right hash.
 */

/** More parts than this are refused: an honest answer has a handful. */
export const maximumParts = 20;
const partLength = 3800;
const maximumBody = maximumParts * partLength;
/**
 * An answer unpacks to at most this many bytes, so that a guest cannot fill our memory. It is JSON here as in
 * the ledger, so the worst answer still fits a document's 4 MiB.
 */
const maximumUnpacked = 768 * 1024;

/** One part of an answer. */
export interface FramePart {
  part: number;
  parts: number;
  /** Length of the whole body in characters, and its SHA-256. */
  bodyLength: number;
  bodyHash: string;
  chunk: string;
}

/** A part as a repair's document holds it until the others are there. */
export const framePart: z.ZodType<FramePart> = z.strictObject({
  part: z.number().int().min(1).max(maximumParts),
  parts: z.number().int().min(1).max(maximumParts),
  bodyLength: z.number().int().min(0).max(maximumBody),
  bodyHash: z.string().regex(/^[0-9a-f]{64}$/),
  chunk: z.string().regex(new RegExp(`^[A-Za-z0-9+/=]{0,${partLength}}$`)),
});

/** A frame or an answer that cannot be trusted, and why. */
export interface FrameFailure {
  ok: false;
  reason: string;
}

/** Finds our frame in the output of a run: exactly one with this nonce, or a failure. */
export function readFrame(output: string, nonce: string): { ok: true; part: FramePart } | FrameFailure {
  const pattern = new RegExp(
    `##RDPL1 ${nonce} (\\d{1,3})/(\\d{1,3}) (\\d{1,6}) ([0-9a-f]{64})##([A-Za-z0-9+/=]{0,${partLength}})##END ${nonce}##`,
    'g',
  );
  const matches = [...output.matchAll(pattern)];
  const [match] = matches;
  if (!match) return { ok: false, reason: 'The output holds no whole frame of this run.' };
  if (matches.length > 1) return { ok: false, reason: `The output holds ${matches.length} frames instead of one.` };
  const part = Number(match[1]);
  const parts = Number(match[2]);
  const bodyLength = Number(match[3]);
  if (part < 1 || part > parts || parts > maximumParts || bodyLength > maximumBody) {
    return { ok: false, reason: `The frame says part ${part} of ${parts}, ${bodyLength} characters: out of bounds.` };
  }
  if (parts !== Math.max(1, Math.ceil(bodyLength / partLength))) {
    return { ok: false, reason: `The frame says ${parts} parts for ${bodyLength} characters: they don't fit.` };
  }
  return { ok: true, part: { part, parts, bodyLength, bodyHash: match[4] ?? '', chunk: match[5] ?? '' } };
}

/**
 * Windows tools write in the console's code page. What we parse is ASCII, so each byte is one character here, and translated
 * words stay unread rather than wrong.
 */
// eslint-disable-next-line no-control-regex -- any byte may stand in a tool's output
const printed = z.string().regex(/^[\u0000-\u00ff]*$/);
const result = z.union([
  z.object({ id: z.string(), exitCode: z.number().int(), output: printed, error: printed }),
  z.object({ id: z.string(), timedOut: z.literal(true), output: printed }),
  z.object({ id: z.string(), skipped: z.literal(true) }),
  z.object({ id: z.string(), notStarted: z.string() }),
]);
const answer = z.object({
  version: z.literal(2),
  nonce: z.string(),
  startedAt: z.string().max(40),
  bootedAt: z.string().max(40).nullish(),
  computerName: z.string().max(256),
  results: z.array(result).max(200),
});

/** An answer as a repair's document holds it: what `toGuestAnswer` makes of one. */
export const guestAnswer: z.ZodType<GuestAnswer> = z.strictObject({
  startedAt: z.string().max(40),
  bootedAt: z.string().max(40).optional(),
  computerName: z.string().max(256),
  results: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          id: z.string(),
          kind: z.literal('ended'),
          exitCode: z.number().int(),
          output: printed,
          error: printed,
        }),
        z.strictObject({ id: z.string(), kind: z.literal('timed-out'), output: printed }),
        z.strictObject({ id: z.string(), kind: z.literal('left-out') }),
        z.strictObject({ id: z.string(), kind: z.literal('not-started'), reason: z.string().max(500) }),
      ]),
    )
    .max(200),
});

/** Puts the parts together and reads the answer; a failure says which check it did not pass. */
export function readAnswer(parts: FramePart[], nonce: string): { ok: true; answer: GuestAnswer } | FrameFailure {
  const body = readBody(parts);
  if (!body.ok) return body;
  const parsed = answer.safeParse(body.value);
  if (!parsed.success) return { ok: false, reason: 'The answer does not have the expected form.' };
  if (parsed.data.nonce !== nonce) return { ok: false, reason: 'The answer belongs to another run.' };
  return { ok: true, answer: toGuestAnswer(parsed.data) };
}

/** What the parts hold, put together and unpacked: whole and bounded, of any form. */
export function readBody(parts: FramePart[]): { ok: true; value: unknown } | FrameFailure {
  const [first] = parts;
  if (first?.parts !== parts.length) return { ok: false, reason: 'Parts of the answer are missing.' };
  const inOrder = parts.every((part, index) => part.part === index + 1 && part.bodyHash === first.bodyHash);
  if (!inOrder) return { ok: false, reason: 'The parts do not belong to one answer.' };
  const body = parts.map(({ chunk }) => chunk).join('');
  if (body.length !== first.bodyLength) return { ok: false, reason: 'The answer was cut.' };
  const hash = createHash('sha256').update(body, 'ascii').digest('hex');
  if (hash !== first.bodyHash) return { ok: false, reason: 'The answer does not have the hash that it says.' };
  const value = unpack(body);
  return value === undefined ? { ok: false, reason: 'The answer cannot be unpacked.' } : { ok: true, value };
}

function unpack(body: string): unknown {
  try {
    const bytes = gunzipSync(Buffer.from(body, 'base64'), { maxOutputLength: maximumUnpacked });
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function toGuestAnswer(value: z.infer<typeof answer>): GuestAnswer {
  return {
    startedAt: value.startedAt,
    bootedAt: value.bootedAt ?? undefined,
    computerName: value.computerName,
    results: value.results.map(toResult),
  };
}

function toResult(value: z.infer<typeof result>): GuestCommandResult {
  const { id } = value;
  if ('exitCode' in value) {
    return { id, kind: 'ended', exitCode: value.exitCode, output: value.output, error: value.error };
  }
  if ('timedOut' in value) return { id, kind: 'timed-out', output: value.output };
  if ('skipped' in value) return { id, kind: 'left-out' };
  return { id, kind: 'not-started', reason: value.notStarted.slice(0, 500) };
}
