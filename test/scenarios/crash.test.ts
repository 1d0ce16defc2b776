import { dhcpOf, resourcesOf, startScenario, type Scenario } from './support/scenario';

const vm = 'vm-dhcp-disabled';

/**
 * The host dies as soon as a repair has made this many *different* calls to ARM: each is a further step of the story
 * (read the VM, ask for the serial console, look for and make the snapshot, open and close access to its bytes, look for and
 * run the commands of each step, find out which security rules apply, delete the commands), however often a step is polled.
 */
const points = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

describe('scenarios/crash: a host that is killed with SIGKILL in the middle of a repair and started again', () => {
  it.each(points)(
    'ends the repair the same way, and makes each change once (after %i different calls)',
    async (point) => {
      await scenario.reset(vm);
      const before = await startTypeChanges();
      const callsBefore = (await scenario.azure.calls()).length;
      const repairId = await scenario.alert(vm);

      await untilDifferentCalls(callsBefore, point);
      await scenario.cloud.killHost();
      await scenario.cloud.startHost();
      const report = await scenario.follow(repairId);

      expect(report).toMatchObject({ ending: 'repaired', code: 'repaired', temporary: [] });
      expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 2, state: 'RUNNING' });
      expect((await startTypeChanges()) - before).toBe(1);
      const left = await resourcesOf(scenario.azure, repairId);
      expect(left).toMatchObject([{ type: 'Microsoft.Compute/snapshots', accessOpen: false }]);
    },
  );
});

/** How often the guest's own event log says that somebody set the start type of the DHCP Client to automatic. */
async function startTypeChanges(): Promise<number> {
  const { events } = await scenario.azure.vm(vm);
  return events.filter(({ eventId, parameters }) => eventId === 7040 && parameters.at(2) === 'auto start').length;
}

/** Waits until ARM has been asked this many different things since the call with this number. */
async function untilDifferentCalls(since: number, count: number): Promise<void> {
  const different = async () => {
    const calls = await scenario.azure.calls('', since);
    return new Set(calls.map(({ method, path }) => `${method} ${path.toLowerCase()}`)).size;
  };
  while ((await different()) < count) await new Promise((resolve) => setTimeout(resolve, 2));
}
