import type { ArmCall } from '../../local/simulated-azure-client';
import { callDoor } from '../../local/app-client';
import type { RepairReport } from '../../src/report/repair-report';
import { holdRun, letGo, until } from '../../local/hold-run';
import { begin, manyPlaces, repairCutOff, type Ended, type Held } from './support/recovery-cases';
import { dhcpOf, resourcesOf, setKillSwitch, startScenario, type Scenario } from './support/scenario';

/** A repair that has left its VM running from the mended copy, and the moment since which the original lacks what was written. */
interface Repaired {
  name: string;
  repair: Ended;
  lossSince: string;
}

let scenario: Scenario;
let repairs: Map<string, Repaired>;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
  const names = [
    'vm-dhcp-rebooted',
    'vm-dhcp-untagged',
    'vm-dhcp-disabled',
    'vm-dhcp-diagnose',
    'vm-nsg-blocked',
    'vm-healthy',
  ];
  repairs = new Map(await Promise.all(names.map(async (name) => [name, await repairFirst(name)] as const)));
});

afterAll(() => scenario.stop());

describe('scenarios/rollback: a rollback of a repair that left the VM with a mended copy of its disk', () => {
  it('puts the original back, keeps the copy with all that was written on it, and both records say so', async () => {
    const { name, repair, lossSince } = repaired('vm-dhcp-rebooted');
    const copy = (await scenario.azure.vm(name)).osDiskId;
    const original = repair.before.osDiskId;
    const { [original.toLowerCase()]: untouched, [copy.toLowerCase()]: mended } = await scenario.azure.contents();
    // Somebody works in the guest after the exchange: this is what the original lacks.
    await scenario.azure.post(`/vms/${name}/guest-service`, { service: 'TermService', startType: 2 });
    const { [copy.toLowerCase()]: written } = await scenario.azure.contents();
    expect(written).not.toBe(mended);

    const report = await rollBack(repair.report, lossSince);

    expect(report).toMatchObject({
      ...{ ending: 'rolled-back', code: 'rolled-back-agent-silent', temporary: [] },
      ...{ rollsBack: repair.report.repairId, acknowledgedLossSince: lossSince },
    });
    const vm = await scenario.azure.vm(name);
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: original, addresses: [] });
    // It runs from a disk that has the failure, and not what was written in between.
    expect(dhcpOf(vm)).toMatchObject({ startType: 4 });
    expect(vm.services.find((one) => one.name === 'TermService')).toMatchObject({ startType: 3 });
    const snapshotId = await expectKept(repair.report.repairId, report, copy);
    const { [copy.toLowerCase()]: kept, [snapshotId.toLowerCase()]: snapshot } = await scenario.azure.contents();
    expect(snapshot).toBe(kept);
    expect([untouched, mended]).not.toContain(kept);

    const before = await reportOf(repair.report.repairId);
    expect(before).toMatchObject({ ending: 'repaired', rolledBackBy: report.repairId });
    expect(before.kept.map(({ resourceId }) => resourceId)).not.toContain(original);
    expect(JSON.stringify(before.wayBack)).not.toMatch(/--os-disk \S+disks\/vm-|rollback"/);
    expect(JSON.stringify(report.wayBack)).toContain(`--os-disk ${copy}`);

    expect(await ask(repair.report.repairId, lossSince)).toMatchObject({
      status: 409,
      body: { error: { code: 'already-back', message: expect.stringContaining(report.repairId) as string } },
    });
  });

  it('is shown by the repair with the exact call, which works as it stands there', async () => {
    const { name, repair } = repaired('vm-dhcp-untagged');
    const call = commandsOf(repair.report).find((command) => command.startsWith('curl'));
    const [, body = '', path = ''] = /-d '(.+)' "\$APP(\S+)"$/.exec(call ?? '') ?? [];

    const answer = await callDoor(scenario.cloud, 'POST', path, body);
    const repairId = String(answer.body.repairId);
    await untilStarted(repairId);
    // Somebody mends the original by the serial console, so that its agent comes up.
    await scenario.azure.post(`/vms/${name}/guest-service`, { service: 'Dhcp', startType: 2 });
    await scenario.azure.post(`/vms/${name}/restart`, {});
    const report = await scenario.follow(repairId);

    expect(answer).toMatchObject({ status: 202, body: { joined: false } });
    expect(report).toMatchObject({ ending: 'rolled-back', code: 'rolled-back', temporary: [] });
  });
});

describe('scenarios/rollback: a rollback that is refused at the door', () => {
  const refusedVm = 'vm-nsg-blocked';

  it('names the moment that must be acknowledged, and the VM is not touched', async () => {
    const { name, repair, lossSince } = repaired(refusedVm);
    const { bootedAt, osDiskId } = await scenario.azure.vm(name);
    const wrong = await ask(repair.report.repairId, '2026-01-01T00:00:00Z');
    const none = await callDoor(scenario.cloud, 'POST', `/api/repairs/${repair.report.repairId}/rollback`, {});

    expect(wrong).toMatchObject({ status: 409, body: { error: { code: 'loss-not-acknowledged' } } });
    expect(none).toMatchObject({ status: 400, body: { error: { code: 'invalid-request' } } });
    for (const { body } of [wrong, none]) expect(JSON.stringify(body)).toContain(lossSince);
    expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
  });

  it('or ends as refused when a brake, a lock or a missing role is found, and the VM is not stopped', async () => {
    const { name, repair, lossSince } = repaired(refusedVm);
    const { bootedAt, osDiskId, id } = await scenario.azure.vm(name);
    const group = id.replace(/\/providers\/.*$/i, '');
    const refusals: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['kill-switch', () => setKillSwitch(scenario, true), () => setKillSwitch(scenario, false)],
      ['mode-diagnose', () => tag(name, 'diagnose'), () => tag(name, 'repair')],
      [
        'locked',
        () => scenario.azure.post('/locks', { scope: group, level: 'ReadOnly', name: 'freeze' }),
        () => scenario.azure.delete('/locks'),
      ],
      [
        'permission-missing',
        () => scenario.azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/start/action' }),
        () => scenario.azure.delete('/roles'),
      ],
    ];
    for (const [code, prepare, takeBack] of refusals) {
      await prepare();
      const report = await rollBack(repair.report, lossSince);
      await takeBack();

      expect(report).toMatchObject({ ending: 'refused', code, temporary: [], kept: [] });
      expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
    }
  });

  it('while a repair of the VM runs, by its id', async () => {
    const { name, repair, lossSince } = repaired(refusedVm);
    const held = await begin(scenario, name);
    expect(await ask(repair.report.repairId, lossSince)).toMatchObject({
      status: 409,
      body: { error: { code: 'repair-runs', message: expect.stringContaining(held.repairId) as string } },
    });
    await callDoor(scenario.cloud, 'POST', `/api/repairs/${held.repairId}/cancel`);
    await scenario.follow(held.repairId);
  });
});

describe('scenarios/rollback: a rollback in whose middle something happens', () => {
  it('gives way to a person who starts the VM, with the disk that it had', async () => {
    const { name, repair, lossSince } = repaired('vm-dhcp-disabled');
    const { osDiskId: copy } = await scenario.azure.vm(name);
    const held = await beginRollBack(repair, lossSince);
    await holdRun(scenario.azure, { ...held, run: 'stopped-1' }, 'PUT');
    await scenario.azure.post(`/vms/${name}/start`, {});
    await letGo(scenario.azure, { ...held, run: 'stopped-1' });
    const report = await scenario.follow(held.repairId);

    expect(report).toMatchObject({ ending: 'not-rolled-back', code: 'started-meanwhile', temporary: [] });
    expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId: copy });
    const disk = (await scenario.azure.resources()).find(({ id }) => id.toLowerCase() === copy.toLowerCase());
    expect(disk?.tags['rdp-lifeline-expires']).toBeUndefined();
    expect((await reportOf(repair.report.repairId)).rolledBackBy).toBeUndefined();
    // Nothing stands against asking again.
    expect(await rollBack(repair.report, lossSince)).toMatchObject({ ending: 'rolled-back', temporary: [] });
  });

  it('ends when a person cancels it, and starts the VM again', async () => {
    const { name, repair, lossSince } = repaired('vm-dhcp-diagnose');
    const { osDiskId: copy } = await scenario.azure.vm(name);
    const held = await beginRollBack(repair, lossSince);
    await holdRun(scenario.azure, { ...held, run: 'stopped-1' }, 'PUT');
    const joined = await ask(repair.report.repairId, lossSince);
    await callDoor(scenario.cloud, 'POST', `/api/repairs/${held.repairId}/cancel`);
    await letGo(scenario.azure, { ...held, run: 'stopped-1' });
    const report = await scenario.follow(held.repairId);

    expect(joined).toMatchObject({ status: 202, body: { repairId: held.repairId, joined: true } });
    expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', temporary: [] });
    expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId: copy });
  });
});

/** The host dies as soon as ARM was asked this of the rollback, in this order. */
const points: readonly ((id: string, vm: string, copy: string) => string)[] = [
  () => 'POST .*/poweroff$',
  (id) => `PUT .*/snapshots/rdp-lifeline-${id}-stopped-1$`,
  (_id, vm) => `PATCH .*/virtualmachines/${vm}$`,
  (_id, _vm, copy) => `PATCH .*/disks/${copy}$`,
  () => 'POST .*/start$',
];

describe('scenarios/rollback: a host that is killed with SIGKILL in the middle of a rollback and started again', () => {
  it('ends it the same way, with one exchange of the disks, although the host dies after each thing that was asked of Azure', async () => {
    const name = 'vm-healthy';
    const { repair, lossSince } = repaired(name);
    const { osDiskId: copy } = await scenario.azure.vm(name);
    const since = (await scenario.azure.calls()).length;
    const shown = ({ method, path }: ArmCall) => `${method} ${path.toLowerCase()}`;
    const held = await beginRollBack(repair, lossSince);
    const copyName = copy.slice(copy.lastIndexOf('/') + 1).toLowerCase();

    for (const patternOf of points) {
      const pattern = new RegExp(`^${patternOf(held.repairId, name, copyName)}`);
      await scenario.azure.untilCalls((calls) => calls.some((call) => pattern.test(shown(call))), '', since);
      await scenario.cloud.killHost();
      await scenario.cloud.startHost();
    }
    const report = await scenario.follow(held.repairId);

    expect(report).toMatchObject({ ending: 'rolled-back', temporary: [] });
    const { osDiskId } = repair.before;
    expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId });
    await expectKept(repair.report.repairId, report, copy);
    const calls = (await scenario.azure.calls('', since)).map(shown);
    const exchanges = calls.filter((call) => call.startsWith('PATCH') && call.endsWith(`/${name}`));
    expect(exchanges).toHaveLength(1);
  });
});

async function repairFirst(name: string): Promise<Repaired> {
  const repair = await repairCutOff(scenario, name);
  expect(repair.broken).toEqual([]);
  expect(repair.vm.osDiskId).toMatch(/-copy-\d$/);
  const [, lossSince = ''] = /"acknowledgeDataLossSince":"([^"]+)"/.exec(commandsOf(repair.report).join('\n')) ?? [];
  expect(Date.parse(lossSince)).toBeLessThan(Date.parse(repair.report.endedAt ?? ''));
  return { name, repair, lossSince };
}

/** The VM that was repaired by then; each is rolled back once. */
function repaired(name: string): Repaired {
  const found = repairs.get(name);
  if (!found) throw new Error(`${name} was not repaired.`);
  return found;
}

function commandsOf({ wayBack }: RepairReport): string[] {
  return wayBack.flatMap(({ commands }) => commands);
}

function ask(repairId: string, acknowledgeDataLossSince: string) {
  return callDoor(scenario.cloud, 'POST', `/api/repairs/${repairId}/rollback`, { acknowledgeDataLossSince });
}

async function beginRollBack({ report, before }: Ended, lossSince: string): Promise<Held> {
  const { status, body } = await ask(report.repairId, lossSince);
  if (status !== 202) throw new Error(`The rollback was answered ${status}: ${JSON.stringify(body)}`);
  const repairId = String(body.repairId);
  return { repairId, before, helper: '' };
}

async function rollBack({ repairId }: RepairReport, lossSince: string): Promise<RepairReport> {
  const { status, body } = await ask(repairId, lossSince);
  if (status !== 202) throw new Error(`The rollback was answered ${status}: ${JSON.stringify(body)}`);
  return scenario.follow(String(body.repairId));
}

async function reportOf(repairId: string): Promise<RepairReport> {
  const { body } = await callDoor(scenario.cloud, 'GET', `/api/repairs/${repairId}`);
  return body as unknown as RepairReport;
}

async function untilStarted(repairId: string): Promise<void> {
  await until(async () => {
    const { steps } = await reportOf(repairId);
    return steps.some(({ step, outcome }) => step === 'start' && outcome === 'done');
  });
}

function tag(name: string, value: string): Promise<unknown> {
  return scenario.azure.patch(`/vms/${name}/tags`, { tags: { 'rdp-lifeline': value } });
}

/** The copy and one snapshot are all that is left, both with the expiry that the report names; gives the snapshot's id. */
async function expectKept(repairId: string, report: RepairReport, copy: string): Promise<string> {
  const [disk] = (await resourcesOf(scenario.azure, repairId)).filter(({ id }) => isSame(id, copy));
  const made = await resourcesOf(scenario.azure, report.repairId);
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
