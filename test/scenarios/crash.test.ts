import { dhcpOf, resourcesOf, startScenario, type Scenario } from './scenario';

const vm = 'vm-dhcp-disabled';
const points = 10;

let scenario: Scenario;
let callsOfWholeRepair: number;

beforeAll(async () => {
  scenario = await startScenario();
  const before = (await scenario.azure.calls()).length;
  await scenario.repair(vm);
  callsOfWholeRepair = (await scenario.azure.calls()).length - before;
}, 60_000);

afterAll(() => scenario.stop());

describe('a host that is killed with SIGKILL in the middle of a repair and started again', () => {
  it.each(Array.from({ length: points }, (_, index) => index))(
    'ends the repair the same way, and makes each change once (point %i of 10)',
    async (index) => {
      await scenario.reset(vm);
      const killAfter = 1 + Math.floor((index * (callsOfWholeRepair - 1)) / points);
      const before = await startTypeChanges();
      const callsBefore = (await scenario.azure.calls()).length;
      const repairId = await scenario.alert(vm);

      await untilCalls(callsBefore + killAfter);
      await scenario.cloud.killHost();
      await scenario.cloud.startHost();
      const report = await scenario.follow(repairId);

      expect(report).toMatchObject({ ending: 'repaired', code: 'repaired', temporary: [] });
      expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 2, state: 'RUNNING' });
      expect((await startTypeChanges()) - before).toBe(1);
      const left = await resourcesOf(scenario.azure, repairId);
      expect(left.map(({ type }) => type)).toEqual(['Microsoft.Compute/snapshots']);
    },
    60_000,
  );
});

/** How often the guest's own event log says that somebody set the start type of the DHCP Client to automatic. */
async function startTypeChanges(): Promise<number> {
  const { events } = await scenario.azure.vm(vm);
  return events.filter(({ eventId, parameters }) => eventId === 7040 && parameters.at(2) === 'auto start').length;
}

/** Waits until ARM has been called this often. */
async function untilCalls(count: number): Promise<void> {
  while ((await scenario.azure.calls()).length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}
