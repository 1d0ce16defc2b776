/**
 * The host's admin API, opened by the master key: run a function by hand, see the host's state.
 * Source: https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
import { refusalOf, type HostKeys } from '../keys';
import { hostVersion } from '../worker/functions-core';
import { givenKey, json, type HostRequest, type HostResponse } from './messages';

interface AdminOptions {
  keys: HostKeys;
  hostId: string;
  functions: string[];
  startedAt: number;
  /** The app's error when it could not be loaded. */
  error?: string;
  /** Begins a run of a function that is not HTTP-triggered. False when there is no such function. */
  runByHand: (functionName: string, input: string | undefined) => boolean;
}

/** Answers a path below `/admin/`. */
export async function administer(options: AdminOptions, request: HostRequest, path: string): Promise<HostResponse> {
  const refusal = refusalOf(options.keys, givenKey(request), [options.keys.master]);
  if (refusal) return refusal;
  const [area, name, ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent);
  if (request.method === 'GET' && area === 'host' && name === 'status' && rest.length === 0) return state(options);
  if (area !== 'functions' || rest.length > 0) return { status: 404 };
  if (request.method === 'GET' && name === undefined) {
    return json(
      200,
      options.functions.map((functionName) => ({ name: functionName })),
    );
  }
  if (request.method !== 'POST' || name === undefined) return { status: 404 };
  const input = inputOf((await request.body()).toString('utf8'));
  if (input === 'malformed') return json(400, { Message: 'The body must be JSON such as {"input":"…"}.' });
  return { status: options.runByHand(name, input.text) ? 202 : 404 };
}

function state({ hostId, startedAt, error }: AdminOptions): HostResponse {
  return json(200, {
    id: hostId,
    state: error === undefined ? 'Running' : 'Error',
    version: hostVersion,
    instanceId: hostId,
    processUptime: Date.now() - startedAt,
    ...(error === undefined ? {} : { errors: [error] }),
  });
}

function inputOf(text: string): { text?: string } | 'malformed' {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return 'malformed';
    const { input } = value as { input?: unknown };
    if (input === undefined || input === '') return {};
    return { text: typeof input === 'string' ? input : JSON.stringify(input) };
  } catch {
    return 'malformed';
  }
}
