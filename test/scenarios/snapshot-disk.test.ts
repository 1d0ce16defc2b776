import type { VmTruth } from '../../local/simulated-azure-client';
import type { RepairReport } from '../../src/report/repair-report';
import { judge } from './support/refusals';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';

/** More of it: snapshot-disk.full.test.ts. */
const dead = 'vm-safe-mode';
const alive = 'vm-dhcp-disabled';

let scenario: Scenario;
/** Of the one that is dead: as it was, and what came of its repair. */
let deadBefore: VmTruth;
let deadReport: RepairReport;

beforeAll(async () => {
  // Without a place for recovery VMs nothing is mended, so that only the looking is judged.
  scenario = await startScenario({ settings: { RECOVERY_WORKBENCHES: '' } });
  deadBefore = await scenario.azure.vm(dead);
  deadReport = await scenario.repair(dead);
});

afterEach(() => scenario.azure.delete('/faults'));
afterAll(() => scenario.stop());

describe('scenarios/snapshot-disk: a guest that answers nothing', () => {
  it('is diagnosed off its snapshot, before any downtime, with the file and the key of each fact', async () => {
    expect(deadBefore).toMatchObject({ agentAlive: false, addresses: [], bootMode: 'Minimal' });
    expect(deadReport).toMatchObject({
      ending: 'not-repaired',
      code: 'no-route',
      changes: [],
      temporary: [],
      diagnosis: { kind: 'found', signature: 'safe-mode', effect: 'now' },
    });
    expect(placesOf(deadReport.diagnosis)).toEqual([
      expect.stringMatching(/EFI.*\\EFI\\Microsoft\\Boot\\BCD/) as string,
      expect.stringContaining('System.evtx') as string,
    ]);
    await expectUntouched(dead, deadBefore);
  });

  it('gets the commands for its own loader', async () => {
    const { bootLoader } = await scenario.azure.vm(dead);

    expect(JSON.stringify((deadReport.diagnosis as { byHand: string[] }).byHand)).toContain(
      `bcdedit /deletevalue ${bootLoader ?? 'none'} safeboot`,
    );
  });

  it('is diagnosed again after its next boot, from what the disk holds then', async () => {
    await scenario.azure.post(`/vms/${alive}/restart`, {});
    const before = await scenario.azure.vm(alive);
    expect(before).toMatchObject({ agentAlive: false, addresses: [] });

    const report = await scenario.repair(alive);

    expect(report).toMatchObject({
      ending: 'not-repaired',
      code: 'no-route',
      diagnosis: { kind: 'found', signature: 'dhcp-client-disabled', effect: 'now' },
    });
    expect(JSON.stringify(report.diagnosis)).toContain(String.raw`ControlSet001\\Services\\Dhcp`);
    expect(JSON.stringify(report.diagnosis)).toContain('Its start type was last changed at');
    await expectUntouched(alive, before);
  });
});

describe('scenarios/snapshot-disk: an app without a place for recovery VMs', () => {
  it('says which setting is missing', async () => {
    const one = { vm: 'vm-no-place', what: 'no workbench', ending: 'not-repaired', code: 'no-workbench' } as const;
    expect(await judge(scenario, { ...one, names: 'RECOVERY_WORKBENCHES' })).toEqual([]);
  });
});

describe('scenarios/snapshot-disk: a guest that is changed between the snapshot and the look into it', () => {
  it('is believed, and shown beside what the disk said', async () => {
    const changed = 'vm-healthy';
    await scenario.azure.post('/faults', {
      match: { method: 'PUT', pathContains: '-evidence' },
      times: 100_000,
      when: 'before',
      status: 503,
    });
    const repairId = await scenario.alert(changed);
    while ((await resourcesOf(scenario.azure, repairId)).length === 0) await new Promise((go) => setTimeout(go, 10));
    await scenario.azure.post(`/vms/${changed}/guest-service`, { service: 'Dhcp', startType: 3 });
    await scenario.azure.delete('/faults');

    const report = await scenario.follow(repairId);

    expect(report.diagnosis).toMatchObject({
      contradictions: [
        {
          about: 'the start type of the service Dhcp',
          statements: [
            { source: 'run-command', says: '3' },
            { source: 'snapshot-disk', says: '2' },
          ],
        },
      ],
    });
  });
});

describe('scenarios/snapshot-disk: access to a snapshot', () => {
  it('is open to nobody once a repair has ended, and its address stands nowhere', async () => {
    const snapshots = await resourcesOf(scenario.azure, deadReport.repairId);
    expect(snapshots).toMatchObject([{ type: 'Microsoft.Compute/snapshots', accessOpen: false }]);
    expect(JSON.stringify(deadReport)).not.toMatch(/sig=|skoid=|[?&]sv=/);
  });

  it('costs the repair nothing but this source when storage refuses it', async () => {
    await scenario.azure.post('/faults', {
      match: { method: 'GET', pathContains: '/blob/rdp-lifeline' },
      times: 100_000,
      when: 'before',
      status: 403,
      code: 'AuthorizationFailure',
    });

    const report = await scenario.repair(dead);

    expect(report).toMatchObject({ ending: 'not-recognised', code: 'guest-not-reachable', temporary: [] });
    expect(report.evidence['snapshot-disk']).toMatchObject({ evidence: [], problem: expect.any(String) as string });
    expect(await resourcesOf(scenario.azure, report.repairId)).toMatchObject([{ accessOpen: false }]);
  });

  it('is taken back by the clean-up when the call that takes it back is refused at first', async () => {
    await scenario.azure.post('/faults', {
      match: { method: 'POST', pathContains: '/endGetAccess' },
      times: 3,
      when: 'before',
      status: 503,
    });

    const report = await scenario.repair(dead);

    expect(report).toMatchObject({ code: 'no-route', temporary: [] });
    expect(await resourcesOf(scenario.azure, report.repairId)).toMatchObject([{ accessOpen: false }]);
  });
});

function placesOf(diagnosis: unknown): string[] {
  return (diagnosis as { reasons: { from: { place: string } }[] }).reasons.map(({ from }) => from.place);
}

/** Same boot, same services: nobody was in the guest. */
async function expectUntouched(name: string, before: VmTruth): Promise<void> {
  const { bootedAt, bootMode, services, powerState } = await scenario.azure.vm(name);
  expect({ bootedAt, bootMode, services, powerState }).toEqual({
    bootedAt: before.bootedAt,
    bootMode: before.bootMode,
    services: before.services,
    powerState: 'running',
  });
}
