import { callDoor } from '../../local/app-client';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

describe('scenarios/doors: an alert that names a machine', () => {
  it('by its computer only, begins the repair of the one machine that Resource Graph knows so', async () => {
    await scenario.reset('vm-dhcp-disabled');
    const answer = await alertOf('VM-DHCP-DISABLED.contoso.com');
    const report = await scenario.follow(String(answer.body.repairId));

    expect(answer.status).toBe(202);
    expect(report).toMatchObject({ ending: 'repaired', vmId: (await scenario.vmId('vm-dhcp-disabled')).toLowerCase() });
  });

  it('that cannot be looked up just now, begins its repair at the next upkeep', async () => {
    await scenario.reset('vm-dhcp-disabled');
    await scenario.azure.post('/faults', {
      ...{ match: { pathContains: '/Microsoft.ResourceGraph/' }, times: 1, when: 'before', status: 503 },
    });
    const answer = await alertOf('vm-dhcp-disabled');
    const { body } = await callDoor(scenario.cloud, 'GET', '/api/signals?pageSize=1');
    const vmId = (await scenario.vmId('vm-dhcp-disabled')).toLowerCase();
    const begun = await newRepairOf(vmId);
    const report = await scenario.follow(begun);

    expect(answer).toMatchObject({ status: 202, body: { pending: 'lookup' } });
    expect(body.pending).toMatchObject([{ vmName: 'vm-dhcp-disabled' }]);
    expect(report).toMatchObject({ ending: 'repaired', signals: [{ title: 'heartbeat' }] });
  });

  it('that nobody has, begins nothing', async () => {
    expect(await alertOf('vm-gone')).toMatchObject({ status: 200, body: { ignored: 'vm-not-found' } });
  });

  it('begins nothing when no role lets us see it', async () => {
    await scenario.azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/read' });
    expect(await alertOf('vm-healthy')).toMatchObject({ status: 200, body: { ignored: 'vm-not-found' } });
    await scenario.azure.delete('/roles');
  });
});

describe('scenarios/doors: an event on the health of a machine', () => {
  it.each(['CloudEvents', 'Event Grid'])(
    'that is unavailable, in the schema of %s, begins one repair',
    async (schema) => {
      await scenario.reset('vm-dhcp-disabled');
      const event = await healthEvent('vm-dhcp-disabled', schema, 'Unavailable');
      const answers = await Promise.all([deliver(event), deliver(event)]);
      const { body } = await callDoor(scenario.cloud, 'GET', '/api/repairs?ending=running');
      const running = (body.repairs as { repairId: string }[]).map(({ repairId }) => repairId);
      const report = await scenario.follow(running[0] ?? '');

      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
      expect(running).toHaveLength(1);
      expect(report).toMatchObject({ ending: 'repaired', signals: [{ door: 'event' }] });
    },
  );

  it('begins nothing for a machine without the tag, and is taken without its key by nobody', async () => {
    const event = await healthEvent('vm-dhcp-untagged', 'CloudEvents', 'Unavailable');
    expect((await deliver(event)).status).toBe(202);
    expect((await deliver(event, scenario.cloud.key)).status).toBe(403);
    const { body } = await callDoor(scenario.cloud, 'GET', '/api/signals?pageSize=1');
    expect(body.signals).toMatchObject([{ door: 'event', outcome: { kind: 'ignored', code: 'not-opted-in' } }]);
  });

  it('proves to Event Grid that it wants the events: the handshake of both schemas', async () => {
    const validation = [{ id: '1', eventType: 'x', data: { validationCode: 'abc' } }];
    const answer = await deliver(validation, scenario.cloud.eventGridKey, {
      'aeg-event-type': 'SubscriptionValidation',
    });
    expect(await answer.json()).toEqual({ validationResponse: 'abc' });
    const options = await fetch(webhook(), {
      method: 'OPTIONS',
      headers: { 'x-functions-key': scenario.cloud.eventGridKey, 'webhook-request-origin': 'eventgrid.azure.net' },
    });
    expect(options.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  });
});

/** Waits for a repair of the VM that is running. */
async function newRepairOf(vmId: string): Promise<string> {
  for (;;) {
    const query = `ending=running&vmId=${encodeURIComponent(vmId)}`;
    const { body } = await callDoor(scenario.cloud, 'GET', `/api/repairs?${query}`);
    const [repair] = body.repairs as { repairId: string }[];
    if (repair) return repair.repairId;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function webhook(): URL {
  return new URL('/runtime/webhooks/EventGrid?functionName=vmHealthEvent', scenario.cloud.url);
}

function deliver(body: unknown, key = scenario.cloud.eventGridKey, headers: Record<string, string> = {}) {
  return fetch(webhook(), {
    method: 'POST',
    headers: { 'x-functions-key': key, 'aeg-event-type': 'Notification', ...headers },
    body: JSON.stringify(body),
  });
}

/** An event that has just happened, as Event Grid posts it: a CloudEvent alone, its own schema in a list. */
async function healthEvent(vm: string, schema: string, availabilityState: string): Promise<unknown> {
  const target = await scenario.vmId(vm);
  const type = 'Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged';
  const time = await scenario.azure.now();
  const properties = { targetResourceId: target, occurredTime: time, availabilityState };
  const event = { id: `${vm}-${time}`, subject: target, data: { resourceInfo: { properties } } };
  if (schema === 'CloudEvents') return { ...event, specversion: '1.0', type, time };
  return [{ ...event, eventType: type, eventTime: time, dataVersion: '1', metadataVersion: '1' }];
}

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
