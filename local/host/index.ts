/** The embedded Functions host, in this process. `main.ts` wraps it in a process of its own. */
import { mkdirSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { durableClientValue, managementLinks, managementPath } from './durable/client-binding';
import { createEngine, type Engine } from './durable/engine';
import { triggerBindingName, triggerOf } from './durable/functions';
import { manage } from './durable/management-api';
import { openStore, type Store } from './durable/store';
import { exactTimers, inexactTimers } from './durable/timer-due';
import { findHostJson, parseHostJson, readHostJson, type HostSettings } from './host-json';
import { noWatch, type Watch } from './deeds';
import { administer } from './http/admin';
import { createHttpTrigger, type HttpTrigger } from './http/http-trigger';
import { givenKey, type HostRequest, type HostResponse } from './http/messages';
import { bodyLimit, listen, type Listener } from './http/server';
import { loadKeys, refusalOf, type HostKeys } from './keys';
import { messageOf, readLogLevel, stderrLog, type Log } from './log';
import { receiveEvents } from './triggers/event-grid';
import { createTimerTrigger, type TimerTrigger } from './triggers/timer';
import type { AppRegistrations } from './worker/functions-core';
import { invoke, runHooks } from './worker/invocation';
import { loadApp, type App } from './worker/load-app';
import { installRequireHook } from './worker/require-hook';
import type { TypedData } from './worker/rpc';
import { withTimeout } from './worker/timeout';
import { watchedNetwork, type Network } from './worker/watched-network';

export interface HostOptions {
  app: App;
  /** 0 takes any free port. */
  port: number;
  /** Made when missing. Holds `durable.db` and `keys.json`. */
  stateFolder: string;
  /** The content of a host.json; by default the nearest file of that name above the app's entry file. */
  hostJson?: unknown;
  /** By default those of the state folder's `keys.json`, which is made at the first start. */
  keys?: HostKeys;
  /** By default stderr, at the level HOST_LOG_LEVEL. */
  log?: Log;
  /** Durable timers are early and late as in Azure; which ones follows from this seed. All are on time if not given. */
  inexactTimers?: number;
  /** Told of every deed. It may call `crash`. */
  watch?: Watch;
}

export interface Host {
  /** `http://127.0.0.1:<port>` */
  url: string;
  functions: string[];
  keys: HostKeys;
  /** Why the app could not be loaded. */
  error?: string;
  /** Ends gracefully: waits a moment for what is in flight, then closes the database. */
  stop(): Promise<void>;
  /**
   * Ends as `kill -9` would: nothing more is written, nobody is answered, and the app (if it is a CommonJS file) sends
   * no request and hears no answer any more.
   */
  crash(): void;
}

/** How long a graceful stop waits for functions in flight, in real ms. */
const stopPatience = 2_000;

/**
 * Starts the host. Resolves when requests are answered, also when the app could not be loaded (see `error`).
 * Rejects when host.json or the keys are not understood, or when the port is taken.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const life = { isOver: false };
  const written = options.log ?? stderrLog(readLogLevel());
  const log: Log = (level, message) => {
    if (!life.isOver) written(level, message);
  };
  const settings = parseHostJson(options.hostJson ?? hostJsonOf(options.app));
  mkdirSync(options.stateFolder, { recursive: true });
  const keys = options.keys ?? loadKeys(options.stateFolder);
  const limit = bodyLimit();

  // Requests that come while the app loads wait for it.
  const parts: { handlers?: Handlers } = {};
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const answerBy = (choose: (handlers: Handlers) => (request: HostRequest) => Promise<HostResponse>) => {
    return async (request: HostRequest): Promise<HostResponse> => {
      await opened;
      return parts.handlers ? choose(parts.handlers)(request) : { status: 503 };
    };
  };
  const front = await listen(
    options.port,
    limit,
    answerBy(({ answer }) => answer),
    log,
  );
  const rpc = await listen(
    0,
    limit,
    answerBy(({ answerRpc }) => answerRpc),
    log,
  );
  const url = `http://127.0.0.1:${front.port}`;
  prepareEnvironment(options.app, front.port);

  const watch = options.watch ?? noWatch;
  const network = watchedNetwork(watch);
  const { registrations: app, error } = await loadApp(options.app, log, network);
  const store = openStore(options.stateFolder, watch);
  const timerDue =
    options.inexactTimers === undefined
      ? exactTimers
      : inexactTimers(options.inexactTimers, settings.durable.storageProvider.maxQueuePollingInterval);
  const engine = createEngine({ app, store, settings, log, timerDue });
  // The listener has no keys, as in Azure; its path is a secret that only the app in this process is told, so that no
  // other program and no web page on this machine can manage instances through it.
  const rpcPath = `/${randomBytes(24).toString('hex')}/durabletask/`;
  const host: HostParts = { app, life, store, engine, network, settings, keys, log, url, rpc, rpcPath, error };
  const timers = new Map<string, TimerTrigger>();
  try {
    for (const [name, trigger] of timerTriggers(host)) timers.set(name, trigger);
    parts.handlers = createHandlers(host, timers);
  } catch (problem) {
    await Promise.all([front.close(), rpc.close()]);
    store.close();
    throw problem;
  }
  engine.start();
  for (const trigger of timers.values()) trigger.start();
  open();
  log('info', `Listening on ${url} with ${app.functions.size} functions; state in ${options.stateFolder}`);

  return { url, functions: [...app.functions.keys()], keys, error, ...endings(host, front, timers) };
}

interface HostParts {
  app: AppRegistrations;
  /** Over once it has crashed: what still runs of its code is not heard of any more. */
  life: { isOver: boolean };
  store: Store;
  engine: Engine;
  network: Network;
  settings: HostSettings;
  keys: HostKeys;
  log: Log;
  url: string;
  rpc: Listener;
  /** With slashes at both ends. */
  rpcPath: string;
  error?: string;
}

interface Handlers {
  answer: (request: HostRequest) => Promise<HostResponse>;
  answerRpc: (request: HostRequest) => Promise<HostResponse>;
}

function hostJsonOf(app: App): unknown {
  const file = typeof app === 'string' ? findHostJson(app) : undefined;
  return file && readHostJson(file);
}

/** What the libraries look for. Without WEBSITE_HOSTNAME the client would rewrite all links to port 7071. */
function prepareEnvironment(app: App, port: number): void {
  process.env.WEBSITE_HOSTNAME = `127.0.0.1:${port}`;
  process.env.FUNCTIONS_WORKER_RUNTIME ??= 'node';
  process.env.FUNCTIONS_EXTENSION_VERSION ??= '~4';
  if (typeof app === 'string') process.env.AzureWebJobsScriptRoot ??= path.dirname(findHostJson(app) ?? app);
  installRequireHook();
}

function endings(host: HostParts, front: Listener, timers: Map<string, TimerTrigger>): Pick<Host, 'stop' | 'crash'> {
  let ended = false;
  function end(): boolean {
    if (ended) return false;
    ended = true;
    for (const trigger of timers.values()) trigger.stop();
    return true;
  }
  return {
    async stop() {
      if (!end()) return;
      const closing = Promise.all([front.close(), host.rpc.close()]);
      await host.engine.stop(stopPatience);
      front.cut();
      host.rpc.cut();
      await closing;
      const { app } = host;
      try {
        await runHooks(app, 'appTerminate', { hookData: {}, appHookData: app.appHookData });
      } catch (error) {
        host.log('error', `An appTerminate hook failed: ${messageOf(error)}`);
      }
      host.store.close();
    },
    crash() {
      if (!end()) return;
      host.life.isOver = true;
      host.network.cut();
      host.engine.die();
      front.cut();
      host.rpc.cut();
      host.store.close();
    },
  };
}

function* timerTriggers(host: HostParts): Generator<[string, TimerTrigger]> {
  for (const [name, { metadata }] of host.app.functions) {
    const trigger = triggerOf(host.app, name);
    if (trigger?.type !== 'timertrigger') continue;
    const binding = metadata.bindings[trigger.name] as { schedule?: string } | undefined;
    if (typeof binding?.schedule !== 'string') throw new Error(`The timer function '${name}' has no schedule.`);
    const { schedule } = binding;
    const fire = (payload: string) => run(host, name, { json: payload });
    const { store, log } = host;
    yield [name, createTimerTrigger({ functionName: name, binding: { ...binding, schedule }, store, fire, log })];
  }
}

/** Runs a function that answers nobody. Rejects with what it throws. */
async function run(host: HostParts, functionName: string, data: TypedData): Promise<void> {
  const { app, log, settings } = host;
  const inputData = [{ name: triggerBindingName(app, functionName), data }, ...extraInputs(host, functionName)];
  const call = invoke({ app, functionName, request: { inputData }, log });
  await withTimeout(call, settings.functionTimeout, functionName);
}

function linkOptions({ url, settings, keys }: HostParts) {
  return { hostUrl: url, hubName: settings.durable.hubName, systemKey: keys.system.durabletask_extension };
}

function extraInputs(host: HostParts, functionName: string): { name: string; data: TypedData }[] {
  const bindings = Object.entries(host.app.functions.get(functionName)?.metadata.bindings ?? {});
  const clients = bindings.filter(([, { type }]) => /^(durable|orchestration)client$/i.test(type ?? ''));
  const rpcUrl = `http://127.0.0.1:${host.rpc.port}${host.rpcPath}`;
  return clients.map(([name]) => ({ name, data: { string: durableClientValue({ ...linkOptions(host), rpcUrl }) } }));
}

function createHandlers(host: HostParts, timers: Map<string, TimerTrigger>): Handlers {
  const { app, keys, log, settings, engine } = host;
  const http: HttpTrigger = createHttpTrigger({
    app,
    keys,
    functionTimeout: settings.functionTimeout,
    log,
    extraInputs: (functionName) => extraInputs(host, functionName),
  });
  const management = { engine, links: (instanceId: string) => managementLinks(linkOptions(host), instanceId) };
  const eventGrid = {
    isEventGridFunction: (name: string) => triggerOf(app, name)?.type === 'eventgridtrigger',
    deliver: (name: string, event: string) => run(host, name, { json: event }),
    log,
  };
  const admin = {
    keys,
    hostId: createHash('sha256').update(host.url).digest('hex').slice(0, 32),
    functions: [...app.functions.keys()],
    startedAt: Date.now(),
    error: host.error,
    runByHand: (name: string, input: string | undefined) => runByHand(host, timers, name, input),
  };
  const prefix = settings.routePrefix === '' ? '/' : `/${settings.routePrefix}/`;

  async function answer(request: HostRequest): Promise<HostResponse> {
    const path = request.url.pathname;
    const managed = below(path, `${managementPath}/`);
    if (managed !== undefined) {
      const refusal = refusalOf(keys, givenKey(request), [keys.system.durabletask_extension, keys.master]);
      return refusal ?? manage(management, request, managed);
    }
    if (below(`${path}/`, '/runtime/webhooks/eventgrid/') !== undefined) {
      const refusal = refusalOf(keys, givenKey(request), [keys.system.eventgrid_extension, keys.master]);
      return refusal ?? receiveEvents(eventGrid, request);
    }
    const administered = below(path, '/admin/');
    if (administered !== undefined) return administer(admin, request, administered);
    if (path === '/' && prefix !== '/') return { status: 200, body: 'The embedded Functions host is running.\n' };
    const routed = below(path, prefix);
    return routed === undefined ? { status: 404 } : http(request, routed);
  }

  return {
    answer,
    answerRpc: (request) => {
      const managed = below(request.url.pathname, host.rpcPath);
      return managed === undefined ? Promise.resolve({ status: 404 }) : manage(management, request, managed);
    },
  };
}

/** The rest of a path below a base (with slashes at both ends), without regard to case; undefined when it is elsewhere. */
function below(path: string, base: string): string | undefined {
  return path.toLowerCase().startsWith(base.toLowerCase()) ? path.slice(base.length) : undefined;
}

function runByHand(
  host: HostParts,
  timers: Map<string, TimerTrigger>,
  functionName: string,
  input: string | undefined,
): boolean {
  const type = triggerOf(host.app, functionName)?.type;
  if (!type || type === 'httptrigger') return false;
  const timer = timers.get(functionName);
  const data: TypedData = timer ? { json: timer.payload() } : { string: input ?? '' };
  run(host, functionName, data).catch((error: unknown) => {
    host.log('error', `Function '${functionName}', run by hand, failed: ${messageOf(error)}`);
  });
  return true;
}
