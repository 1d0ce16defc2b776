/** What the scenarios of a rollback share: repairs that left their VMs with a mended copy, and the way back from there. */
import { callDoor, type DoorAnswer } from '../../../local/app-client';
import type { ArmCall } from '../../../local/simulated-azure-client';
import type { RepairReport } from '../../../src/report/repair-report';
import { repairCutOff, type Ended, type Held } from './recovery-cases';
import { resourcesOf, setKillSwitch, type Scenario } from './scenario';

/** A repair that has left its VM running from the mended copy, and the moment since which the original lacks what was written. */
export interface Repaired {
  name: string;
  repair: Ended;
  lossSince: string;
}

/** Repairs these VMs side by side; what is given back finds one of them by its name. Each is rolled back once. */
export async function repairAll(scenario: Scenario, names: readonly string[]): Promise<(name: string) => Repaired> {
  const entries = names.map(async (name) => [name, await repairFirst(scenario, name)] as const);
  const repairs = new Map(await Promise.all(entries));
  return (name) => {
    const found = repairs.get(name);
    if (!found) throw new Error(`${name} was not repaired.`);
    return found;
  };
}

async function repairFirst(scenario: Scenario, name: string): Promise<Repaired> {
  const repair = await repairCutOff(scenario, name);
  expect(repair.broken).toEqual([]);
  expect(repair.vm.osDiskId).toMatch(/-copy-\d$/);
  const [, lossSince = ''] = /"acknowledgeDataLossSince":"([^"]+)"/.exec(commandsOf(repair.report).join('\n')) ?? [];
  expect(Date.parse(lossSince)).toBeLessThan(Date.parse(repair.report.endedAt ?? ''));
  return { name, repair, lossSince };
}

export function commandsOf({ wayBack }: RepairReport): string[] {
  return wayBack.flatMap(({ commands }) => commands);
}

/** Asks for the rollback of this repair, as a person does. */
export function ask({ cloud }: Scenario, repairId: string, acknowledgeDataLossSince: string): Promise<DoorAnswer> {
  return callDoor(cloud, 'POST', `/api/repairs/${repairId}/rollback`, { acknowledgeDataLossSince });
}

/** Begins the rollback. Throws if it is not accepted. */
export async function beginRollBack(scenario: Scenario, { repair, lossSince }: Repaired): Promise<Held> {
  const { status, body } = await ask(scenario, repair.report.repairId, lossSince);
  if (status !== 202) throw new Error(`The rollback was answered ${status}: ${JSON.stringify(body)}`);
  return { repairId: String(body.repairId), before: repair.before, helper: '' };
}

/** Rolls back to the end. */
export async function rollBack(scenario: Scenario, repaired: Repaired): Promise<RepairReport> {
  const { repairId } = await beginRollBack(scenario, repaired);
  return scenario.follow(repairId);
}

export async function reportOf({ cloud }: Scenario, repairId: string): Promise<RepairReport> {
  const { body } = await callDoor(cloud, 'GET', `/api/repairs/${repairId}`);
  return body as unknown as RepairReport;
}

/** The copy and one snapshot are all that is left, both with the expiry that the report names; gives the snapshot's id. */
export async function expectKept(
  { azure }: Scenario,
  repairId: string,
  report: RepairReport,
  copy: string,
): Promise<string> {
  const [disk] = (await resourcesOf(azure, repairId)).filter(({ id }) => isSame(id, copy));
  const made = await resourcesOf(azure, report.repairId);
  expect(made.map(({ type, id }) => [type, id.endsWith('-stopped-1')])).toEqual([
    ['Microsoft.Compute/snapshots', true],
  ]);
  for (const thing of [disk, ...made]) {
    expect(thing?.tags['rdp-lifeline-expires']).toMatch(/^\d{4}-/);
    const kept = report.kept.find(({ resourceId }) => isSame(resourceId, thing?.id ?? ''));
    expect(kept?.expiresAt).toBe(thing?.tags['rdp-lifeline-expires']);
  }
  return made[0]?.id ?? '';
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What makes a rollback end as refused, by the code. */
export type Brake = readonly [
  code: string,
  prepare: (scenario: Scenario, name: string) => Promise<unknown>,
  takeBack: (scenario: Scenario, name: string) => Promise<unknown>,
];

export const brakes: readonly Brake[] = [
  ['kill-switch', (scenario) => setKillSwitch(scenario, true), (scenario) => setKillSwitch(scenario, false)],
  [
    'mode-diagnose',
    (scenario, name) => tag(scenario, name, 'diagnose'),
    (scenario, name) => tag(scenario, name, 'repair'),
  ],
  [
    'locked',
    async (scenario, name) => {
      const group = (await scenario.vmId(name)).replace(/\/providers\/.*$/i, '');
      await scenario.azure.post('/locks', { scope: group, level: 'ReadOnly', name: 'freeze' });
    },
    ({ azure }) => azure.delete('/locks'),
  ],
  [
    'permission-missing',
    ({ azure }) => azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/start/action' }),
    ({ azure }) => azure.delete('/roles'),
  ],
];

function tag({ azure }: Scenario, name: string, value: string): Promise<unknown> {
  return azure.patch(`/vms/${name}/tags`, { tags: { 'rdp-lifeline': value } });
}

/** Expects that the rollback ends as refused by this code, and the VM is not stopped. */
export async function expectRefused(
  scenario: Scenario,
  repaired: Repaired,
  [code, prepare, takeBack]: Brake,
): Promise<void> {
  const { name } = repaired;
  const { bootedAt, osDiskId } = await scenario.azure.vm(name);
  await prepare(scenario, name);
  const report = await rollBack(scenario, repaired);
  await takeBack(scenario, name);

  expect(report).toMatchObject({ ending: 'refused', code, temporary: [], kept: [] });
  expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
}

/** What ARM is asked of a rollback, in this order. */
const pointsOfRollback: readonly ((id: string, vm: string, copy: string) => string)[] = [
  () => 'POST .*/poweroff$',
  (id) => `PUT .*/snapshots/rdp-lifeline-${id}-stopped-1$`,
  (_id, vm) => `PATCH .*/virtualmachines/${vm}$`,
  (_id, _vm, copy) => `PATCH .*/disks/${copy}$`,
  () => 'POST .*/start$',
];

/** Lets the host die after each thing that ARM is asked; expects that the rollback ends the same way, with one exchange of the disks. */
export async function expectSameRollback(scenario: Scenario, repaired: Repaired): Promise<void> {
  const { name, repair } = repaired;
  const { osDiskId: copy } = await scenario.azure.vm(name);
  const since = (await scenario.azure.calls()).length;
  const shown = ({ method, path }: ArmCall) => `${method} ${path.toLowerCase()}`;
  const held = await beginRollBack(scenario, repaired);
  const copyName = copy.slice(copy.lastIndexOf('/') + 1).toLowerCase();

  for (const patternOf of pointsOfRollback) {
    const pattern = new RegExp(`^${patternOf(held.repairId, name, copyName)}`);
    await scenario.azure.untilCalls((calls) => calls.some((call) => pattern.test(shown(call))), '', since);
    await scenario.cloud.killHost();
    await scenario.cloud.startHost();
  }
  const report = await scenario.follow(held.repairId);

  expect(report).toMatchObject({ ending: 'rolled-back', temporary: [] });
  const { osDiskId } = repair.before;
  expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId });
  await expectKept(scenario, repair.report.repairId, report, copy);
  const calls = (await scenario.azure.calls('', since)).map(shown);
  const exchanges = calls.filter((call) => call.startsWith('PATCH') && call.endsWith(`/${name}`));
  expect(exchanges).toHaveLength(1);
}
