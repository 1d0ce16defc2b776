/** The host's own view of an HTTP request and its answer, independent of node:http. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export interface HostRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** Reads the body once. Throws BodyTooLarge. */
  body(): Promise<Buffer>;
}

export interface HostResponse {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
}

/** The body is larger than the host takes; answered with 500 where it is a function's, elsewhere (assumed: Kestrel's own answer) with 413. */
export class BodyTooLarge extends Error {}

/** The value of a header or query parameter that may be given several times: the first. */
export function firstHeader(request: HostRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The key that a request carries: header `x-functions-key`, else query parameter `code`. */
export function givenKey(request: HostRequest): string | undefined {
  return firstHeader(request, 'x-functions-key') ?? request.url.searchParams.get('code') ?? undefined;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): HostResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Undefined when the request cannot be understood (no valid path or host). */
export function readRequest(incoming: IncomingMessage, bodyLimit: number): HostRequest | undefined {
  const target = `http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`;
  if (!URL.canParse(target)) return undefined;
  return {
    method: incoming.method ?? 'GET',
    url: new URL(target),
    headers: incoming.headers,
    body: () => readBody(incoming, bodyLimit),
  };
}

async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new BodyTooLarge(`The request body is larger than ${limit} bytes.`);
  if (Number(incoming.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function writeResponse(outgoing: ServerResponse, response: HostResponse): void {
  const body = Buffer.isBuffer(response.body) ? response.body : Buffer.from(response.body ?? '');
  outgoing.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
  if (response.status !== 204 && response.status !== 304) outgoing.setHeader('content-length', body.length);
  outgoing.end(body);
}
