import { holdRun, letGo } from '../../local/hold-run';
import { sampled } from '../support/sample';
import { expectSameLook, pointsOfLook, shut } from './support/killed-recovery';
import { begin, cancel, finish, manyPlaces, type Ended } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-look: a host that is killed with SIGKILL in the middle of a look and started again', () => {
  it.each(sampled(pointsOfLook))('ends it the same way (when %s)', async (_when, pattern) => {
    await expectSameLook(scenario, pattern);
  });
});

describe('scenarios/recovery-look: a VM that neither its guest nor its snapshot tells anything of', () => {
  it('ends as cancelled in the middle of the look, and nothing of it is left', async () => {
    const { report, vm, before, broken } = await cancelledAtTheLook('vm-dhcp-rebooted');

    expect(broken).toEqual([]);
    expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', temporary: [], changes: [] });
    expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
  });
});

async function cancelledAtTheLook(name: string): Promise<Ended> {
  await shut(scenario, name);
  const held = await begin(scenario, name);
  await holdRun(scenario.azure, { ...held, run: 'snapshot-look' }, 'PUT');
  await cancel(scenario, held);
  await letGo(scenario.azure, { ...held, run: 'snapshot-look' });
  return finish(scenario, held);
}
