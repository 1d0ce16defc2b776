import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import { deadline } from './deadline';

/**
 * Reads a page blob by ranges with a SAS. The URL is the secret: it goes to the HTTP client and nowhere else; nothing that
 * is answered here carries it, nor the error of the HTTP client (whose `request` does). Requests go straight to the HTTP
 * client, not through the SDK's pipeline: no log, no redirect, no token of ours.
 * https://learn.microsoft.com/rest/api/storageservices/get-blob
 */

/** Bytes of a range and the size of the whole blob, or why not. */
export type RangeRead =
  | { ok: true; bytes: Buffer; total: number }
  | {
      ok: false;
      /** `access-denied` is final, `not-available` may pass. */
      code: 'access-denied' | 'not-available';
      /** Azure Storage's own error code. */
      storageCode?: string;
      /** For people. */
      detail: string;
    };

/** A blob that can be read until its signal aborts. */
export interface SasBlob {
  /** The bytes from `start` up to but not including `end`, all of them and no others. */
  readRange(start: number, end: number): Promise<RangeRead>;
}

/** How long one range may take, in ms. */
const rangeTimeoutMs = 15_000;
/** The longest range that is asked for, in bytes: what a hostile answer can make us hold. */
const longestRange = 4 * 1024 * 1024;
/** The longest pause after a failure, in ms; Azure Storage asks for a growing one when it is busy. */
const longestPauseMs = 2_000;

export function openSasBlob(options: { url: URL; http: HttpClient; signal: AbortSignal }): SasBlob {
  const { url, http, signal } = options;
  let failuresInARow = 0;

  async function readRange(start: number, end: number): Promise<RangeRead> {
    if (end <= start || end - start > longestRange) return notAvailable(`no range has ${end - start} bytes`);
    const limit = deadline(rangeTimeoutMs, signal);
    const read = await send(start, end, limit.signal)
      .then((response) => answerOf(response, start, end))
      .catch((error: unknown) => connectionFailure(error, signal))
      .finally(limit.clear);
    failuresInARow = read.ok ? 0 : failuresInARow + 1;
    // Whoever asks again asks at once, so the pause that a busy service wants is made here.
    if (!read.ok && read.code === 'not-available') await pause(250 * 2 ** failuresInARow, signal);
    return read;
  }

  async function send(start: number, end: number, abortSignal: AbortSignal): Promise<PipelineResponse> {
    const { createHttpHeaders, createPipelineRequest } = await import('@azure/core-rest-pipeline');
    const request = createPipelineRequest({
      url: url.href,
      headers: createHttpHeaders({ range: `bytes=${start}-${end - 1}`, 'user-agent': 'rdp-lifeline' }),
      abortSignal,
      streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
    });
    return http.sendRequest(request);
  }

  return { readRange };
}

async function answerOf(response: PipelineResponse, start: number, end: number): Promise<RangeRead> {
  const body = response.readableStreamBody;
  if (!body) return notAvailable('the answer has no body');
  const total = response.status === 206 ? totalOf(response.headers.get('content-range'), start, end) : undefined;
  if (total === undefined) {
    discard(body);
    return refusalOf(response);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > end - start) break;
    chunks.push(bytes);
  }
  if (length === end - start) return { ok: true, bytes: Buffer.concat(chunks), total };
  discard(body);
  return notAvailable(`${length < end - start ? 'fewer' : 'more'} bytes arrived than the answer promised`);
}

/** The blob's size, if the answer is of the very range that was asked for. */
function totalOf(contentRange: string | undefined, start: number, end: number): number | undefined {
  const [whole, first, last, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(contentRange ?? '') ?? [];
  if (whole === undefined || Number(first) !== start || Number(last) !== end - 1) return undefined;
  const size = Number(total);
  return Number.isSafeInteger(size) && size >= end ? size : undefined;
}

/**
 * Azure names the error in a header: https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2.
 * A SAS that expired or was taken back answers 403 AuthenticationFailed; 401 asks for a token that we do not give.
 */
function refusalOf({ status, headers }: PipelineResponse): RangeRead {
  const named = headers.get('x-ms-error-code') ?? '';
  const storageCode = /^[A-Za-z]{1,64}$/.test(named) ? named : undefined;
  const detail = `Azure Storage answered ${status} (${storageCode ?? 'no error code'})`;
  const code = status === 401 || status === 403 ? 'access-denied' : 'not-available';
  return { ok: false, code, storageCode, detail };
}

function connectionFailure(error: unknown, signal: AbortSignal): RangeRead {
  if (signal.aborted) return notAvailable('the time for reading the snapshot is over');
  const { name, code } = error instanceof Error ? (error as Error & { code?: unknown }) : { name: 'Error', code: '' };
  if (name === 'AbortError') return notAvailable(`no answer within ${rangeTimeoutMs / 1000} s`);
  const known = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : name;
  return notAvailable(`the connection failed (${known})`);
}

function notAvailable(detail: string): RangeRead {
  return { ok: false, code: 'not-available', detail };
}

/** Ends a body that is not wanted, and with it the connection: it may be endless. */
function discard(body: NodeJS.ReadableStream): void {
  if (body instanceof Readable) body.destroy();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, longestPauseMs), undefined, { signal }).catch(() => undefined);
}
