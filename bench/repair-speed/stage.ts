/** A simulated Azure in this process, one of its VMs, and what an activity works with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import type { TokenCredential } from '@azure/identity';
import { startAzure, type AzureAddresses } from '../../local/azure/start-azure';
import { openSimulatedAzure } from '../../local/simulated-azure-client';
import type { AboutRepair } from '../../src/activities/input';
import type { Tools } from '../../src/activities/toolbox';
import { connectArm } from '../../src/azure/arm';
import { connectRecoveryArm } from '../../src/azure/arm/recovery';
import type { Ledger } from '../../src/ledger/ports';
import { repairIdOf, vmKeyOf } from '../../src/repair-id';
import type { Workbench } from '../../src/settings';
import { virtualMachineOf } from '../../local/azure/throttling';
import { fakeWorld } from '../../test/activities/support/fakes';
import type { TokensOfVm } from './measured';
import { onItsWay } from './virtual-time';

interface Stage {
  tools: Tools;
  about: AboutRepair;
  /** How many calls ARM has been asked. */
  calls: () => number;
  /** Of each VM, in lower case, the fewest tokens that a call has left, and how many were taken. */
  tokens: () => Record<string, TokensOfVm>;
}

interface StageOptions {
  stateFolder: string;
  /** Of the fleet. */
  vm: string;
  /** The time by which certificates are checked. */
  realNow: number;
  helper: Helper;
  /** Whether Azure throttles. */
  isUnlimited: boolean;
}

/**
 * Whether a recovery VM may be made, or stands ready; with `none` no copy is mended. `made-first`: no recovery has worked here before, so
 * this one is rehearsed.
 */
export const helpers = ['made', 'made-first', 'standing', 'none'] as const;
export type Helper = (typeof helpers)[number];

/** Sets the stage for a repair of this VM, accepted now. */
export async function openStage({ stateFolder, vm, realNow, helper, isUnlimited }: StageOptions): Promise<Stage> {
  const azure = await startAzure({
    stateFolder,
    rolesFolder: join(__dirname, '../../infra/roles'),
    fleet: 'default',
    port: 0,
    withoutActions: [],
    realNow,
    isUnlimited,
  });
  let calls = 0;
  const tokens: Record<string, TokensOfVm> = {};
  const adapter = {
    endpoint: azure.armEndpoint,
    audience: 'https://management.azure.com/.default',
    observe: credential(azure, 'observe'),
    repair: credential(azure, 'repair'),
    blobHosts: [new URL(azure.blobEndpoint).hostname],
    httpClient: await client(azure, ({ url, remaining }) => {
      if (!url.startsWith(azure.armEndpoint)) return;
      calls += 1;
      noteTokens(tokens, url, remaining);
    }),
  };
  const arm = connectArm(adapter);
  const recovery = connectRecoveryArm(adapter);
  const { subscriptionId, resourceGroup, workbenchResourceGroup } = azure;
  const vmId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachines/${vm}`;
  const { tools } = fakeWorld({
    allowedSubscriptions: [subscriptionId],
    workbenchResourceGroup,
    recoveryWorkbenches: helper === 'made' || helper === 'made-first' ? [workbenchOf(azure)] : [],
    standingRecoveryVms: helper === 'standing' ? await addStandingVms(azure) : [],
  });
  const acceptedAt = new Date().toISOString();
  if (helper !== 'made-first') knowAllToWork(tools.ledger, acceptedAt);
  const about = { repairId: repairIdOf('bench', acceptedAt), vmId: vmId.toLowerCase() };
  await tools.ledger.acquireLease({ ...about, vmKey: vmKeyOf(about.vmId), acquiredAt: acceptedAt });
  await tools.ledger.createRepair({ ...about, acceptedAt, phase: 'Accepted' });
  // SDK, connections and tokens are there as in an app that has been running: they take time that is not Azure's.
  await arm.getVirtualMachine(about.vmId);
  await arm.getGuestRun(about.vmId, 'none');
  const before = calls;
  for (const name of Object.keys(tokens)) delete tokens[name];
  return { tools: { ...tools, arm, recovery }, about, calls: () => calls - before, tokens: () => tokens };
}

/** A recovery has worked here before, whatever it was made with. */
function knowAllToWork(ledger: Ledger, at: string): void {
  ledger.getProvenRecovery = (pair) => Promise.resolve({ ...pair, repairId: 'earlier', at });
}

/** One of each generation, as docs/deploy.md advises. */
async function addStandingVms({ controlUrl }: AzureAddresses): Promise<string[]> {
  const simulated = openSimulatedAzure(controlUrl);
  const made = [];
  for (const generation of ['V1', 'V2'] as const) {
    const name = `vm-recovery-${generation.toLowerCase()}`;
    made.push(await simulated.addVm(name, 'vm-healthy', { generation, isInWorkbench: true }));
  }
  return made.map(({ id }) => id);
}

/** A subnet of the workbench, as infra/recovery.bicep makes it. */
function workbenchOf({ subscriptionId, location, workbenchResourceGroup }: AzureAddresses): Workbench {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${workbenchResourceGroup}`;
  const subnetId = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-rdp-lifeline/subnets/recovery`;
  return { subscriptionId, location, subnetId };
}

/** The SDK's own client, which trusts the simulated Azure and under which time stands still. */
async function client(
  { caFile }: AzureAddresses,
  onAnswer: (answer: { url: string; remaining: string | undefined }) => void,
): Promise<HttpClient> {
  const { createDefaultHttpClient } = await import('@azure/core-rest-pipeline');
  const http = createDefaultHttpClient();
  // The client keeps its connections by this object, not by what is in it.
  const tlsSettings = { ca: readFileSync(caFile, 'utf8') };
  return {
    async sendRequest(request) {
      request.tlsSettings = tlsSettings;
      const response = await onItsWay(http.sendRequest(request));
      onAnswer({ url: request.url, remaining: response.headers.get('x-ms-ratelimit-remaining-resource') });
      return response;
    },
  };
}

/** Tokens as the platform gives them to an app: https://learn.microsoft.com/azure/app-service/overview-managed-identity */
function credential(azure: AzureAddresses, identity: string): TokenCredential {
  let token: { token: string; expiresOnTimestamp: number } | undefined;
  return {
    getToken: async () => (token ??= await fetchToken(azure, identity)),
  };
}

async function fetchToken({ identityEndpoint, identityHeader, identities }: AzureAddresses, identity: string) {
  const query = new URLSearchParams({
    'api-version': '2019-08-01',
    resource: 'https://management.azure.com/',
    client_id: identities[identity] ?? '',
  });
  const answer = await fetch(`${identityEndpoint}?${query.toString()}`, {
    headers: { 'x-identity-header': identityHeader },
  });
  const { access_token: token, expires_on: expiresOn } = (await answer.json()) as Record<string, string>;
  return { token: token ?? '', expiresOnTimestamp: Number(expiresOn) * 1000 };
}

/** What ARM says of a VM's buckets: `Microsoft.Compute/UpdateVMResource;11`. */
function noteTokens(tokens: Record<string, TokensOfVm>, url: string, remaining = ''): void {
  const vmId = virtualMachineOf(new URL(url).pathname);
  const name = vmId?.split('/').at(-1)?.toLowerCase();
  if (name === undefined) return;
  for (const [, group = '', left] of remaining.matchAll(/Microsoft\.Compute\/(\w+)Resource;(\d+)/g)) {
    const bucket = ({ UpdateVM: 'updates', LowCostGet: 'reads' } as const)[group];
    if (!bucket) continue;
    const known = (tokens[name] ??= { updates: { taken: 0, fewest: null }, reads: { taken: 0, fewest: null } });
    known[bucket].taken += 1;
    known[bucket].fewest = Math.min(known[bucket].fewest ?? Infinity, Number(left));
  }
}
