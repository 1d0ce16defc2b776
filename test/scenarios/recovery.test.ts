import { setKillSwitch, startScenario, type Scenario } from './support/scenario';
import { damageCopy, holdRun, letGo } from '../../local/hold-run';
import { begin, cancel, finish, manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery: a mended copy that takes the place of the OS disk', () => {
  let ends: Record<'broken' | 'startedOnce' | 'startedTwice' | 'shut', Ended>;

  beforeAll(async () => {
    const [broken, { once, twice }, shut] = await Promise.all([
      copyThatDoesNotBoot('vm-dhcp-diagnose'),
      startedByAPerson(),
      repairCutOff(scenario, 'vm-nsg-blocked'),
    ]);
    ends = { broken, startedOnce: once, startedTwice: twice, shut };
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
    const { report, vm } = ends.startedOnce;

    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(vm.osDiskId).toMatch(/-copy-2$/);
    expect(report.steps.find(({ step }) => step === 'swap-1')).toMatchObject({ outcome: 'failed' });
    const left = (await scenario.azure.resources()).filter(({ id }) => id.endsWith(`${report.repairId}-copy-1`));
    expect(left).toEqual([]);
    expect(await demandedActions()).toContain('Microsoft.Compute/disks/delete');
  });

  it('goes in nowhere when somebody starts the VM every time: it is left to them', () => {
    const { report, vm, before } = ends.startedTwice;

    expect(report).toMatchObject({ ending: 'not-repaired', code: 'started-meanwhile', temporary: [] });
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
  });

  it('stays when it is well and only the network keeps people out', () => {
    const { report, vm } = ends.shut;

    expect(report).toMatchObject({ ending: 'fixed-rdp-unproven', code: 'blocked-by-nsg', temporary: [] });
    expect(report.reason).toContain('DenyRdp');
    expect(vm).toMatchObject({ rdpListening: true, osDiskId: expect.stringMatching(/-copy-1$/) as string });
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

describe('scenarios/recovery: an exchange of the OS disk', () => {
  // One that never ends is among the faults of `npm run test:faults`.
  it('that Azure calls failed is proven like any other, by the disk that the VM has', async () => {
    const held = await begin(scenario, 'vm-dhcp-rebooted');
    const { id } = await scenario.azure.vm(held.before.name);
    await scenario.azure.post('/faults', {
      match: { method: 'PATCH', pathContains: `${id}?` },
      times: 1,
      when: 'before',
      operation: 'fails',
    });
    const { report, broken } = await finish(scenario, held);

    expect(broken).toEqual([]);
    expect(report.ending).toBe('repaired');
    expect(JSON.stringify(report.steps)).toContain('Azure calls the exchange failed all the same');
  });
});

describe('scenarios/recovery: a recovery that is stopped half-way', () => {
  it('ends when a person cancels it or the kill switch is set, and starts the VM again', async () => {
    const [cancelled, stopped] = await Promise.all(
      ['vm-dhcp-rebooted', 'vm-dhcp-untagged'].map(async (name) => {
        const held = await begin(scenario, name);
        await holdRun(scenario.azure, { ...held, run: 'copy-1-prepare' }, 'PUT');
        return held;
      }),
    );
    if (!cancelled || !stopped) throw new Error('There are two.');
    expect((await scenario.azure.vm('vm-dhcp-rebooted')).powerState).toBe('stopped');

    await cancel(scenario, cancelled);
    await letGo(scenario.azure, { ...cancelled, run: 'copy-1-prepare' });
    const cancellation = await finish(scenario, cancelled);
    await setKillSwitch(scenario, true);
    await letGo(scenario.azure, { ...stopped, run: 'copy-1-prepare' });
    const stop = await finish(scenario, stopped);
    await setKillSwitch(scenario, false);

    for (const { report, vm, before, broken } of [cancellation, stop]) {
      expect(broken).toEqual([]);
      expect(report.temporary).toEqual([]);
      expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
    }
    expect(cancellation.report).toMatchObject({ ending: 'cancelled', code: 'cancelled' });
    // It was stopped: nothing reads as if the VM had been left as it was.
    expect(stop.report).toMatchObject({ ending: 'not-repaired', code: 'kill-switch' });
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

/** One patient is started when its first copy was made, the other one at each of both. */
async function startedByAPerson(): Promise<{ once: Ended; twice: Ended }> {
  async function started(name: string, rounds: number): Promise<Ended> {
    const held = await begin(scenario, name);
    for (let round = 1; round <= rounds; round += 1) {
      const run = { ...held, run: `copy-${round}-prepare` };
      await holdRun(scenario.azure, run, 'PUT');
      await scenario.azure.post(`/vms/${name}/start`, {});
      await letGo(scenario.azure, run);
    }
    return finish(scenario, held);
  }
  const [once, twice] = await Promise.all([started('vm-healthy', 1), started('vm-dhcp-disabled', 2)]);
  return { once, twice };
}
