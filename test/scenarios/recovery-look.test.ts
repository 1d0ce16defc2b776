import { brokenPromises, lookBefore } from '../../local/promises';
import { startScenario, type Scenario } from './support/scenario';
import { shut } from './support/killed-recovery';
import { begin, finish, manyPlaces, type Ended } from './support/recovery-cases';

/** What a recovery VM sees on a disk of the snapshot, where nothing else saw anything. More of it: recovery-look.full.test.ts. */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-look: a VM that neither its guest nor its snapshot tells anything of', () => {
  let ends: Record<'mended' | 'unknown', Ended>;

  beforeAll(async () => {
    const [mended, unknown] = await Promise.all([
      begin(scenario, 'vm-export-denied').then((held) => finish(scenario, held)),
      withoutKnownFailure('vm-healthy'),
    ]);
    ends = { mended, unknown };
  });

  it('keeps every promise, whatever comes of the look', () => {
    for (const { broken } of Object.values(ends)) expect(broken).toEqual([]);
  });

  it('is diagnosed by a recovery VM while it runs, and mended by the same one', async () => {
    const { report, vm } = ends.mended;

    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(report.diagnosis).toMatchObject({ reasons: [{ from: { source: 'recovery-vm' } }] });
    expect(vm.osDiskId).toMatch(/-copy-1$/);
    const order = report.steps.map(({ step }) => step);
    expect(order.indexOf('diagnose-again')).toBeLessThan(order.indexOf('stop-round-1'));
    const machines = await callsOf(report.repairId, 'PUT', /\/virtualmachines\/rdp-lifeline-[^/]+$/i);
    expect(new Set(machines).size).toBe(1);
    expect(await callsOf(report.repairId, 'PUT', /\/rg-production\/.*-look$/i)).toEqual([]);
  });

  it('is left alone where the look shows no known failure: it is never stopped, and the reason says what was read', () => {
    const { report, vm, before } = ends.unknown;

    expect(report).toMatchObject({ ending: 'not-recognised', code: 'not-recognised', temporary: [], changes: [] });
    expect(report.reason).toMatch(/A recovery VM looked .*service-configuration of Dhcp/);
    expect(report.evidence['recovery-vm']).toMatchObject({
      evidence: expect.arrayContaining([
        expect.objectContaining({ kind: 'volume-state', isMarkedDirty: false, isHibernated: false }),
        expect.objectContaining({ kind: 'windows-installation', isDomainController: false }),
      ]) as unknown,
    });
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
    expect(report.steps.filter(({ step }) => step.startsWith('stop'))).toEqual([]);
  });
});

describe('scenarios/recovery-look: a look that is not possible', () => {
  it('leaves the VM alone, with why nothing was seen and why nobody looked', async () => {
    const name = 'vm-nsg-blocked';
    await shut(scenario, name);
    const group = (await scenario.vmId(name)).replace(/\/providers\/.*$/i, '');
    await scenario.azure.post('/locks', { scope: group, level: 'ReadOnly', name: 'keep-production' });
    const held = await begin(scenario, name);
    const { report, broken } = await finish(scenario, held);
    await scenario.azure.delete('/locks');

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'not-recognised', code: 'guest-not-reachable', temporary: [] });
    expect(report.reason).toContain('(export-denied)');
    expect(report.reason).toContain('(locked)');
    expect(report.reason).toContain('keep-production');
    expect(await callsOf(report.repairId, 'PUT', /\/virtualmachines\//i)).toEqual([]);
  });

  it('is not tried for a disk that BitLocker has encrypted: it stays refused', async () => {
    await scenario.azure.post('/vms/vm-bitlocker/agent', { alive: false });
    const held = await begin(scenario, 'vm-bitlocker');
    const { report, broken } = await finish(scenario, held);

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'not-recognised', code: 'guest-not-reachable', temporary: [] });
    expect(report.reason).toContain('(encrypted)');
    expect(await callsOf(report.repairId, 'PUT', /\/virtualmachines\//i)).toEqual([]);
  });
});

/** Its agent is dead for a reason that no signature knows. */
async function withoutKnownFailure(name: string): Promise<Ended> {
  await shut(scenario, name);
  await scenario.azure.post(`/vms/${name}/agent`, { alive: false });
  const before = await lookBefore(scenario.azure, name);
  const repairId = await scenario.alert(name);
  const report = await scenario.follow(repairId);
  const vm = await scenario.azure.vm(name);
  return {
    report,
    vm,
    before,
    broken: await brokenPromises(scenario.azure, before, report, { isMended: () => false }),
  };
}

async function callsOf(repairId: string, method: string, path: RegExp): Promise<string[]> {
  const calls = await scenario.azure.calls();
  return calls
    .filter((call) => call.method === method && call.path.includes(repairId) && path.test(call.path))
    .map((call) => call.path);
}
