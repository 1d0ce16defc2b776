/**
 * Everything that the app needs, on this machine: the simulated Azure, Azurite and the embedded host, each a process
 * of its own. The app itself is the deployed bundle, told where things are by the same settings as in Azure.
 */
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AzureAddresses } from './azure/start-azure';
import { startProcess, type LocalProcess } from './processes';
import { newClock, showHeartbeat } from './shared-time';
import { startStorage, type Storage, type StorageAccount } from './storage/start-storage';

interface HostReady {
  url: string;
  functions: string[];
  error?: string;
}

/** How to start. */
export interface CloudOptions {
  /** Where keys, databases and Azurite's files are kept. */
  stateFolder: string;
  /** How many local ms pass in one real ms. */
  speed: number;
  /** The host's port; 0 takes any. */
  port?: number;
  /** ARM actions that are taken out of the roles. */
  withoutActions?: string[];
  /** Azurite keeps nothing in the state folder: for whoever does not come back to it. */
  storageInMemory?: boolean;
  /** Durable timers are early and late as in Azure, by this seed; all are on time if not given. */
  inexactTimers?: number;
  /** Further settings of the app. */
  settings?: Record<string, string>;
  /** Alerts are parked in a process of its own, so that the ledger's can be stopped without it; the ledger is kept in the state folder then. */
  parksElsewhere?: boolean;
}

/** The process that keeps the ledger. */
export interface LedgerStorage {
  /** From then on nobody listens there. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** From then on it takes calls and answers none. */
  pause(): void;
  resume(): void;
}

/** The running local cloud. */
export interface Cloud {
  azure: AzureAddresses;
  /** Base URL of the app and a key for its doors. */
  url: string;
  key: string;
  /** The key of Durable's management API. */
  durableKey: string;
  /** The process of the storage account, to be held still. */
  storageProcessId: number;
  /** The key of the Event Grid webhook. */
  eventGridKey: string;
  /** Where its processes agree on the time. */
  clockFolder: string;
  /** The app's environment, for tools that talk to its ledger. */
  environment: Record<string, string>;
  ledger: LedgerStorage;
  /** Kills the host with SIGKILL. */
  killHost(): Promise<void>;
  /** Starts the host again on the same port and state. */
  startHost(): Promise<void>;
  stop(): Promise<void>;
}

/** What is around the host: a simulated Azure and a storage account, each a process. */
export interface Surroundings {
  azure: AzureAddresses;
  storage: Storage;
  ledger: LedgerStorage;
  clockFolder: string;
  /** The app's settings, with its ledger in one of the storage accounts; in the usual one if none is named. */
  environment(account?: string): Record<string, string>;
  /** The environment of a process that runs the host: that of this process, without what leads to a real Azure. */
  hostEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

const root = resolve(__dirname, '..');

/** What the host runs: the deployed bundle and its host.json. */
export const appFile = join(root, 'dist/main.js');
export const hostJsonFile = join(root, 'host.json');

/** Starts the simulated Azure and the storage with these accounts beside the usual one. */
export async function startSurroundings(options: CloudOptions & { accounts?: string[] }): Promise<Surroundings> {
  const { stateFolder, speed, accounts } = options;
  mkdirSync(stateFolder, { recursive: true });
  const clockFolder = join(stateFolder, 'clock');
  const clock = { LOCAL_CLOCK: newClock(clockFolder, speed) };
  // Time waits for whoever looks on as well.
  const endHeartbeat = showHeartbeat(clockFolder);
  const without = (options.withoutActions ?? []).flatMap((action) => ['--without-action', action]);
  const azure = await startProcess<AzureAddresses>(
    join(root, 'local/azure/main.ts'),
    ['--state', join(stateFolder, 'azure'), ...without],
    { ...bareEnvironment(), ...clock },
  );
  const { certificateFile, keyFile } = azure.ready;
  const storageOptions = {
    stateFolder: join(stateFolder, 'storage'),
    certificateFile,
    keyFile,
    environment: { ...bareEnvironment(), ...clock },
    accounts,
    // Nobody comes back to what only a sweep has used.
    inMemory: !options.parksElsewhere && (options.storageInMemory ?? accounts !== undefined),
  };
  const storage = await startStorage(storageOptions);
  const parking = options.parksElsewhere
    ? await startStorage({ ...storageOptions, stateFolder: join(stateFolder, 'parking'), inMemory: true })
    : undefined;
  // The process changes, the addresses stay.
  let running = storage;
  const ledger: LedgerStorage = {
    stop: () => running.stop(),
    async start() {
      running = await startStorage({ ...storageOptions, ports: storage.ports });
    },
    pause: () => void process.kill(running.processId, 'SIGSTOP'),
    resume: () => void process.kill(running.processId, 'SIGCONT'),
  };
  return {
    azure: azure.ready,
    storage,
    ledger,
    clockFolder,
    environment: (account) => ({
      ...appSettings(azure.ready, account === undefined ? storage : storage.of(account), parking),
      ...clock,
      ...options.settings,
    }),
    hostEnvironment: (settings) => ({ ...bareEnvironment(), ...settings }),
    async stop() {
      endHeartbeat();
      await Promise.all([azure.kill(), running.stop(), parking?.stop()]);
    },
  };
}

/** What tells a host how its timers fire. */
export function timersOf({ inexactTimers }: Pick<CloudOptions, 'inexactTimers'>): string[] {
  return inexactTimers === undefined ? [] : ['--inexact-timers', String(inexactTimers)];
}

/** The host as it was built beside the app; its TypeScript, which takes longer to start, where that was changed since. */
function hostFile(): string {
  const bundle = join(root, 'dist/host.js');
  const builtAt = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const isFresh = sources.every((name) => statSync(join(__dirname, name)).mtimeMs < builtAt);
  return isFresh ? bundle : join(__dirname, 'host/main.ts');
}

/** Starts the processes and waits until the app answers. Needs the bundle (`npm run build`). */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { stateFolder } = options;
  const surroundings = await startSurroundings(options);
  const environment = surroundings.environment();

  let port = options.port ?? 0;
  let host: LocalProcess<HostReady> | undefined;
  async function startHost(): Promise<string> {
    const args = ['--app', appFile, '--host-json', hostJsonFile, '--state', join(stateFolder, 'host')];
    host = await startProcess<HostReady>(
      hostFile(),
      [...args, '--port', String(port), ...timersOf(options)],
      surroundings.hostEnvironment(environment),
    );
    if (host.ready.error) throw new Error(`The app could not be loaded: ${host.ready.error}`);
    port = Number(new URL(host.ready.url).port);
    return host.ready.url;
  }
  const url = await startHost();
  const keys = readHostKeys(join(stateFolder, 'host'));

  return {
    azure: surroundings.azure,
    url,
    key: keys.function.default,
    durableKey: keys.system.durabletask_extension,
    eventGridKey: keys.system.eventgrid_extension,
    clockFolder: surroundings.clockFolder,
    storageProcessId: surroundings.storage.processId,
    environment,
    ledger: surroundings.ledger,
    killHost: async () => host?.kill(),
    startHost: async () => {
      await startHost();
    },
    stop: async () => {
      await Promise.all([host?.kill(), surroundings.stop()]);
    },
  };
}

/** The app's settings, as infra/main.bicep would set them. */
function appSettings(
  azure: AzureAddresses,
  storage: StorageAccount,
  parking: StorageAccount = storage,
): Record<string, string> {
  function identity(name: string): string {
    const clientId = azure.identities[name];
    if (!clientId) throw new Error(`The simulated Azure has no identity "${name}".`);
    return clientId;
  }
  return {
    LEDGER_TABLE_SERVICE_URI: storage.tableServiceUri,
    LEDGER_BLOB_SERVICE_URI: storage.blobServiceUri,
    PARKED_SIGNALS_QUEUE_SERVICE_URI: parking.queueServiceUri,
    // A busy machine is no ledger that stands still.
    PARK_AFTER_SECONDS: '60',
    LIST_FIRED_ALERTS: 'on',
    LEDGER_IDENTITY_CLIENT_ID: identity('host'),
    OBSERVE_IDENTITY_CLIENT_ID: identity('observe'),
    REPAIR_IDENTITY_CLIENT_ID: identity('repair'),
    ARM_ENDPOINT: azure.armEndpoint,
    SNAPSHOT_BLOB_HOSTS: new URL(azure.blobEndpoint).hostname,
    WORKBENCH_RESOURCE_GROUP: azure.workbenchResourceGroup,
    ALLOWED_SUBSCRIPTIONS: azure.subscriptionId,
    RECOVERY_WORKBENCHES: recoveryWorkbenchOf(azure),
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: azure.identityHeader,
    NODE_EXTRA_CA_CERTS: azure.caFile,
    TASKHUB_NAME: 'local',
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2097152',
  };
}

/** Where recovery VMs are made: a subnet of the workbench, as infra/recovery.bicep makes it. */
function recoveryWorkbenchOf({ subscriptionId, location, workbenchResourceGroup }: AzureAddresses): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${workbenchResourceGroup}`;
  return `${location}=${group}/providers/Microsoft.Network/virtualNetworks/vnet-rdp-lifeline/subnets/recovery`;
}

/** The parent's environment without what could point the app at a real Azure. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AZURE_|ARM_|LEDGER_|IDENTITY_|MSI_|WEBSITE_|KILL_SWITCH|ALERT_RULE_IDS|RECOVERY_)/.test(name),
  );
  return Object.fromEntries(kept);
}

interface HostKeys {
  function: { default: string };
  system: { eventgrid_extension: string; durabletask_extension: string };
}

/** The keys in a host's state folder. */
export function readHostKeys(hostFolder: string): HostKeys {
  return JSON.parse(readFileSync(join(hostFolder, 'keys.json'), 'utf8')) as HostKeys;
}
