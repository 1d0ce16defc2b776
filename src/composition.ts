import type { TokenCredential } from '@azure/identity';
import type { OpenToolbox, Toolbox } from './activities/toolbox';
import { connectArm } from './azure/arm';
import { connectRecoveryArm } from './azure/arm/recovery';
import { connectLedger } from './ledger/connect';
import { connectParkedSignals, type ParkedSignals } from './ledger/parked-signals';
import type { Ledger } from './ledger/ports';
import { rdpProbe } from './probe/rdp-probe';
import { parseSettings, type Settings } from './settings';

/**
 * Builds the ports from the settings: the only place that chooses an adapter. Built at the first use and kept;
 * a failure is not kept, so that mended settings or a storage that is back need no restart.
 */
export const openToolbox: OpenToolbox = once(async (): Promise<Toolbox> => {
  const settings = parseSettings(process.env);
  const credentialOf = await credentials();
  const ledger = preparedFirst(connectLedger(ledgerConnection(settings, credentialOf)));
  const azure = {
    endpoint: settings.armEndpoint,
    audience: settings.armAudience,
    observe: credentialOf(settings.observeClientId),
    repair: credentialOf(settings.repairClientId),
    blobHosts: settings.snapshotBlobHosts.length === 0 ? undefined : settings.snapshotBlobHosts,
  };
  const arm = connectArm(azure);
  const parkedSignals = parkedSignalsOf(settings, credentialOf);
  return { arm, recovery: connectRecoveryArm(azure), ledger, parkedSignals, probe: rdpProbe(), settings };
});

/**
 * The ledger alone, for tools that work while the app is down. Creates nothing, so that an emergency brake needs no
 * more rights than to write its row. Throws a SettingsError if the ledger is not named.
 */
export async function connectLedgerOf(variables: Record<string, string | undefined>): Promise<Ledger> {
  const credentialOf = await credentials();
  return connectLedger(ledgerConnection(parseSettings(variables), credentialOf));
}

type CredentialOf = (clientId: string | undefined) => TokenCredential;

/** The default credential, or that of the managed identity with this client id. */
async function credentials(): Promise<CredentialOf> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return (clientId) => new DefaultAzureCredential({ managedIdentityClientId: clientId });
}

function ledgerConnection({ ledger }: Settings, credentialOf: CredentialOf) {
  if (ledger.kind === 'connection-string') return ledger;
  const { kind, tableServiceUri, blobServiceUri } = ledger;
  return { kind, tableServiceUri, blobServiceUri, credential: credentialOf(ledger.clientId) };
}

/**
 * The same ledger, whose tables and container are made before the first call that gets through. Not before the toolbox is there: an alert that comes to
 * a cold app while the ledger is away can still be parked.
 */
function preparedFirst(ledger: Ledger): Ledger {
  const calls = Object.entries(ledger).map(([name, call]: [string, (...given: unknown[]) => Promise<unknown>]) => [
    name,
    async (...given: unknown[]) => {
      await ledger.prepare();
      return call(...given);
    },
  ]);
  return Object.fromEntries(calls) as Ledger;
}

function parkedSignalsOf({ parkedSignals }: Settings, credentialOf: CredentialOf): ParkedSignals | undefined {
  if (parkedSignals?.kind !== 'identity') return parkedSignals && connectParkedSignals(parkedSignals);
  const { kind, queueServiceUri, clientId } = parkedSignals;
  return connectParkedSignals({ kind, queueServiceUri, credential: credentialOf(clientId) });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
