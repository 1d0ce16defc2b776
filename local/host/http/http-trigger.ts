/** HTTP-triggered functions: finds the function of a request, checks its key, runs it, and writes what it answered. */
import type { AuthLevel, HostKeys } from '../keys';
import { refusalOf } from '../keys';
import { messageOf, type Log } from '../log';
import { resolveAppSettings } from '../host-json';
import type { AppRegistrations } from '../worker/functions-core';
import { invoke } from '../worker/invocation';
import type { HttpCookie, HttpData, TypedData } from '../worker/rpc';
import { withTimeout } from '../worker/timeout';
import { BodyTooLarge, givenKey, type HostRequest, type HostResponse } from './messages';
import { compileRoute, type Route } from './routes';

interface HttpFunction {
  name: string;
  bindingName: string;
  route: Route;
  /** Upper case; empty for any. */
  methods: string[];
  authLevel: AuthLevel;
}

export interface HttpTriggerOptions {
  app: AppRegistrations;
  keys: HostKeys;
  functionTimeout: number;
  log: Log;
  /** Values of the function's other input bindings. */
  extraInputs: (functionName: string) => { name: string; data: TypedData }[];
}

/** Answers a path below the route prefix (no leading slash). */
export type HttpTrigger = (request: HostRequest, path: string) => Promise<HostResponse>;

/** Throws when a function's route is malformed. */
export function createHttpTrigger(options: HttpTriggerOptions): HttpTrigger {
  const functions = [...options.app.functions.keys()]
    .map((name) => httpFunction(options.app, name))
    .filter((candidate) => candidate !== undefined)
    .sort((left, right) => left.route.rank.localeCompare(right.route.rank));

  return async (request, path) => {
    for (const candidate of functions) {
      const params = candidate.route.match(path);
      if (params && allows(candidate, request.method)) return answer(options, candidate, request, params);
    }
    // Also for a known route with another method: https://github.com/Azure/azure-functions-host/issues/10098
    return { status: 404 };
  };
}

function httpFunction(app: AppRegistrations, name: string): HttpFunction | undefined {
  const bindings = Object.entries(app.functions.get(name)?.metadata.bindings ?? {});
  const found = bindings.find(([, binding]) => binding.type?.toLowerCase() === 'httptrigger');
  if (!found) return undefined;
  const [bindingName, binding] = found;
  const { route, methods, authLevel } = binding as { route?: string; methods?: string[]; authLevel?: string };
  const level = authLevel?.toLowerCase();
  return {
    name,
    bindingName,
    route: compileRoute(resolveAppSettings(route ?? name)),
    methods: (methods ?? []).map((method) => method.toUpperCase()),
    authLevel: level === 'anonymous' || level === 'admin' ? level : 'function',
  };
}

function allows({ methods }: HttpFunction, method: string): boolean {
  return methods.length === 0 || methods.includes(method);
}

async function answer(
  options: HttpTriggerOptions,
  target: HttpFunction,
  request: HostRequest,
  params: Record<string, string>,
): Promise<HostResponse> {
  const { app, log, functionTimeout } = options;
  const refusal = refusalAt(options.keys, target.authLevel, request);
  if (refusal) return refusal;
  const http = await httpData(request, params).catch((error: unknown) => {
    // The real host lets its own reading of a body fail like a function: with 500, and not with 413
    // (https://github.com/Azure/azure-functions-host/issues/10519).
    if (!(error instanceof BodyTooLarge)) throw error;
    log('error', `Function '${target.name}' failed: ${messageOf(error)}`);
    return undefined;
  });
  if (!http) return { status: 500 };
  const data: TypedData = { http };
  const inputData = [{ name: target.bindingName, data }, ...options.extraInputs(target.name)];
  try {
    const call = invoke({ app, functionName: target.name, request: { inputData }, log });
    const { response } = await withTimeout(call, functionTimeout, target.name);
    const output = response.outputData?.find((item) => item.data.http)?.data;
    return responseOf((response.returnValue ?? output)?.http);
  } catch (error) {
    log('error', `Function '${target.name}' failed: ${messageOf(error)}`);
    return { status: 500 };
  }
}

function refusalAt(keys: HostKeys, level: AuthLevel, request: HostRequest): HostResponse | undefined {
  if (level === 'anonymous') return undefined;
  const accepted = level === 'admin' ? [keys.master] : [keys.function.default, keys.master];
  return refusalOf(keys, givenKey(request), accepted);
}

async function httpData(request: HostRequest, params: Record<string, string>): Promise<HttpData> {
  const { method, url, searchParams } = { ...request, searchParams: request.url.searchParams };
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const query = [...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name).join(',')]);
  const bytes = await request.body();
  return {
    method,
    url: url.href,
    headers: Object.fromEntries(headers) as Record<string, string>,
    query: Object.fromEntries(query) as Record<string, string>,
    params,
    body: bytes.length > 0 ? { bytes } : null,
  };
}

function responseOf(http: HttpData | null | undefined): HostResponse {
  // Documented for a function without a response:
  // https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-output
  if (!http) return { status: 204 };
  const headers: Record<string, string | string[]> = { ...http.headers };
  const cookies = http.cookies ?? [];
  if (cookies.length > 0) headers['set-cookie'] = cookies.map(cookieText);
  return { status: Number(http.statusCode ?? 200), headers, body: bodyOf(http.body) };
}

function bodyOf(body: TypedData | null | undefined): Buffer | string | undefined {
  if (!body) return undefined;
  if (body.bytes) return Buffer.from(body.bytes);
  const value = body.string ?? body.json ?? body.int ?? body.double;
  return value === undefined || value === null ? undefined : String(value);
}

function cookieText(cookie: HttpCookie): string {
  const expires = cookie.expires?.value?.seconds;
  const sameSite = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' }[cookie.sameSite ?? 'none'];
  const attributes = [
    cookie.maxAge?.value === undefined ? undefined : `max-age=${cookie.maxAge.value}`,
    cookie.domain?.value === undefined ? undefined : `domain=${cookie.domain.value}`,
    cookie.path?.value === undefined ? 'path=/' : `path=${cookie.path.value}`,
    expires === undefined ? undefined : `expires=${new Date(expires * 1000).toUTCString()}`,
    cookie.secure?.value ? 'secure' : undefined,
    cookie.httpOnly?.value ? 'httponly' : undefined,
    sameSite && `samesite=${sameSite}`,
  ];
  const value = `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`;
  return [value, ...attributes.filter((attribute) => attribute !== undefined)].join('; ');
}
