import { randomUUID } from 'node:crypto';
import { createActionGroup, type ActionGroup } from '../../local/action-group';
import { availabilityAlert } from '../../local/alert-payload';
import { callDoor } from '../../local/app-client';
import { speed, startScenario, type Scenario } from './support/scenario';
import { everySignal, untilOnRecord } from './support/signals';

/** Alerts while the ledger, or the whole app, is away: whatever becomes of them, all are on record in the end, once. */
let scenario: Scenario;
let group: ActionGroup;
let vmId: string;

beforeAll(async () => {
  scenario = await startScenario({ parksElsewhere: true, settings: { PARK_AFTER_SECONDS: '3' } });
  group = createActionGroup(scenario.cloud, scenario.cloud.azure.controlUrl, speed);
  vmId = await scenario.vmId('vm-healthy');
});

afterAll(() => scenario.stop());

/** An alert for a VM with an id of its own. */
function alertOf(vm: string) {
  const instance = randomUUID();
  const alertId = `${vm.split('/').slice(0, 3).join('/')}/providers/Microsoft.AlertsManagement/alerts/${instance}`;
  return { instance, payload: availabilityAlert(vm, { alertId }) };
}

describe('scenarios/signals', () => {
  it.each(['stopped', 'paused'] as const)(
    'parks alerts that come while the ledger is %s, and takes each in once',
    async (how) => {
      const { ledger } = scenario.cloud;
      const alerts = Array.from({ length: 8 }, () => alertOf(vmId));
      if (how === 'stopped') await ledger.stop();
      else ledger.pause();

      const deliveries = await Promise.all(alerts.map(({ payload }) => group.fire(payload)));
      if (how === 'stopped') await ledger.start();
      else ledger.resume();

      expect(deliveries.map((delivery) => delivery.kind === 'answered' && delivery.body.parked)).toEqual(
        alerts.map(() => true),
      );
      await untilOnRecord(
        scenario,
        alerts.map(({ instance }) => instance),
      );
    },
  );

  it('finds in Azure’s record what came while the app was away, and starts its repair', async () => {
    const { cloud } = scenario;
    const { instance, payload } = alertOf(await scenario.vmId('vm-dhcp-diagnose'));
    await cloud.killHost();

    const delivery = await group.fire(payload);
    await cloud.startHost();

    expect(delivery).toEqual({ kind: 'given-up', calls: 6 });
    const [signal] = await untilOnRecord(scenario, [instance]);
    expect(signal).toMatchObject({ outcome: { kind: 'started' } });
  });

  it('shows every one of them on some page of the list, once', async () => {
    const signals = await everySignal(scenario);
    const keys = signals.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const { body } = await callDoor(
      scenario.cloud,
      'GET',
      `/api/signals?vmId=${encodeURIComponent(vmId)}&outcome=started`,
    );
    expect(body.signals).toHaveLength(1);
  });
});
