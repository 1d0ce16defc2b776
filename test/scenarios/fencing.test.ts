import { callDoor } from '../../local/app-client';
import { until } from '../../local/hold-run';
import type { RepairReport } from '../../src/report/repair-report';
import { singletonIdOf } from '../../src/repair-id';
import { begin, manyPlaces, type Held } from './support/recovery-cases';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';

/**
 * Durable Functions ends a parent, and not its children: they go on asking their activities. A repair that is begun again must not be
 * disturbed by what the one before has under way.
 */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});
afterAll(() => scenario.stop());

/** Where the old orchestration is when its parent is terminated: at this call, which Azure does not take until it is let go. */
interface Point {
  vm: string;
  at: string;
  method: 'POST' | 'PATCH';
  pathOf: (held: Held, vmId: string) => string;
  /** Whether the VM had got the copy by then. */
  isSwapped: boolean;
}

const points: readonly Point[] = [
  { vm: 'vm-dhcp-rebooted', at: 'the stop', method: 'POST', pathOf: (_held, id) => `${id}/powerOff`, isSwapped: false },
  {
    ...{ vm: 'vm-dhcp-untagged', at: 'the attachment', method: 'POST', isSwapped: false },
    pathOf: ({ helper }) => `${helper}/attachDetachDataDisks`,
  },
  { vm: 'vm-dhcp-disabled', at: 'the swap', method: 'PATCH', pathOf: (_held, id) => id, isSwapped: false },
  { vm: 'vm-dhcp-diagnose', at: 'the start', method: 'POST', pathOf: (_held, id) => `${id}/start`, isSwapped: true },
];

describe('scenarios/fencing: a repair whose parent is terminated while its child is alive', () => {
  it.each(points)('is cleaned up, and nothing old writes any more, when the child was at $at', async (point) => {
    const { vm, method, pathOf, isSwapped } = point;
    const held = await begin(scenario, vm);
    const { id } = await scenario.azure.vm(vm);
    const pathContains = pathOf(held, id);
    const isHeld = async () => {
      const calls = await scenario.azure.calls(pathContains);
      return calls.some((call) => call.method === method && call.status === 503);
    };
    await scenario.azure.post('/faults', {
      match: { method, pathContains },
      ...{ times: 100_000, when: 'before', status: 503 },
    });
    await until(isHeld);

    const singletonId = singletonIdOf(id);
    expect(await durable('POST', `${singletonId}/terminate?reason=test`)).toMatchObject({ status: 202 });
    // Upkeep begins it again, and the new orchestration has taken the repair up: only then the child may go on.
    await until(async () => (await stepsOf(held.repairId)).includes('begun-again-2'));
    const since = (await scenario.azure.calls()).length;
    await scenario.azure.delete(`/faults?pathContains=${encodeURIComponent(pathContains)}`);
    await until(async () => (await statusOf(singletonId)).runtimeStatus === 'Completed');
    const report = await scenario.follow(held.repairId);

    await until(async () => (await statusOf(held.repairId)).runtimeStatus === 'Completed');
    expect((await statusOf(held.repairId)).output).toMatchObject({ code: 'superseded' });
    expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', temporary: [] });
    const after = await scenario.azure.vm(vm);
    expect(after.powerState).toBe('running');
    expect(after.osDiskId === held.before.osDiskId).toBe(!isSwapped);
    expect((await resourcesOf(scenario.azure, held.repairId)).map(({ type }) => type)).toEqual(
      expect.not.arrayContaining(['Microsoft.Compute/virtualMachines', 'Microsoft.Network/networkInterfaces']),
    );
    // The VM is started once more where it was stopped; nothing else is done to it, and nothing is attached.
    const writes = (await scenario.azure.calls('', since)).filter(
      (call) => call.status < 400 && /\/(?:powerOff|attachDetachDataDisks)$|virtualMachines\/[^/]+$/i.test(call.path),
    );
    expect(writes.filter((call) => ['POST', 'PATCH', 'PUT'].includes(call.method))).toEqual([]);
  });
});

async function stepsOf(repairId: string): Promise<string[]> {
  const { body } = await callDoor(scenario.cloud, 'GET', `/api/repairs/${repairId}`);
  return (body as unknown as RepairReport).steps.map(({ step }) => step);
}

interface Status {
  runtimeStatus?: string;
  output?: unknown;
}

async function durable(method: string, path: string): Promise<{ status: number; body: Status }> {
  const { url, durableKey } = scenario.cloud;
  const answer = await fetch(new URL(`/runtime/webhooks/durabletask/instances/${path}`, url), {
    method,
    headers: { 'x-functions-key': durableKey },
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Status) };
}

async function statusOf(instanceId: string): Promise<Status> {
  return (await durable('GET', `${instanceId}?showInput=false`)).body;
}
