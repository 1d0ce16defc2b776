import { availabilityAlert } from '../../local/alert-payload';
import { callDoor, type DoorAnswer } from '../../local/app-client';
import type { ArmCall } from '../../local/simulated-azure-client';
import { dhcpOf, resourcesOf, setKillSwitch, startScenario, type Scenario } from './support/scenario';

const vm = 'vm-dhcp-disabled';
const alertId = '/subscriptions/5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6/providers/Microsoft.AlertsManagement/alerts';

/** More of it: hazards.full.test.ts. */
let scenario: Scenario;
let count = 0;

beforeAll(async () => {
  scenario = await startScenario({ settings: { MAXIMUM_MUTATING_REPAIRS: '1' } });
});

afterAll(() => scenario.stop());

beforeEach(() => scenario.reset(vm));

describe('scenarios/hazards: an Azure that throttles or fails for a while', () => {
  it('is waited out: 429 with Retry-After, 503, and a dropped connection on every kind of call', async () => {
    await strike({
      match: { pathContains: '/virtualMachines/' },
      times: 2,
      when: 'before',
      status: 429,
      retryAfterSeconds: 7,
    });
    await strike({ match: { method: 'PUT', pathContains: '/snapshots/' }, times: 2, when: 'before', status: 503 });
    await strike({
      match: { method: 'GET', pathContains: '/runCommands/' },
      times: 3,
      when: 'before',
      dropConnection: true,
    });

    expect(await scenario.repair(vm)).toMatchObject({ ending: 'repaired' });
  });

  it('is not asked twice for the same thing when its answer was lost after it had done it', async () => {
    await strike({
      match: { method: 'PUT', pathContains: '/snapshots/' },
      times: 1,
      when: 'after',
      dropConnection: true,
    });
    await strike({ match: { method: 'PUT', pathContains: '/runCommands/' }, times: 1, when: 'after', status: 500 });
    const before = (await scenario.azure.calls()).length;

    const report = await scenario.repair(vm);

    expect(report.ending).toBe('repaired');
    const puts = (await scenario.azure.calls('', before)).filter(({ method }) => method === 'PUT');
    expect(new Set(puts.map(({ path }) => path)).size).toBe(puts.length);
  });
});

describe('scenarios/hazards: a VM whose tokens others use up', () => {
  const empty = { updates: 0, reads: 0, deletions: 0 };

  it('is repaired all the same, later; each thing that is made is made and deleted by one request', async () => {
    await scenario.azure.patch(`/vms/${vm}/tokens`, empty);
    const before = (await scenario.azure.calls()).length;
    const repairId = await scenario.alert(vm);
    for (const step of ['snapshot', 'evidence', 'apply']) {
      await untilStep(repairId, step);
      await scenario.azure.patch(`/vms/${vm}/tokens`, empty);
    }

    expect(await scenario.follow(repairId)).toMatchObject({ ending: 'repaired', temporary: [] });
    const calls = await scenario.azure.calls(`/virtualMachines/${vm}`, before);
    expect(calls.filter(({ status }) => status === 429).length).toBeGreaterThan(3);
    const accepted = calls.filter(({ method, status }) => method !== 'GET' && status < 300);
    const deeds = accepted.map(({ method, path }) => `${method} ${path}`);
    expect(deeds).toEqual([...new Set(deeds)]);
    expect(accepted.filter(({ method }) => method === 'DELETE')).toHaveLength(
      accepted.filter(({ method }) => method === 'PUT').length,
    );
  });
});

describe('scenarios/hazards: brakes', () => {
  it('stop a repair before its first write when the kill switch is set in the ledger', async () => {
    await setKillSwitch(scenario, true);
    const report = await scenario.repair(vm);
    await setKillSwitch(scenario, false);

    expect(report).toMatchObject({ ending: 'refused', code: 'kill-switch', kept: [] });
    expect(await resourcesOf(scenario.azure, report.repairId)).toEqual([]);
    expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 4, state: 'STOPPED' });
  });

  it('stop a repair that runs already before its change, and keep the diagnosis', async () => {
    const repairId = await repairHeldAtEvidence();
    await setKillSwitch(scenario, true);
    await scenario.azure.delete('/faults');
    const report = await scenario.follow(repairId);
    await setKillSwitch(scenario, false);

    expect(report).toMatchObject({ ending: 'diagnosed', code: 'kill-switch', changes: [], temporary: [] });
    expect(dhcpOf(await scenario.azure.vm(vm))?.startType).toBe(4);
  });

  it('let a person cancel: the repair ends at its next safe point and cleans up', async () => {
    const repairId = await scenario.alert(vm);
    await untilStep(repairId, 'snapshot');

    const answer = await callDoor(scenario.cloud, 'POST', `/api/repairs/${repairId}/cancel`);
    const report = await scenario.follow(repairId);
    const again = await callDoor(scenario.cloud, 'POST', `/api/repairs/${repairId}/cancel`);

    expect(answer.status).toBe(202);
    expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', changes: [], temporary: [] });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'repair-ended' } } });
  });

  it('heed a tag that was taken away while the repair ran', async () => {
    const repairId = await repairHeldAtEvidence();
    await scenario.azure.patch(`/vms/${vm}/tags`, { tags: { 'rdp-lifeline': null } });
    await scenario.azure.delete('/faults');

    expect(await scenario.follow(repairId)).toMatchObject({ ending: 'diagnosed', code: 'not-opted-in', changes: [] });
  });

  it('let only as many repairs change VMs at once as the cap says', async () => {
    const other = 'vm-dhcp-diagnose';
    await scenario.reset(other);

    const both = await Promise.all([scenario.repair(vm), scenario.repair(other)]);

    expect(both.map(({ ending }) => ending)).toEqual(['repaired', 'repaired']);
    const [first, second] = both
      .map(
        ({ steps }) =>
          [steps.find(({ step }) => step === 'permit')?.endedAt ?? '', steps.at(-1)?.endedAt ?? ''] as const,
      )
      .sort((one, two) => one[0].localeCompare(two[0]));
    expect(Date.parse(second?.[0] ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.[1] ?? ''));
  });
});

describe('scenarios/hazards: an alert that is resolved while its repair waits for the snapshot', () => {
  it('cancels the repair, which finds that the VM recovered by itself', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await scenario.azure.post(`/vms/${vm}/guest-service`, { service: 'Dhcp', startType: 2, state: 'running' });
    const answer = await resolve();
    const report = await scenario.follow(repairId);

    expect(answer).toMatchObject({ status: 202, body: { repairId, joined: true } });
    expect(report).toMatchObject({ ending: 'recovered-by-itself', changes: [], temporary: [] });
    expect(report.witnesses).toEqual([{ title: 'vm-availability', at: expect.any(String) as unknown }]);
    expect(report.steps.at(-1)).toMatchObject({ step: 'look-again', outcome: 'done' });
    expect(await resourcesOf(scenario.azure, repairId)).toMatchObject([{ type: 'Microsoft.Compute/snapshots' }]);
  });

  it('changes nothing in a VM that is still broken, and is not believed', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await resolve();
    const report = await scenario.follow(repairId);

    expect(report).toMatchObject({ ending: 'cancelled', code: 'alert-resolved', changes: [], temporary: [] });
    expect(report.reason).toContain('The DHCP Client service is disabled');
    expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 4, state: 'STOPPED' });
  });

  it('leaves the VM free: when it fires again, the next repair mends it', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await resolve();
    await scenario.follow(repairId);

    expect(await scenario.repair(vm)).toMatchObject({ ending: 'repaired', witnesses: [] });
  });
});

async function strike(fault: Record<string, unknown>): Promise<void> {
  await scenario.azure.post('/faults', fault);
}

/**
 * A repair whose commands are in the guest, but whose answer Azure does not hand out until the faults are taken away:
 * whatever the test does meanwhile happens before the diagnosis.
 */
async function repairHeldAtEvidence(): Promise<string> {
  await strike({
    match: { method: 'GET', pathContains: '-evidence', nth: 2 },
    times: 100_000,
    when: 'before',
    status: 503,
  });
  const repairId = await scenario.alert(vm);
  await scenario.azure.untilCalls((calls) => calls.some(({ status }) => status === 503), `${repairId}-evidence`);
  return repairId;
}

/** Waits until the repair has begun this step. */
async function untilStep(repairId: string, step: string): Promise<void> {
  for (;;) {
    const answer = await callDoor(scenario.cloud, 'GET', `/api/repairs/${repairId}`);
    if ((answer.body.steps as { step: string }[]).some((begun) => begun.step === step)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A repair whose snapshot Azure has begun, and does not tell of until its alert is resolved. */
async function repairHeldAtSnapshot(): Promise<{ repairId: string; resolve: () => Promise<DoorAnswer> }> {
  const match = { method: 'GET', pathContains: '/snapshots/', nth: 2 };
  await scenario.azure.post('/faults', { match, times: 100_000, when: 'before', status: 503 });
  const vmId = await scenario.vmId(vm);
  count += 1;
  const alert = async (condition: 'Fired' | 'Resolved') => {
    const given = { alertId: `${alertId}/${count}`, condition, firedAt: await scenario.azure.now() };
    return callDoor(scenario.cloud, 'POST', '/api/alerts', availabilityAlert(vmId, given));
  };
  const { body } = await alert('Fired');
  const repairId = String(body.repairId);
  const isHeld = ({ path, status }: ArmCall) => path.endsWith(repairId) && status === 503;
  await scenario.azure.untilCalls((calls) => calls.some(isHeld), repairId);
  async function resolve(): Promise<DoorAnswer> {
    const answer = await alert('Resolved');
    await scenario.azure.delete('/faults');
    return answer;
  }
  return { repairId, resolve };
}
