import { expectSameEnd, pointsOfDeath } from './support/killed-host';
import { startScenario, type Scenario } from './support/scenario';

/** All of them: crash.full.test.ts. */
const everyThird = pointsOfDeath.filter((point) => point % 3 === 1);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

describe('scenarios/crash: a host that is killed with SIGKILL in the middle of a repair and started again', () => {
  it.each(everyThird)(
    'ends the repair the same way, and makes each change once (after %i different calls)',
    async (point) => {
      await expectSameEnd(scenario, point);
    },
  );
});
