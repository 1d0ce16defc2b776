import { checkRecoveryRoute } from '../../../src/activities/recovery/check-route';
import { putLookPlan } from '../../../src/activities/recovery/look-plan';
import type { ArmFailure } from '../../../src/azure/ports';
import type { Evidence } from '../../../src/guest/evidence';
import type { RecoveryArm } from '../../../src/azure/recovery-ports';
import { recoveryActions } from '../../../src/policy/recovery-route';
import { virtualMachine } from '../../azure/support/machine';
import type { FakeWorld } from '../support/fakes';
import { about, repairId, vmId } from '../support/repair';
import * as at from './support/world';

const { finding, installation, workbenches } = at;
const make = () => at.recoveryWorld({ recoveryWorkbenches: workbenches });
const check = ({ tools }: FakeWorld, evidence: Evidence[] = [installation(false)], given = {}) =>
  checkRecoveryRoute(tools, { ...about, ...given }, { finding, evidence });
const forbidden: ArmFailure = {
  kind: 'forbidden',
  code: 'AuthorizationFailed',
  message: 'x',
  action: 'a/read',
  scope: '/s',
};

const everything: string[] = Object.values(recoveryActions).flat();

/** Writes down what is asked of the route's own part of Azure. */
function askedOf(world: FakeWorld): string[] {
  const asked: string[] = [];
  world.recoveryContent.before = (call) => asked.push(call);
  return asked;
}

describe('activities/recovery/check-route', () => {
  it('is open where nothing stands in the way, with what it would work with; nothing is created', async () => {
    const world = await make();
    expect(await check(world)).toEqual({
      kind: 'open',
      recovery: {
        boundToDisk: expect.any(Array) as object[],
        osDiskId: at.osDiskId,
        diskGeneration: 'V2',
        resourceGroup: 'rg-workbench',
        machine: {
          kind: 'made',
          subnetId: at.subnetId,
          sizes: world.tools.settings.recoveryVmSizes,
          unchecked: [],
          passedOver: [],
          // The patient's disk is GPT, so the recovery VM's is MBR.
          image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter' },
          generation: 'V1',
        },
        options: [],
      },
    });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('plans what the settings ask for beside the cure, and nothing that they do not', async () => {
    const world = await make();
    const { tools } = world;
    const optionsWith = async (settings: object) => {
      world.tools = { ...tools, settings: { ...tools.settings, ...settings } };
      const route = await check(world);
      return route.kind === 'open' && route.recovery.options;
    };
    expect(await optionsWith({ recoveryEnableSerialConsole: true })).toEqual(['enable-serial-console']);
    expect(await optionsWith({ recoveryEnableCrashDump: true })).toEqual(['enable-crash-dump']);
  });

  it('takes an image with a GPT disk for a patient of generation 1', async () => {
    const world = await make();
    at.putDisk(world, { id: at.osDiskId, hyperVGeneration: undefined });
    expect(await check(world)).toMatchObject({
      recovery: { machine: { image: { sku: '2022-datacenter-g2' }, generation: 'V2' } },
    });
  });

  it.each(['diagnose', 'approve', 'off', 'nonsense', undefined])('asks nothing where the tag says %s', async (mode) => {
    const world = await make();
    at.alterVm(world, { tags: mode === undefined ? {} : { 'rdp-lifeline': mode } });
    const asked = askedOf(world);
    expect(await check(world)).toMatchObject({ kind: 'closed', obstacle: { code: 'not-allowed' } });
    expect(asked).toEqual([]);
  });

  it('asks nothing where less than a repair was requested', async () => {
    const world = await make();
    const asked = askedOf(world);
    expect(await check(world, [], { requestedMode: 'diagnose' })).toMatchObject({ obstacle: { code: 'not-allowed' } });
    expect(asked).toEqual([]);
  });

  it.each([
    ['none', []],
    ['one of another region', [{ ...workbenches[0], location: 'northeurope' }]],
    ['one of another subscription', [{ ...workbenches[0], subscriptionId: 'x' }]],
  ])('asks nothing where there is no workbench: %s', async (_what, recoveryWorkbenches) => {
    const world = await at.recoveryWorld({ recoveryWorkbenches: recoveryWorkbenches as typeof workbenches });
    const asked = askedOf(world);
    expect(await check(world)).toMatchObject({ obstacle: { code: 'no-workbench' } });
    expect(asked).toEqual([]);
  });

  it('finds the workbench whatever the case of the region', async () => {
    const world = await make();
    at.alterVm(world, { location: 'WestEurope' });
    expect(await check(world)).toMatchObject({ kind: 'open' });
  });

  it('believes the source that says domain controller, and none that is missing', async () => {
    const world = await make();
    const both = [installation(false), installation(true)];
    expect(await check(world, both)).toMatchObject({ obstacle: { code: 'domain-controller' } });
    expect(await check(world, [])).toMatchObject({ obstacle: { code: 'domain-controller-unknown' } });
  });

  describe('locks', () => {
    /** A lock that is seen only at the scopes that this is true of. */
    async function lockedWorld(level: string, isAt: (scope: string) => boolean): Promise<FakeWorld> {
      const world = await make();
      const { recovery } = world.tools;
      const getLocks: RecoveryArm['getLocks'] = (scope) =>
        Promise.resolve({ ok: true, value: isAt(scope) ? [{ name: 'keep', level }] : [] });
      world.tools = { ...world.tools, recovery: { ...recovery, getLocks } };
      return world;
    }
    const isVm = (scope: string) => scope.toLowerCase() === vmId;
    const isSubnet = (scope: string) => scope === at.subnetId;
    const isDiskGroup = (scope: string) => scope.endsWith('/rg-app');
    const isWorkbench = (scope: string) => scope.endsWith('/rg-workbench');

    it.each([
      ['the VM', isVm],
      ['the disk’s group', isDiskGroup],
      ['the workbench', isWorkbench],
      ['the subnet', isSubnet],
    ])('that forbid every change stop us at %s', async (_where, isAt) => {
      expect(await check(await lockedWorld('ReadOnly', isAt))).toMatchObject({ obstacle: { code: 'locked' } });
    });

    it('against deletion stop us only where we delete', async () => {
      const isOpen = async (isAt: (scope: string) => boolean) =>
        (await check(await lockedWorld('CanNotDelete', isAt))).kind === 'open';
      expect(await isOpen(isVm)).toBe(true);
      expect(await isOpen(isSubnet)).toBe(true);
      expect(await isOpen(isDiskGroup)).toBe(false);
      expect(await isOpen(isWorkbench)).toBe(false);
    });
  });

  it('names the permission that is missing', async () => {
    const world = await make();
    world.recoveryContent.actions = ['Microsoft.Compute/*'];
    const closed = await check(world);
    expect(closed).toMatchObject({ obstacle: { code: 'permission-missing' } });
    expect(JSON.stringify(closed)).toContain('Microsoft.Network/networkInterfaces/write');
  });

  it('names the key set that may not be read, where the disk has one, and asks no more of it', async () => {
    const world = await make();
    const setId = '/subscriptions/x/resourceGroups/rg-keys/providers/Microsoft.Compute/diskEncryptionSets/des';
    at.putDisk(world, { id: at.osDiskId, diskEncryptionSetId: setId });
    expect(await check(world)).toMatchObject({ kind: 'open' });
    const { recovery } = world.tools;
    const asked: string[] = [];
    const onSet = (answer: Awaited<ReturnType<RecoveryArm['getPermissions']>>): RecoveryArm => ({
      ...recovery,
      getLocks: (scope) => (asked.push(scope), recovery.getLocks(scope)),
      getPermissions: (scope) => (scope === setId ? Promise.resolve(answer) : recovery.getPermissions(scope)),
    });
    for (const answer of [
      { ok: true as const, value: [{ actions: ['Microsoft.Compute/disks/*'], notActions: [] }] },
      { ok: false as const, failure: forbidden },
    ]) {
      world.tools = { ...world.tools, recovery: onSet(answer) };
      const closed = await check(world);
      expect(closed).toMatchObject({ obstacle: { code: 'permission-missing' } });
      expect(JSON.stringify(closed)).toContain(`Microsoft.Compute/diskEncryptionSets/read on ${setId}`);
    }
    world.tools = { ...world.tools, recovery: onSet({ ok: false, failure: at.busy }) };
    expect(await check(world)).toMatchObject({ kind: 'wait', afterMs: 7000 });
    // It is only read: a lock on it stops nobody.
    expect(asked).not.toContain(setId);
  });

  it('names a deny assignment', async () => {
    const world = await make();
    const denial = {
      ...{ name: 'blueprint', scope: vmId, atScopeOnly: false, excludedPrincipalIds: [] },
      permissions: [{ actions: ['*/write'], notActions: [] }],
    };
    const getDenyAssignments: RecoveryArm['getDenyAssignments'] = () => Promise.resolve({ ok: true, value: [denial] });
    world.tools = { ...world.tools, recovery: { ...world.tools.recovery, getDenyAssignments } };
    expect(await check(world)).toMatchObject({ obstacle: { code: 'denied' } });
  });

  it.each([
    ['getLocks', 'locks'],
    ['getDenyAssignments', 'denyAssignments'],
    ['getPermissions', 'permissions'],
  ] as const)('is not open where %s is not shown (hazard: a call is refused half-way)', async (call, what) => {
    const world = await make();
    world.recoveryContent.failures[call] = forbidden;
    const closed = await check(world);
    expect(closed).toMatchObject({ obstacle: { code: 'permission-missing' } });
    expect(JSON.stringify(closed)).toContain(`Microsoft.Authorization/${what}/read`);
  });

  it('names in the plan what is bound to the disk, and what of it is not known', async () => {
    const world = await make();
    const bound = async () => {
      const route = await check(world);
      return route.kind === 'open' ? route.recovery.boundToDisk : undefined;
    };
    const configuration = {
      ...{ zones: [], dataDisks: [], networkInterfaceIds: [] },
      extensions: [{ publisher: 'Microsoft.Azure.RecoveryServices', type: 'VMSnapshot' }],
      osDisk: { deleteOption: 'Delete' },
    };
    at.alterVm(world, { configuration });
    expect(await bound()).toEqual([
      { kind: 'azure-backup', state: 'found' },
      { kind: 'delete-option', state: 'found' },
      { kind: 'disk-roles', state: 'not-known' },
      { kind: 'deployment-state', state: 'not-known' },
    ]);
  });

  it('asks of a look what can be known before it; of a look and of a repair that a snapshot may be copied', async () => {
    const world = await make();
    const look = () => checkRecoveryRoute(world.tools, about);
    expect(await look()).toMatchObject({ kind: 'open' });
    world.recoveryContent.actions = everything.filter(
      (action) => action !== 'Microsoft.Compute/snapshots/beginGetAccess/action',
    );
    expect(await look()).toMatchObject({ obstacle: { code: 'permission-missing' } });
    expect(await check(world)).toMatchObject({ obstacle: { code: 'permission-missing' } });
    world.recoveryContent.actions = ['*'];
    at.putDisk(world, { id: at.osDiskId, diskEncryption: true });
    expect(await look()).toMatchObject({ obstacle: { code: 'disk-encryption' } });
  });

  it('counts no room against a recovery VM that looked and is there already', async () => {
    const world = await make();
    await putLookPlan(world.tools.ledger, repairId, at.look);
    world.recoveryContent.failures.findSizes = at.busy;
    expect(await check(world)).toMatchObject({ kind: 'wait' });
    await at.oweNow(world, at.recoveryVmId, 'virtual-machine', { createdAt: '2026-01-02T03:10:00.000Z' });
    expect(await check(world)).toMatchObject({ kind: 'open', recovery: { machine: at.machine } });
    await at.oweNow(world, at.recoveryVmId, 'virtual-machine', { deletedAt: '2026-01-02T04:10:00.000Z' });
    expect(await check(world)).toMatchObject({ kind: 'wait' });
  });

  it('tries every size where Azure does not show which can be had', async () => {
    const world = await make();
    world.recoveryContent.failures.findSizes = forbidden;
    expect(await check(world)).toMatchObject({
      recovery: {
        machine: {
          sizes: world.tools.settings.recoveryVmSizes,
          unchecked: [expect.stringContaining(forbidden.action) as string],
        },
      },
    });
  });

  it('is not open where no size can be had, and says why of each', async () => {
    const world = await make();
    const { recovery } = world.tools;
    const findSizes: RecoveryArm['findSizes'] = async (wanted) => {
      const found = await recovery.findSizes(wanted);
      return found.ok
        ? { ok: true, value: found.value.map((one) => ({ ...one, unusable: 'not-in-zone' as const })) }
        : found;
    };
    world.tools = { ...world.tools, recovery: { ...recovery, findSizes } };
    const closed = await check(world);
    expect(closed).toMatchObject({ obstacle: { code: 'no-size' } });
    for (const size of world.tools.settings.recoveryVmSizes) expect(JSON.stringify(closed)).toContain(size);
  });

  it('plans no size that could not work on the copy (hazard: Azure tells when the VM is stopped)', async () => {
    const world = await make();
    at.putDisk(world, { id: at.osDiskId, sku: 'Premium_LRS' });
    const { recovery, settings } = world.tools;
    const [fit = '', ...others] = settings.recoveryVmSizes;
    const findSizes: RecoveryArm['findSizes'] = async (wanted) => {
      const found = await recovery.findSizes(wanted);
      return found.ok
        ? { ok: true, value: found.value.map((one) => ({ ...one, premiumStorage: one.size === fit })) }
        : found;
    };
    world.tools = { ...world.tools, recovery: { ...recovery, findSizes } };
    expect(others).not.toHaveLength(0);
    expect(await check(world)).toMatchObject({ kind: 'open', recovery: { machine: { sizes: [fit] } } });
    // A standard disk does not need it.
    at.putDisk(world, { id: at.osDiskId, sku: 'StandardSSD_LRS' });
    expect(await check(world)).toMatchObject({ recovery: { machine: { sizes: settings.recoveryVmSizes } } });
  });

  it.each(['getLocks', 'getDenyAssignments', 'getPermissions', 'findSizes'] as const)(
    'waits as long as Azure asks at %s',
    async (call) => {
      const world = await make();
      world.recoveryContent.failures[call] = at.busy;
      expect(await check(world)).toMatchObject({ kind: 'wait', afterMs: 7000 });
    },
  );

  it('waits or is closed where the VM or its disk cannot be read', async () => {
    for (const call of ['getVirtualMachine', 'getDisk'] as const) {
      const world = await make();
      world.failures[call] = at.busy;
      expect(await check(world)).toMatchObject({ kind: 'wait' });
      world.failures[call] = forbidden;
      expect(await check(world)).toMatchObject({ kind: 'closed', obstacle: { code: 'permission-missing' } });
    }
    const unmanaged = await make();
    at.alterVm(unmanaged, { ...virtualMachine(), osDiskId: undefined });
    expect((await check(unmanaged)).kind).toBe('closed');
  });
});
