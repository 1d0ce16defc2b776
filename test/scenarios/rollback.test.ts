import { callDoor } from '../../local/app-client';
import { holdRun, letGo } from '../../local/hold-run';
import { begin, manyPlaces } from './support/recovery-cases';
import {
  ask,
  beginRollBack,
  brakes,
  expectKept,
  expectRefused,
  repairAll,
  reportOf,
  rollBack,
  type Repaired,
} from './support/rollback-cases';
import { dhcpOf, startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;
let repaired: (name: string) => Repaired;

/** More of each: rollback.full.test.ts. */
beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
  repaired = await repairAll(scenario, ['vm-dhcp-rebooted', 'vm-dhcp-disabled', 'vm-nsg-blocked']);
});

afterAll(() => scenario.stop());

describe('scenarios/rollback: a rollback of a repair that left the VM with a mended copy of its disk', () => {
  it('puts the original back, keeps the copy with all that was written on it, and both records say so', async () => {
    const { name, repair, lossSince } = repaired('vm-dhcp-rebooted');
    const copy = (await scenario.azure.vm(name)).osDiskId;
    const original = repair.before.osDiskId;
    const { [original.toLowerCase()]: untouched, [copy.toLowerCase()]: mended } = await scenario.azure.contents();
    // Somebody works in the guest after the exchange: this is what the original lacks.
    await scenario.azure.post(`/vms/${name}/guest-service`, { service: 'TermService', startType: 2 });
    const { [copy.toLowerCase()]: written } = await scenario.azure.contents();
    expect(written).not.toBe(mended);

    const report = await rollBack(scenario, repaired(name));

    expect(report).toMatchObject({
      ...{ ending: 'rolled-back', code: 'rolled-back-agent-silent', temporary: [] },
      ...{ rollsBack: repair.report.repairId, acknowledgedLossSince: lossSince },
    });
    const vm = await scenario.azure.vm(name);
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: original, addresses: [] });
    // It runs from a disk that has the failure, and not what was written in between.
    expect(dhcpOf(vm)).toMatchObject({ startType: 4 });
    expect(vm.services.find((one) => one.name === 'TermService')).toMatchObject({ startType: 3 });
    const snapshotId = await expectKept(scenario, repair.report.repairId, report, copy);
    const { [copy.toLowerCase()]: kept, [snapshotId.toLowerCase()]: snapshot } = await scenario.azure.contents();
    expect(snapshot).toBe(kept);
    expect([untouched, mended]).not.toContain(kept);

    const before = await reportOf(scenario, repair.report.repairId);
    expect(before).toMatchObject({ ending: 'repaired', rolledBackBy: report.repairId });
    expect(before.kept.map(({ resourceId }) => resourceId)).not.toContain(original);
    expect(JSON.stringify(before.wayBack)).not.toMatch(/--os-disk \S+disks\/vm-|rollback"/);
    expect(JSON.stringify(report.wayBack)).toContain(`--os-disk ${copy}`);

    expect(await ask(scenario, repair.report.repairId, lossSince)).toMatchObject({
      status: 409,
      body: { error: { code: 'already-back', message: expect.stringContaining(report.repairId) as string } },
    });
  });
});

describe('scenarios/rollback: a rollback that is refused at the door', () => {
  const refusedVm = 'vm-nsg-blocked';

  it('names the moment that must be acknowledged, and the VM is not touched', async () => {
    const { name, repair, lossSince } = repaired(refusedVm);
    const { bootedAt, osDiskId } = await scenario.azure.vm(name);
    const wrong = await ask(scenario, repair.report.repairId, '2026-01-01T00:00:00Z');
    const none = await callDoor(scenario.cloud, 'POST', `/api/repairs/${repair.report.repairId}/rollback`, {});

    expect(wrong).toMatchObject({ status: 409, body: { error: { code: 'loss-not-acknowledged' } } });
    expect(none).toMatchObject({ status: 400, body: { error: { code: 'invalid-request' } } });
    for (const { body } of [wrong, none]) expect(JSON.stringify(body)).toContain(lossSince);
    expect(await scenario.azure.vm(name)).toMatchObject({ bootedAt, osDiskId, powerState: 'running' });
  });

  it.each(brakes.filter(([code]) => code === 'mode-diagnose' || code === 'locked'))(
    'or ends as refused when a brake, a lock or a missing role is found, and the VM is not stopped: %s',
    async (...brake) => {
      await expectRefused(scenario, repaired(refusedVm), brake);
    },
  );

  it('while a repair of the VM runs, by its id', async () => {
    const { name, repair, lossSince } = repaired(refusedVm);
    const held = await begin(scenario, name);
    expect(await ask(scenario, repair.report.repairId, lossSince)).toMatchObject({
      status: 409,
      body: { error: { code: 'repair-runs', message: expect.stringContaining(held.repairId) as string } },
    });
    await callDoor(scenario.cloud, 'POST', `/api/repairs/${held.repairId}/cancel`);
    await scenario.follow(held.repairId);
  });
});

describe('scenarios/rollback: a rollback in whose middle something happens', () => {
  it('gives way to a person who starts the VM, with the disk that it had', async () => {
    const { name, repair } = repaired('vm-dhcp-disabled');
    const { osDiskId: copy } = await scenario.azure.vm(name);
    const held = await beginRollBack(scenario, repaired(name));
    await holdRun(scenario.azure, { ...held, run: 'stopped-1' }, 'PUT');
    await scenario.azure.post(`/vms/${name}/start`, {});
    await letGo(scenario.azure, { ...held, run: 'stopped-1' });
    const report = await scenario.follow(held.repairId);

    expect(report).toMatchObject({ ending: 'not-rolled-back', code: 'started-meanwhile', temporary: [] });
    expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId: copy });
    const disk = (await scenario.azure.resources()).find(({ id }) => id.toLowerCase() === copy.toLowerCase());
    expect(disk?.tags['rdp-lifeline-expires']).toBeUndefined();
    expect((await reportOf(scenario, repair.report.repairId)).rolledBackBy).toBeUndefined();
    // Nothing stands against asking again.
    expect(await rollBack(scenario, repaired(name))).toMatchObject({ ending: 'rolled-back', temporary: [] });
  });
});
