/** Every action that the role files grant, with what a repair does that lacks it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutOff } from '../../../local/cut-off';
import { begin, finish } from './recovery-cases';
import { dhcpOf, type Scenario } from './scenario';

const vm = 'vm-dhcp-disabled';
const cutOffVm = 'vm-dhcp-rebooted';
const folder = join(__dirname, '../../../infra/roles');

/** An action that is taken out of a role file. */
export interface MissingAction {
  file: string;
  action: string;
  /** What comes of it, in the words of the test’s name. */
  effect: string;
}

interface Effect {
  name: string;
  /** How the actions end that have it. */
  actions: readonly string[];
  expectIn: (scenario: Scenario, action: string) => Promise<void>;
}

const effects: readonly Effect[] = [
  {
    name: 'is told with what was left behind, after the repair',
    // The clean-up alone needs these: the repair itself is done by then, and says what it left behind.
    actions: ['/runCommands/delete', '/snapshots/endGetAccess/action'],
    expectIn: expectToldAsLeft,
  },
  {
    name: 'is told by the source that needs it, while the others go on',
    // One source of evidence needs this: it says so, and the others go on.
    actions: ['/snapshots/beginGetAccess/action'],
    expectIn: expectToldBySource,
  },
  {
    name: 'is told as what is not known of the way to the guest, and the repair stands',
    // These tell of the way to the guest only: without them it is said to be not known, and the repair is as good.
    actions: ['/networkInterfaces/read', '/effectiveNetworkSecurityGroups/action'],
    expectIn: expectToldAsNotKnown,
  },
  {
    name: 'stands in no repair’s way',
    // Upkeep alone needs `snapshots/delete`, and names it: test/local/azure/sweep-expired.test.ts.
    actions: ['/consoleServices/read', '/publicIPAddresses/read', '/snapshots/delete'],
    expectIn: expectInNobodysWay,
  },
  {
    name: 'leaves the recovery VM to be tried for, and is told by name in the plan',
    // Whether there is room for a recovery VM is told by a subscription only; where it does not, the making of the VM tells.
    actions: ['/skus/read', '/usages/read'],
    expectIn: expectTriedFor,
  },
  {
    name: 'closes the route that needs it, by the name of the action, and nothing is stopped',
    // Only the route `recovery-vm` needs these: without them it is closed, and a guest that can be reached is mended all the same.
    actions: [
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
    ],
    expectIn: expectRouteClosed,
  },
];

/** All others: no repair can do without them. */
const needed: Effect = {
  name: 'is told by the name of the action in the repair’s reason',
  actions: [],
  expectIn: expectRefused,
};

/** Every action of every role file. */
export const missingActions: readonly MissingAction[] = readdirSync(folder).flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { Actions: string[] }).Actions.map((action) => ({
    file,
    action,
    effect: effectOf(action).name,
  })),
);

function effectOf(action: string): Effect {
  return effects.find(({ actions }) => actions.some((end) => action.endsWith(end))) ?? needed;
}

/** Repairs while no role has the action, and expects what should come of that. */
export async function expectEffect(scenario: Scenario, { action }: MissingAction): Promise<void> {
  await effectOf(action).expectIn(scenario, action);
}

async function expectRefused(scenario: Scenario, action: string): Promise<void> {
  const report = await repairWithout(scenario, action);

  expect(report.reason).toContain(action);
  expect(report).toMatchObject({ ending: 'refused', code: 'permission-missing', changes: [] });
  expect(dhcpOf(await scenario.azure.vm(vm))?.startType).toBe(4);
}

async function expectToldAsLeft(scenario: Scenario, action: string): Promise<void> {
  const report = await repairWithout(scenario, action);

  expect(report.reason).toContain(action);
  expect(report.ending).toBe('repaired');
  expect(report.temporary).not.toEqual([]);
}

async function expectToldBySource(scenario: Scenario, action: string): Promise<void> {
  const report = await repairWithout(scenario, action);

  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
  expect(report.evidence['snapshot-disk']).toMatchObject({
    evidence: [],
    problem: expect.stringContaining(action) as string,
  });
}

async function expectToldAsNotKnown(scenario: Scenario, action: string): Promise<void> {
  const report = await repairWithout(scenario, action);

  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
  expect(report.reason).toContain(action);
}

async function expectInNobodysWay(scenario: Scenario, action: string): Promise<void> {
  const report = await repairWithout(scenario, action);

  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
  if (action.includes('SerialConsole')) expect(JSON.stringify(report.routes)).toContain(action);
}

async function expectRouteClosed(scenario: Scenario, action: string): Promise<void> {
  // Of key sets only one has need whose disk has such a key.
  const name = action.includes('diskEncryptionSets') ? 'vm-cmk' : cutOffVm;
  await cutOff(scenario.azure, name);
  await scenario.azure.post('/roles/remove-action', { action });
  const { bootedAt, osDiskId } = await scenario.azure.vm(name);

  const report = await scenario.repair(name);

  expect(report).toMatchObject({ ending: 'not-repaired', code: 'no-route', changes: [], temporary: [] });
  expect(report.reason).toContain(action);
  expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
}

async function expectTriedFor(scenario: Scenario, action: string): Promise<void> {
  const [, scope] = /^(\/subscriptions\/[^/]+)/.exec(await scenario.vmId(cutOffVm)) ?? [];
  const held = await begin(scenario, cutOffVm);
  await scenario.azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope });
  await scenario.azure.post('/roles/remove-action', { action });

  const { report, broken } = await finish(scenario, held);

  expect(broken).toEqual([]);
  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
  expect(JSON.stringify(report.plan)).toContain(action);
}

async function repairWithout(scenario: Scenario, action: string) {
  await scenario.reset(vm);
  await scenario.azure.post('/roles/remove-action', { action });
  return scenario.repair(vm);
}
