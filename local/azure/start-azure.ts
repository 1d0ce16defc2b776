/** Puts the simulated Azure together and lets it listen. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createScriptRunner } from '../windows/agent';
import { alertsManagementProvider } from './alerts-management';
import { createAccessControl } from './access';
import { createArmServer } from './arm-server';
import { authorizationProvider } from './authorization';
import { createBlobServer } from './blob/blob-server';
import { createBlobReadLog } from './blob/read-log';
import { createSignedAccess } from './blob/signed-access';
import { createCallLog } from './call-log';
import { ensureCertificates, type CertificateFiles } from './certificates';
import { computeProvider } from './compute';
import { bytesOf } from './compute/snapshot-bytes';
import { createControlApi } from './control-api';
import { createFaults } from './faults';
import { getFleet } from './fleet';
import { createIdentityEndpoint, tokenPath } from './identity/endpoint';
import { createTokenIssuer } from './identity/tokens';
import { createLongRunningOperations } from './long-running-operations';
import { networkProvider } from './network';
import { createOperationResults } from './network/operation-results';
import { resourceGraphProvider } from './resource-graph';
import { createOmissions } from './omissions';
import { resourcesProvider } from './resources';
import { readPolicy } from './authorization/policies';
import { createRouter } from './router';
import { serialConsoleProvider } from './serial-console';
import { createThrottling } from './throttling';
import { createWorld } from './world';

interface AzureOptions {
  /** For certificates and keys; kept from one start to the next. */
  stateFolder: string;
  rolesFolder: string;
  fleet: string;
  /** ARM's port; 0 for any. */
  port: number;
  /** Actions taken out of every role. */
  withoutActions: readonly string[];
  /** No call takes a token: for whoever looks all the time, to measure or to see a state that passes. */
  isUnlimited?: boolean;
  /** Policies that are assigned from the beginning, as `POST /policies` takes them. */
  policies?: readonly unknown[];
  /** Real time (the clock may be another), for the certificates. */
  realNow: number;
}

/** Where everything is: the line that main.ts prints. */
export interface AzureAddresses {
  armEndpoint: string;
  /** Where snapshots' bytes are served. */
  blobEndpoint: string;
  identityEndpoint: string;
  identityHeader: string;
  controlUrl: string;
  caFile: string;
  certificateFile: string;
  keyFile: string;
  /** Client ids by the identity's name. */
  identities: Record<string, string>;
  subscriptionId: string;
  location: string;
  resourceGroup: string;
  workbenchResourceGroup: string;
}

/** Starts all four servers. Throws when a port is taken or a role file is missing. */
export async function startAzure(options: AzureOptions): Promise<AzureAddresses> {
  mkdirSync(options.stateFolder, { recursive: true });
  const files: CertificateFiles = await ensureCertificates(options.stateFolder, options.realNow);
  const fleet = getFleet(options.fleet);
  const access = createAccessControl(options.rolesFolder, fleet.identities);
  for (const action of options.withoutActions) access.removeAction(action);
  const world = createWorld(fleet);
  world.policies.push(...(options.policies ?? []).map(readPolicy));
  const issuer = createTokenIssuer(options.stateFolder, fleet.tenantId);
  const faults = createFaults();
  const omissions = createOmissions();
  const calls = createCallLog();
  const throttling = createThrottling(options.isUnlimited);
  const reads = createBlobReadLog();
  let armEndpoint = '';
  let blobEndpoint = '';
  const signedAccess = createSignedAccess(() => blobEndpoint);
  const place = { endpoint: () => armEndpoint, subscriptionId: fleet.subscriptionId, location: fleet.location };
  const operations = createLongRunningOperations(place);
  const runScript = createScriptRunner();
  const providers = [
    computeProvider({ world, operations, runScript, signedAccess }),
    networkProvider({ world, results: createOperationResults(place) }),
    serialConsoleProvider(world),
    authorizationProvider(world),
    resourcesProvider(world),
    resourceGraphProvider(world),
    alertsManagementProvider(world, () => armEndpoint),
  ];
  const certificate = readFileSync(files.certificateFile, 'utf8');
  const key = readFileSync(files.keyFile, 'utf8');
  const armServer = createArmServer({
    certificate,
    key,
    world,
    router: createRouter(providers, fleet.location),
    issuer,
    access,
    faults,
    omissions,
    calls,
    throttling,
  });
  const identityHeader = randomBytes(16).toString('hex').toUpperCase();
  const identityServer = createIdentityEndpoint({ identities: fleet.identities, issuer, header: identityHeader });
  const blobServer = createBlobServer({ certificate, key, signedAccess, bytesOf, faults, reads });
  const controlServer = createControlApi({ world, calls, reads, signedAccess, faults, omissions, access, throttling });
  blobEndpoint = `https://localhost:${await listen(blobServer, 0)}`;
  armEndpoint = `https://localhost:${await listen(armServer, options.port)}`;
  return {
    armEndpoint,
    blobEndpoint,
    identityEndpoint: `http://127.0.0.1:${await listen(identityServer, 0)}${tokenPath}`,
    identityHeader,
    controlUrl: `http://127.0.0.1:${await listen(controlServer, 0)}`,
    ...files,
    identities: Object.fromEntries(fleet.identities.map(({ name, clientId }) => [name, clientId])),
    subscriptionId: fleet.subscriptionId,
    location: fleet.location,
    resourceGroup: fleet.resourceGroup,
    workbenchResourceGroup: fleet.workbenchResourceGroup,
  };
}

/** Listens on the loopback interface only, and answers the port. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
