/** Repairs while Azure leaves fields out of its answers, or is at work on what they need. */
import { begin, finish, manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

afterEach(async () => {
  await scenario.azure.delete('/omissions');
  await scenario.azure.delete('/faults');
  await scenario.azure.delete('/roles');
});

const omit = (pathContains: string, field: string, forSeconds: number) =>
  scenario.azure.post('/omissions', { match: { pathContains }, field, forSeconds });
const powerState = 'properties.instanceView.statuses[PowerState]';
const changeTime = 'properties.instanceView.statuses[ProvisioningState].time';
const minutes = (count: number) => count * 60;

function expectRepaired({ report, broken }: Ended): void {
  expect(broken).toEqual([]);
  expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
}

describe('scenarios/missing-and-busy: what Azure leaves out', () => {
  it('is asked again: a power state that is missing for five minutes ends no repair', async () => {
    await omit('/virtualMachines/vm-dhcp-disabled', powerState, minutes(5));
    expect(await scenario.repair('vm-dhcp-disabled')).toMatchObject({ ending: 'repaired', temporary: [] });
  });

  it('ends the repair by its own code when it never comes, and nothing was made', async () => {
    await omit('/virtualMachines/vm-safe-mode-agent', powerState, minutes(60));
    const report = await scenario.repair('vm-safe-mode-agent');
    expect(report).toMatchObject({ ending: 'refused', code: 'power-state-missing', changes: [] });
    expect(await resourcesOf(scenario.azure, report.repairId)).toEqual([]);
  });

  it('stops no VM, and puts no disk into one, before it is there (hazard: two missing times are the same)', async () => {
    const held = await begin(scenario, 'vm-dhcp-rebooted');
    await omit('/virtualMachines/vm-dhcp-rebooted', changeTime, minutes(8));
    expectRepaired(await finish(scenario, held));
  });

  it('may be the power state, the OS disk and the state of the last operation, in a dozen answers each', async () => {
    const held = await begin(scenario, 'vm-dhcp-untagged');
    const pathContains = '/virtualMachines/vm-dhcp-untagged';
    const fields = [powerState, 'properties.storageProfile.osDisk.managedDisk.id', 'properties.provisioningState'];
    for (const field of fields) await scenario.azure.post('/omissions', { match: { pathContains }, field, times: 12 });
    expectRepaired(await finish(scenario, held));
  });

  it('may be whose a disk is, and what its tags are, while it is copied, attached and exchanged', async () => {
    const held = await begin(scenario, 'vm-healthy');
    const copy = `/disks/rdp-lifeline-${held.repairId}-copy-1`;
    for (const field of ['managedBy', 'properties.provisioningState', 'properties.diskSizeBytes', 'tags'])
      await scenario.azure.post('/omissions', { match: { pathContains: copy }, field, times: 2 });
    expectRepaired(await finish(scenario, held));
  });
});

describe('scenarios/missing-and-busy: what passes', () => {
  it('is somebody else’s operation on the VM and its disk: the way opens when it is over', async () => {
    const { id, osDiskId } = await scenario.azure.vm('vm-cmk');
    const held = await begin(scenario, 'vm-cmk');
    for (const busy of [id, osDiskId]) await scenario.azure.post('/operations', { id: busy, forSeconds: minutes(6) });
    const ended = await finish(scenario, held);
    expectRepaired(ended);
    const diagnosis = ended.report.steps.find(({ step }) => step === 'diagnose');
    const tookMs = Date.parse(diagnosis?.endedAt ?? '') - Date.parse(diagnosis?.startedAt ?? '');
    expect(tookMs).toBeGreaterThan(60_000);
  });

  it('is a quota that is used up until others give back what they have', async () => {
    const [, scope] = /^(\/subscriptions\/[^/]+)/.exec(await scenario.vmId('vm-dhcp-rebooted')) ?? [];
    await scenario.azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope });
    await scenario.azure.patch('/capacity', { regionalLimit: 1, forSeconds: minutes(6) });
    expectRepaired(await repairCutOff(scenario, 'vm-dhcp-rebooted'));
  });

  it('is the same where Azure tells only when the VM is made', async () => {
    await scenario.azure.patch('/capacity', { regionalLimit: 1, forSeconds: minutes(6) });
    expectRepaired(await repairCutOff(scenario, 'vm-dhcp-disabled'));
  });

  it('is a power-off, an attachment, an exchange and a start that last two minutes more each', async () => {
    const held = await begin(scenario, 'vm-dhcp-untagged');
    const lasts = { times: 1, when: 'before', operation: 'lasts', forSeconds: minutes(2) };
    const vm = '/virtualMachines/vm-dhcp-untagged';
    for (const match of [
      { method: 'POST', pathContains: `${vm}/powerOff` },
      { method: 'POST', pathContains: `${held.helper}/attachDetachDataDisks` },
      { method: 'PATCH', pathContains: vm },
      { method: 'POST', pathContains: `${vm}/start` },
    ])
      await scenario.azure.post('/faults', { ...lasts, match });
    expectRepaired(await finish(scenario, held));
  });
});
