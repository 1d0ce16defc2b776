/** Repairs by recovery VMs of the operator's own, where none may be made. */
import { getReport } from '../../local/app-client';
import { holdRun, letGo, until } from '../../local/hold-run';
import type { RepairReport } from '../../src/report/repair-report';
import { begin, cancel, finish, manyPlaces, repairCutOff } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

const subscriptionId = '5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6';
const idOf = (name: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/rg-rdp-lifeline-workbench/providers/Microsoft.Compute/virtualMachines/${name}`;
const names = { V1: 'vm-rescue-mbr', V2: 'vm-rescue-gpt' } as const;

beforeAll(async () => {
  scenario = await startScenario({
    settings: {
      ...manyPlaces,
      RECOVERY_WORKBENCHES: '',
      STANDING_RECOVERY_VMS: [names.V1, names.V2].map(idOf).join(','),
    },
  });
});

afterAll(() => scenario.stop());

/** What became of a standing recovery VM. */
async function stateOf(name: string) {
  const { powerState, dataDisks } = await scenario.azure.vm(name);
  return { powerState, dataDisks };
}
const asItWas = { powerState: 'running', dataDisks: [] };

describe('scenarios/standing-recovery-vm', () => {
  it('that are not there close the route by name, and the VM is not stopped', async () => {
    const { report, broken } = await repairCutOff(scenario, 'vm-dhcp-rebooted');
    for (const generation of ['V1', 'V2'] as const)
      await scenario.azure.addVm(names[generation], 'vm-healthy', { generation, isInWorkbench: true });

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'not-repaired', code: 'no-route' });
    const why = `The standing recovery VM ${idOf(names.V1)} cannot be taken: it is not there.`;
    expect(report.reason).toContain(`(standing-vm-unusable): ${why}`);
  });

  it('work for one repair at a time: another waits for its turn, and both generations are mended by the other one', async () => {
    const held = await begin(scenario, 'vm-dhcp-disabled');
    await holdRun(scenario.azure, { ...held, run: 'copy-1-prepare' }, 'PUT');
    const germanToEnd = repairCutOff(scenario, 'vm-dhcp-rebooted');
    const waiting = await begin(scenario, 'vm-dhcp-untagged');
    await until(async () => (await getReport(scenario.cloud, waiting.repairId)).phase === 'Find the cause');
    await letGo(scenario.azure, { ...held, run: 'copy-1-prepare' });
    const [first, second, german] = await Promise.all([finish(scenario, held), finish(scenario, waiting), germanToEnd]);

    for (const { broken } of [first, second, german]) expect(broken).toEqual([]);
    expect(first.report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(german.report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(second.report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(JSON.stringify(first.report.steps)).toContain(`${names.V1} is lent to this repair`);
    expect(JSON.stringify(second.report.steps)).toContain(`${names.V1} is lent to this repair`);
    const endOf = ({ steps }: RepairReport, name: string) => steps.find(({ step }) => step === name)?.endedAt ?? '';
    expect(endOf(second.report, 'diagnose') > endOf(first.report, 'mend-1')).toBe(true);
    expect(JSON.stringify(german.report.steps)).toContain(`${names.V2} is lent to this repair`);
    for (const name of Object.values(names)) expect(await stateOf(name)).toEqual(asItWas);
    const made = (await scenario.azure.calls()).filter(
      ({ method, path }) => method === 'PUT' && /virtualMachines\/[^/]+\?|networkInterfaces/.test(path),
    );
    expect(made).toEqual([]);
  });

  it('are free again afterwards, also after a repair that was cancelled half-way', async () => {
    const held = await begin(scenario, 'vm-dhcp-untagged');
    await holdRun(scenario.azure, { ...held, run: 'copy-1-look' }, 'PUT');
    await cancel(scenario, held);
    await letGo(scenario.azure, { ...held, run: 'copy-1-look' });
    const cancelled = await finish(scenario, held);
    expect(cancelled.broken).toEqual([]);
    expect(cancelled.report).toMatchObject({ ending: 'cancelled', temporary: [] });
    expect(await stateOf(names.V1)).toEqual(asItWas);

    // Nobody may fetch the bytes of its disk: the same recovery VM looks first, and mends then.
    const report = await scenario.repair('vm-export-denied');
    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(report.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['look', 'mend-1']));
    expect(await stateOf(names.V1)).toEqual(asItWas);
  });
});
