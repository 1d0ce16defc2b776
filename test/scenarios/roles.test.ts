import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutOff } from '../../local/cut-off';
import { begin, finish } from './support/recovery-cases';
import { dhcpOf, startScenario, type Scenario } from './support/scenario';

const vm = 'vm-dhcp-disabled';
const cutOffVm = 'vm-dhcp-rebooted';
const folder = join(__dirname, '../../infra/roles');
const actions = readdirSync(folder).flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { Actions: string[] }).Actions.map((action) => ({
    file,
    action,
  })),
);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

afterEach(() => scenario.azure.delete('/roles'));

// The clean-up alone needs these: the repair itself is done by then, and says what it left behind.
const cleaningUp = ['/runCommands/delete', '/snapshots/endGetAccess/action'];
// One source of evidence needs this: it says so, and the others go on.
const oneSource = ['/snapshots/beginGetAccess/action'];
// These tell of the way to the guest only: without them it is said to be not known, and the repair is as good.
const fromOutside = ['/networkInterfaces/read', '/effectiveNetworkSecurityGroups/action'];
const silently = [
  '/publicIPAddresses/read',
  '/consoleServices/read',
  // Upkeep alone needs it, and names it: test/local/azure/sweep-expired.test.ts.
  '/snapshots/delete',
];
// Whether there is room for a recovery VM is told by a subscription only; where it does not, the making of the VM tells.
const ofRoom = ['/skus/read', '/usages/read'];
// Only the route `recovery-vm` needs these: without them it is closed, and a guest that can be reached is mended all the same.
const forRecovery = [
  'virtualMachines/powerOff/action',
  'virtualMachines/start/action',
  'virtualMachines/write',
  'virtualMachines/delete',
  'virtualMachines/attachDetachDataDisks/action',
  'disks/write',
  'disks/delete',
  'diskEncryptionSets/read',
  'networkInterfaces/write',
  'networkInterfaces/delete',
  'networkInterfaces/join/action',
  'subnets/join/action',
  // What could stop us half-way cannot be ruled out without these.
  '/locks/read',
  '/denyAssignments/read',
  '/permissions/read',
];

const isOf = (list: string[]) => (given: { action: string }) => list.some((end) => given.action.endsWith(end));
const ofTheRepair = actions.filter(
  (given) => !isOf([...cleaningUp, ...oneSource, ...fromOutside, ...silently, ...ofRoom, ...forRecovery])(given),
);

describe('scenarios/roles: a role that lacks an action', () => {
  it.each(ofTheRepair)(
    'is told by the name of the action in the repair’s reason ($action, granted by $file)',
    async ({ action }) => {
      const report = await repairWithout(action);

      expect(report.reason).toContain(action);
      expect(report).toMatchObject({ ending: 'refused', code: 'permission-missing', changes: [] });
      expect(dhcpOf(await scenario.azure.vm(vm))?.startType).toBe(4);
    },
  );

  it.each(actions.filter(isOf(cleaningUp)))(
    'is told with what was left behind, after the repair ($action, granted by $file)',
    async ({ action }) => {
      const report = await repairWithout(action);

      expect(report.reason).toContain(action);
      expect(report.ending).toBe('repaired');
      expect(report.temporary).not.toEqual([]);
    },
  );

  it.each(actions.filter(isOf(oneSource)))(
    'is told by the source that needs it, while the others go on ($action, granted by $file)',
    async ({ action }) => {
      const report = await repairWithout(action);

      expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
      expect(report.evidence['snapshot-disk']).toMatchObject({
        evidence: [],
        problem: expect.stringContaining(action) as string,
      });
    },
  );

  it.each(actions.filter(isOf(fromOutside)))(
    'is told as what is not known of the way to the guest, and the repair stands ($action, granted by $file)',
    async ({ action }) => {
      const report = await repairWithout(action);

      expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
      expect(report.reason).toContain(action);
    },
  );

  it.each(actions.filter(isOf(silently)))(
    'stands in no repair’s way ($action, granted by $file)',
    async ({ action }) => {
      const report = await repairWithout(action);

      expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
      if (action.includes('SerialConsole')) expect(JSON.stringify(report.routes)).toContain(action);
    },
  );

  it.each(actions.filter(isOf(forRecovery)))(
    'closes the route that needs it, by the name of the action, and nothing is stopped ($action, granted by $file)',
    async ({ action }) => {
      // Of key sets only one has need whose disk has such a key.
      const name = action.includes('diskEncryptionSets') ? 'vm-cmk' : cutOffVm;
      await cutOff(scenario.azure, name);
      await scenario.azure.post('/roles/remove-action', { action });
      const { bootedAt, osDiskId } = await scenario.azure.vm(name);

      const report = await scenario.repair(name);

      expect(report).toMatchObject({ ending: 'not-repaired', code: 'no-route', changes: [], temporary: [] });
      expect(report.reason).toContain(action);
      expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
    },
  );

  it.each(actions.filter(isOf(ofRoom)))(
    'leaves the recovery VM to be tried for, and is told by name in the plan ($action, granted by $file)',
    async ({ action }) => {
      const [, scope] = /^(\/subscriptions\/[^/]+)/.exec(await scenario.vmId(cutOffVm)) ?? [];
      const held = await begin(scenario, cutOffVm);
      await scenario.azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope });
      await scenario.azure.post('/roles/remove-action', { action });

      const { report, broken } = await finish(scenario, held);

      expect(broken).toEqual([]);
      expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
      expect(JSON.stringify(report.plan)).toContain(action);
    },
  );

  it('does not hinder anything once the action is granted', async () => {
    await scenario.reset(vm);

    expect(await scenario.repair(vm)).toMatchObject({ ending: 'repaired', temporary: [] });
  });
});

async function repairWithout(action: string) {
  await scenario.reset(vm);
  await scenario.azure.post('/roles/remove-action', { action });
  return scenario.repair(vm);
}
