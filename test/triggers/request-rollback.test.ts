import { requestRollback } from '../../src/triggers/request-rollback';
import { reviveRepairs } from '../../src/triggers/revive-repairs';
import { singletonIdOf } from '../../src/repair-id';
import { alterVm, busy, copyId, installation, osDiskId } from '../activities/recovery/support/world';
import { exchangedWorld, loseOriginal, lossSince, origin, repairId } from '../activities/rollback/support/world';
import type { FakeWorld } from '../activities/support/fakes';
import { vmId, vmKey } from '../activities/support/repair';
import { answerOf, fakeStarter, request } from './support/door';

const acknowledged = { acknowledgeDataLossSince: lossSince };

describe('triggers/request-rollback', () => {
  it('begins a rollback with a record of its own, and says where its report is', async () => {
    const { world, started, ask } = await door();
    const answer = await ask(acknowledged);
    const [begun] = [...world.ledger.repairs.values()].filter((one) => one.rollsBack === origin);
    expect(answer).toMatchObject({
      status: 202,
      body: { joined: false, statusUrl: expect.stringContaining(begun?.repairId ?? '?') as string },
    });
    expect(begun).toMatchObject({ vmId, rollsBack: origin, acknowledgedLossSince: lossSince });
    expect(started).toMatchObject([
      { singletonId: singletonIdOf(vmId), input: { repairId: begun?.repairId, vmId, rollsBack: origin } },
    ]);
    expect(world.ledger.leases.get(vmKey)).toMatchObject({ rollsBack: origin, acknowledgedLossSince: lossSince });
    expect([...world.ledger.signals.values()]).toMatchObject([
      { door: 'request', facts: { rollsBack: origin, acknowledgedLossSince: lossSince } },
    ]);
  });

  it('refuses a domain controller by the repair’s own record, and starts nothing', async () => {
    const { world, started, ask } = await door();
    await world.tools.ledger.putDocument(origin, 'evidence-snapshot-disk', { evidence: [installation(true)] });
    expect(await ask(acknowledged)).toMatchObject({ status: 409, body: { error: { code: 'domain-controller' } } });
    expect(started).toEqual([]);
  });

  it('takes the same moment in another time zone', async () => {
    const { ask } = await door();
    expect(await ask({ acknowledgeDataLossSince: '2026-01-02T05:20:00+02:00' })).toMatchObject({ status: 202 });
  });

  it('joins the rollback that is under way, and no other repair of the VM', async () => {
    const { world, started, ask } = await door();
    const first = await ask(acknowledged);
    const second = await ask(acknowledged);
    expect(second).toMatchObject({ status: 202, body: { joined: true } });
    expect((second.body as { repairId: string }).repairId).toBe((first.body as { repairId: string }).repairId);
    expect(started).toHaveLength(1);

    world.ledger.leases.set(vmKey, { ...world.ledger.leases.get(vmKey)!, rollsBack: undefined });
    expect(await ask(acknowledged)).toMatchObject({ status: 409, body: { error: { code: 'repair-runs' } } });
  });

  it.each<[string, unknown]>([
    ['no time', {}],
    ['a text that is no time', { acknowledgeDataLossSince: 'yes' }],
    ['a day', { acknowledgeDataLossSince: '2026-01-02' }],
    ['a number', { acknowledgeDataLossSince: 1 }],
    ['another field', { ...acknowledged, force: true }],
    ['null', null],
  ])('refuses %s with what is wrong and the right moment, and starts nothing', async (_what, body) => {
    const { started, ask } = await door();
    expect(await ask(body)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-request', message: expect.stringContaining(lossSince) as string } },
    });
    expect(started).toEqual([]);
  });

  it('refuses a body that is no JSON', async () => {
    const { world, starter } = await door();
    const given = { body: 'yes', params: { repairId: origin } };
    const answer = await requestRollback(world.tools, starter, request('POST', 'repairs/x/rollback', given));
    expect(answerOf(answer)).toMatchObject({ status: 400, body: { error: { code: 'malformed-json' } } });
  });

  it('refuses another moment, and names the right one (hazard: nobody has read what is lost)', async () => {
    const { started, ask } = await door();
    expect(await ask({ acknowledgeDataLossSince: '2026-01-02T03:20:00.001Z' })).toMatchObject({
      status: 409,
      body: { error: { code: 'loss-not-acknowledged', message: expect.stringContaining(lossSince) as string } },
    });
    expect(started).toEqual([]);
  });

  it.each<[string, string, (world: FakeWorld) => Promise<void> | void]>([
    [
      'repair-runs',
      'the repair has not ended',
      (world) => void world.ledger.repairs.set(origin, { ...world.ledger.repairs.get(origin)!, ending: undefined }),
    ],
    [
      'repair-runs',
      'the VM has another repair',
      async (world) => {
        const acquiredAt = '2026-01-05T08:00:00.000Z';
        await world.tools.ledger.acquireLease({ vmKey, repairId, vmId, acquiredAt });
      },
    ],
    ['nothing-exchanged', 'it exchanged nothing', (world) => void world.ledger.resources.set(origin, [])],
    [
      'nothing-exchanged',
      'the exchange was prepared and never made',
      (world) => {
        const resources = world.ledger.resources.get(origin) ?? [];
        const never = { createdAt: undefined, deletedAt: '2026-01-02T03:35:00.000Z' };
        const changed = resources.map((one) => (one.kind === 'os-disk-swap' ? { ...one, ...never } : one));
        world.ledger.resources.set(origin, changed);
      },
    ],
    [
      'already-back',
      'the repair has put it back itself',
      (world) => {
        const deletedAt = '2026-01-02T03:35:00.000Z';
        const changed = (world.ledger.resources.get(origin) ?? []).map((one) =>
          one.kind === 'os-disk-swap' ? { ...one, deletedAt } : one,
        );
        world.ledger.resources.set(origin, changed);
      },
    ],
    ['already-back', 'somebody has put it back by hand', (world) => alterVm(world, { osDiskId })],
    ['os-disk-changed', 'the VM has a third disk', (world) => alterVm(world, { osDiskId: `${osDiskId}-3` })],
    [
      'os-disk-changed',
      'the VM has a third disk and the copy is gone',
      (world) => {
        alterVm(world, { osDiskId: `${osDiskId}-3` });
        world.recoveryContent.disks.delete(copyId.toLowerCase());
      },
    ],
    ['original-gone', 'the original is gone', loseOriginal],
  ])('refuses with %s when %s, and starts nothing', async (code, _why, prepare) => {
    const { world, started, ask } = await door();
    await prepare(world);
    expect(await ask(acknowledged)).toMatchObject({
      status: 409,
      body: { error: { code, message: expect.stringMatching(/.{20}/) as string } },
    });
    expect(started).toEqual([]);
  });

  it.each(['', 'x', `${origin}/x`, '<b>'])('answers 400 to the id %j', async (id) => {
    const { ask } = await door();
    expect(await ask(acknowledged, id)).toMatchObject({ status: 400, body: { error: { code: 'invalid-repair-id' } } });
  });

  it('answers 404 to an unknown repair, and to a VM that is gone', async () => {
    const { world, ask } = await door();
    expect(await ask(acknowledged, '20260101t000000z-0000000000')).toMatchObject({
      status: 404,
      body: { error: { code: 'repair-not-found' } },
    });
    world.vms.clear();
    expect(await ask(acknowledged)).toMatchObject({ status: 404, body: { error: { code: 'vm-not-found' } } });
  });

  it('refuses a subscription that is not allowed any more', async () => {
    const world = await exchangedWorld({ allowedSubscriptions: [] });
    const { starter } = fakeStarter();
    const given = { body: JSON.stringify(acknowledged), params: { repairId: origin } };
    const answer = await requestRollback(world.tools, starter, request('POST', 'repairs/x/rollback', given));
    expect(answerOf(answer)).toMatchObject({ status: 403, body: { error: { code: 'subscription-not-allowed' } } });
  });

  it('accepts one while ARM is down: the story looks at everything again', async () => {
    const { world, ask } = await door();
    world.failures.getVirtualMachine = busy;
    expect(await ask(acknowledged)).toMatchObject({ status: 202 });
  });

  it('is revived as a rollback when the app died before its record was there', async () => {
    const { world, starter, started, states, ask } = await door();
    await ask(acknowledged);
    const { repairId: begun } = world.ledger.leases.get(vmKey)!;
    world.ledger.repairs.delete(begun);
    states.clear();
    await reviveRepairs(world.tools, starter);
    expect(started[1]?.input).toMatchObject({ repairId: begun, rollsBack: origin });
    expect(world.ledger.repairs.get(begun)).toMatchObject({ rollsBack: origin, acknowledgedLossSince: lossSince });
  });

  it('that stood still for hours is given up as not rolled back', async () => {
    const { world, starter, states, ask } = await door();
    await ask(acknowledged);
    const lease = world.ledger.leases.get(vmKey)!;
    world.ledger.leases.set(vmKey, { ...lease, acquiredAt: '2020-01-01T00:00:00.000Z' });
    // A day ago upkeep began to bring it to its end.
    const overdueSince = new Date(Date.now() - 25 * 60 * 60_000).toISOString();
    await world.tools.ledger.updateRepair(lease.repairId, { overdueSince });
    states.clear();
    await reviveRepairs(world.tools, starter);
    expect(world.ledger.repairs.get(lease.repairId)).toMatchObject({ ending: 'not-rolled-back', endingCode: 'fault' });
  });
});

async function door() {
  const world = await exchangedWorld();
  const { starter, started, states } = fakeStarter();
  async function ask(body: unknown, id = origin) {
    const given = { body: JSON.stringify(body), params: { repairId: id } };
    return answerOf(await requestRollback(world.tools, starter, request('POST', 'repairs/x/rollback', given)));
  }
  return { world, starter, started, states, ask };
}
