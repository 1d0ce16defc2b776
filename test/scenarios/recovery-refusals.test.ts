import { resourcesOf, startScenario, type Scenario } from './scenario';
import { cutOff, manyPlaces } from './recovery-cases';
import type { Plan } from '../../src/activities/plan';
import type { RepairReport } from '../../src/report/repair-report';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
}, 60_000);

afterEach(async () => {
  await scenario.azure.delete('/locks');
  await scenario.azure.delete('/deny-assignments');
  await scenario.azure.delete('/roles');
});
afterAll(() => scenario.stop());

const group = async () => (await scenario.vmId('vm-healthy')).replace(/\/providers\/.*$/i, '');

describe('a VM that the route must not touch is refused by name, before anything is touched', () => {
  it.each([
    ['vm-dhcp-rebooted', 'disk-encryption', { isDiskEncrypted: true }],
    ['vm-dhcp-disabled', 'confidential-vm', { securityType: 'ConfidentialVM' }],
  ])(
    '%s: %s',
    async (vm, code, model) => {
      await cutOff(scenario, vm);
      await scenario.azure.patch(`/vms/${vm}/model`, model);

      await expectRefused(vm, code);
    },
    60_000,
  );

  it('a lock that forbids every change, or deletion, by its name', async () => {
    const vm = 'vm-healthy';
    await cutOff(scenario, vm);
    for (const level of ['ReadOnly', 'CanNotDelete']) {
      await scenario.azure.post('/locks', { scope: await group(), level, name: 'keep-production' });
      const report = await expectRefused(vm, 'locked');
      await scenario.azure.delete('/locks');

      expect(report.reason).toContain('keep-production');
    }
  }, 60_000);

  it('a deny assignment, by its name', async () => {
    const vm = 'vm-healthy';
    const actions = ['Microsoft.Compute/virtualMachines/write'];
    await scenario.azure.post('/deny-assignments', { scope: await group(), actions, name: 'managed application' });
    const report = await expectRefused(vm, 'denied');

    expect(report.reason).toContain('managed application');
  }, 60_000);

  it('a missing permission, by the name of the action', async () => {
    const vm = 'vm-healthy';
    await scenario.azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/start/action' });
    const report = await expectRefused(vm, 'permission-missing');

    expect(report.reason).toContain('Microsoft.Compute/virtualMachines/start/action');
  }, 60_000);

  it('a region without room for any size, where Azure lets us see it', async () => {
    const vm = 'vm-healthy';
    const subscription = (await group()).replace(/\/resourceGroups\/.*$/i, '');
    await scenario.azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope: subscription });
    await scenario.azure.patch('/capacity', { regionalLimit: 0 });
    await expectRefused(vm, 'no-size');
    const demanded = (await scenario.azure.calls()).flatMap(({ actions }) => actions);
    expect(demanded).toContain('Microsoft.Compute/locations/usages/read');
    await scenario.azure.patch('/capacity', { regionalLimit: 100 });
  }, 60_000);
});

describe('an app without a place for recovery VMs', () => {
  it('says which setting is missing', async () => {
    const vm = 'vm-dhcp-rebooted';
    await scenario.stop();
    scenario = await startScenario({ settings: { ...manyPlaces, RECOVERY_WORKBENCHES: '' } });

    const report = await expectRefused(vm, 'no-workbench');

    expect(report.reason).toContain('RECOVERY_WORKBENCHES');
  }, 60_000);
});

/** The route is closed for this reason, the VM was not stopped, and nothing but the first snapshot was made. */
async function expectRefused(name: string, code: string): Promise<RepairReport> {
  const before = await scenario.azure.vm(name);
  const since = (await scenario.azure.calls()).length;
  const report = await scenario.repair(name);
  const after = await scenario.azure.vm(name);

  expect(report).toMatchObject({ ending: 'not-repaired', code: 'no-route', changes: [], temporary: [] });
  expect((report.plan as Plan).closed).toContainEqual(expect.objectContaining({ route: 'recovery-vm', code }));
  expect({ power: after.powerState, disk: after.osDiskId, boot: after.bootedAt }).toEqual({
    power: 'running',
    disk: before.osDiskId,
    boot: before.bootedAt,
  });
  const made = (await resourcesOf(scenario.azure, report.repairId)).map(({ type }) => type);
  expect(made).toEqual(['Microsoft.Compute/snapshots']);
  const writes = (await scenario.azure.calls())
    .slice(since)
    .filter(({ method, path }) => method !== 'GET' && path.toLowerCase().startsWith(before.id.toLowerCase()));
  expect(writes).toEqual([]);
  return report;
}
