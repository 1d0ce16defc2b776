/**
 * The simulated Azure as its own process, and the real SDK's clients to it.
 *
 * NODE_EXTRA_CA_CERTS is read when a process starts, and jest has started long before the authority exists; so the
 * clients get the authority's certificate by an HTTP client of their own. Everything else is the production path.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComputeManagementClient } from '@azure/arm-compute';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { DefaultAzureCredential } from '@azure/identity';
import type { AzureAddresses } from '../../../../local/azure/start-azure';
import { endWithUs } from '../../../../local/processes';
import { newClock, showHeartbeat } from '../../../../local/shared-time';

const repository = join(__dirname, '../../../..');

export interface AzureProcess extends AzureAddresses {
  stateFolder: string;
  /** LOCAL_CLOCK of the process, for another process that shall agree with it. */
  clock: string;
  httpClient: HttpClient;
  credential: (identity: string) => DefaultAzureCredential;
  /** A compute client that does not retry, as the app's activities use it. */
  compute: (identity: string) => ComputeManagementClient;
  /** One call to ARM, to see its headers; `token` undefined sends no Authorization. */
  call: (method: HttpMethods, path: string, options?: CallOptions) => Promise<PipelineResponse>;
  /** One call to any address of it, as it is: no token, no redirect. */
  fetch: (
    url: string,
    options?: { method?: HttpMethods; headers?: Record<string, string> },
  ) => Promise<PipelineResponse>;
  control: (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;
  stop: () => void;
}

interface CallOptions {
  token?: string;
  body?: object;
}

/** Starts it with local time running `speed` times as fast as real time. It throttles only if told so: tests look all the time. */
export async function startAzureProcess(options: {
  speed: number;
  arguments?: string[];
  isThrottled?: boolean;
}): Promise<AzureProcess> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'simulated-azure-'));
  const clockFolder = join(stateFolder, 'clock');
  const clock = newClock(clockFolder, options.speed);
  const endHeartbeat = showHeartbeat(clockFolder);
  const limits = options.isThrottled === true ? [] : ['--unlimited'];
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      join(repository, 'local/azure/main.ts'),
      '--state',
      stateFolder,
      ...limits,
      ...(options.arguments ?? []),
    ],
    { cwd: repository, env: { ...process.env, LOCAL_CLOCK: clock }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithUs(child);
  const addresses = JSON.parse(await firstLine(child)) as AzureAddresses;
  process.env.IDENTITY_ENDPOINT = addresses.identityEndpoint;
  process.env.IDENTITY_HEADER = addresses.identityHeader;
  const httpClient = trusting(readFileSync(addresses.caFile, 'utf8'));
  const credential = (identity: string) =>
    new DefaultAzureCredential({ managedIdentityClientId: addresses.identities[identity] });
  return {
    ...addresses,
    stateFolder,
    clock,
    httpClient,
    credential,
    compute: (identity) =>
      new ComputeManagementClient(credential(identity), addresses.subscriptionId, {
        endpoint: addresses.armEndpoint,
        retryOptions: { maxRetries: 0 },
        httpClient,
      }),
    call: (method, path, given) => callArm(httpClient, `${addresses.armEndpoint}${path}`, method, given ?? {}),
    fetch: (url, { method = 'GET', headers } = {}) =>
      httpClient.sendRequest(createPipelineRequest({ url, method, headers: createHttpHeaders(headers) })),
    async control(method, path, body) {
      const response = await fetch(`${addresses.controlUrl}${path}`, { method, body: body && JSON.stringify(body) });
      const answer = (await response.json()) as Record<string, unknown>;
      return { status: response.status, ...answer };
    },
    stop() {
      endHeartbeat();
      child.kill('SIGTERM');
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

function trusting(ca: string): HttpClient {
  const inner = createDefaultHttpClient();
  // The client keeps its connections by this object, not by what is in it.
  const tlsSettings = { ca };
  return {
    sendRequest(request) {
      request.tlsSettings = tlsSettings;
      return inner.sendRequest(request);
    },
  };
}

function callArm(client: HttpClient, url: string, method: HttpMethods, given: CallOptions): Promise<PipelineResponse> {
  const headers = createHttpHeaders({ accept: 'application/json', 'content-type': 'application/json' });
  if (given.token !== undefined) headers.set('authorization', `Bearer ${given.token}`);
  return client.sendRequest(
    createPipelineRequest({ url, method, headers, body: given.body && JSON.stringify(given.body) }),
  );
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\n')) resolve(text);
    });
    child.once('exit', (code) => {
      reject(new Error(`The simulated Azure ended with exit code ${code ?? 'none'}.`));
    });
  });
}

/** Asks until the answer fits; gives up after four minutes of real time, less than a test has. */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  const giveUpAt = performance.now() + 4 * 60_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() > giveUpAt) throw new Error(`Never came true; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
