/**
 * Connects the ledger to a storage account. The SDKs are loaded with the first call, not with this module: most cold
 * starts answer a request that touches one of the two at most.
 */
import type { TokenCredential } from '@azure/identity';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { LedgerInputError } from './errors';
import type { Ledger } from './ports';
import { createTableLedger, defaultTablePrefix, type LedgerStores } from './table-ledger';

/** How to reach the storage account. The service URIs are those of the account's primary endpoints. */
type LedgerConnection =
  | { kind: 'identity'; tableServiceUri: string; blobServiceUri: string; credential: TokenCredential }
  | { kind: 'connection-string'; connectionString: string };

/** What may differ from the defaults. */
interface LedgerConnectionOptions {
  /** Begins the names of the tables and of the container (lower-cased there), so that ledgers can share an account. */
  tablePrefix?: string;
  /** How long one operation on a table may take with its retries, in ms. One on a document may take three times as long. */
  timeoutMs?: number;
}

/**
 * The ledger in this storage account; call `prepare()` on it before anything else. Nothing is sent before the first
 * call. Throws a LedgerInputError if the settings can't be right.
 */
export function connectLedger(connection: LedgerConnection, options: LedgerConnectionOptions = {}): Ledger {
  const { tablePrefix = defaultTablePrefix, timeoutMs = 10_000 } = options;
  const containerPrefix = tablePrefix.toLowerCase();
  const stores =
    connection.kind === 'identity'
      ? storesByIdentity(connection, containerPrefix, timeoutMs)
      : storesByConnectionString(connection.connectionString, containerPrefix, timeoutMs);
  return createTableLedger({ ...stores, tablePrefix, documentTimeoutMs: timeoutMs * 3 });
}

type Stores = Required<Pick<LedgerStores, 'openTable' | 'openContainer' | 'openArchive'>>;

function storesByIdentity(
  { tableServiceUri, blobServiceUri, credential }: Extract<LedgerConnection, { kind: 'identity' }>,
  containerPrefix: string,
  timeoutMs: number,
): Stores {
  const tableUri = serviceUri('table', tableServiceUri);
  const blobUri = serviceUri('blob', blobServiceUri);
  async function openContainer(name: string) {
    const { ContainerClient } = await import('@azure/storage-blob');
    return new ContainerClient(`${blobUri}/${containerPrefix}-${name}`, credential, blobOptions);
  }
  return {
    openTable: async (tableName) => {
      const { TableClient } = await import('@azure/data-tables');
      return new TableClient(tableUri, tableName, credential, tableOptions(timeoutMs));
    },
    openContainer: () => openContainer('documents'),
    openArchive: () => openContainer('archive'),
  };
}

function storesByConnectionString(connectionString: string, containerPrefix: string, timeoutMs: number): Stores {
  if (!/(^|;)\s*(UseDevelopmentStorage|AccountName|TableEndpoint)\s*=/i.test(connectionString)) {
    throw new LedgerInputError('The connection string of the ledger is not one of a storage account.');
  }
  // Plain HTTP is for the emulator on this machine; the key itself is never sent, but what is stored would be readable.
  const allowInsecureConnection = /TableEndpoint=http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/i.test(connectionString);
  async function openContainer(name: string) {
    const { ContainerClient } = await import('@azure/storage-blob');
    return new ContainerClient(connectionString, `${containerPrefix}-${name}`, blobOptions);
  }
  return {
    openTable: async (tableName) => {
      const { TableClient } = await import('@azure/data-tables');
      return TableClient.fromConnectionString(connectionString, tableName, {
        ...tableOptions(timeoutMs),
        allowInsecureConnection,
      });
    },
    openContainer: () => openContainer('documents'),
    openArchive: () => openContainer('archive'),
  };
}

/** Bicep's endpoints end in a slash, the SDKs expect none. */
function serviceUri(service: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '') {
    throw new LedgerInputError(
      `The ledger's ${service} service URI must be like https://<account>.${service}.core.windows.net/, without a query.`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** Few and short retries: what calls the ledger is retried durably. */
function tableOptions(timeoutMs: number) {
  return {
    retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
    additionalPolicies: [{ position: 'perCall' as const, policy: deadlinePolicy(timeoutMs) }],
  };
}

const blobOptions = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 } };

/**
 * Bounds a call with its retries and its body. (A request's own `timeout` ends with the headers, and its timer outlives
 * a request that failed: Azure/azure-sdk-for-js:sdk/core/ts-http-runtime/src/nodeHttpClient.ts.)
 */
function deadlinePolicy(timeoutMs: number): PipelinePolicy {
  return {
    name: 'ledgerDeadlinePolicy',
    sendRequest: (request, next) => {
      request.abortSignal = AbortSignal.timeout(timeoutMs);
      return next(request);
    },
  };
}
