import { manyPlaces } from './support/recovery-cases';
import { judgeRefusals, refusalsOf } from './support/refusals';
import { startScenario, type Scenario } from './support/scenario';

/** One of each kind; all of them: recovery-refusals.full.test.ts. */
const oneOfEachKind = refusalsOf([
  // Not even diagnosed.
  'vm-ephemeral',
  // By what it is, and by what it does.
  'vm-disk-encryption',
  'vm-directory',
  // By what is around it.
  'vm-locked',
  'vm-denied',
  'vm-key-set',
  'vm-no-quota',
  // Only a Windows that has the disk knows.
  'vm-full-disk',
  // Only Azure knows.
  'vm-policy',
]);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-refusals: a VM that the route must not touch is refused by name, before anything is touched', () => {
  let problems: Awaited<ReturnType<typeof judgeRefusals>>;

  beforeAll(async () => {
    problems = await judgeRefusals(scenario, oneOfEachKind);
  });

  it.each(oneOfEachKind)('$title', ({ one }) => {
    expect(problems[one.vm]).toEqual([]);
  });

  it('was asked for the right to see what is used of the quota', async () => {
    const demanded = (await scenario.azure.calls()).flatMap(({ actions }) => actions);
    expect(demanded).toContain('Microsoft.Compute/locations/usages/read');
  });
});
