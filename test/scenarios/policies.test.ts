/** Repairs in a subscription whose policies demand tags. */
import { isMended } from '../../local/cut-off';
import { manyPlaces, repairCutOff } from './support/recovery-cases';
import { resourcesOf, startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: { ...manyPlaces, RESOURCE_TAGS: 'owner=shop, costCenter=4711' } });
});

afterAll(() => scenario.stop());

afterEach(() => scenario.azure.delete('/policies'));

async function demand(name: string): Promise<void> {
  const [, scope] = /^(\/subscriptions\/[^/]+)/.exec(await scenario.vmId('vm-healthy')) ?? [];
  await scenario.azure.post('/policies', { scope, requireTag: { name } });
}

describe('scenarios/policies: a policy that demands a tag', () => {
  it('is met by the setting on everything that a repair by a recovery VM creates', async () => {
    // The VM itself has to have it, too: the exchange of its disk is a change of it.
    await scenario.azure.patch('/vms/vm-dhcp-rebooted/tags', { tags: { owner: 'shop' } });
    await demand('owner');
    const { report, broken, vm } = await repairCutOff(scenario, 'vm-dhcp-rebooted');
    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(isMended(vm)).toBe(true);
    const left = await resourcesOf(scenario.azure, report.repairId);
    expect(left.length).toBeGreaterThan(1);
    for (const { tags } of left) expect(tags).toMatchObject({ owner: 'shop', costCenter: '4711' });
  });

  it('that is not met ends the repair with Azure’s words before the guest is touched', async () => {
    await demand('approvedBy');
    const report = await scenario.repair('vm-dhcp-disabled');
    expect(report).toMatchObject({ ending: 'not-repaired', code: 'policy-denied', changes: [] });
    expect(report.reason).toContain('RequestDisallowedByPolicy');
    expect(await resourcesOf(scenario.azure, report.repairId)).toEqual([]);
  });
});
