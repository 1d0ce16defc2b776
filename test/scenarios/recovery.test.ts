import { damageCopy } from '../../local/hold-run';
import { begin, finish, manyPlaces, startedByAPerson, stoppedHalfWay, type Ended } from './support/recovery-cases';
import { setKillSwitch, startScenario, type Scenario } from './support/scenario';

/** More of it: recovery.full.test.ts. */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery: a mended copy that takes the place of the OS disk', () => {
  let ends: Record<'broken' | 'started', Ended>;

  beforeAll(async () => {
    const [broken, started] = await Promise.all([
      copyThatDoesNotBoot('vm-dhcp-diagnose'),
      startedByAPerson(scenario, 'vm-healthy', 1),
    ]);
    ends = { broken, started };
  });

  it('keeps every promise, whatever comes of it', () => {
    for (const { broken } of Object.values(ends)) expect(broken).toEqual([]);
  });

  it('gives way to the original when it does not boot, and is kept with an expiry', async () => {
    const { report, vm, before } = ends.broken;

    expect(report).toMatchObject({ ending: 'not-repaired', code: 'swapped-back', temporary: [] });
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId, bootMode: 'normal' });
    const copy = (await scenario.azure.resources()).find(({ id }) => id.endsWith(`${report.repairId}-copy-1`));
    expect(copy?.tags['rdp-lifeline-expires']).toMatch(/^\d{4}-/);
    expect(report.kept).toContainEqual(
      expect.objectContaining({ resourceId: copy?.id, expiresAt: copy?.tags['rdp-lifeline-expires'] }),
    );
  });

  it('is made anew when somebody started the VM after the first was made, and the first goes', async () => {
    const { report, vm } = ends.started;

    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(vm.osDiskId).toMatch(/-copy-2$/);
    expect(report.steps.find(({ step }) => step === 'swap-1')).toMatchObject({ outcome: 'failed' });
    const left = (await scenario.azure.resources()).filter(({ id }) => id.endsWith(`${report.repairId}-copy-1`));
    expect(left).toEqual([]);
    expect(await demandedActions()).toContain('Microsoft.Compute/disks/delete');
  });
});

describe('scenarios/recovery: a recovery VM that Azure does not make', () => {
  it('leaves nothing behind, neither itself nor its network interface, and the VM was not stopped', async () => {
    const held = await begin(scenario, 'vm-dhcp-rebooted');
    const { bootedAt } = await scenario.azure.vm(held.before.name);
    await scenario.azure.post('/faults', {
      match: { method: 'PUT', pathContains: `/virtualMachines/${held.helper}?` },
      times: 1,
      when: 'before',
      status: 400,
      code: 'InvalidParameter',
    });
    const { report, vm, broken } = await finish(scenario, held);

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'not-repaired', code: 'azure-rejected', temporary: [] });
    expect(vm.bootedAt).toBe(bootedAt);
    expect(await demandedActions()).toContain('Microsoft.Network/networkInterfaces/delete');
  });
});

describe('scenarios/recovery: a recovery that is stopped half-way', () => {
  it('ends when the kill switch is set, and starts the VM again', async () => {
    const { report, vm, before, broken } = await stoppedHalfWay(scenario, 'vm-dhcp-untagged', () =>
      setKillSwitch(scenario, true),
    );
    await setKillSwitch(scenario, false);

    expect(broken).toEqual([]);
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
    // It was stopped: nothing reads as if the VM had been left as it was.
    expect(report).toMatchObject({ ending: 'not-repaired', code: 'kill-switch', temporary: [] });
  });
});

async function demandedActions(): Promise<string[]> {
  return (await scenario.azure.calls()).flatMap(({ actions }) => actions);
}

async function copyThatDoesNotBoot(name: string): Promise<Ended> {
  const held = await begin(scenario, name);
  await damageCopy(scenario.azure, held.repairId);
  return finish(scenario, held);
}
