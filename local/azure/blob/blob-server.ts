/**
 * The HTTPS server behind a snapshot's SAS: Get Blob and Get Blob Properties of a page blob, read-only, by ranges.
 * https://learn.microsoft.com/rest/api/storageservices/get-blob. No page lists, no conditional requests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Readable } from 'node:stream';
import type { ByteStore } from '../../disk/byte-store';
import type { Fault, Faults } from '../faults';
import { keepingConnections } from '../keeping-connections';
import type { Snapshot } from '../world';
import {
  invalidRange,
  newRequestId,
  permissionMismatch,
  plantedError,
  queryNotKnown,
  renderError,
  type BlobError,
} from './blob-errors';
import { fixedVhd, type VhdBytes } from './fixed-vhd';
import type { BlobReadLog } from './read-log';
import { SIGNED_VERSION, type SignedAccess } from './signed-access';

interface BlobServerOptions {
  certificate: string;
  key: string;
  signedAccess: SignedAccess;
  bytesOf: (snapshot: Snapshot) => ByteStore;
  faults: Faults;
  reads: BlobReadLog;
}

/** What is sent; `range` undefined for an error. */
type Answer =
  | { kind: 'bytes'; status: 200 | 206; vhd: VhdBytes; start: number; end: number; snapshot: Snapshot }
  | { kind: 'error'; error: BlobError };

/** Sent at a time. */
const CHUNK = 1024 * 1024;

/** The server, not yet listening. */
export function createBlobServer(options: BlobServerOptions): Server {
  const server = createServer({ cert: options.certificate, key: options.key }, (request, response) => {
    serve(options, request, response);
  });
  return keepingConnections(server);
}

function serve(options: BlobServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const method = request.method ?? 'GET';
  const checked = options.signedAccess.check(url.pathname, url.searchParams);
  const range = headerOf(request, 'x-ms-range') ?? headerOf(request, 'range');
  // A fault is planted by the snapshot's name: the address itself is a secret.
  const strike = options.faults.strike(method, `/blob/${checked.snapshot?.name ?? ''}`);
  const answer: Answer = strike
    ? planted(strike.fault, () => answerTo(options, { method, query: url.searchParams, checked, range }))
    : answerTo(options, { method, query: url.searchParams, checked, range });
  const isDropped = strike?.fault.dropConnection === true;
  const isCut = strike?.fault.cutBody === true;
  options.reads.add({
    method,
    snapshot: checked.snapshot?.name,
    range,
    status: isDropped ? 0 : answer.kind === 'bytes' ? answer.status : answer.error.status,
    code: answer.kind === 'error' ? answer.error.code : undefined,
    bytes: answer.kind === 'bytes' && method === 'GET' && !isDropped ? sentOf(answer, isCut) : 0,
  });
  if (isDropped) request.socket.destroy();
  else if (answer.kind === 'error') sendError(response, answer.error, method);
  else sendBytes(response, answer, { method, version: headerOf(request, 'x-ms-version'), isCut });
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function planted(fault: Fault, answer: () => Answer): Answer {
  if (fault.dropConnection === true || fault.cutBody === true) return answer();
  return { kind: 'error', error: plantedError(fault.status ?? 503, fault.code, fault.message) };
}

interface BlobCall {
  method: string;
  query: URLSearchParams;
  checked: ReturnType<SignedAccess['check']>;
  range: string | undefined;
}

function answerTo(options: BlobServerOptions, { method, query, checked, range }: BlobCall): Answer {
  if (checked.kind === 'refused') return { kind: 'error', error: checked.error };
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'error', error: permissionMismatch() };
  if (query.has('comp')) return { kind: 'error', error: queryNotKnown() };
  const { snapshot } = checked;
  const vhd = fixedVhd(options.bytesOf(snapshot), snapshot);
  const whole = { kind: 'bytes', status: 200, vhd, start: 0, end: vhd.size, snapshot } as const;
  if (range === undefined || method === 'HEAD') return whole;
  // Azure takes "bytes=first-last" and "bytes=first-"; anything else counts as no range:
  // https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(range) ?? [];
  if (first === undefined) return whole;
  const start = Number(first);
  const end = Math.min(vhd.size, last === undefined ? vhd.size : Number(last) + 1);
  if (start >= vhd.size || end <= start) return { kind: 'error', error: invalidRange(vhd.size) };
  return { ...whole, status: 206, start, end };
}

type Bytes = Extract<Answer, { kind: 'bytes' }>;

/** A body that is cut breaks off in its middle. */
function sentOf({ start, end }: Bytes, isCut: boolean): number {
  return isCut ? Math.floor((end - start) / 2) : end - start;
}

function sendError(response: ServerResponse, error: BlobError, method: string): void {
  const requestId = newRequestId();
  const { headers, body } = renderError(error, requestId);
  response.writeHead(error.status, { ...commonHeaders(requestId, undefined), ...headers });
  response.end(method === 'HEAD' ? undefined : body);
}

function sendBytes(
  response: ServerResponse,
  answer: Bytes,
  { method, version, isCut }: { method: string; version: string | undefined; isCut: boolean },
): void {
  const { vhd, start, end, status, snapshot } = answer;
  const madeAt = new Date(snapshot.createdAt).toUTCString();
  response.writeHead(status, {
    ...commonHeaders(newRequestId(), version),
    'content-type': 'application/octet-stream',
    'content-length': String(end - start),
    ...(status === 206 ? { 'content-range': `bytes ${start}-${end - 1}/${vhd.size}` } : {}),
    'accept-ranges': 'bytes',
    etag: `"0x8${snapshot.uniqueId.replaceAll('-', '').slice(0, 14).toUpperCase()}"`,
    'last-modified': madeAt,
    'x-ms-creation-time': madeAt,
    'x-ms-blob-type': 'PageBlob',
    'x-ms-blob-sequence-number': '0',
    'x-ms-lease-status': 'unlocked',
    'x-ms-lease-state': 'available',
    'x-ms-server-encrypted': 'true',
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const body = Readable.from(chunksOf(vhd, start, start + sentOf(answer, isCut)));
  if (isCut) body.once('end', () => response.destroy());
  body.pipe(response, { end: !isCut });
  response.once('close', () => body.destroy());
}

function* chunksOf(vhd: VhdBytes, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; at += CHUNK) yield vhd.read(at, Math.min(CHUNK, end - at));
}

/** Without the header, the version is the SAS's own: https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
function commonHeaders(requestId: string, version: string | undefined): Record<string, string> {
  return {
    server: 'Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0',
    'x-ms-request-id': requestId,
    'x-ms-version': version ?? SIGNED_VERSION,
  };
}
