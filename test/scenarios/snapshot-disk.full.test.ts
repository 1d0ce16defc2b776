import { resourcesOf, startScenario, type Scenario } from './support/scenario';

const dead = 'vm-safe-mode';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: { RECOVERY_WORKBENCHES: '' } });
});

afterAll(() => scenario.stop());

describe('scenarios/snapshot-disk: access to a snapshot', () => {
  it('is taken back when the host is killed while it is open', async () => {
    const repairId = await scenario.alert(dead);
    while (!(await isOpen(repairId))) await new Promise((resolve) => setTimeout(resolve, 2));
    await scenario.cloud.killHost();
    await scenario.cloud.startHost();

    const report = await scenario.follow(repairId);

    expect(report).toMatchObject({ code: 'no-route', temporary: [] });
    expect(await isOpen(repairId)).toBe(false);
  });
});

async function isOpen(repairId: string): Promise<boolean> {
  return (await resourcesOf(scenario.azure, repairId)).some(({ accessOpen }) => accessOpen === true);
}
