import type { HttpClient, HttpMethods, Pipeline, PipelineResponse } from '@azure/core-rest-pipeline' with {
  'resolution-mode': 'import',
};
import { z } from 'zod';

/**
 * ARM's REST without a client library, through the pipeline of a compute client (token, time limit, no retries): for the
 * few calls of resource providers whose library would weigh more than the rest of the app, or needs a newer Node.
 */
export interface RestConnection {
  endpoint: string;
  pipeline: Pipeline;
  http: HttpClient;
}

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Sends one call; `path` begins with a slash. Throws the SDK's RestError for an answer of 400 or more. */
export async function callRest(
  { endpoint, pipeline, http }: RestConnection,
  { method, path, body }: { method: HttpMethods; path: string; body?: unknown },
): Promise<PipelineResponse> {
  const sdk = await import('@azure/core-rest-pipeline');
  const request = sdk.createPipelineRequest({
    url: `${endpoint}${path}`,
    method,
    headers: sdk.createHttpHeaders({
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const response = await pipeline.sendRequest(http, request);
  if (response.status < 400) return response;
  const parsed = failure.safeParse(jsonOf(response));
  const { code, message } = parsed.success ? parsed.data.error : { code: 'Unknown', message: 'Azure gave no reason.' };
  throw new sdk.RestError(message, { code, statusCode: response.status, request, response });
}

/** The answer's JSON; undefined if it is none. */
export function jsonOf({ bodyAsText }: PipelineResponse): unknown {
  try {
    return JSON.parse(bodyAsText ?? '') as unknown;
  } catch {
    return undefined;
  }
}
