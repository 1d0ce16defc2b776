import type { RepairReport } from '../../src/report/repair-report';
import { dhcpOf, resourcesOf, startScenario, type Scenario } from './support/scenario';
import { addBroken, fireAll, holdPlaces, untilQueued } from './support/storm';

const cap = 2;

/** More of them: storm.full.test.ts. */
let scenario: Scenario;
let names: string[];
let queued: RepairReport[];
let ended: RepairReport[];

beforeAll(async () => {
  scenario = await startScenario({ settings: { MAXIMUM_MUTATING_REPAIRS: String(cap) } });
  names = await addBroken(scenario, 5);
  const places = await holdPlaces(scenario, { cap, minutes: 17 });
  const repairIds = await fireAll(scenario, names);
  queued = await untilQueued(scenario, repairIds);
  // While they wait, one VM gets well.
  await scenario.azure.post('/vms/vm-storm-1/guest-service', { service: 'Dhcp', startType: 2, state: 'running' });
  await places.letGo();
  ended = await Promise.all(repairIds.map((repairId) => scenario.follow(repairId)));
});

afterAll(() => scenario.stop());

describe('scenarios/storm: five VMs that break at once, and two places', () => {
  it('tells each of its place in the queue, and until when it waits', () => {
    const positions = queued.map(({ waiting }) => waiting?.position ?? 0).sort((one, other) => one - other);
    expect(positions).toEqual(names.map((_, index) => index + 1));
    for (const { waiting } of queued) {
      expect(waiting).toMatchObject({ for: 'place', ahead: (waiting?.position ?? 0) - 1 });
      expect(Date.parse(waiting?.until ?? '') - Date.parse(waiting?.since ?? '')).toBe(12 * 60 * 60_000);
    }
  });

  it('ends all of them repaired, but for the one that is well again', async () => {
    expect(ended.map(({ ending }) => ending)).toEqual(['recovered-by-itself', ...names.slice(1).map(() => 'repaired')]);
    for (const name of names) expect(dhcpOf(await scenario.azure.vm(name))).toEqual({ startType: 2, state: 'RUNNING' });
    for (const report of ended) {
      expect(report.temporary).toEqual([]);
      expect(report).not.toHaveProperty('waiting');
    }
  });

  it('reads everything again that was seen before the wait, from a snapshot of its own', async () => {
    for (const report of ended) {
      const steps = report.steps.map(({ step }) => step);
      expect(steps).toEqual(expect.arrayContaining(['inspect-2', 'snapshot-2', 'evidence-2', 'snapshot-disk-2']));
      expect(Object.keys(report.evidence)).toEqual(
        expect.arrayContaining(['run-command', 'run-command-reading-2', 'snapshot-disk', 'snapshot-disk-reading-2']),
      );
      expect(report.kept.every(({ expiresAt }) => expiresAt !== undefined)).toBe(true);
      const kept = await resourcesOf(scenario.azure, report.repairId);
      expect(kept.map(({ id, type }) => [type, id.toLowerCase()]).sort()).toEqual(
        report.kept.map(({ resourceId }) => ['Microsoft.Compute/snapshots', resourceId.toLowerCase()]).sort(),
      );
      expect(kept.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('changes nothing in the one that is well again, and gives its place back', () => {
    expect(ended[0]).toMatchObject({ ending: 'recovered-by-itself', changes: [] });
    expect(ended[0]?.reason).toContain('While the repair waited');
  });
});
