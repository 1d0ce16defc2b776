import type { HttpClient, Pipeline } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import { z } from 'zod';

/** ARM's REST through the pipeline of a compute client (token, time limit, no retries), for what has no library here. */
export interface RestConnection {
  endpoint: string;
  pipeline: Pipeline;
  http: HttpClient;
}

/** One call. */
export interface RestCall {
  method: 'GET' | 'PUT' | 'DELETE';
  /** A resource's id, or a path below it. */
  path: string;
  apiVersion: string;
  /** e.g. `atScope()`. */
  filter?: string;
  /** Further parameters of the operation. */
  query?: Record<string, string>;
  body?: object;
  /** The address of a list's next page, as ARM gave it; it must lie where ARM is. */
  nextLink?: string;
}

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The answer's body, read as JSON; undefined if it has none. Throws the SDK's RestError for a status of 400 or more. */
export async function callArm({ endpoint, pipeline, http }: RestConnection, call: RestCall): Promise<unknown> {
  const sdk = await import('@azure/core-rest-pipeline');
  const request = sdk.createPipelineRequest({
    url: urlOf(endpoint, call),
    method: call.method,
    headers: sdk.createHttpHeaders({ 'content-type': 'application/json', accept: 'application/json' }),
    body: call.body && JSON.stringify(call.body),
  });
  const response = await pipeline.sendRequest(http, request);
  const answer = jsonOf(response.bodyAsText);
  if (response.status < 400) return answer;
  const parsed = failure.safeParse(answer);
  const { code, message } = parsed.success
    ? parsed.data.error
    : { code: 'Unknown', message: `Azure gave no reason for its answer ${response.status}.` };
  throw new sdk.RestError(message, { code, statusCode: response.status, request, response });
}

/** Throws for a next page elsewhere: our token would go there. */
function urlOf(endpoint: string, { path, apiVersion, filter, query = {}, nextLink }: RestCall): string {
  if (nextLink !== undefined) {
    const isArm = URL.canParse(nextLink) && new URL(nextLink).origin === new URL(endpoint).origin;
    if (!isArm) throw new Error('The next page of a list lies elsewhere.');
    return nextLink;
  }
  const filtered = filter === undefined ? '' : `&$filter=${encodeURIComponent(filter)}`;
  // A group's name may hold letters that are none of ASCII's.
  const more = Object.entries(query).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
  return `${endpoint}${encodeURI(path)}?api-version=${apiVersion}${filtered}${more.join('')}`;
}

function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
