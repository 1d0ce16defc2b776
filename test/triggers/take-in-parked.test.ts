import { takeInParked } from '../../src/triggers/take-in-parked';
import { answerAlert } from '../../src/triggers/alerts';
import { fakeWorld } from '../activities/support/fakes';
import { vmId, virtualMachine } from '../azure/support/machine';
import { alertPayload, fakeStarter, post, withEssentials } from './support/door';
import { fakeParkedSignals } from './support/parked-signals';

const fired = withEssentials(alertPayload('metric-fired'), { alertTargetIDs: [vmId] });
const resolved = withEssentials(alertPayload('metric-resolved'), { alertTargetIDs: [vmId] });

describe('triggers/take-in-parked', () => {
  it('puts on record what was parked, once, as if it had been recorded when it came', async () => {
    const { world, started, parked, send, round } = app();
    await whileLedgerIsAway(world, () => send(fired));
    const [signal] = parked.waiting;
    await parked.queue.park(signal!);
    await round();
    await round();
    expect(started).toHaveLength(1);
    expect([...world.ledger.signals.values()]).toMatchObject([
      { receivedAt: signal?.receivedAt, occurredAt: '2019-03-22T13:58:24.371Z', outcome: { kind: 'started' } },
    ]);
    expect(parked.waiting).toEqual([]);
    parked.makeVisible();
    expect(parked.waiting).toEqual([]);
  });

  it('leaves what it cannot put on record where it is', async () => {
    const { world, started, parked, send, round } = app();
    await whileLedgerIsAway(world, () => send(fired));
    await whileLedgerIsAway(world, () => expect(round()).rejects.toThrow('away'));
    parked.makeVisible();
    expect(parked.waiting).toHaveLength(1);
    await round();
    expect(started).toHaveLength(1);
  });

  it('begins nothing twice when it died after it had begun a repair', async () => {
    const { world, started, parked, send, round } = app();
    await whileLedgerIsAway(world, () => send(fired));
    const record = world.tools.ledger.recordSignal.bind(world.tools.ledger);
    world.tools.ledger.recordSignal = () => Promise.reject(new Error('died'));
    await expect(round()).rejects.toThrow('died');
    world.tools.ledger.recordSignal = record;
    parked.makeVisible();
    await round();
    expect(started).toHaveLength(1);
    expect([...world.ledger.signals.values()]).toMatchObject([{ outcome: { kind: 'started' } }]);
    expect(world.ledger.followUps.size).toBe(0);
  });

  it('completes the record of a signal that the ledger had taken in part, when it went away', async () => {
    const { world, send, round } = app();
    const add = world.tools.ledger.addSignalToRepair.bind(world.tools.ledger);
    world.tools.ledger.addSignalToRepair = () => Promise.reject(new Error('away'));
    await send(fired);
    world.tools.ledger.addSignalToRepair = add;
    const healed: string[] = [];
    const record = world.tools.ledger.recordSignal.bind(world.tools.ledger);
    world.tools.ledger.recordSignal = (signal) => {
      healed.push(signal.key);
      return record(signal);
    };
    await round();
    expect(healed).toHaveLength(1);
    expect([...world.ledger.signalsOf.values()]).toMatchObject([[{ key: healed[0] }]]);
  });

  it('reads what was resolved before what it resolves, in whichever order they were parked', async () => {
    const { world, started, send, round } = app();
    await whileLedgerIsAway(world, async () => {
      await send(fired);
      await send(resolved);
    });
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.signals.size).toBe(2);
  });

  it('keeps an alert for later whose machine cannot be looked up', async () => {
    const { world, started, send, round } = app();
    await whileLedgerIsAway(world, () => send(fired));
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'Please wait.' };
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(1);
  });

  it('records an alert that counts for nothing, and a message that is none of ours', async () => {
    const { world, started, parked, send, round } = app();
    await whileLedgerIsAway(world, () => send(alertPayload('activity-log')));
    parked.waiting.push(undefined);
    await round();
    const codes = [...world.ledger.signals.values()].map(({ outcome }) => outcome.kind === 'ignored' && outcome.code);
    expect(codes.sort()).toEqual(['rule-not-listed', 'unknown-schema']);
    expect(started).toEqual([]);
  });

  it('takes in a storm in one round', async () => {
    const { world, parked, send, round } = app();
    await whileLedgerIsAway(world, async () => {
      for (let index = 0; index < 100; index += 1) {
        const alertId = `/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;
        await send(withEssentials(fired, { alertId }));
      }
    });
    expect(parked.waiting).toHaveLength(100);
    await round();
    expect(world.ledger.signals.size).toBe(100);
    expect(world.ledger.repairs.size).toBe(1);
  });

  it('does nothing where no queue is set', async () => {
    const { world, round } = app();
    world.tools.parkedSignals = undefined;
    await expect(round()).resolves.toBeUndefined();
  });
});

type World = ReturnType<typeof fakeWorld>;

async function whileLedgerIsAway(world: World, act: () => unknown): Promise<void> {
  world.ledgerFault = new Error('The ledger is away.');
  await act();
  world.ledgerFault = undefined;
}

function app() {
  const world = fakeWorld();
  const parked = fakeParkedSignals();
  world.tools.parkedSignals = parked.queue;
  world.vms.set(vmId.toLowerCase(), virtualMachine());
  const { starter, started } = fakeStarter();
  return {
    ...{ world, parked, started },
    send: (payload: unknown) => answerAlert(world.tools, starter, post('alerts', payload)),
    round: () => takeInParked(world.tools, starter),
  };
}
