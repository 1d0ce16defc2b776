import { sampled } from '../support/sample';
import { expectEffect, missingActions } from './support/missing-actions';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

afterEach(() => scenario.azure.delete('/roles'));

describe('scenarios/roles: a role that lacks an action', () => {
  it.each(sampled(missingActions))('$effect ($action, granted by $file)', async (missing) => {
    await expectEffect(scenario, missing);
  });
});
