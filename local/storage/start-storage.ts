/**
 * Starts the storage account of a local run: Azurite (blobs, queues, tables) over HTTPS with bearer tokens, so that
 * the app takes the same way as in Azure: a managed identity's token and service URIs, no key.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endWithUs } from '../processes';

export interface StorageOptions {
  /** Data, log and nothing else go here. */
  stateFolder: string;
  /** The simulated Azure's server certificate (`certificateFile` and `keyFile` of its ready line). */
  certificateFile: string;
  keyFile: string;
  /** The process's environment; LOCAL_CLOCK in it sets its clock. */
  environment?: NodeJS.ProcessEnv;
  /** Ports of an earlier start, to come back at the same addresses. */
  ports?: StoragePorts;
  /** Further accounts beside the usual one, each with nothing in it; all have the same key. */
  accounts?: string[];
  /** Keeps nothing on the disk. */
  inMemory?: boolean;
}

interface StoragePorts {
  blob: number;
  queue: number;
  table: number;
}

/** Endpoints of a storage account. */
export interface StorageAccount {
  blobServiceUri: string;
  queueServiceUri: string;
  tableServiceUri: string;
}

export interface Storage extends StorageAccount {
  /** The endpoints of one of the accounts. */
  of(account: string): StorageAccount;
  /** With Azurite's published key, for what cannot use tokens. */
  connectionString: string;
  connectionStringOf(account: string): string;
  ports: StoragePorts;
  processId: number;
  /** Ends the process and resolves once it is gone. */
  stop: () => Promise<void>;
}

// Published, the same in every Azurite: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
/** Far beyond what it takes: a machine may be busy. */
const READY_WITHIN_MS = 5 * 60_000;

/**
 * Starts Azurite as a detached process, which a signal to the caller's group does not reach, and resolves when all three services
 * listen. It ends with the caller at the latest. Throws with the end of its log when it does not come up.
 */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const folder = join(options.stateFolder, 'storage');
  mkdirSync(folder, { recursive: true });
  const ports = options.ports ?? (await freePorts());
  const logFile = join(options.stateFolder, 'storage.log');
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, [join(__dirname, 'main.cjs'), ...commandLine(options, folder, ports)], {
    env: { ...(options.environment ?? process.env), AZURITE_ACCOUNTS: accountsOf(options) },
    cwd: join(__dirname, '../..'),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  endWithUs(child);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  await untilReady(logFile, ended).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  function endpointsOf(name: string): StorageAccount {
    const uri = (port: number) => `https://127.0.0.1:${port}/${name}`;
    return { blobServiceUri: uri(ports.blob), queueServiceUri: uri(ports.queue), tableServiceUri: uri(ports.table) };
  }
  function connectionStringOf(name: string): string {
    const { blobServiceUri, queueServiceUri, tableServiceUri } = endpointsOf(name);
    return [
      `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${accountKey}`,
      `BlobEndpoint=${blobServiceUri};QueueEndpoint=${queueServiceUri};TableEndpoint=${tableServiceUri}`,
    ].join(';');
  }
  return {
    ...endpointsOf(account),
    of: endpointsOf,
    connectionString: connectionStringOf(account),
    connectionStringOf,
    ports,
    processId: child.pid ?? 0,
    async stop() {
      // Started apart from this process, it would not keep it waiting; now there is something to wait for.
      child.ref();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** As Azurite reads them from AZURITE_ACCOUNTS: node_modules/azurite/README.md, "Customized Storage Accounts & Keys". */
function accountsOf({ accounts = [] }: StorageOptions): string {
  return [account, ...accounts].map((name) => `${name}:${accountKey}`).join(';');
}

function commandLine(options: StorageOptions, folder: string, ports: StoragePorts): string[] {
  const services = Object.entries(ports).flatMap(([service, port]) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    String(port),
  ]);
  return [
    ...services,
    ...(options.inMemory ? ['--inMemoryPersistence'] : ['--location', folder]),
    '--cert',
    options.certificateFile,
    '--key',
    options.keyFile,
    '--oauth',
    'basic',
    '--silent',
    '--disableTelemetry',
    // The SDKs may speak a newer service version than Azurite knows; the operations used here are old.
    '--skipApiVersionCheck',
  ];
}

/** Azurite says so on its output once a service listens; the table service comes last. */
async function untilReady(logFile: string, ended: Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    const text = readFileSync(logFile, 'utf8');
    if (text.includes('Table service is successfully listening')) return;
    if (isOver || performance.now() > giveUpAt) {
      throw new Error(`Azurite did not come up. The end of ${logFile}: ${text.slice(-800)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Three ports that are free now; all three are held until the last is found, so that they differ. */
async function freePorts(): Promise<StoragePorts> {
  const servers = await Promise.all([holdPort(), holdPort(), holdPort()]);
  const [blob, queue, table] = servers.map(({ port }) => port);
  await Promise.all(servers.map(({ release }) => release()));
  return { blob: blob ?? 0, queue: queue ?? 0, table: table ?? 0 };
}

function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const release = () =>
        new Promise<void>((released) => {
          server.close(() => {
            released();
          });
        });
      resolve({ port, release });
    });
  });
}
