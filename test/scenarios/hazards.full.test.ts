import { callDoor } from '../../local/app-client';
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

describe('scenarios/hazards: a storage account that is away for longer than faults are tried again', () => {
  // Real time: a call to a table gives up after 10 s of it, in which a quarter of an hour passes over there.
  const outageMs = 25_000;

  it.each(['snapshot', 'apply'])('ends no repair: away at the step %s, it stands still and goes on', async (step) => {
    const repairId = await scenario.alert(vm);
    await untilStep(repairId, step);
    process.kill(scenario.cloud.storageProcessId, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    process.kill(scenario.cloud.storageProcessId, 'SIGCONT');

    expect(await scenario.follow(repairId)).toMatchObject({ ending: 'repaired', temporary: [] });
  });
});

async function untilStep(repairId: string, step: string): Promise<void> {
  for (;;) {
    const { body } = await callDoor(scenario.cloud, 'GET', `/api/repairs/${repairId}`);
    const steps = (body.steps ?? []) as { step: string }[];
    if (steps.some((one) => one.step === step)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function strike(fault: Record<string, unknown>): Promise<void> {
  await scenario.azure.post('/faults', fault);
}
