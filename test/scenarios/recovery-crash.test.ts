import { startScenario, type Scenario } from './support/scenario';
import { until } from '../../local/hold-run';
import { begin, finish, manyPlaces } from './support/recovery-cases';

/** The host dies as soon as ARM was asked this of the repair. All other points are swept by `npm run test:crash -- vm-dhcp-rebooted`. */
const points = [
  ['the recovery VM was begun', (id: string) => `PUT .*/virtualmachines/rdp-lifeline-${id}$`],
  ['the change was handed to the recovery VM', (id: string) => `PUT .*/runcommands/rdp-lifeline-${id}-copy-1-change$`],
  ['the disks were exchanged', (_id: string, vm: string) => `PATCH .*/virtualmachines/${vm}$`],
] as const;

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-crash: a host that is killed with SIGKILL in the middle of a recovery and started again', () => {
  it.each(points)('ends it the same way, on one mended copy (when %s)', async (_when, patternOf) => {
    const since = (await scenario.azure.calls()).length;
    const held = await begin(scenario, 'vm-dhcp-rebooted');
    const pattern = new RegExp(`^${patternOf(held.repairId, 'vm-dhcp-rebooted')}`);
    const callsSince = async () =>
      (await scenario.azure.calls('', since)).map(({ method, path }) => `${method} ${path.toLowerCase()}`);

    await until(async () => (await callsSince()).some((call) => pattern.test(call)));
    await scenario.cloud.killHost();
    await scenario.cloud.startHost();
    const { report, broken, vm } = await finish(scenario, held);

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(vm.osDiskId).toContain(`${report.repairId}-copy-1`);
  });
});
