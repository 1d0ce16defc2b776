import { expectEffect, missingActions } from './support/missing-actions';
import { startScenario, type Scenario } from './support/scenario';

/** One of each effect; all of them: roles.full.test.ts. */
const oneOfEach = missingActions.filter(({ action }) =>
  [
    'Microsoft.Compute/virtualMachines/runCommands/write',
    'Microsoft.Compute/snapshots/endGetAccess/action',
    'Microsoft.Compute/snapshots/beginGetAccess/action',
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.SerialConsole/consoleServices/read',
    'Microsoft.Compute/skus/read',
    'Microsoft.Compute/virtualMachines/powerOff/action',
  ].includes(action),
);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

afterEach(() => scenario.azure.delete('/roles'));

describe('scenarios/roles: a role that lacks an action', () => {
  it.each(oneOfEach)('$effect ($action, granted by $file)', async (missing) => {
    await expectEffect(scenario, missing);
  });

  it('does not hinder anything once the action is granted', async () => {
    await scenario.reset('vm-dhcp-disabled');

    expect(await scenario.repair('vm-dhcp-disabled')).toMatchObject({ ending: 'repaired', temporary: [] });
  });
});

describe('scenarios/roles: the sample of actions', () => {
  it('has one of each effect', () => {
    expect(oneOfEach.map(({ effect }) => effect).toSorted()).toEqual(
      [...new Set(missingActions.map(({ effect }) => effect))].toSorted(),
    );
  });
});
