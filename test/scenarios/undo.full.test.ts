import type { RepairReport } from '../../src/report/repair-report';
import { manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';
import { commandsOf, idsIn, isRemoval, openPerson, refuse, repairWith, type Person } from './support/typed-undo';

let scenario: Scenario;
let person: Person;

const cases = {
  rolledBack: 'vm-dhcp-untagged',
  /** What was made could not be deleted. */
  left: 'vm-dhcp-diagnose',
  /** The VM could not be started again. */
  stopped: 'vm-nsg-blocked',
} as const;

let rolledBack: { repair: Ended; report: RepairReport };
let left: RepairReport;
let stopped: RepairReport;

beforeAll(async () => {
  const settings = { ...manyPlaces, RECOVERY_ENABLE_CRASH_DUMP: 'on' };
  scenario = await startScenario({ settings });
  person = await openPerson(scenario);
  [rolledBack, left, stopped] = await Promise.all([
    rollBack(cases.rolledBack),
    repairWith(scenario, cases.left, (repairId) => refuse(scenario, 'DELETE', repairId)),
    repairWith(scenario, cases.stopped, () => refuse(scenario, 'POST', `${cases.stopped}/start`)),
  ]);
  await scenario.azure.delete('/faults');
});

afterAll(async () => {
  await person.stop();
  await scenario.stop();
});

describe('scenarios/undo: of a rollback', () => {
  it('was asked for by the line of the repair’s report', () => {
    const { repair, report } = rolledBack;
    expect(report).toMatchObject({ rollsBack: repair.report.repairId, ending: 'rolled-back' });
  });

  it('puts the copy back, without its expiry, and deletes the snapshot that it was kept in', async () => {
    const { report, repair } = rolledBack;
    const copy = repair.vm.osDiskId;
    expect((await resource(copy))?.tags).toHaveProperty('rdp-lifeline-expires');

    await person.type(report, 'the rollback at');

    expect(await scenario.azure.vm(cases.rolledBack)).toMatchObject({ powerState: 'running', osDiskId: copy });
    expect((await resource(copy))?.tags).not.toHaveProperty('rdp-lifeline-expires');
    expect((await resource(copy))?.tags).toHaveProperty('rdp-lifeline-repair');
    await person.type(report, 'the snapshot of the copy, taken before the rollback');
    expect(await resourcesOf(scenario.azure, report.repairId)).toEqual([]);
  });
});

describe('scenarios/undo: of what was left', () => {
  it('deletes the recovery VM, its network interface and the trial copy', async () => {
    const machine = (await idsIn(scenario)).find((id) => id.endsWith(`/virtualmachines/rdp-lifeline-${left.repairId}`));
    expect(machine).toBeDefined();
    // The trial copy, and the recovery VM's own disk, which goes with it, as the two runs of the rehearsal do.
    const kinds = left.temporary.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['disk', 'disk', 'network-interface', 'run-command', 'run-command', 'virtual-machine']);
    for (const { undoes, commands } of left.wayBack.filter(isRemoval)) await person.run(commands, undoes);
    const named = (await idsIn(scenario)).filter((id) => id.includes(left.repairId));
    expect(named.filter((id) => !id.includes('/snapshots/'))).toEqual([]);
  });

  it('starts a VM that could not be started', async () => {
    expect(stopped.temporary).toContainEqual(expect.objectContaining({ kind: 'power-off' }));
    expect((await scenario.azure.vm(cases.stopped)).powerState).not.toBe('running');
    await person.type(stopped, 'the stop');
    expect((await scenario.azure.vm(cases.stopped)).powerState).toBe('running');
  });
});

async function resource(id: string) {
  return (await scenario.azure.resources()).find((one) => one.id.toLowerCase() === id.toLowerCase());
}

/** Repairs it, and rolls it back by the line of its report. */
async function rollBack(name: string): Promise<{ repair: Ended; report: RepairReport }> {
  const repair = await repairCutOff(scenario, name);
  const answer = JSON.parse(
    await person.run(commandsOf(repair.report, 'the exchange of the OS disk, by this app')),
  ) as {
    repairId: string;
  };
  return { repair, report: await scenario.follow(answer.repairId) };
}
