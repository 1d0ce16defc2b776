import type { PendingSignal } from '../../src/ledger/ports';
import { retryLookups } from '../../src/triggers/retry-lookups';
import { fakeWorld } from '../activities/support/fakes';
import { subscriptionId, vmId, virtualMachine } from '../azure/support/machine';
import { fakeStarter } from './support/door';

const busy = { kind: 'wait', code: 'ServiceUnavailable', message: 'Please wait.' } as const;

function pendingSignal(fields: Partial<PendingSignal> = {}): PendingSignal {
  return {
    key: 'k',
    receivedAt: new Date(Date.now() - 60_000).toISOString(),
    occurredAt: new Date(Date.now() - 120_000).toISOString(),
    occasion: 'alert:1',
    title: 'heartbeat',
    facts: {},
    vmName: 'vm-1',
    reason: 'Resource Graph was busy.',
    ...fields,
  };
}

async function worldWith(...signals: PendingSignal[]) {
  const world = fakeWorld();
  const { starter, started, states } = fakeStarter();
  for (const signal of signals) await world.tools.ledger.keepPendingSignal(signal);
  return { world, started, states, round: () => retryLookups(world.tools, starter) };
}

describe('triggers/retry-lookups', () => {
  it('begins the repair of the machine once it can be looked up, and lets go of the alert', async () => {
    const { world, started, round } = await worldWith(pendingSignal());
    world.failures.findVirtualMachines = busy;
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(1);

    world.failures.findVirtualMachines = undefined;
    await round();
    await round();
    expect(started).toMatchObject([{ input: { vmId: vmId.toLowerCase() } }]);
    expect(world.ledger.pending.size).toBe(0);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { kind: 'started' }, title: 'heartbeat' });
  });

  it('asks no further in this round once Resource Graph is busy', async () => {
    const { world, round } = await worldWith(pendingSignal(), pendingSignal({ key: 'l', vmName: 'vm-2' }));
    let asked = 0;
    const find = world.tools.arm.findVirtualMachines.bind(world.tools.arm);
    world.tools.arm.findVirtualMachines = (...given) => {
      asked += 1;
      return find(...given);
    };
    world.failures.findVirtualMachines = busy;
    await round();
    expect(asked).toBe(1);
    expect(world.ledger.pending.size).toBe(2);
  });

  it('gives up by name after an hour', async () => {
    const receivedAt = new Date(Date.now() - 61 * 60_000).toISOString();
    const { world, started, round } = await worldWith(pendingSignal({ receivedAt }));
    world.failures.findVirtualMachines = busy;
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(0);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { kind: 'ignored', code: 'lookup-failed' } });
  });

  it.each([
    ['nobody has the name', 'vm-not-found', { vmName: 'vm-gone' }],
    ['nothing runs that it could have resolved', 'resolved-without-repair', { says: 'recovered' as const }],
  ])('records why nothing is started when %s', async (_what, code, fields) => {
    const { world, started, round } = await worldWith(pendingSignal(fields));
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(0);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { kind: 'ignored', code } });
  });

  it('starts nothing for a subscription that is not allowed any more', async () => {
    const { world, started, round } = await worldWith(pendingSignal());
    world.tools.arm.findVirtualMachines = () => Promise.resolve({ ok: true, value: new Map([['vm-1', [vmId]]]) });
    world.tools.settings.allowedSubscriptions = [subscriptionId.replace(/1$/, '2')];
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { code: 'subscription-not-allowed' } });
  });

  it('starts nothing anew for an alert that was delivered again and understood meanwhile', async () => {
    const { world, started, round } = await worldWith(pendingSignal());
    const outcome = { kind: 'started', repairId: 'r' } as const;
    const receivedAt = new Date().toISOString();
    const times = { receivedAt, occurredAt: receivedAt };
    await world.tools.ledger.recordSignal({ key: 'k', door: 'alert', ...times, title: 'x', facts: {}, outcome });
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(0);
  });

  it.each(['recorded', 'pending'])('starts nothing for an alert of which a Resolved is %s', async (where) => {
    const { world, started, round } = await worldWith(pendingSignal());
    const now = new Date().toISOString();
    const resolved = {
      ...{ key: 'l', receivedAt: now, occurredAt: now, occasion: 'alert:1', title: 'heartbeat', facts: {} },
      says: 'recovered' as const,
    };
    if (where === 'pending') {
      await world.tools.ledger.keepPendingSignal({ ...resolved, vmName: 'vm-1', reason: 'x' });
    } else {
      const outcome = { kind: 'ignored', code: 'resolved-without-repair', reason: 'x' } as const;
      await world.tools.ledger.recordSignal({ ...resolved, vmId: vmId.toLowerCase(), door: 'alert', outcome });
    }
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.pending.size).toBe(0);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { code: 'resolved-without-repair' } });
  });

  it('tells a running repair of a Resolved that could not be looked up when it came', async () => {
    const { world, round } = await worldWith(pendingSignal());
    await round();
    await world.tools.ledger.keepPendingSignal(pendingSignal({ key: 'l', says: 'recovered' }));
    await round();
    expect(world.ledger.signals.get('l')).toMatchObject({ says: 'recovered', outcome: { kind: 'joined' } });
  });

  it('says of a signal that it came when it came, and not when its machine was found', async () => {
    const { world, round } = await worldWith(pendingSignal());
    const [{ receivedAt, occurredAt } = pendingSignal()] = world.ledger.pending.values();
    await round();
    expect(world.ledger.signals.get('k')).toMatchObject({ receivedAt, occurredAt });
  });

  it('starts nothing for what has waited an hour, though it could be looked up now', async () => {
    const receivedAt = new Date(Date.now() - 74 * 60_000).toISOString();
    const { world, started, round } = await worldWith(pendingSignal({ receivedAt }));
    await round();
    expect(started).toEqual([]);
    expect(world.ledger.signals.get('k')).toMatchObject({ outcome: { kind: 'ignored', code: 'lookup-failed' } });
  });

  it('waits for a machine that Azure does not show, by its id, and begins its repair when it does', async () => {
    const { world, started, round } = await worldWith(pendingSignal({ vmName: undefined, vmId: vmId.toLowerCase() }));
    world.failures.getVirtualMachine = busy;
    await round();
    expect(world.ledger.pending.size).toBe(1);
    world.failures.getVirtualMachine = undefined;
    await round();
    expect(started).toMatchObject([{ input: { vmId: vmId.toLowerCase() } }]);
  });

  it('goes through a storm in rounds, the oldest first, with one query in each', async () => {
    const signals = Array.from({ length: 240 }, (_, index) =>
      pendingSignal({
        key: `k${index}`,
        vmName: `vm-${index + 100}`,
        receivedAt: new Date(Date.now() - (240 - index) * 1_000).toISOString(),
        occasion: `alert:${index}`,
      }),
    );
    const { world, started, round } = await worldWith(...signals);
    for (const { vmName } of signals) {
      const id = vmId.replace(/vm-1$/, String(vmName));
      world.vms.set(id.toLowerCase(), virtualMachine({ id, name: String(vmName) }));
    }
    let asked = 0;
    const find = world.tools.arm.findVirtualMachines.bind(world.tools.arm);
    world.tools.arm.findVirtualMachines = (...given) => {
      asked += 1;
      return find(...given);
    };
    await round();
    expect(asked).toBe(1);
    expect(started.length).toBeGreaterThan(0);
    expect(started.length).toBeLessThan(240);
    expect(world.ledger.pending.has('k239')).toBe(true);
    expect(world.ledger.pending.has('k0')).toBe(false);
    await round();
    await round();
    expect(started).toHaveLength(240);
  });

  it('asks nothing while nothing is pending', async () => {
    const { world, round } = await worldWith();
    world.tools.arm.findVirtualMachines = () => Promise.reject(new Error('There is nothing to ask for.'));
    await expect(round()).resolves.toBeUndefined();
  });
});
