/** Azurite, Microsoft's emulator of Azure Storage, as a child process of a test file: a real store for the real SDKs. */
import type { TableClient } from '@azure/data-tables' with { 'resolution-mode': 'import' };
import type { ContainerClient } from '@azure/storage-blob' with { 'resolution-mode': 'import' };
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '../../../local/processes';
import { connectLedger } from '../../../src/ledger/connect';
import type { Ledger } from '../../../src/ledger/ports';
import { createTableLedger } from '../../../src/ledger/table-ledger';

/** A running store, forgotten when it stops. */
export interface Azurite {
  connectionString: string;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/** The emulator's account and key, the same everywhere and public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * Starts Azurite in memory on loopback and waits until both services listen: on free ports, or on those that an earlier
 * one had, given its connection string.
 */
export async function startAzurite(earlier = ''): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-azurite-'));
  const child = spawn(
    process.execPath,
    [
      require.resolve('azurite/dist/src/azurite.js'),
      ...['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck', '--silent'],
      ...['--blobPort', portOf('Blob', earlier), '--tablePort', portOf('Table', earlier), '--queuePort', '0'],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithUs(child);
  const { blob, table } = await listeningAddresses(child);
  return {
    connectionString:
      `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};` +
      `BlobEndpoint=${blob}/${account};TableEndpoint=${table}/${account};`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function portOf(service: 'Blob' | 'Table', connectionString: string): string {
  return new RegExp(`${service}Endpoint=http://127.0.0.1:(\\d+)/`).exec(connectionString)?.[1] ?? '0';
}

/** Azurite tells each service's address on its standard output once it listens. */
async function listeningAddresses(child: ChildProcess): Promise<{ blob: string; table: string }> {
  const addresses = new Map<string, string>();
  if (!child.stdout) throw new Error('Azurite has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, service, address] = /Azurite (\w+) service is successfully listening at (\S+)/.exec(line) ?? [];
    if (service && address) addresses.set(service, address.replace(/\/$/, ''));
    const [blob, table] = [addresses.get('Blob'), addresses.get('Table')];
    if (blob && table) return { blob, table };
  }
  throw new Error('Azurite ended before it listened.');
}

let prefixes = 0;

/** A name for tables that no other test of this process uses. */
export function freshPrefix(): string {
  prefixes += 1;
  return `test${prefixes}`;
}

/** A ledger of its own in this store, prepared. Give the same prefix to look at one ledger as two processes would. */
export async function freshLedger(azurite: Azurite, tablePrefix: string = freshPrefix()): Promise<Ledger> {
  const ledger = connectLedger(
    { kind: 'connection-string', connectionString: azurite.connectionString },
    { tablePrefix },
  );
  await ledger.prepare();
  return ledger;
}

/**
 * Another process's view of the ledger of this prefix, which is overtaken: `meanwhile` happens once, after it has read
 * and right before its first write of this kind is sent. Makes a lost race certain instead of likely.
 */
export function overtakenLedger(
  azurite: Azurite,
  tablePrefix: string,
  write: 'createEntity' | 'updateEntity' | 'deleteEntity',
  meanwhile: () => Promise<unknown>,
): Ledger {
  let overtaken = false;
  async function overtakeOnce(): Promise<void> {
    if (overtaken) return;
    overtaken = true;
    await meanwhile();
  }
  return createTableLedger({
    tablePrefix,
    openContainer: () => Promise.reject(new Error('This test has no documents.')),
    openTable: async (tableName) => {
      const { TableClient } = await import('@azure/data-tables');
      const client = TableClient.fromConnectionString(azurite.connectionString, tableName, {
        allowInsecureConnection: true,
      });
      const send = client[write].bind(client) as (...given: unknown[]) => Promise<never>;
      client[write] = async (...given: unknown[]) => {
        await overtakeOnce();
        return send(...given);
      };
      return client;
    },
  });
}

/** A table of the ledger of this prefix, past the ledger: for rows that another program has written. */
export async function rawTable(
  azurite: Azurite,
  tablePrefix: string,
  name: 'Signals' | 'Repairs' | 'Entries' | 'Leases',
): Promise<TableClient> {
  const sdk = await import('@azure/data-tables');
  const options = { allowInsecureConnection: true };
  return sdk.TableClient.fromConnectionString(azurite.connectionString, `${tablePrefix}${name}`, options);
}

/** A container of the ledger of this prefix, past the ledger. */
export async function rawContainer(azurite: Azurite, name: string): Promise<ContainerClient> {
  const sdk = await import('@azure/storage-blob');
  return new sdk.ContainerClient(azurite.connectionString, name);
}

/** Another process's view of the ledger of this prefix, with the names of what it asks of the tables, in their order. */
export function watchedLedger(azurite: Azurite, tablePrefix: string): { ledger: Ledger; asked: string[] } {
  const asked: string[] = [];
  const ledger = createTableLedger({
    tablePrefix,
    openContainer: () => Promise.reject(new Error('This test has no documents.')),
    openTable: async (tableName) => {
      const { TableClient } = await import('@azure/data-tables');
      const client = TableClient.fromConnectionString(azurite.connectionString, tableName, {
        allowInsecureConnection: true,
      });
      for (const name of ['createEntity', 'getEntity', 'updateEntity', 'deleteEntity'] as const) {
        const send = client[name].bind(client) as (...given: unknown[]) => Promise<never>;
        client[name] = (...given: unknown[]) => {
          asked.push(name);
          return send(...given);
        };
      }
      return client;
    },
  });
  return { ledger, asked };
}
