import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

/** An HTTP client that remembers what was asked of the blob endpoint, and can spoil ARM's answers. */
export interface Watched {
  httpClient: HttpClient;
  blobRequests: () => PipelineRequest[];
  /** Addresses with their SAS, each once. */
  blobUrls: () => string[];
  /** Changes the text of every answer from now on. */
  change: (spoil: (text: string) => string) => void;
  /** Forgets requests and changes. */
  forget: () => void;
}

export function watching(inner: HttpClient): Watched {
  let requests: PipelineRequest[] = [];
  let spoil = (text: string): string => text;
  return {
    httpClient: {
      async sendRequest(request) {
        if (new URL(request.url).searchParams.has('sig')) requests.push(request);
        const response = await inner.sendRequest(request);
        return response.bodyAsText ? { ...response, bodyAsText: spoil(response.bodyAsText) } : response;
      },
    },
    blobRequests: () => requests,
    blobUrls: () => [...new Set(requests.map(({ url }) => url))],
    change(how) {
      spoil = how;
    },
    forget() {
      requests = [];
      spoil = (text) => text;
    },
  };
}
