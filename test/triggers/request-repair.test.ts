import { requestRepair } from '../../src/triggers/request-repair';
import { fakeWorld } from '../activities/support/fakes';
import { subscriptionId, vmId } from '../azure/support/machine';
import { answerOf, fakeStarter, post, request } from './support/door';

describe('triggers/request-repair', () => {
  it('begins a repair for a person and says where its report is', async () => {
    const { world, started, ask } = door();
    const answer = await ask({ vmId });
    expect(answer).toMatchObject({ status: 202, body: { joined: false } });
    expect(started).toHaveLength(1);
    expect([...world.ledger.signals.values()]).toMatchObject([{ door: 'request', facts: {} }]);
  });

  it.each(['diagnose', 'approve', 'repair'])('hands on the mode %s, which policy can only lower', async (mode) => {
    const { started, world, ask } = door();
    await ask({ vmId, mode });
    expect(started[0]?.input).toMatchObject({ requestedMode: mode });
    expect([...world.ledger.signals.values()]).toMatchObject([{ facts: { mode } }]);
  });

  it('knows the VM by its lower-cased id, however it is written', async () => {
    const { world, started, ask } = door();
    await ask({ vmId: vmId.toUpperCase() });
    expect(started[0]?.input).toMatchObject({ vmId: vmId.toLowerCase() });
    expect([...world.ledger.signals.values()]).toMatchObject([{ vmId: vmId.toLowerCase() }]);
  });

  it('joins the running repair, whose mode stays as it was', async () => {
    const { world, started, ask } = door();
    await ask({ vmId, mode: 'diagnose' });
    expect(await ask({ vmId: vmId.toUpperCase(), mode: 'repair' })).toMatchObject({
      status: 202,
      body: { joined: true },
    });
    expect(started).toHaveLength(1);
    expect([...world.ledger.repairs.values()]).toMatchObject([{ requestedMode: 'diagnose' }]);
  });

  it.each<[string, unknown]>([
    ['no VM', {}],
    ['an empty VM', { vmId: '' }],
    ['another resource', { vmId: vmId.replace('virtualMachines', 'disks') }],
    ['a VM with more after it', { vmId: `${vmId}/extensions/x` }],
    ['a list of VMs', { vmId: [vmId] }],
    ['an unknown mode', { vmId, mode: 'force' }],
    ['the mode off', { vmId, mode: 'off' }],
    ['an unknown field', { vmId, force: true }],
    ['a plan of its own', { vmId, plan: { changes: [] } }],
    ['a list', [{ vmId }]],
    ['a text', 'repair'],
    ['null', null],
  ])('refuses %s with what is wrong, records it once and starts nothing', async (_what, body) => {
    const { world, started, ask } = door();
    const first = await ask(body);
    expect(first).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-request', message: expect.stringMatching(/.{10}/) as unknown } },
    });
    expect(await ask(body)).toEqual(first);
    expect(started).toEqual([]);
    expect(world.deeds).toEqual(['ledger.recordSignal ignored']);
  });

  it('refuses a body that is no JSON', async () => {
    const { world, starter } = door();
    const answer = await requestRepair(world.tools, starter, request('POST', 'repairs', { body: 'vmId=x' }));
    expect(answerOf(answer)).toMatchObject({ status: 400, body: { error: { code: 'malformed-json' } } });
  });

  it('refuses a subscription that is not allowed', async () => {
    const { started, ask } = door();
    const elsewhere = vmId.replace(subscriptionId, '99999999-0000-0000-0000-000000000009');
    expect(await ask({ vmId: elsewhere })).toMatchObject({ status: 403 });
    expect(started).toEqual([]);
  });

  it('says that a VM is not known, and accepts one while ARM is down', async () => {
    const { world, started, ask } = door();
    expect(await ask({ vmId: `${vmId}-gone` })).toMatchObject({
      status: 404,
      body: { error: { code: 'vm-not-found' } },
    });
    expect(started).toEqual([]);
    world.failures.getVirtualMachine = { kind: 'wait', code: 'x', message: 'x' };
    expect(await ask({ vmId })).toMatchObject({ status: 202 });
  });
});

function door() {
  const world = fakeWorld();
  const { starter, started } = fakeStarter();
  const ask = async (body: unknown) => answerOf(await requestRepair(world.tools, starter, post('repairs', body)));
  return { world, starter, started, ask };
}
