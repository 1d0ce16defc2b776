import {
  arrangeRefusal,
  refusalCases,
  refusalCasesAlone,
  refusalCasesByTrial,
  refusalProblems,
} from '../../local/refusal-cases';
import { manyPlaces } from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

describe('scenarios/recovery-refusals: a VM that the route must not touch is refused by name, before anything is touched', () => {
  let problems: Record<string, string[]>;

  beforeAll(async () => {
    const judged = refusalCases.map(async (one) => [one.vm, await judge(one)] as const);
    problems = Object.fromEntries(await Promise.all(judged));
  });

  it.each(refusalCases)('$vm ($what): $code', ({ vm }) => {
    expect(problems[vm]).toEqual([]);
  });

  it.each(refusalCasesAlone)('$vm ($what): $code', async (one) => {
    expect(await judge(one)).toEqual([]);
    await one.takeBack?.(scenario.azure);
  });

  it.each(refusalCasesByTrial)('$vm ($what), which the trial copy tells: $code', async (one) => {
    expect(await judge(one)).toEqual([]);
    await one.takeBack?.(scenario.azure);
  });

  it('was asked for the right to see what is used of the quota', async () => {
    const demanded = (await scenario.azure.calls()).flatMap(({ actions }) => actions);
    expect(demanded).toContain('Microsoft.Compute/locations/usages/read');
  });
});

describe('scenarios/recovery-refusals: an app without a place for recovery VMs', () => {
  it('says which setting is missing', async () => {
    await scenario.stop();
    scenario = await startScenario({ settings: { ...manyPlaces, RECOVERY_WORKBENCHES: '' } });

    const one = { vm: 'vm-no-place', what: 'no workbench', ending: 'not-repaired', code: 'no-workbench' } as const;
    expect(await judge({ ...one, names: 'RECOVERY_WORKBENCHES' })).toEqual([]);
  });
});

async function judge(one: (typeof refusalCases)[number]): Promise<string[]> {
  const before = await arrangeRefusal(scenario.azure, one);
  return refusalProblems(scenario.azure, one, before, await scenario.repair(one.vm));
}
