import { randomUUID } from 'node:crypto';
import { createActionGroup, type ActionGroup, type Delivery } from '../../local/action-group';
import { availabilityAlert } from '../../local/alert-payload';
import { sampled, sampledRuns } from '../support/sample';
import { speed, startScenario, type Scenario } from './support/scenario';
import { untilOnRecord } from './support/signals';

/** Streams of alerts while the ledger, or the whole app, is away: none is lost, none is there twice. */
let scenario: Scenario;
let group: ActionGroup;

beforeAll(async () => {
  scenario = await startScenario({ parksElsewhere: true, settings: { PARK_AFTER_SECONDS: '2' } });
});

// After an endpoint was away for long, an action group sends nothing for a while: each test has one of its own.
beforeEach(() => {
  group = createActionGroup(scenario.cloud, scenario.cloud.azure.controlUrl, speed);
});

afterAll(() => scenario.stop());

/** Fires alerts for VMs of the fleet, so many at once, while `meanwhile` goes on. Gives their instances and what became of each. */
async function stream(count: number, atOnce: number, meanwhile: () => Promise<void>) {
  const vms = await scenario.azure.vms();
  const instances = Array.from({ length: count }, () => randomUUID());
  const deliveries: Delivery[] = [];
  const left = [...instances.entries()];
  async function fireSome(): Promise<void> {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, instance] = next;
      const { id = '' } = vms[index % vms.length] ?? {};
      const alertId = `${id.split('/').slice(0, 3).join('/')}/providers/Microsoft.AlertsManagement/alerts/${instance}`;
      deliveries.push(await group.fire(availabilityAlert(id, { alertId })));
    }
  }
  await Promise.all([meanwhile(), ...Array.from({ length: atOnce }, fireSome)]);
  return { instances, deliveries };
}

const pause = (localSeconds: number) => new Promise((resolve) => setTimeout(resolve, (localSeconds * 1_000) / speed));

describe('scenarios/signals: streams of alerts', () => {
  it.each(sampled([10, 60, 300]))(
    'keeps every alert of a stream while the ledger is stopped for %i s',
    async (seconds) => {
      const { instances } = await stream(60, 4, async () => {
        await pause(30);
        await scenario.cloud.ledger.stop();
        await pause(seconds);
        await scenario.cloud.ledger.start();
      });
      await untilOnRecord(scenario, instances);
    },
  );

  it('keeps every alert of a stream while the ledger takes calls and answers none', async () => {
    const { instances, deliveries } = await stream(60, 10, async () => {
      scenario.cloud.ledger.pause();
      // Real time: that is how the app counts.
      await new Promise((resolve) => setTimeout(resolve, 13_000));
      scenario.cloud.ledger.resume();
    });
    expect(deliveries.filter(({ kind }) => kind !== 'answered')).toEqual([]);
    await untilOnRecord(scenario, instances);
  });

  it('keeps every alert of a stream while the ledger and the app are stopped', async () => {
    const { instances, deliveries } = await stream(60, 4, async () => {
      await scenario.cloud.ledger.stop();
      await scenario.cloud.killHost();
      await pause(300);
      await scenario.cloud.ledger.start();
      await scenario.cloud.startHost();
    });
    expect(deliveries.some(({ kind }) => kind === 'given-up')).toBe(true);
    await untilOnRecord(scenario, instances);
  });

  // Fewer in a sample, where the ledger stops twice all the same.
  it('keeps 3,000 alerts, once each, with the ledger stopping twice', async () => {
    const { instances } = await stream(Math.max(100, sampledRuns(3_000)), 20, async () => {
      for (const seconds of [300, 600]) {
        await pause(200);
        await scenario.cloud.ledger.stop();
        await pause(seconds);
        await scenario.cloud.ledger.start();
      }
    });
    await untilOnRecord(scenario, instances);
  });
});
