import type { ComputeManagementClient } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import type { TokenCredential } from '@azure/identity';
import { deadline } from './deadline';

/** Where ARM is and who asks. */
export interface ArmConnection {
  endpoint: string;
  audience: string;
  credential: TokenCredential;
  /** What speaks HTTP; the SDK's own if not given. */
  httpClient?: HttpClient;
}

/** Gives the compute client of a subscription. */
export type ComputeClients = (subscriptionId: string) => Promise<ComputeManagementClient>;

/** How long one call to ARM may take, in ms. A call that takes longer is tried again by a durable timer. */
const callTimeoutMs = 20_000;

/**
 * Compute clients that neither retry nor sleep: waiting is done by durable timers, which cost nothing and survive
 * a restart. The SDK is loaded at the first call, so that answering an alert does not wait for it.
 */
export function computeClients(connection: ArmConnection): ComputeClients {
  const clients = new Map<string, Promise<ComputeManagementClient>>();
  return (subscriptionId) => {
    const key = subscriptionId.toLowerCase();
    const known = clients.get(key);
    if (known) return known;
    const client = openClient(connection, key);
    clients.set(key, client);
    return client;
  };
}

async function openClient(connection: ArmConnection, subscriptionId: string): Promise<ComputeManagementClient> {
  const sdk = await import('@azure/arm-compute');
  const client = new sdk.ComputeManagementClient(connection.credential, subscriptionId, {
    endpoint: connection.endpoint,
    credentials: { scopes: [connection.audience] },
    retryOptions: { maxRetries: 0 },
    httpClient: connection.httpClient,
    userAgentOptions: { userAgentPrefix: 'rdp-lifeline' },
  });
  client.pipeline.addPolicy({
    name: 'callTimeout',
    // Not by `request.timeout`: the SDK's HTTP client stops that clock at the answer's headers, and forgets to stop it
    // when the connection fails.
    async sendRequest(request, next) {
      const limit = deadline(callTimeoutMs, request.abortSignal);
      request.abortSignal = limit.signal;
      try {
        return await next(request);
      } finally {
        limit.clear();
      }
    },
  });
  return client;
}
