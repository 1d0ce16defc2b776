import { callDoor } from '../../local/app-client';
import { until } from '../../local/hold-run';
import { activities, type ActivityName } from '../../src/activities';
import type { RepairReport } from '../../src/report/repair-report';
import { expectFenced, fencingPoints } from './support/fencing';
import { manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

/**
 * Somebody holds Durable's system key, with which any orchestration can be started with any input (SECURITY.md). What they get done must
 * be no more than what the record of a repair allows.
 */

let scenario: Scenario;
let repaired: Ended;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
  repaired = await repairCutOff(scenario, 'vm-dhcp-rebooted');
});
afterAll(() => scenario.stop());

const names = Object.keys(activities) as ActivityName[];
const minute = { deadlineMs: 60_000, late: { ending: 'not-repaired', code: 'fault', reason: 'Late.' } };

describe('scenarios/system-key: whoever can start any orchestration', () => {
  it('gets nothing done to the VM of an ended repair: it keeps its power, its disk and its record', async () => {
    const { report, before } = repaired;
    expect(report).toMatchObject({ ending: 'repaired' });
    await scenario.azure.patch(`/vms/${before.name}/tags`, { tags: {} });
    const vm = await scenario.azure.vm(before.name);
    const written = await reportOf(report.repairId);
    const since = (await scenario.azure.calls()).length;

    const outputs = await Promise.all(
      names.map((activity) => startUntilDone({ activity, input: forgedInput(report, vm.id) })),
    );

    expect(outputs.filter(({ runtimeStatus }) => runtimeStatus === 'Running')).toEqual([]);
    expect(await writesSince(since)).toEqual([]);
    const after = await scenario.azure.vm(before.name);
    expect([after.powerState, after.osDiskId, after.bootedAt]).toEqual([vm.powerState, vm.osDiskId, vm.bootedAt]);
    expect(await reportOf(report.repairId)).toEqual(written);
  });

  it('gets nothing done to another VM in the name of that repair', async () => {
    const other = await scenario.azure.vm('vm-dhcp-untagged');
    const since = (await scenario.azure.calls()).length;
    const outputs = await Promise.all(
      names.map((activity) => startUntilDone({ activity, input: forgedInput(repaired.report, other.id) })),
    );
    expect(outputs.filter(({ runtimeStatus }) => runtimeStatus === 'Running')).toEqual([]);
    expect(await writesSince(since)).toEqual([]);
    expect(await scenario.azure.vm('vm-dhcp-untagged')).toMatchObject({ powerState: other.powerState });
  });

  it('gets no more done by the whole story of a repair than was asked for: a diagnosis stays one', async () => {
    const name = 'vm-dhcp-disabled';
    const id = await scenario.vmId(name);
    const { body } = await callDoor(scenario.cloud, 'POST', '/api/repairs', { vmId: id, mode: 'diagnose' });
    const repairId = String(body.repairId);
    const report = await scenario.follow(repairId);
    expect(report).toMatchObject({ ending: 'diagnosed' });
    const vm = await scenario.azure.vm(name);
    await start('repair', { repairId, vmId: id.toLowerCase(), requestedMode: 'repair', generation: 1 });
    await start('repairVm', { repairId, vmId: id.toLowerCase(), requestedMode: 'repair' });
    expect((await scenario.azure.vm(name)).services).toEqual(vm.services);
    expect(await reportOf(repairId)).toMatchObject({ ending: 'diagnosed', changes: [], endedAt: report.endedAt });
  });
});

/** The others: system-key.full.test.ts. */
const atTheSwap = fencingPoints.filter(({ at }) => at === 'the swap');

describe('scenarios/system-key: a repair whose parent is terminated while its child is alive', () => {
  it.each(atTheSwap)(
    'goes on from the record when it is begun anew, and nothing old writes any more, when the child was at $at',
    async (point) => {
      await expectFenced(scenario, point);
    },
  );
});

/** An input that every activity takes, with a plan that is on record. */
function forgedInput({ repairId, plan }: RepairReport, vmId: string): object {
  const { hash: planHash } = plan as { hash: string };
  const conclusion = { ending: 'not-repaired', code: 'fault', reason: 'Forged.' };
  const more = { planHash, lookHash: planHash, round: 1, attempt: 1, conclusion, left: ['Forged.'], to: 'original' };
  return { repairId, vmId: vmId.toLowerCase(), generation: 1, ...more };
}

async function writesSince(since: number): Promise<string[]> {
  const calls = await scenario.azure.calls('', since);
  return calls.flatMap(({ method, path }) => (method === 'GET' ? [] : [`${method} ${path}`]));
}

async function reportOf(repairId: string): Promise<RepairReport> {
  const { body } = await callDoor(scenario.cloud, 'GET', `/api/repairs/${repairId}`);
  return body as unknown as RepairReport;
}

interface Status {
  runtimeStatus: string;
  output?: unknown;
}

function startUntilDone(more: object): Promise<Status> {
  return start('untilDone', { patience: minute, firstWaitMs: 0, faultEnds: true, ...more });
}

/** Starts an orchestration with the system key, and waits until it has ended. */
async function start(orchestrator: string, input: object): Promise<Status> {
  const { url, durableKey } = scenario.cloud;
  const headers = { 'x-functions-key': durableKey, 'content-type': 'application/json' };
  const base = '/runtime/webhooks/durabletask';
  const begun = await fetch(new URL(`${base}/orchestrators/${orchestrator}`, url), {
    ...{ method: 'POST', headers },
    body: JSON.stringify(input),
  });
  const { id } = (await begun.json()) as { id: string };
  let status: Status = { runtimeStatus: 'Pending' };
  await until(async () => {
    const answer = await fetch(new URL(`${base}/instances/${id}?showInput=false`, url), { headers });
    status = (await answer.json()) as Status;
    return answer.status === 200;
  });
  return status;
}
