import { sampled } from '../support/sample';
import { manyPlaces } from './support/recovery-cases';
import { judgeRefusals, refusals } from './support/refusals';
import { startScenario, type Scenario } from './support/scenario';

const tried = sampled(refusals);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-refusals: a VM that the route must not touch is refused by name, before anything is touched', () => {
  let problems: Awaited<ReturnType<typeof judgeRefusals>>;

  beforeAll(async () => {
    problems = await judgeRefusals(scenario, tried);
  });

  it.each(tried)('$title', ({ one }) => {
    expect(problems[one.vm]).toEqual([]);
  });
});
