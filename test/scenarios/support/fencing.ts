/**
 * Durable Functions ends a parent, and not its children: they go on asking their activities. A repair that is begun again must not be
 * disturbed by what the one before has under way.
 */
import { callDoor } from '../../../local/app-client';
import { until } from '../../../local/hold-run';
import type { ArmCall } from '../../../local/simulated-azure-client';
import type { RepairReport } from '../../../src/report/repair-report';
import { singletonIdOf } from '../../../src/repair-id';
import { begin, finish, type Held } from './recovery-cases';
import type { Scenario } from './scenario';

/** Where the old orchestration is when its parent is terminated: at this call, which Azure does not take until it is let go. */
export interface FencingPoint {
  vm: string;
  at: string;
  method: 'POST' | 'PATCH';
  pathOf: (held: Held, vmId: string) => string;
}

export const fencingPoints: readonly FencingPoint[] = [
  { vm: 'vm-dhcp-rebooted', at: 'the stop', method: 'POST', pathOf: (_held, id) => `${id}/powerOff` },
  {
    ...{ vm: 'vm-dhcp-untagged', at: 'the attachment', method: 'POST' },
    pathOf: ({ helper }) => `${helper}/attachDetachDataDisks`,
  },
  { vm: 'vm-dhcp-diagnose', at: 'the swap', method: 'PATCH', pathOf: (_held, id) => id },
  { vm: 'vm-healthy', at: 'the start', method: 'POST', pathOf: (_held, id) => `${id}/start` },
];

/** Terminates the parent there and begins it anew; expects that the repair goes on from the record, and nothing old writes any more. */
export async function expectFenced(scenario: Scenario, { vm, at, method, pathOf }: FencingPoint): Promise<void> {
  const held = await begin(scenario, vm);
  const { id } = await scenario.azure.vm(vm);
  const pathContains = pathOf(held, id);
  const isHeld = (call: ArmCall) => call.method === method && call.status === 503;
  await scenario.azure.post('/faults', {
    match: { method, pathContains },
    ...{ times: 100_000, when: 'before', status: 503 },
  });
  await scenario.azure.untilCalls((calls) => calls.some(isHeld), pathContains);

  const singletonId = singletonIdOf(id);
  expect(await durable(scenario, 'POST', `${singletonId}/terminate?reason=test`)).toMatchObject({ status: 202 });
  await until(async () => (await statusOf(scenario, singletonId)).runtimeStatus === 'Terminated');
  await beginAnew(scenario, singletonId, { repairId: held.repairId, vmId: id.toLowerCase() });
  // The new orchestration has taken the repair up: only then the child may go on.
  await until(async () => (await stepsOf(scenario, held.repairId)).includes('begun-again-2'));
  await scenario.azure.delete(`/faults?pathContains=${encodeURIComponent(pathContains)}`);
  await until(async () => (await statusOf(scenario, singletonId)).runtimeStatus === 'Completed');
  await until(async () => (await statusOf(scenario, held.repairId)).runtimeStatus === 'Completed');
  const { report, broken } = await finish(scenario, held);

  expect((await statusOf(scenario, held.repairId)).output).toMatchObject({ code: 'superseded' });
  expect(broken).toEqual([]);
  expect([report.ending, report.code, report.reason]).toEqual(['repaired', 'repaired', expect.any(String)]);
  expect(report.temporary).toEqual([]);
  // Everything that stops, swaps or starts was taken by Azure once, whoever asked for it. A mended copy that is free and not swapped in
  // yet is attached once more, and found to be mended. A rehearsal attaches the trial copy, too.
  const calls = await scenario.azure.calls();
  const taken = (wanted: string, path: string) =>
    calls.filter((call) => call.method === wanted && call.status < 400 && call.path.toLowerCase().endsWith(path))
      .length;
  const target = id.toLowerCase();
  const isRehearsed = report.steps.some(({ step }) => step === 'rehearse');
  const attachments = 1 + (at === 'the swap' ? 1 : 0) + (isRehearsed ? 1 : 0);
  expect({
    stops: taken('POST', `${target}/poweroff`),
    swaps: taken('PATCH', target),
    starts: taken('POST', `${target}/start`),
    attachedAndDetached: taken('POST', `${held.helper}/attachdetachdatadisks`.toLowerCase()),
  }).toEqual({ stops: 1, swaps: 1, starts: 1, attachedAndDetached: 2 * attachments });
}

/** As a person would who holds the key: the same input once more, under the same id. */
async function beginAnew({ cloud }: Scenario, singletonId: string, input: object): Promise<void> {
  const { url, durableKey } = cloud;
  const begun = await fetch(new URL(`/runtime/webhooks/durabletask/orchestrators/repairVm/${singletonId}`, url), {
    ...{ method: 'POST', body: JSON.stringify(input) },
    headers: { 'x-functions-key': durableKey, 'content-type': 'application/json' },
  });
  if (begun.status !== 202) throw new Error(`The orchestration was not begun anew: ${begun.status}`);
}

async function stepsOf({ cloud }: Scenario, repairId: string): Promise<string[]> {
  const { body } = await callDoor(cloud, 'GET', `/api/repairs/${repairId}`);
  return (body as unknown as RepairReport).steps.map(({ step }) => step);
}

interface Status {
  runtimeStatus?: string;
  output?: unknown;
}

async function durable({ cloud }: Scenario, method: string, path: string): Promise<{ status: number; body: Status }> {
  const { url, durableKey } = cloud;
  const answer = await fetch(new URL(`/runtime/webhooks/durabletask/instances/${path}`, url), {
    method,
    headers: { 'x-functions-key': durableKey },
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Status) };
}

async function statusOf(scenario: Scenario, instanceId: string): Promise<Status> {
  return (await durable(scenario, 'GET', `${instanceId}?showInput=false`)).body;
}
