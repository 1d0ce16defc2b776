import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isEveryAlertResolved } from '../../src/activities/resolved-alerts';
import { singletonIdOf } from '../../src/repair-id';
import { readHealthEvent } from '../../src/triggers/health-event';
import { takeHealthEvent } from '../../src/triggers/health-events';
import { fakeWorld } from '../activities/support/fakes';
import { virtualMachine, vmId } from '../azure/support/machine';
import { fakeStarter } from './support/door';

const folder = join(__dirname, '../../fixtures/events');

/** What is read of each saved event, and what becomes of it when no repair is running. */
const events = [
  { name: 'unavailable-cloud-event', meaning: 'unavailable', outcome: 'started' },
  { name: 'unavailable-event-grid', meaning: 'unavailable', outcome: 'started' },
  { name: 'available-cloud-event', meaning: 'available', outcome: 'resolved-without-repair' },
  { name: 'available-event-grid', meaning: 'available', outcome: 'resolved-without-repair' },
  { name: 'customer-initiated-cloud-event', meaning: 'asked-for', outcome: 'user-initiated' },
  { name: 'customer-initiated-event-grid', meaning: 'asked-for', outcome: 'user-initiated' },
  { name: 'platform-initiated-cloud-event', meaning: 'nothing', outcome: undefined },
];

describe('triggers/health-events', () => {
  it.each(events)('reads $name', async ({ name, meaning, outcome }) => {
    expect(readHealthEvent(saved(name))).toMatchObject({ meaning, vmId: vmId.toLowerCase() });
    const { take, outcomes, started } = door();
    await take(event(name));
    expect(outcomes()).toEqual(outcome === undefined ? [] : [outcome]);
    expect(started).toHaveLength(outcome === 'started' ? 1 : 0);
  });

  it('has an expectation of every saved event, and an origin', () => {
    const files = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
    expect(events.map(({ name }) => name).sort()).toEqual(files.sort());
    const origins = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(files.filter((name) => !origins.includes(`\`${name}.json\``))).toEqual([]);
  });

  it('begins one repair of one event, however often and in whichever schema it is delivered', async () => {
    const { world, take, started } = door();
    await Promise.all([take(event('unavailable-cloud-event')), take(event('unavailable-event-grid'))]);
    await take(event('unavailable-cloud-event'));
    expect(started).toEqual([{ singletonId: singletonIdOf(vmId), input: expect.anything() as unknown }]);
    expect(world.ledger.signals.size).toBe(1);
    expect([...world.ledger.signals.values()]).toMatchObject([
      { door: 'event', facts: { availabilityState: 'Unavailable' } },
    ]);
  });

  it('begins nothing for a machine that somebody stopped a moment ago', async () => {
    const { take, started, outcomes } = door();
    await take(event('customer-initiated-cloud-event'));
    await take(event('unavailable-cloud-event'));
    expect(started).toEqual([]);
    expect(outcomes()).toEqual(['user-initiated', 'user-initiated']);
  });

  it('does not take another machine’s annotation, or an old one, for the cause', async () => {
    const { take, started } = door();
    await take(event('customer-initiated-cloud-event', { targetResourceId: `${vmId}2` }));
    const old = new Date(Date.now() - 16 * 60_000).toISOString();
    await take(event('customer-initiated-cloud-event', { occurredTime: old }, 'old'));
    await take(event('unavailable-cloud-event'));
    expect(started).toHaveLength(1);
  });

  it('knows that somebody stopped a machine, however many signals of others came since', async () => {
    const { world, take, started } = door();
    await take(event('customer-initiated-cloud-event'));
    const times = { receivedAt: new Date().toISOString(), occurredAt: new Date().toISOString() };
    for (let index = 0; index < 520; index += 1) {
      const outcome = { kind: 'ignored', code: 'rule-not-listed', reason: 'x' } as const;
      await world.tools.ledger.recordSignal({
        key: `junk-${index}`,
        door: 'alert',
        ...times,
        title: 'x',
        facts: {},
        outcome,
      });
    }
    await take(event('unavailable-cloud-event'));
    expect(started).toEqual([]);
  });

  it('counts events by when they happened: "available" that came first answers what happened before it', async () => {
    const { take, started, outcomes } = door();
    const at = (minutes: number) => ({ occurredTime: new Date(Date.now() - minutes * 60_000).toISOString() });
    await take(event('available-cloud-event', at(5)));
    await take(event('unavailable-cloud-event', at(10), 'before'));
    expect(started).toEqual([]);
    await take(event('unavailable-cloud-event', at(2), 'after'));
    expect(started).toHaveLength(1);
    expect(outcomes()).toEqual(['resolved-without-repair', 'resolved-without-repair', 'started']);
  });

  it.each(['Available', undefined])(
    'answers nothing with "available" that was %s before',
    async (previousAvailabilityState) => {
      const { world, take } = door();
      await take(event('unavailable-cloud-event'));
      await take(event('available-cloud-event', { previousAvailabilityState }));
      const [signals = []] = [...world.ledger.signalsOf.values()];
      expect(isEveryAlertResolved(signals)).toBe(false);
      expect(world.ledger.signals.size).toBe(1);
    },
  );

  it.each(['available-cloud-event', 'customer-initiated-cloud-event'])(
    'hands %s to the repair that an event began',
    async (name) => {
      const { world, take, started } = door();
      await take(event('unavailable-cloud-event'));
      await take(event(name));
      const [signals = []] = [...world.ledger.signalsOf.values()];
      expect(signals.map(({ outcome }) => outcome.kind)).toEqual(['started', 'joined']);
      expect(isEveryAlertResolved(signals)).toBe(true);
      expect(started).toHaveLength(1);
    },
  );

  it.each<[string, Record<string, unknown>, string | undefined]>([
    [
      'another subscription',
      { targetResourceId: vmId.replace('00000001', '00000002').replace('-000000000001', '-000000000009') },
      'subscription-not-allowed',
    ],
    ['a VM that Azure does not know', { targetResourceId: `${vmId}-gone` }, 'vm-not-found'],
    ['a disk', { targetResourceId: vmId.replace('virtualMachines', 'disks') }, undefined],
    [
      'a machine of a scale set',
      { targetResourceId: `${vmId.replace('virtualMachines/vm-1', 'virtualMachineScaleSets/set')}/virtualMachines/0` },
      undefined,
    ],
    ['traversal', { targetResourceId: `${vmId}/../x` }, undefined],
    [
      'what happened two hours ago',
      { occurredTime: new Date(Date.now() - 2 * 60 * 60_000).toISOString() },
      'event-too-old',
    ],
    ['a state that nobody knows', { availabilityState: 'Sleeping' }, undefined],
    ['a state of another type', { availabilityState: { toString: 'Unavailable' } }, undefined],
  ])('begins nothing for %s', async (_what, properties, code) => {
    const { take, started, outcomes } = door();
    await take(event('unavailable-cloud-event', properties));
    expect(started).toEqual([]);
    expect(outcomes()).toEqual(code === undefined ? [] : [code]);
  });

  it('leaves a machine without the tag alone: the events are those of a whole subscription', async () => {
    const { world, take, started, outcomes } = door();
    world.vms.set(vmId.toLowerCase(), virtualMachine({ tags: {} }));
    await take(event('unavailable-cloud-event'));
    await take(event('customer-initiated-cloud-event'));
    expect(started).toEqual([]);
    expect(outcomes()).toEqual(['not-opted-in']);
  });

  it('is delivered again when Azure or the ledger cannot be asked, and says for good when no role lets us look', async () => {
    const { world, take, started, outcomes } = door();
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'x' };
    await expect(take(event('unavailable-cloud-event'))).rejects.toThrow('TooManyRequests');
    world.ledgerFault = new Error('The ledger cannot be reached.');
    await expect(take(event('unavailable-cloud-event'))).rejects.toThrow('ledger');
    world.ledgerFault = undefined;
    world.failures.getVirtualMachine = { kind: 'forbidden', code: 'x', message: 'x', action: 'read', scope: 's' };
    await take(event('unavailable-cloud-event'));
    expect(outcomes()).toEqual(['permission-missing']);
    expect(started).toEqual([]);
  });

  it.each([null, 5, 'text', [], {}, { id: '' }, { id: 7 }, { id: 'x'.repeat(2_000) }])(
    'records %j once and throws nothing',
    async (body) => {
      const { take, outcomes } = door();
      for (let count = 0; count < 2; count += 1) await take(body);
      expect(outcomes()).toEqual(['unknown-schema']);
    },
  );

  it('records an event of another kind as not handled', async () => {
    const { take, outcomes } = door();
    await take({ id: 'x', type: 'Microsoft.Storage.BlobCreated', subject: vmId, data: {} });
    expect(outcomes()).toEqual(['event-not-handled']);
  });

  it('never throws, and acts on one whole id or on nothing, whatever arrives', async () => {
    const hostile = fc.oneof(fc.jsonValue(), fc.constantFrom(vmId, 'Unavailable', 'Customer Initiated', '__proto__'));
    const sound = saved('unavailable-cloud-event') as { data: object; type: string };
    const properties = fc.dictionary(
      fc.constantFrom('targetResourceId', 'availabilityState', 'occurredTime', 'context', '__proto__'),
      hostile,
    );
    const arbitrary = fc.oneof(
      fc.jsonValue(),
      fc.record({
        id: fc.oneof(fc.string(), hostile),
        type: fc.oneof(fc.constant(sound.type), hostile),
        subject: hostile,
        data: fc.record({ resourceInfo: fc.record({ properties }) }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async (body) => {
        const { take, started } = door();
        await take(body);
        expect(started.every(({ singletonId }) => singletonId === singletonIdOf(vmId))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function saved(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/** A saved event that has just happened, with other properties. */
function event(name: string, properties: Record<string, unknown> = {}, id?: string): unknown {
  const body = saved(name) as { id: string; data: { resourceInfo: { properties: Record<string, unknown> } } };
  Object.assign(body.data.resourceInfo.properties, { occurredTime: new Date().toISOString() }, properties);
  return { ...body, id: id ?? body.id };
}

function door() {
  const world = fakeWorld();
  world.vms.set(vmId.toLowerCase(), virtualMachine());
  const { starter, started } = fakeStarter();
  const take = (body: unknown) => takeHealthEvent(world.tools, starter, body);
  const outcomes = () =>
    [...world.ledger.signals.values()].map(({ outcome }) => (outcome.kind === 'ignored' ? outcome.code : outcome.kind));
  return { world, started, take, outcomes };
}
