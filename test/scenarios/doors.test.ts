import { callDoor } from '../../local/app-client';
import { startScenario, type Scenario } from './scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
}, 60_000);

afterAll(() => scenario.stop());

describe('an alert that names a machine', () => {
  it('by its computer only, begins the repair of the one machine that Resource Graph knows so', async () => {
    await scenario.reset('vm-dhcp-disabled');
    const answer = await alertOf('VM-DHCP-DISABLED.contoso.com');
    const report = await scenario.follow(String(answer.body.repairId));

    expect(answer.status).toBe(202);
    expect(report).toMatchObject({ ending: 'repaired', vmId: (await scenario.vmId('vm-dhcp-disabled')).toLowerCase() });
  }, 40_000);

  it('that nobody has, begins nothing', async () => {
    expect(await alertOf('vm-gone')).toMatchObject({ status: 200, body: { ignored: 'vm-not-found' } });
  });

  it('begins nothing when no role lets us see it', async () => {
    await scenario.azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/read' });
    expect(await alertOf('vm-healthy')).toMatchObject({ status: 200, body: { ignored: 'vm-not-found' } });
    await scenario.azure.delete('/roles');
  });
});

/** Sends a log search alert whose only hint at the machine is a computer's name. */
async function alertOf(computer: string) {
  const subscription = (await scenario.vmId('vm-healthy')).split('/').slice(0, 3).join('/');
  return callDoor(scenario.cloud, 'POST', '/api/alerts', {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `${subscription}/providers/Microsoft.AlertsManagement/alerts/${computer}`,
        alertRule: 'heartbeat',
        signalType: 'Log',
        monitorCondition: 'Fired',
        monitoringService: 'Log Alerts V2',
        alertTargetIDs: [`${subscription}/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/logs`],
        configurationItems: [computer],
        firedDateTime: '2026-01-01T00:00:00Z',
      },
      alertContext: {
        properties: { 'rdp-lifeline': 'heartbeat' },
        conditionType: 'LogQueryCriteria',
        condition: { allOf: [{ searchQuery: 'Heartbeat', dimensions: [{ name: 'Computer', value: computer }] }] },
      },
    },
  });
}
