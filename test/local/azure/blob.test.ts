import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzureProcess, until, type AzureProcess } from './support/azure-process';

// 100 times as fast: a SAS of some seconds is over in a blink.
let azure: AzureProcess;
let rolesFolder: string;
let made = 0;

beforeAll(async () => {
  rolesFolder = mkdtempSync(join(tmpdir(), 'roles-'));
  cpSync(join(__dirname, '../../../infra/roles'), rolesFolder, { recursive: true });
  const workbench = join(rolesFolder, 'workbench.json');
  const role = JSON.parse(readFileSync(workbench, 'utf8')) as { Actions: string[] };
  writeFileSync(workbench, JSON.stringify({ ...role, Actions: ['Microsoft.Compute/snapshots/*'] }));
  azure = await startAzureProcess({ speed: 100, arguments: ['--roles', rolesFolder] });
});

afterAll(() => {
  azure.stop();
  rmSync(rolesFolder, { recursive: true, force: true });
});

/** The SDK looks at an operation every two real seconds if it is not told otherwise; here a hundred pass meanwhile. */
const lookOften = { updateIntervalInMs: 20 };

const snapshots = () => azure.compute('repair').snapshots;

async function takeSnapshot(): Promise<string> {
  made += 1;
  const name = `snap-${made}`;
  const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-healthy');
  const snapshot = {
    location: 'westeurope',
    incremental: true,
    creationData: { createOption: 'Copy', sourceResourceId: vm.storageProfile?.osDisk?.managedDisk?.id },
  };
  await snapshots().createOrUpdate(azure.workbenchResourceGroup, name, snapshot, lookOften);
  return name;
}

async function grant(name: string, durationInSeconds = 3600): Promise<string> {
  const asked = { access: 'Read', durationInSeconds };
  return (await snapshots().grantAccess(azure.workbenchResourceGroup, name, asked, lookOften)).accessSAS ?? '';
}

async function stateOf(name: string): Promise<string | undefined> {
  return (await snapshots().get(azure.workbenchResourceGroup, name)).diskState;
}

describe("local/azure/blob: a snapshot's SAS", () => {
  it('is a URL as Azure forms it, and the snapshot says that it is out', async () => {
    const name = await takeSnapshot();
    await expect(stateOf(name)).resolves.toBe('Unattached');

    const url = await grant(name);

    expect(url).toMatch(/^https:\/\/[^/]+\/[a-z0-9]{12}\/abcd\?sv=2018-03-28&sr=b&si=[0-9a-f-]{36}&sig=[\w%]+%3D$/);
    await expect(stateOf(name)).resolves.toBe('ActiveSAS');
  });

  it('is granted by an operation with both headers, and its result is in both', async () => {
    const name = await takeSnapshot();
    const { token } = await azure.credential('repair').getToken('https://management.azure.com/.default');
    const path = `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.workbenchResourceGroup}/providers/Microsoft.Compute/snapshots/${name}/beginGetAccess?api-version=2025-01-02`;

    const begun = await azure.call('POST', path, { token, body: { access: 'Read', durationInSeconds: 60 } });

    expect(begun).toMatchObject({ status: 202, bodyAsText: '' });
    const at = (header: string) => (begun.headers.get(header) ?? '').replace(azure.armEndpoint, '');
    const ended = await until(
      () => azure.call('GET', at('azure-asyncoperation'), { token }),
      ({ bodyAsText }) => (bodyAsText ?? '').includes('Succeeded'),
    );
    const output: unknown = JSON.parse(ended.bodyAsText ?? '{}').properties.output;
    const result = await azure.call('GET', at('location'), { token });
    expect(output).toEqual({ accessSAS: expect.stringContaining('sig=') as string });
    expect(JSON.parse(result.bodyAsText ?? '{}')).toEqual(output);
  });

  it('serves ranges of a page blob', async () => {
    const url = await grant(await takeSnapshot());
    const size = 127 * 1024 ** 3 + 512;

    const head = await azure.fetch(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(size));
    expect(head.headers.get('x-ms-blob-type')).toBe('PageBlob');
    expect(head.headers.get('x-ms-version')).toBe('2018-03-28');

    const end = await azure.fetch(url, { headers: { range: `bytes=${size - 512}-` } });
    expect(end.status).toBe(206);
    expect(end.headers.get('content-range')).toBe(`bytes ${size - 512}-${size - 1}/${size}`);
    expect(end.bodyAsText?.slice(0, 8)).toBe('conectix');

    const first = await azure.fetch(url, { headers: { range: 'bytes=0-9', 'x-ms-range': 'bytes=512-519' } });
    expect(first.headers.get('content-range')).toBe(`bytes 512-519/${size}`);
    expect(first.bodyAsText).toBe('EFI PART');
  });

  it.each([
    [
      'a range beyond the end',
      (url: string) => url,
      { headers: { range: `bytes=${200 * 1024 ** 3}-` } },
      416,
      'InvalidRange',
    ],
    ['a write', (url: string) => url, { method: 'PUT' }, 403, 'AuthorizationPermissionMismatch'],
    [
      'a question that a blob does not know',
      (url: string) => `${url}&comp=other`,
      {},
      400,
      'InvalidQueryParameterValue',
    ],
    ['a URL without its signature', (url: string) => url.replace(/&sig=.*/, ''), {}, 404, 'ResourceNotFound'],
    ['another signature', (url: string) => url.replace(/sig=.{3}/, 'sig=AAA'), {}, 403, 'AuthenticationFailed'],
    ['another blob', (url: string) => url.replace('/abcd?', '/other?'), {}, 404, 'ResourceNotFound'],
  ] as const)('refuses %s', async (_case, spoil, options, status, code) => {
    const url = await grant(await takeSnapshot());

    const answer = await azure.fetch(spoil(url), options);

    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-ms-error-code')).toBe(code);
    expect(answer.bodyAsText).toContain(`<Code>${code}</Code>`);
  });

  it('expires by local time, and the snapshot is free again', async () => {
    const name = await takeSnapshot();
    const url = await grant(name, 5);

    const answer = await until(
      () => azure.fetch(url, { headers: { range: 'bytes=0-511' } }),
      ({ status }) => status === 403,
    );

    expect(answer.bodyAsText).toMatch(
      /<Code>AuthenticationFailed<\/Code>.*Signature not valid in the specified time frame: Start \[.+ GMT\] - Expiry \[.+ GMT\] - Current \[.+ GMT\]/s,
    );
    await expect(stateOf(name)).resolves.toBe('Unattached');
  });

  it('is worth nothing once access was ended', async () => {
    const name = await takeSnapshot();
    const url = await grant(name);

    await snapshots().revokeAccess(azure.workbenchResourceGroup, name);

    const answer = await azure.fetch(url);
    expect(answer.status).toBe(403);
    expect(answer.bodyAsText).toContain('SAS identifier cannot be found for specified signed identifier');
    await expect(stateOf(name)).resolves.toBe('Unattached');
  });

  it('keeps its snapshot from being deleted', async () => {
    const name = await takeSnapshot();
    await grant(name);
    const remove = () => snapshots().delete(azure.workbenchResourceGroup, name);

    await expect(remove().submitted()).rejects.toMatchObject({ statusCode: 409, code: 'OperationNotAllowed' });

    await snapshots().revokeAccess(azure.workbenchResourceGroup, name);
    await expect(remove()).resolves.toBeUndefined();
  });

  it.each([
    ['to write', { access: 'Write', durationInSeconds: 60 }, 'read only'],
    ['for no time', { access: 'Read', durationInSeconds: 0 }, 'durationInSeconds'],
    ['for more than 60 days', { access: 'Read', durationInSeconds: 5_184_001 }, 'durationInSeconds'],
  ])('is not granted %s', async (_case, asked, words) => {
    const name = await takeSnapshot();

    const granted = snapshots().grantAccess(azure.workbenchResourceGroup, name, asked).submitted();

    await expect(granted).rejects.toMatchObject({
      statusCode: 400,
      code: 'InvalidParameter',
      message: expect.stringContaining(words) as string,
    });
  });
});

describe('local/azure/blob: a disk with network settings', () => {
  it('shows them, and a disk access that does not fit is refused in the words of Azure', async () => {
    const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-linux');
    const disk = vm.storageProfile?.osDisk?.managedDisk?.id?.split('/').at(-1) ?? '';
    const diskAccessId = `/subscriptions/${azure.subscriptionId}/resourceGroups/rg/providers/Microsoft.Compute/diskAccesses/d`;

    await azure.control('PATCH', '/vms/vm-linux/os-disk', { networkAccessPolicy: 'AllowPrivate', diskAccessId });

    await expect(azure.compute('observe').disks.get(azure.resourceGroup, disk)).resolves.toMatchObject({
      networkAccessPolicy: 'AllowPrivate',
      diskAccessId,
      publicNetworkAccess: 'Enabled',
    });
    await expect(
      azure.control('PATCH', '/vms/vm-linux/os-disk', { networkAccessPolicy: 'AllowAll' }),
    ).resolves.toMatchObject({
      status: 400,
      message: expect.stringContaining(
        'Disk Access is only supported for disks with NetworkAccessPolicy AllowPrivate',
      ) as string,
    });
  });
});
