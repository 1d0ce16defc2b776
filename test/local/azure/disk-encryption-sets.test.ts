import { missingActions } from '../../../src/azure/permissions';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(() => here.azure.control('DELETE', '/roles'));

const vm = 'vm-cmk';
const action = 'Microsoft.Compute/diskEncryptionSets/read';
const setId = (name = 'des-production') =>
  `${here.groupScope('rg-keys')}/providers/Microsoft.Compute/diskEncryptionSets/${name}`;
const original = async () => here.disk(await here.osDiskOf(vm));
const withdraw = () => here.azure.control('POST', '/roles/withdraw', { identity: 'repair', scope: setId() });

async function snapshotOf(name: string): Promise<string> {
  const snapshotId = snapshotIdOf(here.azure.subscriptionId, here.azure.workbenchResourceGroup, name);
  valueOf(await here.arm.beginSnapshot({ snapshotId, sourceDiskId: (await original()).id, location, tags: {} }));
  await until(
    async () => valueOf(await here.arm.getSnapshot(snapshotId)),
    ({ state }) => state === 'ready',
  );
  return snapshotId;
}

describe('local/azure/disk-encryption-sets: a disk that is encrypted by a key of the customer’s', () => {
  it('says so, as its VM does, and so does its copy', async () => {
    expect(await original()).toMatchObject({
      encryptionType: 'EncryptionAtRestWithCustomerKey',
      diskEncryptionSetId: setId(),
    });
    expect((await here.vm(vm)).configuration?.osDisk?.diskEncryptionSetId).toBe(setId());
    const copy = await here.disk(await here.copyOf(vm, 'copy-cmk'));
    expect(copy).toMatchObject({ encryptionType: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: setId() });
  });

  it('cannot be copied by who may not read the set: LinkedAuthorizationFailed, word by word', async () => {
    const sourceId = await snapshotOf('snap-without-role');
    await withdraw();
    const diskId = here.diskId('copy-without-role');
    const copied = await here.recovery.beginCopyDisk({ diskId, sourceId, like: await original(), tags: {} });
    expect(copied).toMatchObject({ ok: false, failure: { kind: 'forbidden', action, scope: setId() } });
    expect(JSON.stringify(copied)).toContain(
      `has permission to perform action 'Microsoft.Compute/disks/write' on scope '${diskId}'; however, it does not have permission to perform action(s) '${action}' on the linked scope(s) '${setId()}' (respectively) or the linked scope(s) are invalid.`,
    );
  });

  it('can be snapshotted without that right, and the snapshot has its key', async () => {
    await withdraw();
    const snapshotId = await snapshotOf('snap-cmk');
    const name = snapshotId.split('/').at(-1) ?? '';
    const snapshot = await here.azure.compute('repair').snapshots.get(here.azure.workbenchResourceGroup, name);
    expect(snapshot.encryption).toEqual({ type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: setId() });
  });

  it('has no snapshot by another key, and no disk by a set that is not there or by half of a request', async () => {
    const { id, location: where } = await original();
    const { disks, snapshots } = here.azure.compute('repair');
    const creationData = { createOption: 'Copy', sourceResourceId: id };
    const type = 'EncryptionAtRestWithCustomerKey';
    const refused = { statusCode: 400, code: 'InvalidParameter' };
    const snapshot = { location: where, creationData, encryption: { type: 'EncryptionAtRestWithPlatformKey' } };
    await expect(
      snapshots.createOrUpdate(here.azure.workbenchResourceGroup, 'other-key', snapshot).submitted(),
    ).rejects.toMatchObject(refused);
    const attempt = (encryption: object) =>
      disks.createOrUpdate(here.azure.resourceGroup, 'x', { location: where, creationData, encryption }).submitted();
    await here.azure.control('POST', '/roles/assign', { identity: 'repair', role: 'recovery', scope: setId('gone') });
    await expect(attempt({ type, diskEncryptionSetId: setId('gone') })).rejects.toMatchObject(refused);
    await expect(attempt({ type })).rejects.toMatchObject(refused);
    await expect(
      attempt({ type: 'EncryptionAtRestWithPlatformKey', diskEncryptionSetId: setId() }),
    ).rejects.toMatchObject(refused);
  });

  it('tells who asks for its rights on the set, or refuses even that', async () => {
    expect(missingActions(valueOf(await here.recovery.getPermissions(setId())), [action])).toEqual([]);
    expect(await here.recovery.getPermissions(setId('des-without-role'))).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action: 'Microsoft.Authorization/permissions/read' },
    });
    await here.azure.control('POST', '/roles/remove-action', { action });
    expect(missingActions(valueOf(await here.recovery.getPermissions(setId())), [action])).toEqual([action]);
  });

  it('is what a lever makes of any VM’s', async () => {
    await here.azure.control('PATCH', '/vms/vm-healthy/os-disk', { diskEncryptionSet: 'des-without-role' });
    expect((await here.disk(await here.osDiskOf('vm-healthy'))).diskEncryptionSetId).toBe(setId('des-without-role'));
  });
});
