import { holdRun, letGo } from '../../local/hold-run';
import { begin, cancel, finish } from './support/recovery-cases';
import type { Scenario } from './support/scenario';
import { addStandingVms, asItWas, standingVms, startWithStandingVms, stateOf } from './support/standing-vms';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startWithStandingVms();
  await addStandingVms(scenario);
});

afterAll(() => scenario.stop());

describe('scenarios/standing-recovery-vm', () => {
  it('are free again afterwards, also after a repair that was cancelled half-way', async () => {
    const held = await begin(scenario, 'vm-dhcp-untagged');
    await holdRun(scenario.azure, { ...held, run: 'copy-1-look' }, 'PUT');
    await cancel(scenario, held);
    await letGo(scenario.azure, { ...held, run: 'copy-1-look' });
    const cancelled = await finish(scenario, held);
    expect(cancelled.broken).toEqual([]);
    expect(cancelled.report).toMatchObject({ ending: 'cancelled', temporary: [] });
    expect(await stateOf(scenario, standingVms.V1)).toEqual(asItWas);

    // Nobody may fetch the bytes of its disk: the same recovery VM looks first, and mends then.
    const report = await scenario.repair('vm-export-denied');
    expect(report).toMatchObject({ ending: 'repaired', temporary: [] });
    expect(report.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['look', 'mend-1']));
    expect(await stateOf(scenario, standingVms.V1)).toEqual(asItWas);
  });
});
