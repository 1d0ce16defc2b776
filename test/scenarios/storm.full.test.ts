import type { RepairReport } from '../../src/report/repair-report';
import { sampledRuns } from '../support/sample';
import { dhcpOf, startScenario, type Scenario } from './support/scenario';
import { addBroken, fireAll, permittedAt } from './support/storm';

let scenario: Scenario;
let names: string[];
let ended: RepairReport[];

beforeAll(async () => {
  scenario = await startScenario({ settings: { MAXIMUM_MUTATING_REPAIRS: '3' } });
  // Fewer in a sample, but more than there are places.
  names = await addBroken(scenario, Math.max(6, sampledRuns(45)));
  const repairIds = await fireAll(scenario, names);
  ended = [];
  for (const repairId of repairIds) ended.push(await scenario.follow(repairId));
});

afterAll(() => scenario.stop());

describe('scenarios/storm: 45 VMs that break at once, and three places', () => {
  it('ends all of them repaired (hazard: those that wait for an hour are dropped)', async () => {
    expect(ended.map(({ ending }) => ending)).toEqual(names.map(() => 'repaired'));
    for (const name of names) expect(dhcpOf(await scenario.azure.vm(name))).toEqual({ startType: 2, state: 'RUNNING' });
  });

  it('lets no more of them change VMs at once than the cap says', () => {
    const spans = ended.map((report) => [Date.parse(permittedAt(report)), Date.parse(report.endedAt ?? '')] as const);
    for (const [begun] of spans) {
      // A place is given back just after the ending is on record.
      expect(spans.filter(([other, end]) => other <= begun && begun < end).length).toBeLessThanOrEqual(3);
    }
  });
});
