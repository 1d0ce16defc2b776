import { sampled } from '../support/sample';
import { expectSameLook, pointsOfLook } from './support/killed-recovery';
import { manyPlaces } from './support/recovery-cases';
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
