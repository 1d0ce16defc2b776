import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dhcpOf, startScenario, type Scenario } from './scenario';

const vm = 'vm-dhcp-disabled';
const folder = join(__dirname, '../../infra/roles');
const actions = readdirSync(folder).flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { Actions: string[] }).Actions.map((action) => ({
    file,
    action,
  })),
);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
}, 60_000);

afterAll(() => scenario.stop());

describe('a role that lacks an action', () => {
  it.each(actions)(
    'is told by the name of the action in the repair’s reason ($action, granted by $file)',
    async ({ action }) => {
      await scenario.reset(vm);
      await scenario.azure.post('/roles/remove-action', { action });

      const report = await scenario.repair(vm);

      expect(report.reason).toContain(action);
      // Only the clean-up needs "delete": the repair itself is done by then, and says what it left behind.
      if (action.endsWith('/delete'))
        expect(report).toMatchObject({ ending: 'repaired', temporary: expect.any(Array) as unknown });
      else expect(report).toMatchObject({ ending: 'refused', code: 'permission-missing', changes: [] });
      if (!action.endsWith('/delete')) expect(dhcpOf(await scenario.azure.vm(vm))?.startType).toBe(4);
    },
    30_000,
  );

  it('does not hinder anything once the action is granted', async () => {
    await scenario.reset(vm);

    expect(await scenario.repair(vm)).toMatchObject({ ending: 'repaired' });
  }, 30_000);
});
