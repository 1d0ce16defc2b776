import { answerAlert } from '../../src/triggers/alerts';
import { cancelRepair } from '../../src/triggers/cancel-repair';
import { singletonIdOf } from '../../src/repair-id';
import type { Settings } from '../../src/settings';
import { fakeParkedSignals } from './support/parked-signals';
import { fakeWorld } from '../activities/support/fakes';
import { isEveryAlertResolved } from '../../src/activities/resolved-alerts';
import { subscriptionId, virtualMachine, vmId } from '../azure/support/machine';
import {
  alertPayload,
  answerOf,
  fakeStarter,
  inALaterMillisecond,
  post,
  request,
  withEssentials,
  type AlertPayload,
} from './support/door';

const fired = withEssentials(alertPayload('metric-fired'), { alertTargetIDs: [vmId.toLowerCase()] });
const resolved = withEssentials(alertPayload('metric-resolved'), { alertTargetIDs: [vmId.toLowerCase()] });
const other = withEssentials(fired, {
  alertId: '/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/00000000-0000-0000-0000-00000000000b',
});

describe('triggers/alerts', () => {
  it('begins a repair, answers at once where its report is, and records the signal', async () => {
    const { world, started, send } = door();
    const { status, body } = await send(fired);
    const repairId = started[0]?.input;
    expect(status).toBe(202);
    expect(started).toEqual([
      {
        singletonId: singletonIdOf(vmId),
        input: { repairId: expect.any(String) as unknown, vmId: vmId.toLowerCase() },
      },
    ]);
    expect(body).toMatchObject({
      joined: false,
      statusUrl: expect.stringMatching(/^https:\/\/app\.azurewebsites\.net\/api\/repairs\//) as unknown,
    });
    expect([...world.ledger.repairs.values()]).toMatchObject([{ vmId: vmId.toLowerCase(), phase: 'Accepted' }]);
    expect([...world.ledger.signals.values()]).toMatchObject([{ door: 'alert', outcome: { kind: 'started' } }]);
    expect(repairId).toBeDefined();
  });

  it('hands out no key: neither in the answer nor in its location', async () => {
    const { send } = door();
    const answer = await send(fired, 'alerts?code=function-key');
    expect(JSON.stringify(answer)).not.toContain('function-key');
  });

  it('records once and starts nothing more under redelivery', async () => {
    const { world, started, send } = door();
    const first = await send(fired);
    for (let count = 0; count < 3; count += 1) expect(await send(fired)).toEqual(first);
    expect(started).toHaveLength(1);
    expect(world.ledger.signals.size).toBe(1);
    expect(world.ledger.repairs.size).toBe(1);
  });

  it('makes one repair with both signals of two alerts that arrive at once', async () => {
    const { world, started, send } = door();
    const answers = await Promise.all([send(fired), send(other)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.size).toBe(1);
    const [repairId = ''] = world.ledger.repairs.keys();
    expect(world.ledger.signalsOf.get(repairId)).toHaveLength(2);
  });

  it('makes one repair of one alert that is delivered twice at once', async () => {
    const { world, started, send } = door();
    await Promise.all([send(fired), send(fired)]);
    expect(started).toHaveLength(1);
    expect(world.ledger.signals.size).toBe(1);
  });

  it('joins a later alert to the running repair', async () => {
    const { started, send } = door();
    const first = await send(fired);
    const second = await send(other);
    expect(second).toMatchObject({ status: 202, body: { joined: true } });
    expect(idOf(second)).toBe(idOf(first));
    expect(started).toHaveLength(1);
  });

  it('notes a Resolved on the running repair, and starts nothing', async () => {
    const { world, started, send } = door();
    const first = await send(fired);
    const second = await send(resolved);
    expect(second).toMatchObject({ status: 202, body: { joined: true } });
    expect(idOf(second)).toBe(idOf(first));
    const [one, other] = world.ledger.signalsOf.get(idOf(first)) ?? [];
    expect(one?.says).toBeUndefined();
    expect(other).toMatchObject({ says: 'recovered', outcome: { kind: 'joined' } });
    expect(isEveryAlertResolved([one, other].flatMap((signal) => signal ?? []))).toBe(true);
    expect(started).toHaveLength(1);
  });

  it.each([
    ['connection-monitor-fired', 'connection-monitor-resolved'],
    ['log-v2-resource-id', 'log-v2-resolved'],
    ['resource-health-platform', 'resource-health-available'],
  ])('knows %s again in %s', async (first, second) => {
    const { world, started, send } = door();
    const machine = `/subscriptions/${subscriptionId}/resourcegroups/test-rg/providers/microsoft.compute/virtualmachines/test-vm`;
    world.vms.set(machine, virtualMachine({ id: machine }));
    const ruleId = '/subscriptions/s/resourceGroups/rg/providers/microsoft.insights/activityLogAlerts/health';
    const withRule = (name: string) => {
      const payload = alertPayload(name);
      return payload.data.essentials.alertRuleID ? payload : withEssentials(payload, { alertRuleID: ruleId });
    };
    expect(await send(withRule(first))).toMatchObject({ status: 202, body: { joined: false } });
    const answer = await send(withRule(second));
    expect(answer).toMatchObject({ status: 202, body: { joined: true } });
    expect(isEveryAlertResolved(world.ledger.signalsOf.get(idOf(answer)) ?? [])).toBe(true);
    expect(started).toHaveLength(1);
  });

  it('ignores a Resolved without a running repair', async () => {
    const { started, send } = door();
    expect(await send(resolved)).toMatchObject({ status: 200, body: { ignored: 'resolved-without-repair' } });
    expect(started).toEqual([]);
  });

  const byName = alertPayload('log-v2-workspace');
  const elsewhere = vmId.replace('00000000-0000-0000-0000-000000000001', '99999999-0000-0000-0000-000000000009');
  it.each<[string, AlertPayload, string]>([
    ['a test notification', alertPayload('test-action-group'), 'test-notification'],
    ['a rule that is not listed', alertPayload('activity-log'), 'rule-not-listed'],
    ['a computer that nobody knows', byName, 'vm-not-found'],
    ['a target that is no machine', alertPayload('metric-dynamic'), 'no-virtual-machine'],
    ['a machine that somebody stopped', counting('resource-health'), 'user-initiated'],
    ['a machine that is degraded', alertPayload('resource-health-degraded'), 'not-unavailable'],
    ['news of a whole region', alertPayload('service-health'), 'service-not-handled'],
    ['two VMs', withEssentials(fired, { alertTargetIDs: [vmId, `${vmId}2`] }), 'several-virtual-machines'],
    ['a VM that Azure does not know', withEssentials(fired, { alertTargetIDs: [`${vmId}-gone`] }), 'vm-not-found'],
    ['another subscription', withEssentials(fired, { alertTargetIDs: [elsewhere] }), 'subscription-not-allowed'],
    ['strange characters in the id', withEssentials(fired, { alertTargetIDs: [`${vmId}\n;id`] }), 'no-virtual-machine'],
  ])('answers 200 to %s with the reason, records it once and starts nothing', async (_what, payload, code) => {
    const { world, started, send } = door();
    const first = await send(payload);
    expect(first).toMatchObject({
      status: 200,
      body: { ignored: code, reason: expect.stringMatching(/.{20}/) as unknown },
    });
    expect(await send(payload)).toEqual(first);
    expect(world.ledger.signals.size).toBe(1);
    expect([...world.ledger.signals.values()]).toMatchObject([{ outcome: { kind: 'ignored', code } }]);
    expect(started).toEqual([]);
    expect(world.ledger.repairs.size).toBe(0);
    expect(world.ledger.leases.size).toBe(0);
  });

  it.each(['', '{', '{"schemaId":', 'schemaId=x', '<xml/>', '\u0000'])(
    'answers 400 to %j and records it once',
    async (body) => {
      const { world, started, sendText } = door();
      for (let count = 0; count < 2; count += 1) {
        expect(await sendText(body)).toMatchObject({ status: 400, body: { error: { code: 'malformed-json' } } });
      }
      expect(world.ledger.signals.size).toBe(1);
      expect(started).toEqual([]);
    },
  );

  it.each(['null', '[]', '5', '"text"', '{}', JSON.stringify(alertPayload('not-common-schema'))])(
    'answers 400 to the unknown schema %s',
    async (body) => {
      const { world, started, sendText } = door();
      expect(await sendText(body)).toMatchObject({ status: 400, body: { error: { code: 'unknown-schema' } } });
      expect(world.ledger.signals.size).toBe(1);
      expect(started).toEqual([]);
    },
  );

  it('refuses a body that is too large, by its size and by what its header says', async () => {
    const { started, sendText } = door();
    const large = JSON.stringify({ ...fired, padding: 'x'.repeat(256 * 1024) });
    expect(await sendText(large)).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } });
    const lying = JSON.stringify(fired);
    const answer = await sendText(lying, { 'content-length': String(256 * 1024 + 1) });
    expect(answer).toMatchObject({ status: 413 });
    expect(started).toEqual([]);
  });

  it('takes a body of exactly the most that Azure Monitor sends', async () => {
    const { sendText } = door();
    const text = JSON.stringify({ ...fired, padding: '' });
    const padding = 'x'.repeat(256 * 1024 - text.length);
    expect(await sendText(JSON.stringify({ ...fired, padding }))).toMatchObject({ status: 202 });
  });

  it.each(['[', '{"a":'])('answers a body that is nested thousands deep by %s, and starts nothing', async (open) => {
    const { started, sendText } = door();
    const depth = 40_000;
    const nested = `${open.repeat(depth)}1${(open === '[' ? ']' : '}').repeat(depth)}`;
    const body = `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":${nested}}}`;
    expect(await sendText(body)).toMatchObject({ status: 400 });
    const text = JSON.stringify({ ...resolved, data: { ...resolved.data, alertContext: 'deep' } });
    expect(await sendText(text.replace('"deep"', `{"properties":${nested}}`))).toMatchObject({
      body: { ignored: 'resolved-without-repair' },
    });
    expect(started).toEqual([]);
  });

  it('counts bytes, not characters', async () => {
    const { sendText } = door();
    const text = JSON.stringify({ ...fired, padding: 'é'.repeat(200 * 1024) });
    expect(text.length).toBeLessThan(256 * 1024);
    expect(await sendText(text)).toMatchObject({ status: 413 });
  });

  it('finds the machine that is named by its computer only, within the allowed subscriptions', async () => {
    const { world, started, send } = door();
    const machine = vmId.replace('vm-1', 'Test-Computer');
    world.vms.set(machine.toLowerCase(), virtualMachine({ id: machine, name: 'Test-Computer' }));
    world.vms.set(elsewhere, virtualMachine({ id: elsewhere, name: 'test-computer' }));
    expect(await send(byName)).toMatchObject({ status: 202, body: { joined: false } });
    expect(started).toMatchObject([{ input: { vmId: machine.toLowerCase() } }]);
  });

  it('starts nothing when several machines have the name', async () => {
    const { world, started, send } = door();
    for (const group of ['rg-one', 'rg-two']) {
      const machine = vmId.replace('rg-app', group);
      world.vms.set(machine.toLowerCase(), virtualMachine({ id: machine, name: 'test-computer' }));
    }
    expect(await send(byName)).toMatchObject({ status: 200, body: { ignored: 'several-virtual-machines' } });
    expect(started).toEqual([]);
  });

  it.each(['Fired', 'Resolved'])(
    'keeps a %s alert that cannot be looked up just now, says so, and never answers 429 or 503',
    async (monitorCondition) => {
      const { world, started, send } = door();
      world.failures.findVirtualMachines = { kind: 'wait', code: 'RateLimiting', message: 'Please wait.' };
      const alert = withEssentials(byName, { monitorCondition });
      const answers = [await send(alert), await send(alert)];
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 202, body: { pending: 'lookup' } });
        expect(JSON.stringify(answer.body)).toContain('RateLimiting');
      }
      expect(started).toEqual([]);
      expect(world.ledger.signals.size).toBe(0);
      expect([...world.ledger.pending.values()]).toMatchObject([
        { vmName: 'test-computer', ...(monitorCondition === 'Resolved' ? { says: 'recovered' } : {}) },
      ]);
    },
  );

  it('is answered with the repair when it is delivered again and can be looked up by then', async () => {
    const { world, started, send } = door();
    world.failures.findVirtualMachines = { kind: 'wait', code: 'RateLimiting', message: 'Please wait.' };
    await send(byName);
    world.failures.findVirtualMachines = undefined;
    const [vm] = world.vms.values();
    if (vm) world.vms.set(vm.id.toLowerCase(), { ...vm, name: 'test-computer' });
    expect(await send(byName)).toMatchObject({ status: 202 });
    expect(started).toHaveLength(1);
  });

  it('says so when nobody can be asked who has the name', async () => {
    const { world, started, send } = door();
    world.failures.findVirtualMachines = { kind: 'rejected', code: 'RateLimiting', message: 'No.', status: 400 };
    const answer = await send(byName);
    expect(answer).toMatchObject({ status: 200, body: { ignored: 'lookup-failed' } });
    expect(JSON.stringify(answer.body)).toContain('RateLimiting');
    expect(started).toEqual([]);
  });

  it('keeps an alert whose machine Azure does not show just now, and starts nothing yet', async () => {
    const { world, started, send } = door();
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'Please wait.' };
    expect(await send(fired)).toMatchObject({ status: 202, body: { pending: 'lookup' } });
    expect([...world.ledger.pending.values()]).toMatchObject([{ vmId: vmId.toLowerCase() }]);
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(0);
  });

  it.each([
    ['forbidden', 'permission-missing'],
    ['rejected', 'azure-rejected'],
    ['not-found', 'vm-not-found'],
  ] as const)('starts nothing for a machine, invented or not, for which ARM answers "%s"', async (kind, code) => {
    const { world, started, send } = door();
    const failure = { code: 'x', message: 'x', status: 400, action: 'read', scope: 's' };
    world.failures.getVirtualMachine = { kind, ...failure };
    expect(await send(fired)).toMatchObject({ status: 200, body: { ignored: code } });
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(0);
  });

  it('parks an alert that the ledger cannot take, and starts nothing', async () => {
    const { world, started, parked, send } = door();
    world.ledgerFault = new Error('The ledger cannot be reached.');
    expect(await send(fired)).toMatchObject({ status: 202, body: { parked: true } });
    expect(parked.waiting).toMatchObject([
      { vmId: vmId.toLowerCase(), title: 'WCUS-R2-Gen2', occasion: expect.stringMatching(/^alert:/) as unknown },
    ]);
    expect(JSON.stringify(parked.waiting)).not.toContain('Percentage CPU');
    expect(started).toEqual([]);
    expect(world.logged).toMatchObject([{ event: 'signalParked' }]);
  });

  it('parks what it was able to read and is not to start anything for too: all ends on record', async () => {
    const { world, parked, send } = door();
    world.ledgerFault = new Error('The ledger cannot be reached.');
    expect(await send(alertPayload('activity-log'))).toMatchObject({ status: 202 });
    expect(parked.waiting).toMatchObject([{ ignored: { code: 'rule-not-listed' } }]);
  });

  it('parks an alert with which the ledger, or Azure, does not come to an end', async () => {
    const { world, parked, send } = door({ parkAfterSeconds: 0.05 });
    world.tools.ledger.getSignal = () => new Promise(() => undefined);
    expect(await send(fired)).toMatchObject({ status: 202, body: { parked: true } });
    world.tools.ledger.getSignal = () => Promise.resolve(undefined);
    world.tools.arm.getVirtualMachine = () => new Promise(() => undefined);
    expect(await send(other)).toMatchObject({ status: 202, body: { parked: true } });
    expect(parked.waiting).toHaveLength(2);
  });

  it.each(['the queue fails too', 'there is no queue'])('asks to be sent the alert again when %s', async (when) => {
    const { world, parked, started, send } = door();
    world.ledgerFault = new Error('The ledger cannot be reached.');
    if (when === 'there is no queue') world.tools.parkedSignals = undefined;
    parked.fault = new Error('The queue cannot be reached.');
    expect(await send(fired)).toMatchObject({ status: 503, body: { error: { code: 'fault' } } });
    expect(started).toEqual([]);
    expect(world.logged).toMatchObject([{ event: 'signalNotKept' }]);
  });

  it('does not start a repair for an alert that was resolved at a later moment, though its Resolved came first', async () => {
    const { world, started, send } = door();
    expect(await send(resolved)).toMatchObject({ body: { ignored: 'resolved-without-repair' } });
    expect(await send(fired)).toMatchObject({ body: { ignored: 'resolved-without-repair' } });
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(0);
  });

  it('does not let the late Resolved of an alert stop the repair of a newer one of the same rule', async () => {
    const { world, started, send } = door();
    await send(other);
    const answer = await send(resolved);
    expect(answer).toMatchObject({ status: 202, body: { joined: true } });
    expect(isEveryAlertResolved(world.ledger.signalsOf.get(idOf(answer)) ?? [])).toBe(false);
    expect(started).toHaveLength(1);
  });

  it('starts nothing for what had happened before a person cancelled a repair of the VM', async () => {
    const { world, started, send } = door();
    const first = await send(fired);
    await cancelRepair(world.tools, request('POST', 'cancel', { params: { repairId: idOf(first) } }));
    world.ledger.leases.clear();
    const before = new Date(Date.now() - 1_000).toISOString();
    expect(await send(withEssentials(other, { firedDateTime: before }))).toMatchObject({
      body: { ignored: 'cancelled-since' },
    });
    await inALaterMillisecond();
    const after = new Date().toISOString();
    const third = withEssentials(other, {
      alertId: String(other.data.essentials.alertId).replace(/b$/, 'c'),
      firedDateTime: after,
    });
    expect(await send(third)).toMatchObject({ status: 202, body: { joined: false } });
    expect(started).toHaveLength(2);
  });

  it('keeps what joins a repair for later: the newest, with the widest mode', async () => {
    const { world, send } = door();
    await send(fired);
    expect(world.ledger.followUps.size).toBe(0);
    await send(withEssentials(other, { firedDateTime: '2019-03-22T14:00:00Z' }));
    await send(withEssentials(other, { alertId: String(other.data.essentials.alertId).replace(/b$/, 'c') }));
    expect([...world.ledger.followUps.values()]).toMatchObject([{ occurredAt: '2019-03-22T14:00:00.000Z' }]);
  });

  it('finds its repair again when it died before the signal was recorded', async () => {
    const { world, started, send } = door();
    const first = await send(fired);
    world.ledger.signals.clear();
    expect(idOf(await send(fired))).toBe(idOf(first));
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.size).toBe(1);
  });

  it('knows one VM by every spelling of its id', async () => {
    const { started, send } = door();
    await send(withEssentials(fired, { alertTargetIDs: [vmId.toUpperCase()] }));
    await send(other);
    expect(started).toHaveLength(1);
  });
});

/** A saved payload that counts. */
function counting(name: string): AlertPayload {
  const payload = alertPayload(name);
  return { ...payload, data: { ...payload.data, customProperties: { 'rdp-lifeline': 'on' } } };
}

function door(settings: Partial<Settings> = {}) {
  const world = fakeWorld(settings);
  const parked = fakeParkedSignals();
  world.tools.parkedSignals = parked.queue;
  world.vms.set(vmId.toLowerCase(), virtualMachine());
  const { starter, started } = fakeStarter();
  const send = async (payload: unknown, path = 'alerts') =>
    answerOf(await answerAlert(world.tools, starter, post(path, payload)));
  const sendText = async (body: string, headers: Record<string, string> = {}) =>
    answerOf(await answerAlert(world.tools, starter, request('POST', 'alerts', { body, headers })));
  return { world, started, parked, send, sendText };
}

function idOf({ body }: { body: unknown }): string {
  if (typeof body === 'object' && body !== null && 'repairId' in body) return String(body.repairId);
  throw new Error('The answer names no repair.');
}
