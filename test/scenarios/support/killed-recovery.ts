/** A host that dies by SIGKILL as soon as ARM was asked something of a repair by a recovery VM, and what must come of it. */
import { begin, finish } from './recovery-cases';
import type { Scenario } from './scenario';

const recovered = 'vm-dhcp-rebooted';
const lookedAt = 'vm-dhcp-disabled';

/** When it dies, and the call of the repair `id` after which it does. */
export type PointOfDeath = readonly [when: string, pattern: (id: string) => string];

/** All other points are swept by `npm run test:crash -- vm-dhcp-rebooted`. */
export const pointsOfRecovery: readonly PointOfDeath[] = [
  ['the trial copy was begun', (id) => `PUT .*/disks/rdp-lifeline-${id}-trial$`],
  ['the trial copy is being deleted', (id) => `DELETE .*/disks/rdp-lifeline-${id}-trial$`],
  ['the trial copy was being attached', (id) => `POST .*/virtualmachines/rdp-lifeline-${id}/attachdetachdatadisks$`],
  ['the rehearsal was handed to the recovery VM', (id) => `PUT .*/runcommands/rdp-lifeline-${id}-trial-prepare$`],
  ['the recovery VM was begun', (id) => `PUT .*/virtualmachines/rdp-lifeline-${id}$`],
  ['the change was handed to the recovery VM', (id) => `PUT .*/runcommands/rdp-lifeline-${id}-copy-1-change$`],
  ['the disks were exchanged', () => `PATCH .*/virtualmachines/${recovered}$`],
];

export const pointsOfLook: readonly PointOfDeath[] = [
  ['the disk to look at was begun', (id) => `PUT .*/disks/rdp-lifeline-${id}-look$`],
  ['the look was handed over', (id) => `PUT .*/runcommands/rdp-lifeline-${id}-snapshot-look$`],
  ['the disk is being deleted', (id) => `DELETE .*/disks/rdp-lifeline-${id}-look$`],
];

/** Expects that the repair ends the same way, on one mended copy. */
export async function expectSameRecovery(scenario: Scenario, pattern: PointOfDeath[1]): Promise<void> {
  const { report, broken, vm } = await repairWithDeath(scenario, recovered, pattern);

  expect(broken).toEqual([]);
  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
  expect(vm.osDiskId).toContain(`${report.repairId}-copy-1`);
}

/** Expects that a repair in which the recovery VM looks first ends the same way. */
export async function expectSameLook(scenario: Scenario, pattern: PointOfDeath[1]): Promise<void> {
  await shut(scenario, lookedAt);
  const { report, broken } = await repairWithDeath(scenario, lookedAt, pattern);

  expect(broken).toEqual([]);
  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
}

/** Nobody may fetch the bytes of its disk, and of its snapshots. */
export async function shut({ azure }: Scenario, name: string): Promise<void> {
  await azure.patch(`/vms/${name}/os-disk`, { networkAccessPolicy: 'DenyAll' });
}

async function repairWithDeath(scenario: Scenario, name: string, patternOf: PointOfDeath[1]) {
  const since = (await scenario.azure.calls()).length;
  const held = await begin(scenario, name);
  const pattern = new RegExp(`^${patternOf(held.repairId)}`);
  await scenario.azure.untilCalls(
    (calls) => calls.some(({ method, path }) => pattern.test(`${method} ${path.toLowerCase()}`)),
    '',
    since,
  );
  await scenario.cloud.killHost();
  await scenario.cloud.startHost();
  return finish(scenario, held);
}
