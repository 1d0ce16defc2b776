import { sampled } from '../support/sample';
import { expectSameEnd, pointsOfDeath } from './support/killed-host';
import { expectSameRecovery, pointsOfRecovery } from './support/killed-recovery';
import { manyPlaces } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: { ...manyPlaces, RECOVERY_ALWAYS_REHEARSE: 'on' } });
});

afterAll(() => scenario.stop());

describe('scenarios/crash: a host that is killed with SIGKILL in the middle of a repair and started again', () => {
  it.each(sampled(pointsOfDeath))(
    'ends the repair the same way, and makes each change once (after %i different calls)',
    async (point) => {
      await expectSameEnd(scenario, point);
    },
  );
});

describe('scenarios/crash: a host that is killed with SIGKILL in the middle of a recovery and started again', () => {
  it.each(sampled(pointsOfRecovery))('ends it the same way, on one mended copy (when %s)', async (_when, pattern) => {
    await expectSameRecovery(scenario, pattern);
  });
});
