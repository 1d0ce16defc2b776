import { undoBy } from '../../src/guest/undo';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availabilityAlert } from '../../local/alert-payload';
import { callDoor, type DoorAnswer } from '../../local/app-client';
import { expectations, judgeFleet, saidOf, type Before } from '../../local/verdicts';
import type { RouteState } from '../../src/policy/routes';
import type { RepairReport } from '../../src/report/repair-report';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';

/** Each is demanded in recovery.test.ts, recovery-refusals.test.ts or test/local/azure/sweep-expired.test.ts. In the order of the role files. */
const demandedElsewhere = [
  // The interface goes with the recovery VM, unless that was never made.
  'Microsoft.Network/networkInterfaces/delete',
  // Counts on the subscription only: asked for where the sizes may be seen.
  'Microsoft.Compute/locations/usages/read',
  // Of snapshots that have expired.
  'Microsoft.Compute/snapshots/delete',
];

let scenario: Scenario;
let reports: Record<string, RepairReport>;
let before: Before;
/** As everything was when the last repair had ended: other tests change VMs, whichever runs first. */
let verdicts: Awaited<ReturnType<typeof judgeFleet>>;
let lists: Record<'byVm' | 'byEnding' | 'first' | 'second', DoorAnswer>;
let calls: Awaited<ReturnType<Scenario['azure']['calls']>>;

beforeAll(async () => {
  // Nobody waits for a place: storm.test.ts has many VMs and few places.
  scenario = await startScenario({ settings: { MAXIMUM_MUTATING_REPAIRS: '20' } });
  before = { resources: await scenario.azure.resources(), vms: await scenario.azure.vms() };
  const names = Object.keys(expectations);
  const ended = await Promise.all(names.map(async (name) => [name, await scenario.repair(name)] as const));
  reports = Object.fromEntries(ended);
  const said = Object.fromEntries(Object.entries(reports).map(([name, report]) => [name, saidOf(report)]));
  verdicts = await judgeFleet(scenario.azure, said, before);
  calls = await scenario.azure.calls();
  const first = await list('pageSize=2');
  lists = {
    byVm: await list(`vmId=${encodeURIComponent(await scenario.vmId('vm-healthy'))}`),
    byEnding: await list('ending=refused'),
    first,
    second: await list(`pageSize=2&continuationToken=${encodeURIComponent(String(first.body.continuationToken))}`),
  };
});

afterAll(() => scenario.stop());

describe('scenarios/fleet: an alert for every VM of the fleet', () => {
  it('ends each VM as it should, judged by the simulated Azure', () => {
    expect(Object.fromEntries(verdicts.map(({ vm, problems }) => [vm, problems]))).toEqual(
      Object.fromEntries(Object.keys(expectations).map((vm) => [vm, []])),
    );
    // Every disk's bytes are hashed.
  });

  it('reports diagnosis with reasons and sources, plan, steps with times, changes, what is kept, and the way back', () => {
    const report = reports['vm-dhcp-disabled'];

    expect(report).toMatchObject({
      ending: 'repaired',
      diagnosis: { kind: 'found', signature: 'dhcp-client-disabled' },
      plan: { routes: ['run-command', 'recovery-vm'], signature: 'dhcp-client-disabled' },
      temporary: [],
    });
    expect(JSON.stringify(report?.diagnosis)).toContain('"source":"run-command"');
    expect(stepsOf(report)).toEqual(
      ['inspect', 'snapshot', 'evidence', 'snapshot-disk', 'diagnose', 'permit', 'apply', 'verify-1'].map((step) => [
        step,
        'done',
      ]),
    );
    expect(report?.changes).toMatchObject([
      {
        before: 'Start = 4 (disabled)',
        after: 'Start = 2 (automatic)',
        undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
      },
      { before: expect.stringContaining('stopped') as string, undo: undoBy('sc.exe', 'stop', 'Dhcp') },
    ]);
    expect(report?.kept).toEqual([expect.objectContaining({ expiresAt: expect.stringMatching(/^\d{4}-/) as string })]);
    expect(report?.wayBack.flatMap(({ commands }) => commands)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('--os-disk'),
        expect.stringContaining('sc.exe config Dhcp start= disabled'),
      ]),
    );
  });

  it('leads out of safe mode by one restart, and waits for it; takes back a waiting flag without one', () => {
    const restarted = reports['vm-safe-mode-agent'];
    const waiting = reports['vm-safe-mode-waiting'];

    expect(restarted?.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['apply', 'restart', 'verify-1']));
    expect(restarted?.changes).toMatchObject([
      { before: 'safeboot = Network', after: 'safeboot = none', written: true },
      { before: 'it runs in safe mode', written: true },
    ]);
    expect(waiting?.steps.map(({ step }) => step)).not.toContain('restart');
    expect(waiting?.changes).toMatchObject([
      {
        before: 'safeboot = Minimal',
        undo: {
          kind: 'commands',
          commandLines: [
            {
              file: 'bcdedit.exe',
              arguments: ['/set', expect.stringMatching(/^\{.*\}$/) as string, 'safeboot', 'minimal'],
            },
          ],
        },
      },
      { before: 'safebootalternateshell = yes', after: 'safebootalternateshell = none' },
    ]);
  });

  it('names what keeps people out where the guest is mended, and lists what was proven', () => {
    const report = reports['vm-nsg-blocked'];

    expect(report?.reason).toContain(
      'the rule DenyRdp (priority 100) of the network security group vm-nsg-blocked-nsg',
    );
    expect(report?.changes).toMatchObject([{ written: true }, { written: true }]);
    const { checks } = report?.verification as { checks: { check: string; outcome: string }[] };
    expect(checks.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['failure-gone', 'shown'],
      ['change:set-service-start-type:Dhcp', 'shown'],
      ['change:start-service:Dhcp', 'shown'],
      ['agent-ready', 'shown'],
      ['rdp-listening', 'shown'],
      ['security-groups', 'not-shown'],
    ]);
    expect(reports['vm-dhcp-disabled']?.reason).toContain('let TCP 3389 through from everywhere');
  });

  it('says for every VM which routes were open, and what it would have to be granted to know more', () => {
    const routesOf = (name: string) => reports[name]?.routes as RouteState[];

    for (const name of Object.keys(expectations)) {
      expect(routesOf(name).map(({ route }) => route)).toEqual(['run-command', 'serial-console', 'recovery-vm']);
    }
    expect(routesOf('vm-dhcp-disabled')).toMatchObject([
      { open: true, code: 'agent-ready' },
      { open: false },
      { open: true },
    ]);
    expect(routesOf('vm-safe-mode')).toMatchObject([
      { open: false, code: 'agent-silent' },
      {
        code: 'console-not-known',
        reason: expect.stringContaining('Microsoft.SerialConsole/consoleServices/read') as string,
      },
      {},
    ]);
    expect(routesOf('vm-linux')).toMatchObject([{ code: 'not-windows' }, { code: 'not-windows' }, {}]);
  });

  it('says why it went no further', () => {
    expect(reports['vm-dhcp-diagnose']).toMatchObject({ code: 'mode-diagnose', changes: [] });
    expect(reports['vm-dhcp-untagged']).toMatchObject({ code: 'not-opted-in', changes: [], kept: [] });
    expect(reports['vm-linux']).toMatchObject({ code: 'not-windows', changes: [], kept: [] });
  });

  it('lists the repairs newest first, by VM and by ending, in pages', () => {
    const { byVm, byEnding, first, second } = lists;
    expect(idsOf(byVm)).toEqual([reports['vm-healthy']?.repairId]);
    expect(idsOf(byEnding).sort()).toEqual(
      [reports['vm-dhcp-untagged']?.repairId, reports['vm-linux']?.repairId].sort(),
    );
    expect(idsOf(first)).toHaveLength(2);
    expect(idsOf(second)).toHaveLength(2);
    expect(idsOf(second).filter((id) => idsOf(first).includes(id))).toEqual([]);
  });

  it('calls exactly the actions that the role files grant, but for those that a repair without a hitch does not need', () => {
    const demanded = new Set(calls.flatMap(({ actions }) => actions));

    expect([...demanded].filter((action) => !grantedActions().includes(action))).toEqual([]);
    expect(grantedActions().filter((action) => !demanded.has(action))).toEqual(demandedElsewhere);
  });

  it('lets each identity do only its own: looking by one, everything else by the other', () => {
    const byObserve = calls.filter(({ identity }) => identity === 'observe');

    expect(byObserve.length).toBeGreaterThan(0);
    // Asking which rules apply is a POST of its own kind: it changes nothing.
    const rules = /\/networkInterfaces\/[^/]+\/effectiveNetworkSecurityGroups$/;
    expect(byObserve.filter(({ method, path }) => method !== 'GET' && !rules.test(path))).toEqual([]);
    expect(calls.filter(({ identity }) => identity !== 'observe' && identity !== 'repair')).toEqual([]);
  });

  it('looks at resources, and follows operations only to open and to close access to a snapshot’s bytes', () => {
    const followed = calls.filter(({ path }) => /\/locations\/.*operations\//i.test(path));
    const access = calls.filter(({ path }) => /\/(begin|end)GetAccess$/i.test(path));

    expect(followed.filter(({ path }) => !path.toLowerCase().includes('/diskoperations/'))).toEqual([]);
    expect(new Set(followed.map(({ path }) => path)).size).toBe(access.length);
    expect(access.length).toBeGreaterThan(0);
  });

  it('hands out no key of the host and no secret', () => {
    const everything = JSON.stringify(reports);

    for (const secret of [
      scenario.cloud.key,
      scenario.cloud.azure.identityHeader,
      'code=',
      'runtime/webhooks',
      'sig=',
      'eyJ',
    ]) {
      expect(everything).not.toContain(secret);
    }
  });
});

describe('scenarios/fleet: doors of the running app', () => {
  it('refuse who has no key, but for health', async () => {
    const { url } = scenario.cloud;
    const withoutKey = await Promise.all(
      ['/api/repairs', `/api/repairs/${reports['vm-healthy']?.repairId ?? ''}`].map((path) =>
        fetch(new URL(path, url)),
      ),
    );
    const alert = await fetch(new URL('/api/alerts', url), { method: 'POST', body: '{}' });
    const health = await fetch(new URL('/api/health', url));

    expect([...withoutKey, alert].map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'healthy', killSwitch: 'off' });
  });

  it('answer two alerts at the same instant for one VM with one repair that knows both', async () => {
    await scenario.reset('vm-dhcp-disabled');
    const vmId = await scenario.vmId('vm-dhcp-disabled');

    const answers = await Promise.all(
      [1, 2, 3].map(() => callDoor(scenario.cloud, 'POST', '/api/alerts', availabilityAlert(vmId))),
    );
    const ids = new Set(answers.map(({ body }) => String(body.repairId)));
    const report = await scenario.follow([...ids][0] ?? '');

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(ids.size).toBe(1);
    expect(report.signals).toHaveLength(3);
    expect(report.ending).toBe('repaired');
  });

  it('answer a redelivered alert with the repair that it began, and start nothing anew', async () => {
    const payload = availabilityAlert(await scenario.vmId('vm-linux'));
    const first = await callDoor(scenario.cloud, 'POST', '/api/alerts', payload);
    await scenario.follow(String(first.body.repairId));

    const again = await callDoor(scenario.cloud, 'POST', '/api/alerts', payload);

    expect(again).toMatchObject({ status: 202, body: { repairId: first.body.repairId } });
    expect((await scenario.follow(String(first.body.repairId))).signals).toHaveLength(1);
  });

  it('give a person a repair on request, lowered to a diagnosis', async () => {
    await scenario.reset('vm-dhcp-disabled');
    const vmId = await scenario.vmId('vm-dhcp-disabled');

    const answer = await callDoor(scenario.cloud, 'POST', '/api/repairs', { vmId, mode: 'diagnose' });
    const report = await scenario.follow(String(answer.body.repairId));

    expect(report).toMatchObject({
      ending: 'diagnosed',
      code: 'mode-diagnose',
      requestedMode: 'diagnose',
      changes: [],
    });
    expect(await resourcesOf(scenario.azure, report.repairId)).toHaveLength(1);
  });

  it('start nothing for a VM that Azure does not know', async () => {
    const unknown = (await scenario.vmId('vm-healthy')).replace(/vm-healthy$/, 'vm-gone');

    const alert = await callDoor(scenario.cloud, 'POST', '/api/alerts', availabilityAlert(unknown));
    const request = await callDoor(scenario.cloud, 'POST', '/api/repairs', { vmId: unknown });

    expect(alert).toMatchObject({ status: 200, body: { ignored: 'vm-not-found' } });
    expect(request).toMatchObject({ status: 404, body: { error: { code: 'vm-not-found' } } });
  });

  it('answer what is no alert with a clear 4xx', async () => {
    const malformed = await callDoor(scenario.cloud, 'POST', '/api/alerts', '{"schemaId":');
    const foreign = await callDoor(scenario.cloud, 'POST', '/api/alerts', { schemaId: 'AzureMonitorMetricAlert' });
    const large = await callDoor(
      scenario.cloud,
      'POST',
      '/api/alerts',
      JSON.stringify({ filler: 'x'.repeat(300 * 1024) }),
    );

    expect([malformed, foreign, large].map(({ status }) => status)).toEqual([400, 400, 413]);
  });
});

async function list(query: string): Promise<DoorAnswer> {
  const answer = await callDoor(scenario.cloud, 'GET', `/api/repairs?${query}`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return answer;
}

function idsOf(answer: DoorAnswer): string[] {
  return (answer.body.repairs as { repairId: string }[]).map(({ repairId }) => repairId);
}

function grantedActions(): string[] {
  const folder = join(__dirname, '../../infra/roles');
  return readdirSync(folder).flatMap(
    (file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { Actions: string[] }).Actions,
  );
}

function stepsOf(report: RepairReport | undefined): [step: string, outcome: string | undefined][] {
  const order = ['inspect', 'snapshot', 'evidence', 'snapshot-disk', 'diagnose', 'permit', 'apply', 'verify-1'];
  // The two sources are asked side by side: which one is begun first is not said.
  const steps = (report?.steps ?? []).toSorted((one, other) => order.indexOf(one.step) - order.indexOf(other.step));
  return steps.map(({ step, outcome }) => [step, outcome]);
}
