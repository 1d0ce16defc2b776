import { sampled } from '../support/sample';
import { expectFenced, fencingPoints } from './support/fencing';
import { manyPlaces, repairCutOff } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
  await repairCutOff(scenario, 'vm-dhcp-disabled');
});

afterAll(() => scenario.stop());

describe('scenarios/system-key: a repair whose parent is terminated while its child is alive', () => {
  it.each(sampled(fencingPoints))(
    'goes on from the record when it is begun anew, and nothing old writes any more, when the child was at $at',
    async (point) => {
      await expectFenced(scenario, point);
    },
  );
});
