/** A host that dies by SIGKILL in the middle of a repair, and what must come of it. */
import { dhcpOf, resourcesOf, type Scenario } from './scenario';

const vm = 'vm-dhcp-disabled';

/**
 * The host dies as soon as a repair has made this many *different* calls to ARM: each is a further step of the story
 * (read the VM, ask for the serial console, look for and make the snapshot, open and close access to its bytes, look for and
 * run the commands of each step, find out which security rules apply, delete the commands), however often a step is polled.
 */
export const pointsOfDeath = Array.from({ length: 18 }, (_, index) => index + 1);

/** Lets the host die there and come back; expects that the repair ends the same way and has made each change once. */
export async function expectSameEnd(scenario: Scenario, point: number): Promise<void> {
  await scenario.reset(vm);
  const before = await startTypeChanges(scenario);
  const callsBefore = (await scenario.azure.calls()).length;
  const repairId = await scenario.alert(vm);

  await untilDifferentCalls(scenario, callsBefore, point);
  await scenario.cloud.killHost();
  await scenario.cloud.startHost();
  const report = await scenario.follow(repairId);

  expect(report).toMatchObject({ ending: 'repaired', code: 'repaired', temporary: [] });
  expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 2, state: 'RUNNING' });
  expect((await startTypeChanges(scenario)) - before).toBe(1);
  const left = await resourcesOf(scenario.azure, repairId);
  expect(left).toMatchObject([{ type: 'Microsoft.Compute/snapshots', accessOpen: false }]);
}

/** How often the guest's own event log says that somebody set the start type of the DHCP Client to automatic. */
async function startTypeChanges({ azure }: Scenario): Promise<number> {
  const { events } = await azure.vm(vm);
  return events.filter(({ eventId, parameters }) => eventId === 7040 && parameters.at(2) === 'auto start').length;
}

/** Waits until ARM has been asked this many different things since the call with this number. */
async function untilDifferentCalls({ azure }: Scenario, since: number, count: number): Promise<void> {
  await azure.untilCalls(
    (calls) => new Set(calls.map(({ method, path }) => `${method} ${path.toLowerCase()}`)).size >= count,
    '',
    since,
  );
}
