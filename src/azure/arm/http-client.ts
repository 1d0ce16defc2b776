import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };

/** One HTTP client for what goes past the SDK, so that connections are kept; loaded with the first use, like the SDK. */
export function httpClientOf({ httpClient }: { httpClient?: HttpClient }): () => Promise<HttpClient> {
  let made: Promise<HttpClient> | undefined = httpClient && Promise.resolve(httpClient);
  return () => {
    made ??= import('@azure/core-rest-pipeline').then((pipeline) => pipeline.createDefaultHttpClient());
    return made;
  };
}
