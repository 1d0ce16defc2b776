import { differencesOf } from '../../../src/azure/disk-copy';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import { until } from './support/azure-process';
import { rejectedWith, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(async () => {
  await here.azure.control('DELETE', '/faults');
});

const begun = { ok: true, value: 'begun' };
const ourTags = { 'rdp-lifeline-repair': 'r-1', 'rdp-lifeline-expires': '2026-02-01T00:00:00.000Z' };

async function gone(diskId: string): Promise<unknown> {
  return until(
    () => here.arm.getDisk(diskId),
    (answer) => !answer.ok,
  );
}

describe('local/azure/recovery-disks: a copy of an OS disk', () => {
  it('is made from a snapshot and can take the place of the original', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const copyId = await here.copyOf('vm-healthy', 'copy-1');
    const copy = await here.disk(copyId);

    expect(differencesOf(original, copy)).toEqual([]);
    expect(copy).toMatchObject({
      sku: 'StandardSSD_LRS',
      hyperVGeneration: 'V2',
      capabilities: { diskControllerTypes: 'SCSI, NVMe', architecture: 'x64' },
      sourceId: expect.stringContaining('/snapshots/snap-of-copy-1') as string,
      diskState: 'Unattached',
      managedBy: undefined,
      sizeBytes: 127 * 1024 ** 3,
    });
    expect(copy.uniqueId).not.toBe(original.uniqueId);
  });

  it('carries over who may fetch its bytes', async () => {
    const original = await here.disk(await here.osDiskOf('vm-export-denied'));
    const copy = await here.disk(await here.copyOf('vm-export-denied', 'copy-denied'));

    expect(copy.network).toEqual(original.network);
    expect(copy.network).toMatchObject({ networkAccessPolicy: 'DenyAll' });
  });

  it.each<[string, object]>([
    ['tier', { tier: 'E10' }],
    ['burstingEnabled', { burstingEnabled: true }],
    ['burstingEnabled', { sku: { name: 'Premium_LRS' }, burstingEnabled: true }],
    ['maxShares', { sku: { name: 'Standard_LRS' }, maxShares: 2 }],
    ['diskIOPSReadWrite', { diskIOPSReadWrite: 500 }],
    ['diskMBpsReadWrite', { diskMBpsReadWrite: 100 }],
    ['creationData.logicalSectorSize', { logicalSectorSize: 512 }],
    ['zones', { sku: { name: 'StandardSSD_ZRS' }, zones: ['1'] }],
    ['supportedCapabilities.diskControllerTypes', { supportedCapabilities: { diskControllerTypes: 'SCSI' } }],
    [
      'supportedCapabilities.supportedSecurityOption',
      { hyperVGeneration: 'V1', supportedCapabilities: { supportedSecurityOption: 'TrustedLaunchSupported' } },
    ],
  ])('is refused with a %s that its sku, size or generation has not', async (target, given) => {
    const sourceResourceId = await here.osDiskOf('vm-healthy');
    const { logicalSectorSize, ...properties } = given as { logicalSectorSize?: number };
    const creationData = { createOption: 'Copy', sourceResourceId, logicalSectorSize };
    const body = { location: 'westeurope', sku: { name: 'StandardSSD_LRS' }, ...properties };
    const { sku, zones, ...rest } = body as { sku: object; zones?: string[]; location: string };
    const token = await here.azure.credential('repair').getToken('https://management.azure.com/.default');
    const answer = await here.azure.call('PUT', `${here.diskId('refused')}?api-version=2024-03-02`, {
      token: token.token,
      body: { location: rest.location, sku, zones, properties: { creationData, ...rest } },
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.bodyAsText ?? '')).toMatchObject({ error: { code: 'InvalidParameter', target } });
  });

  it.each([
    ['InvalidTagNameCharacters', { 'a/b': 'x' }],
    ['InvalidTagName', { a: 'x'.repeat(257) }],
    ['InvalidTagCount', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, 'x']))],
  ])('is refused with tags that Azure does not take: %s', async (code, tags) => {
    const like = await here.disk(await here.osDiskOf('vm-healthy'));
    const request = { diskId: here.diskId('tagged'), sourceId: like.id, like, tags };
    expect(await here.recovery.beginCopyDisk(request)).toMatchObject(rejectedWith(code));
  });

  it('of generation 1 says nothing of controllers, and takes the place of its original', async () => {
    const original = await here.disk(await here.osDiskOf('vm-dhcp-rebooted'));
    expect(original).toMatchObject({ hyperVGeneration: 'V1', capabilities: { diskControllerTypes: 'SCSI' } });
    const copy = await here.disk(await here.copyOf('vm-dhcp-rebooted', 'copy-of-first'));
    expect(copy.capabilities?.diskControllerTypes).toBeUndefined();
    expect(differencesOf(original, copy)).toEqual([]);
  });

  it('of a premium disk has its tier, and one of another has what Azure gives it', async () => {
    const premium = await here.disk(
      await here.copyOf('vm-healthy', 'copy-premium', { sku: 'Premium_LRS', tier: 'P30' }),
    );
    expect(premium).toMatchObject({ sku: 'Premium_LRS', tier: 'P30' });
    expect((await here.disk(await here.osDiskOf('vm-healthy'))).tier).toBe('E10');
  });

  it('is made of a disk directly too', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const diskId = here.diskId('copy-of-disk');
    expect(await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like: original, tags: ourTags })).toEqual(
      begun,
    );
    expect(await here.disk(diskId)).toMatchObject({ tags: ourTags, sourceId: original.id });
  });

  it('is made once, however often it is asked for; a disk of that name from elsewhere is left alone', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const diskId = here.diskId('copy-twice');
    const request = { diskId, sourceId: original.id, like: original, tags: ourTags };
    await here.recovery.beginCopyDisk(request);
    const first = await here.disk(diskId);
    await here.recovery.beginTagDisk(diskId, { kept: 'yes' });
    await until(
      () => here.disk(diskId),
      ({ tags }) => tags?.kept === 'yes',
    );

    expect(await here.recovery.beginCopyDisk(request)).toEqual(begun);
    expect(await here.disk(diskId)).toMatchObject({ uniqueId: first.uniqueId, tags: { kept: 'yes' } });
    const other = await here.osDiskOf('vm-dhcp-disabled');
    expect(await here.recovery.beginCopyDisk({ ...request, sourceId: other })).toMatchObject(rejectedWith('NameTaken'));
  });

  it('was made although the answer was lost', async () => {
    await here.plant({
      match: { method: 'PUT', pathContains: '/disks/copy-lost' },
      when: 'after',
      dropConnection: true,
    });
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const request = { diskId: here.diskId('copy-lost'), sourceId: original.id, like: original, tags: ourTags };

    expect(await here.recovery.beginCopyDisk(request)).toMatchObject({ ok: false, failure: { kind: 'wait' } });
    expect(await here.recovery.beginCopyDisk(request)).toEqual(begun);
  });

  it('shows that its copying failed, or does not end', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    await here.plant({
      match: { method: 'PUT', pathContains: '/disks/copy-fails' },
      operation: 'fails',
      code: 'InternalError',
    });
    await here.plant({ match: { method: 'PUT', pathContains: '/disks/copy-hangs' }, operation: 'never-ends' });
    for (const name of ['copy-fails', 'copy-hangs']) {
      const request = { diskId: here.diskId(name), sourceId: original.id, like: original, tags: ourTags };
      expect(await here.recovery.beginCopyDisk(request)).toEqual(begun);
    }
    await until(
      () => here.disk(here.diskId('copy-fails')),
      ({ provisioningState }) => provisioningState === 'Failed',
    );
    expect((await here.disk(here.diskId('copy-hangs'))).provisioningState).toBe('Updating');
  });

  it.each([
    ['of what is not there', (id: string) => id.replace(/[^/]+$/, 'no-such-disk'), {}],
    ['in another region', (id: string) => id, { location: 'northeurope' }],
  ])('is refused %s', async (_case, source, like) => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const request = {
      diskId: here.diskId('copy-none'),
      sourceId: source(original.id),
      like: { ...original, ...like },
      tags: {},
    };

    expect(await here.recovery.beginCopyDisk(request)).toMatchObject({
      ok: false,
      failure: {
        kind: 'not-found',
        code: 'NotFound',
        message: `Resource ${source(original.id).split('/').at(-1)} is not found.`,
      },
    });
  });

  it('asks nobody for a security type: Azure refuses that', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const diskId = here.diskId('copy-trusted');
    const like = { ...original, securityType: 'TrustedLaunch' };

    expect(await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like, tags: {} })).toEqual(begun);
    const direct = here.azure.compute('repair').disks.createOrUpdate(here.azure.resourceGroup, 'copy-direct', {
      location: 'westeurope',
      creationData: { createOption: 'Copy', sourceResourceId: original.id },
      securityProfile: { securityType: 'TrustedLaunch' },
    });
    await expect(direct.submitted()).rejects.toMatchObject({
      statusCode: 400,
      message: "Security Type 'TrustedLaunch' is not supported for CreateOption 'Copy'.",
    });
  });
});

describe('local/azure/recovery-disks: tags of a disk', () => {
  it('are replaced as a whole, so that a copy in use loses our expiry', async () => {
    const diskId = await here.copyOf('vm-healthy', 'copy-tags');
    await here.recovery.beginTagDisk(diskId, ourTags);
    await until(
      () => here.disk(diskId),
      ({ tags }) => tags?.['rdp-lifeline-repair'] === 'r-1',
    );
    expect(await here.recovery.beginTagDisk(diskId, { owner: 'somebody' })).toEqual(begun);
    await until(
      () => here.disk(diskId),
      ({ tags }) => JSON.stringify(tags) === '{"owner":"somebody"}',
    );
  });
});

describe('local/azure/recovery-disks: deleting a disk or a snapshot', () => {
  it('deletes what carries our tags, and may be repeated', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const diskId = here.diskId('copy-deleted');
    await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like: original, tags: ourTags });

    expect(await here.recovery.beginDeleteDisk(diskId, { 'rdp-lifeline-repair': 'r-1' })).toEqual(begun);
    await gone(diskId);
    expect(await here.recovery.beginDeleteDisk(diskId, { 'rdp-lifeline-repair': 'r-1' })).toEqual(begun);
  });

  it.each([
    ['another repair', { 'rdp-lifeline-repair': 'r-2' }],
    ['nothing at all', {}],
  ])('leaves alone what carries the tags of %s', async (_case, mustCarry: Record<string, string>) => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const diskId = here.diskId('copy-kept');
    await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like: original, tags: ourTags });

    expect(await here.recovery.beginDeleteDisk(diskId, mustCarry)).toMatchObject(rejectedWith('TagsDiffer'));
    expect((await here.arm.getDisk(diskId)).ok).toBe(true);
  });

  it('never deletes a disk that a VM has: we say so, and Azure would too', async () => {
    const diskId = await here.osDiskOf('vm-healthy');
    await here.recovery.beginTagDisk(diskId, ourTags);
    await until(
      () => here.disk(diskId),
      ({ tags }) => tags?.['rdp-lifeline-repair'] === 'r-1',
    );
    expect(await here.recovery.beginDeleteDisk(diskId, ourTags)).toMatchObject(rejectedWith('InUse'));
    const direct = here.azure.compute('repair').disks.delete(here.azure.resourceGroup, diskId.split('/').at(-1) ?? '');
    await expect(direct.submitted()).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: `Disk ${diskId.split('/').at(-1)} is attached to VM ${here.vmId('vm-healthy')}.`,
    });
  });

  it('deletes our snapshots in the same way', async () => {
    await here.copyOf('vm-healthy', 'copy-snap');
    const snapshotId = snapshotIdOf(here.azure.subscriptionId, here.azure.workbenchResourceGroup, 'snap-of-copy-snap');
    expect(await here.recovery.beginDeleteSnapshot(snapshotId, ourTags)).toMatchObject(rejectedWith('TagsDiffer'));
    await here.azure
      .compute('repair')
      .snapshots.update(here.azure.workbenchResourceGroup, 'snap-of-copy-snap', { tags: ourTags });

    expect(await here.recovery.beginDeleteSnapshot(snapshotId, ourTags)).toEqual(begun);
    await until(
      () => here.arm.getSnapshot(snapshotId),
      (answer) => !answer.ok,
    );
    expect(await here.recovery.beginDeleteSnapshot(snapshotId, ourTags)).toEqual(begun);
  });
});

describe('local/azure/recovery-disks: without the roles', () => {
  it('says which action is missing, on the source too', async () => {
    const original = await here.disk(await here.osDiskOf('vm-healthy'));
    const request = { diskId: here.diskId('copy-no-role'), sourceId: original.id, like: original, tags: {} };
    await here.azure.control('POST', '/roles/remove-action', {
      action: 'Microsoft.Compute/disks/beginGetAccess/action',
    });
    expect(await here.recovery.beginCopyDisk(request)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action: 'Microsoft.Compute/disks/beginGetAccess/action', scope: original.id },
    });
    await here.azure.control('DELETE', '/roles');
    expect(valueOf(await here.recovery.beginCopyDisk(request))).toBe('begun');
  });
});
