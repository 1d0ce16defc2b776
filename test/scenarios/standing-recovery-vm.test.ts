/** Repairs by recovery VMs of the operator's own, where none may be made. More of it: standing-recovery-vm.full.test.ts. */
import { getReport } from '../../local/app-client';
import { holdRun, letGo, until } from '../../local/hold-run';
import type { RepairReport } from '../../src/report/repair-report';
import { begin, finish, repairCutOff, type Ended } from './support/recovery-cases';
import type { Scenario } from './support/scenario';
import {
  addStandingVms,
  asItWas,
  standingVmId,
  standingVms,
  startWithStandingVms,
  stateOf,
} from './support/standing-vms';

let scenario: Scenario;
let withoutThem: Ended;

beforeAll(async () => {
  scenario = await startWithStandingVms();
  withoutThem = await repairCutOff(scenario, 'vm-dhcp-rebooted');
  await addStandingVms(scenario);
});

afterAll(() => scenario.stop());

describe('scenarios/standing-recovery-vm', () => {
  it('that are not there close the route by name, and the VM is not stopped', () => {
    const { report, broken } = withoutThem;

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'not-repaired', code: 'no-route' });
    const why = `The standing recovery VM ${standingVmId(standingVms.V1)} cannot be taken: it is not there.`;
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
    expect(JSON.stringify(first.report.steps)).toContain(`${standingVms.V1} is lent to this repair`);
    expect(JSON.stringify(second.report.steps)).toContain(`${standingVms.V1} is lent to this repair`);
    const endOf = ({ steps }: RepairReport, name: string) => steps.find(({ step }) => step === name)?.endedAt ?? '';
    expect(endOf(second.report, 'diagnose') > endOf(first.report, 'mend-1')).toBe(true);
    expect(JSON.stringify(german.report.steps)).toContain(`${standingVms.V2} is lent to this repair`);
    for (const name of Object.values(standingVms)) expect(await stateOf(scenario, name)).toEqual(asItWas);
    const made = (await scenario.azure.calls()).filter(
      ({ method, path }) => method === 'PUT' && /virtualMachines\/[^/]+\?|networkInterfaces/.test(path),
    );
    expect(made).toEqual([]);
  });
});
