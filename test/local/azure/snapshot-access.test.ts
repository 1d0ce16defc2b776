import { inspect as nodeInspect } from 'node:util';
import { connectArm, type ArmAdapterSettings } from '../../../src/azure/arm';
import type { Arm, SnapshotBytes } from '../../../src/azure/ports';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import { blockSource } from '../../../src/disk/block-source';
import { openFixedVhd } from '../../../src/disk/fixed-vhd';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { startAzureProcess, until, type AzureProcess } from './support/azure-process';
import { watching, type Watched } from './support/watched-http-client';

const limitMs = 20_000;
const begin = 'Microsoft.Compute/snapshots/beginGetAccess/action';
const end = 'Microsoft.Compute/snapshots/endGetAccess/action';

let azure: AzureProcess;
let watched: Watched;
let arm: Arm;
let snapshotId: string;
let made = 0;

beforeAll(async () => {
  azure = await startAzureProcess({ speed: 100 });
  watched = watching(azure.httpClient);
  arm = connectArm(settings());
});

afterAll(() => {
  azure.stop();
});

beforeEach(async () => {
  watched.forget();
  snapshotId = await takeSnapshot();
});

afterEach(async () => {
  await azure.control('DELETE', '/faults');
  await azure.control('DELETE', '/roles');
});

function settings(): ArmAdapterSettings {
  return {
    endpoint: azure.armEndpoint,
    audience: 'https://management.azure.com/.default',
    observe: azure.credential('observe'),
    repair: azure.credential('repair'),
    httpClient: watched.httpClient,
    blobHosts: ['localhost'],
  };
}

const snapshotName = () => snapshotId.split('/').at(-1) ?? '';
const snapshots = () => azure.compute('repair').snapshots;

async function takeSnapshot(): Promise<string> {
  made += 1;
  const id = snapshotIdOf(azure.subscriptionId, azure.workbenchResourceGroup, `snap-${made}`);
  const vm = await arm.getVirtualMachine(vmId());
  const sourceDiskId = (vm.ok ? vm.value.osDiskId : undefined) ?? '';
  const disk = await arm.getDisk(sourceDiskId);
  const network = disk.ok ? disk.value.network : undefined;
  await expect(
    arm.beginSnapshot({ snapshotId: id, sourceDiskId, location: 'westeurope', tags: {}, network }),
  ).resolves.toEqual({ ok: true, value: 'begun' });
  await until(
    () => arm.getSnapshot(id),
    (snapshot) => snapshot.ok && snapshot.value.state === 'ready',
  );
  return id;
}

function vmId(): string {
  return `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm-healthy`;
}

async function isAccessOpen(): Promise<boolean> {
  const snapshot = await arm.getSnapshot(snapshotId);
  if (!snapshot.ok) throw new Error(snapshot.failure.message);
  return snapshot.value.accessOpen;
}

async function callsOf(verb: string): Promise<number> {
  const { calls } = (await azure.control('GET', '/calls')) as { calls?: { path: string }[] };
  return (calls ?? []).filter(({ path }) => path === `${snapshotId}/${verb}`).length;
}

function plant(pathContains: string, fault: object): Promise<unknown> {
  return azure.control('POST', '/faults', { match: { pathContains }, times: 1, when: 'before', ...fault });
}

const readFirstSector = ({ fetchRange }: SnapshotBytes) => fetchRange(0, 512);

describe("local/azure/snapshot-access: a snapshot's bytes", () => {
  it('are a fixed VHD, read by ranges, in which the partitions of a Windows disk are found', async () => {
    const answer = await arm.readSnapshot(snapshotId, { limitMs }, async ({ size, fetchRange }) => {
      const budget = { bytes: 4 * 1024 * 1024, requests: 50 };
      const disk = await openFixedVhd(blockSource({ size, fetchRange, budget }));
      return { size: disk.size, partitions: await readPartitions(disk) };
    });

    expect(answer).toMatchObject({ ok: true, value: { size: 127 * 1024 ** 3 }, revoked: { ok: true } });
    expect(JSON.stringify(answer)).toContain('gpt');
    const { reads } = (await azure.control('GET', '/blob-reads')) as { reads?: { snapshot: string; status: number }[] };
    const own = (reads ?? []).filter(({ snapshot }) => snapshot === snapshotName());
    expect(own.length).toBeGreaterThan(1);
    expect(own.every(({ status }) => status === 206)).toBe(true);
  });

  it('can be had only while they are being read', async () => {
    const during = await arm.readSnapshot(snapshotId, { limitMs }, isAccessOpen);

    expect(during).toMatchObject({ ok: true, value: true, revoked: { ok: true } });
    await expect(isAccessOpen()).resolves.toBe(false);
    const [url] = watched.blobUrls();
    await expect(azure.fetch(url ?? '')).resolves.toMatchObject({ status: 403 });
  });

  it('are asked for without any token of ours', async () => {
    await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(watched.blobRequests().length).toBeGreaterThan(0);
    expect(watched.blobRequests().filter(({ headers }) => headers.has('authorization'))).toEqual([]);
  });

  it('are given back when reading them throws, and the error goes on', async () => {
    const broken = new Error('the reader broke');

    await expect(arm.readSnapshot(snapshotId, { limitMs }, () => Promise.reject(broken))).rejects.toBe(broken);
    await expect(isAccessOpen()).resolves.toBe(false);
  });

  it('are given back at the limit, and whoever still reads is told', async () => {
    const leftBehind: Promise<Buffer>[] = [];
    let isOver = false;
    // Leaves time for the tokens and the connections that the first read of all needs, and for giving back.
    const answer = await arm.readSnapshot(snapshotId, { limitMs: 2000 }, async ({ fetchRange }) => {
      await azure.control('POST', '/faults', {
        match: { pathContains: `/blob/${snapshotName()}` },
        times: 1000,
        when: 'before',
        status: 503,
      });
      for (;;) {
        const read = fetchRange(0, 512);
        leftBehind.push(read);
        await read.catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50)); // fifty take longer than the limit
        if (isOver || leftBehind.length > 50) return 'never so far';
      }
    });
    isOver = true;

    expect(answer).toMatchObject({ ok: false, failure: { kind: 'out-of-time' }, revoked: { ok: true } });
    await expect(isAccessOpen()).resolves.toBe(false);
    await expect(leftBehind.at(-1)).rejects.toMatchObject({ code: 'not-available' });
  });

  it('are refused for good once somebody else takes the access back', async () => {
    const answer = await arm.readSnapshot(snapshotId, { limitMs }, async ({ fetchRange }) => {
      await snapshots().revokeAccess(azure.workbenchResourceGroup, snapshotName());
      return fetchRange(0, 512).catch((error: unknown) => error);
    });

    expect(answer).toMatchObject({
      value: { code: 'access-denied', detail: 'Azure Storage answered 403 (AuthenticationFailed)' },
      revoked: { ok: true },
    });
  });

  it.each([
    ['a busy service', { status: 503 }, 'Azure Storage answered 503 (ServerBusy)'],
    ['a dropped connection', { dropConnection: true }, 'the connection failed (ECONNRESET)'],
    ['a body that is cut', { cutBody: true }, 'the connection failed (ECONNRESET)'],
  ])('may be asked for again after %s', async (_case, fault, detail) => {
    const answer = await arm.readSnapshot(snapshotId, { limitMs }, async ({ fetchRange }) => {
      const right = await fetchRange(512, 1024);
      await plant(`/blob/${snapshotName()}`, fault);
      const error: unknown = await fetchRange(512, 1024).catch((thrown: unknown) => thrown);
      return { error, isRight: right.equals(await fetchRange(512, 1024)) };
    });

    expect(answer).toMatchObject({ value: { error: { code: 'not-available', detail }, isRight: true } });
  });

  it('are waited for while the access has not taken effect', async () => {
    const late = { times: 2, status: 403, code: 'AuthenticationFailed' };
    await plant(`/blob/${snapshotName()}`, late);

    await expect(arm.readSnapshot(snapshotId, { limitMs }, readFirstSector)).resolves.toMatchObject({ ok: true });
  });

  it('are not asked of a host that is not known to serve disks', async () => {
    const answer = await connectArm({ ...settings(), blobHosts: undefined }).readSnapshot(
      snapshotId,
      { limitMs },
      readFirstSector,
    );

    expect(answer).toMatchObject({
      failure: { kind: 'not-fetched', code: 'unknown-blob-host' },
      revoked: { ok: true },
    });
    expect(watched.blobRequests()).toEqual([]);
    await expect(isAccessOpen()).resolves.toBe(false);
  });
});

describe('local/azure/snapshot-access: a disk that its owner keeps from being exported', () => {
  afterEach(() =>
    azure.control('PATCH', '/vms/vm-healthy/os-disk', {
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
      dataAccessAuthMode: 'None',
    }),
  );

  it.each([
    ['networkAccessPolicy', { networkAccessPolicy: 'DenyAll' }],
    ['publicNetworkAccess', { publicNetworkAccess: 'Disabled' }],
    ['dataAccessAuthMode', { dataAccessAuthMode: 'AzureActiveDirectory' }],
  ])('hands its %s on to our snapshot, and access is not even asked for', async (setting, settings) => {
    await azure.control('PATCH', '/vms/vm-healthy/os-disk', settings);
    snapshotId = await takeSnapshot();

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    const failure = { kind: 'export-denied', code: 'export-denied', setting };
    expect(answer).toMatchObject({ ok: false, failure, revoked: { ok: true } });
    await expect(callsOf('beginGetAccess')).resolves.toBe(0);
    await expect(arm.getSnapshot(snapshotId)).resolves.toMatchObject({ value: { network: settings } });
  });

  it('and that is open to a private network only is tried, and the access given back', async () => {
    await azure.control('PATCH', '/vms/vm-healthy/os-disk', { networkAccessPolicy: 'AllowPrivate' });
    snapshotId = await takeSnapshot();

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    const failure = { kind: 'export-denied', setting: 'networkAccessPolicy' };
    expect(answer).toMatchObject({ ok: false, failure, revoked: { ok: true } });
    await expect(callsOf('beginGetAccess')).resolves.toBe(1);
    await expect(isAccessOpen()).resolves.toBe(false);
  });

  it('refuses whoever asks all the same', async () => {
    await azure.control('PATCH', '/vms/vm-healthy/os-disk', { networkAccessPolicy: 'DenyAll' });
    snapshotId = await takeSnapshot();
    const asked = { access: 'Read', durationInSeconds: 60 };

    await expect(
      snapshots().grantAccess(azure.workbenchResourceGroup, snapshotName(), asked).submitted(),
    ).rejects.toMatchObject({ statusCode: 409 });
  });
});

describe('local/azure/snapshot-access: access that cannot be granted', () => {
  it('for want of a role names the action, and nothing is left', async () => {
    await azure.control('POST', '/roles/remove-action', { action: begin });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({
      failure: { kind: 'forbidden', action: begin, scope: snapshotId },
      revoked: { ok: true },
    });
  });

  it('because Azure is busy is to be asked for again, after the time that Azure says', async () => {
    await plant(`${snapshotName()}/beginGetAccess`, { status: 429, retryAfterSeconds: 7 });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ failure: { kind: 'wait', retryAfterMs: 7000 }, revoked: { ok: true } });
  });

  it('as far as we can tell, because the answer was lost, is taken back', async () => {
    await plant(`${snapshotName()}/beginGetAccess`, { when: 'after', dropConnection: true });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ failure: { kind: 'wait', code: 'ECONNRESET' }, revoked: { ok: true } });
    await expect(callsOf('endGetAccess')).resolves.toBe(1);
    await expect(isAccessOpen()).resolves.toBe(false);
  });

  it('because the snapshot cannot even be looked at may be open from before, and that is told', async () => {
    await plant(`/snapshots/${snapshotName()}?`, { status: 503 });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ failure: { kind: 'wait' }, revoked: { ok: false, failure: { kind: 'wait' } } });
    await expect(callsOf('beginGetAccess')).resolves.toBe(0);
  });

  it('to a snapshot that is gone says so', async () => {
    const answer = await arm.readSnapshot(`${snapshotId}-gone`, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ failure: { kind: 'not-found' }, revoked: { ok: true } });
  });
});

describe('local/azure/snapshot-access: access that cannot be taken back', () => {
  it('is told beside what was read, and taking it back works later', async () => {
    await plant(`${snapshotName()}/endGetAccess`, { status: 503 });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ ok: true, revoked: { ok: false, failure: { kind: 'wait' } } });
    await expect(isAccessOpen()).resolves.toBe(true);
    await expect(arm.revokeSnapshotAccess(snapshotId)).resolves.toEqual({ ok: true, value: 'revoked' });
    await expect(isAccessOpen()).resolves.toBe(false);
  });

  it('for want of a role names the action', async () => {
    await azure.control('POST', '/roles/remove-action', { action: end });

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ ok: true, revoked: { ok: false, failure: { kind: 'forbidden', action: end } } });
  });
});

describe('local/azure/snapshot-access: taking access back', () => {
  it('ends what an interrupted call left, so that its URL works no more and a new one does', async () => {
    const asked = { access: 'Read', durationInSeconds: 3600 };
    const left = await snapshots().grantAccess(azure.workbenchResourceGroup, snapshotName(), asked);
    const head = () => azure.fetch(left.accessSAS ?? '', { method: 'HEAD' });
    await expect(head()).resolves.toMatchObject({ status: 200 });

    await expect(arm.readSnapshot(snapshotId, { limitMs }, head)).resolves.toMatchObject({
      ok: true,
      value: { status: 403 },
      revoked: { ok: true },
    });
  });

  it('is fine when there is none, and when the snapshot is gone', async () => {
    await expect(arm.revokeSnapshotAccess(snapshotId)).resolves.toEqual({ ok: true, value: 'revoked' });
    await expect(arm.revokeSnapshotAccess(`${snapshotId}-gone`)).resolves.toEqual({ ok: true, value: 'revoked' });
  });
});

describe('local/azure/snapshot-access: the SAS', () => {
  const secrets = () =>
    watched.blobUrls().flatMap((url) => [new URL(url).search, new URL(url).searchParams.get('sig') ?? '']);

  it('is in nothing that comes back, is thrown or is shown by the control API', async () => {
    const seen: unknown[] = [];
    const look = async ({ fetchRange }: SnapshotBytes) => {
      await plant(`/blob/${snapshotName()}`, { dropConnection: true });
      seen.push(await fetchRange(0, 512).catch((error: unknown) => error));
      await snapshots().revokeAccess(azure.workbenchResourceGroup, snapshotName());
      seen.push(await fetchRange(0, 512).catch((error: unknown) => error));
    };
    seen.push(await arm.readSnapshot(snapshotId, { limitMs }, look));
    seen.push(await arm.readSnapshot(snapshotId, { limitMs }, look).catch((error: unknown) => error));
    for (const path of ['/calls', '/resources', '/blob-reads']) seen.push(await azure.control('GET', path));

    expect(secrets().length).toBeGreaterThan(0);
    expect(withoutSecrets(seen)).toEqual([]);
  });

  it('is not quoted from an answer of Azure that cannot be parsed', async () => {
    watched.change((text) => (text.includes('accessSAS') ? text.slice(0, -1) : text));

    const answer = await arm.readSnapshot(snapshotId, { limitMs }, readFirstSector);

    expect(answer).toMatchObject({ ok: false, failure: { code: 'PARSE_ERROR' }, revoked: { ok: true } });
    await expect(isAccessOpen()).resolves.toBe(false);
    expect(JSON.stringify(answer)).toContain('sig=(hidden)');
    expect(JSON.stringify(answer)).not.toMatch(/sig=[^(]/);
  });

  it("is in no line of the SDK's log, however much is logged", async () => {
    const written: string[] = [];
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    process.env.AZURE_LOG_LEVEL = 'verbose';
    try {
      await jest.isolateModulesAsync(async () => {
        const sdk = jest.requireActual<{ connectArm: typeof connectArm }>('../../../src/azure/arm');
        const reading = sdk.connectArm(settings()).readSnapshot(snapshotId, { limitMs }, readFirstSector);
        await expect(reading).resolves.toMatchObject({ ok: true });
      });
    } finally {
      delete process.env.AZURE_LOG_LEVEL;
      stderr.mockRestore();
    }

    expect(written.join('')).toContain('beginGetAccess');
    expect(secrets().length).toBeGreaterThan(0);
    expect(withoutSecrets(written)).toEqual([]);
  });

  /** The secrets found anywhere in the value, errors' hidden properties and causes included. */
  function withoutSecrets(value: unknown): string[] {
    const text = inspect(value);
    return secrets().filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
  }
});

function inspect(value: unknown): string {
  return nodeInspect(value, { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null });
}
