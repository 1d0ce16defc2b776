import { startScenario, type Scenario } from './support/scenario';

const vm = 'vm-dhcp-disabled';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

beforeEach(() => scenario.reset(vm));

describe('scenarios/hazards: an Azure that throttles or fails for a while', () => {
  it('is waited out for the security rules, too; what it never tells is said to be not known', async () => {
    await strike({
      match: { pathContains: '/networkInterfaces/' },
      times: 2,
      when: 'before',
      status: 429,
      retryAfterSeconds: 7,
    });
    await strike({ match: { pathContains: '/operationResults/' }, times: 2, when: 'before', dropConnection: true });
    expect(await scenario.repair(vm)).toMatchObject({
      ending: 'repaired',
      reason: expect.stringContaining('let TCP 3389 through from everywhere') as string,
    });

    await scenario.reset(vm);
    await strike({ match: { pathContains: '/operationResults/' }, times: 1_000, when: 'before', status: 503 });
    expect(await scenario.repair(vm)).toMatchObject({
      ending: 'repaired',
      reason: expect.stringContaining('is not known') as string,
    });
  });
});

async function strike(fault: Record<string, unknown>): Promise<void> {
  await scenario.azure.post('/faults', fault);
}
