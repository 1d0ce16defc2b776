/**
 * Runs the embedded host inside a test. The libraries are the unmodified packages; only the module that the real worker
 * answers itself is answered here by the host's own, because jest does not ask Module.prototype.require.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { openStore } from '../../../local/host/durable/store';
import { startHost, type Host } from '../../../local/host/index';

jest.mock('@azure/functions-core', () => jest.requireActual<object>('../../../local/host/worker/functions-core'), {
  virtual: true,
});

const folders: string[] = [];
const hosts: TestHost[] = [];

/** A new empty folder, removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'host-test-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The status as the REST API gives it. */
export interface Status {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  output: unknown;
  customStatus: unknown;
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: { EventType: string; [field: string]: unknown }[];
}

export interface TestHost extends Host {
  stateFolder: string;
  log: string[];
  /** A client as an app gets it by its durableClient binding. */
  client: df.DurableClient;
  /** Calls the management API with the key. */
  manage(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Starts an instance and gives its id. */
  start(name: string, input?: unknown, instanceId?: string): Promise<string>;
  /** The status; undefined when there is no such instance. */
  status(instanceId: string, query?: string): Promise<Status | undefined>;
  /** Waits until the instance has ended. */
  ended(instanceId: string): Promise<Status>;
  /** Waits until the status is as wanted. */
  reached(instanceId: string, wanted: (status: Status) => boolean): Promise<Status>;
}

interface TestHostOptions {
  stateFolder?: string;
  /** The route prefix that `hostJson` sets. */
  routePrefix?: string;
  hostJson?: unknown;
  /** It comes up at once after the one before: what that one had taken is not seen yet. Otherwise so much time has passed. */
  isAtOnce?: boolean;
}

/** What a dead host has taken is there for the next one, as after its visibility has ended. */
function letTimePass(stateFolder: string): void {
  const store = openStore(stateFolder);
  store.giveBack();
  store.close();
}

/** Starts a host with an app that `register` registers by the libraries. */
export async function testHost(register: () => void, options: TestHostOptions = {}): Promise<TestHost> {
  const stateFolder = options.stateFolder ?? temporaryFolder();
  if (options.isAtOnce !== true && existsSync(path.join(stateFolder, 'durable.db'))) letTimePass(stateFolder);
  const log: string[] = [];
  let client: df.DurableClient | undefined;
  const host = await startHost({
    app: () => {
      register();
      app.http('giveClient', {
        authLevel: 'anonymous',
        extraInputs: [df.input.durableClient()],
        handler: (_request, context) => {
          client = df.getClient(context);
          return { status: 200 };
        },
      });
    },
    port: 0,
    stateFolder,
    hostJson: options.hostJson,
    log: (level, message) => void log.push(`${level} ${message}`),
  });
  const given = await fetch(`${host.url}/${options.routePrefix ?? 'api/'}giveClient`);
  if (host.error || given.status !== 200 || !client) {
    await host.stop();
    throw new Error(`No client: ${given.status} ${host.error ?? ''}`);
  }
  const test = { ...host, stateFolder, log, client, ...helpers(host) };
  hosts.push(test);
  return test;
}

function helpers(host: Host): Pick<TestHost, 'manage' | 'start' | 'status' | 'ended' | 'reached'> {
  const base = `${host.url}/runtime/webhooks/durabletask/`;
  const key = { 'x-functions-key': host.keys.system.durabletask_extension };

  async function manage(method: string, target: string, body?: unknown, headers: Record<string, string> = {}) {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return fetch(base + target, { method, body: content, headers: { ...key, ...headers } });
  }
  async function start(name: string, input?: unknown, instanceId?: string): Promise<string> {
    const response = await manage('POST', `orchestrators/${name}${instanceId ? `/${instanceId}` : ''}`, input);
    if (response.status !== 202) throw new Error(`Not started: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { id: string }).id;
  }
  async function status(instanceId: string, query = ''): Promise<Status | undefined> {
    const response = await manage('GET', `instances/${instanceId}?${query}`);
    return response.status === 404 ? undefined : ((await response.json()) as Status);
  }
  async function reached(instanceId: string, wanted: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const found = await status(instanceId);
      if (found && wanted(found)) return found;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  const isEnded = ({ runtimeStatus }: Status) => ['Completed', 'Failed', 'Terminated'].includes(runtimeStatus);
  return { manage, start, status, reached, ended: (instanceId) => reached(instanceId, isEnded) };
}

/** Registers an orchestrator; what its yields give is unknown, where the library's own type says any. */
export function orchestration(
  name: string,
  handler: (context: df.OrchestrationContext) => Generator<df.Task, unknown, unknown>,
): void {
  df.app.orchestration(name, handler);
}

/** A promise to be resolved by hand. */
export interface Gate {
  opened: Promise<void>;
  open: () => void;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
