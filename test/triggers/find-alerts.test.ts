import { findAlerts } from '../../src/triggers/find-alerts';
import { answerAlert } from '../../src/triggers/alerts';
import { fakeWorld } from '../activities/support/fakes';
import { vmId, virtualMachine } from '../azure/support/machine';
import { alertPayload, fakeStarter, post, withEssentials } from './support/door';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe('triggers/find-alerts: alerts that never came', () => {
  it('takes in one that Azure has on record and we have not, once', async () => {
    const { world, started, list, round } = app();
    list({ number: 1, startDateTime: ago(30) });
    await round();
    await round();
    expect(started).toMatchObject([{ input: { vmId: vmId.toLowerCase() } }]);
    expect([...world.ledger.signals.values()]).toMatchObject([{ door: 'alert', outcome: { kind: 'started' } }]);
    expect(world.logged.filter(({ event }) => event === 'alertFound')).toHaveLength(1);
  });

  it('knows one that was delivered, under the id that Azure lists it by', async () => {
    const { world, started, list, send, round } = app();
    await send(1);
    list({ number: 1, startDateTime: ago(30) });
    await round();
    expect(started).toHaveLength(1);
    expect(world.ledger.signals.size).toBe(1);
  });

  it('leaves one that may still be delivered', async () => {
    const { started, list, round } = app();
    list({ number: 1, startDateTime: ago(1) });
    await round();
    expect(started).toEqual([]);
  });

  it('starts nothing for one that is resolved by now, and records it', async () => {
    const { world, started, list, round } = app();
    list({
      number: 1,
      startDateTime: ago(30),
      monitorCondition: 'Resolved',
      monitorConditionResolvedDateTime: ago(10),
    });
    await round();
    expect(started).toEqual([]);
    expect([...world.ledger.signals.values()]).toMatchObject([
      { says: 'recovered', outcome: { code: 'resolved-without-repair' } },
    ]);
  });

  it('tells a running repair of a Resolved that never came', async () => {
    const { world, list, send, round } = app();
    await send(1);
    list({
      number: 1,
      startDateTime: ago(30),
      monitorCondition: 'Resolved',
      monitorConditionResolvedDateTime: ago(10),
    });
    await round();
    expect([...world.ledger.signals.values()]).toMatchObject([
      { outcome: { kind: 'started' } },
      { outcome: { kind: 'joined' } },
    ]);
  });

  it.each([
    [90, 'event-too-old'],
    [30, undefined],
  ])('asks for a repair of what Resource Health said %i minutes ago: %s', async (minutes, code) => {
    const { world, started, list, round } = app();
    const context = { properties: { currentHealthStatus: 'Unavailable', previousHealthStatus: 'Available' } };
    list({ number: 1, startDateTime: ago(minutes), monitorService: 'Resource Health' }, context);
    await round();
    expect(started).toHaveLength(code === undefined ? 1 : 0);
    if (code !== undefined) expect([...world.ledger.signals.values()]).toMatchObject([{ outcome: { code } }]);
  });

  it('keeps no alert of a rule that is not ours, and none of what Azure lists otherwise than documented', async () => {
    const { world, started, list, round } = app();
    list({ number: 1, startDateTime: ago(30) }, {}, null);
    world.alerts.push(
      { id: 'x', properties: null },
      { id: 'y', properties: { essentials: 7 } },
      { id: 'z', properties: {} },
    );
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.signals.size).toBe(0);
  });

  it('says that a subscription cannot be listed, and asks nothing where it is not to', async () => {
    const { world, round } = app();
    world.failures.listAlerts = {
      kind: 'forbidden',
      code: 'AuthorizationFailed',
      message: 'x',
      action: 'read',
      scope: 's',
    };
    await round();
    expect(world.logged).toMatchObject([{ event: 'alertsNotListed', fields: { code: 'AuthorizationFailed' } }]);
    world.tools.settings.listFiredAlerts = false;
    await round();
    expect(world.logged).toHaveLength(1);
  });
});

let instances = 0;

function app() {
  const world = fakeWorld({ listFiredAlerts: true });
  world.vms.set(vmId.toLowerCase(), virtualMachine());
  const { starter, started } = fakeStarter();
  // Each test has alerts of its own: the process remembers those that are on record.
  instances += 1;
  const guid = (number: number) => `00000000-0000-0000-${String(instances).padStart(4, '0')}-00000000000${number}`;
  return {
    ...{ world, started },
    /** An alert as Azure's own record has it: under its target, and with other names. */
    list: (
      { number, ...essentials }: { number: number } & Record<string, unknown>,
      context: unknown = {},
      custom: unknown = { 'rdp-lifeline': 'on' },
    ) => {
      world.alerts.push({
        id: `${vmId}/providers/Microsoft.AlertsManagement/alerts/${guid(number)}`,
        properties: {
          essentials: {
            ...{
              monitorCondition: 'Fired',
              monitorService: 'Platform',
              severity: 'Sev1',
              signalType: 'Metric',
              targetResource: vmId,
            },
            alertRule: '/subscriptions/s/resourceGroups/rg/providers/microsoft.insights/metricAlerts/rule',
            ...essentials,
          },
          context,
          customProperties: custom,
        },
      });
    },
    send: (number: number) =>
      answerAlert(
        world.tools,
        starter,
        post(
          'alerts',
          withEssentials(alertPayload('metric-fired'), {
            ...{
              alertTargetIDs: [vmId],
              alertId: `/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/${guid(number)}`,
            },
            firedDateTime: ago(30),
          }),
        ),
      ),
    round: () => findAlerts(world.tools, starter),
  };
}
