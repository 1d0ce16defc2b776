import { cancelRepair } from '../../src/triggers/cancel-repair';
import { listRepairs } from '../../src/triggers/list-repairs';
import { showRepair } from '../../src/triggers/show-repair';
import { fakeWorld, type FakeWorld } from '../activities/support/fakes';
import { repairId, repairWorld, vmId } from '../activities/support/repair';
import { answerOf, request } from './support/door';

const wrongIds = [
  '',
  'x',
  '..',
  `${repairId}/x`,
  repairId.toUpperCase(),
  `${repairId}0`,
  `${repairId}\n`,
  '%2e%2e',
  '<b>',
];

describe('triggers/repairs: show-repair', () => {
  it('answers with the report', async () => {
    const world = await repairWorld();
    expect(await show(world, repairId)).toMatchObject({ status: 200, body: { repairId, vmId, wayBack: [] } });
  });

  it.each(wrongIds)('answers 400 to the id %j', async (id) => {
    expect(await show(fakeWorld(), id)).toMatchObject({ status: 400, body: { error: { code: 'invalid-repair-id' } } });
  });

  it('answers 404 to an unknown repair', async () => {
    expect(await show(fakeWorld(), repairId)).toMatchObject({
      status: 404,
      body: { error: { code: 'repair-not-found' } },
    });
  });
});

describe('triggers/repairs: cancel-repair', () => {
  it('asks the repair to end at its next safe point; again changes nothing', async () => {
    const world = await repairWorld();
    expect(await cancel(world, repairId)).toMatchObject({ status: 202, body: { repairId } });
    const at = world.ledger.repairs.get(repairId)?.cancelRequestedAt;
    expect(at).toBeDefined();
    expect(await cancel(world, repairId)).toMatchObject({ status: 202 });
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBe(at);
  });

  it('refuses to cancel a repair that has ended', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { ending: 'repaired' });
    expect(await cancel(world, repairId)).toMatchObject({ status: 409, body: { error: { code: 'repair-ended' } } });
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeUndefined();
  });

  it.each(wrongIds)('answers 400 to the id %j', async (id) => {
    expect(await cancel(fakeWorld(), id)).toMatchObject({ status: 400 });
  });

  it('answers 404 to an unknown repair', async () => {
    expect(await cancel(fakeWorld(), repairId)).toMatchObject({ status: 404 });
  });
});

describe('triggers/repairs: list-repairs', () => {
  const other = '20260103t030405z-0123abcd45';

  it('gives repairs, newest first, each with where its report is', async () => {
    const world = await twoRepairs();
    const statusUrl = expect.stringContaining('/api/repairs/2026') as unknown;
    expect(await list(world)).toMatchObject({
      status: 200,
      body: {
        repairs: [
          { repairId: other, statusUrl },
          { repairId, statusUrl },
        ],
      },
    });
  });

  it('gives pages', async () => {
    const world = await twoRepairs();
    expect(await list(world, '?pageSize=1')).toMatchObject({
      body: { repairs: [{ repairId: other }], continuationToken: '1' },
    });
    expect(await list(world, '?pageSize=1&continuationToken=1')).toMatchObject({ body: { repairs: [{ repairId }] } });
  });

  it('filters by VM, in any case, and by ending', async () => {
    const world = await twoRepairs();
    await world.tools.ledger.updateRepair(other, { ending: 'refused' });
    expect(await list(world, `?vmId=${vmId.toUpperCase()}&ending=running`)).toMatchObject({
      body: { repairs: [{ repairId }] },
    });
    expect(await list(world, '?ending=refused')).toMatchObject({ body: { repairs: [{ repairId: other }] } });
    expect(await list(world, '?ending=healthy')).toMatchObject({ body: { repairs: [] } });
  });

  it('takes the function key as no filter, and does not give it back', async () => {
    const answer = await list(await twoRepairs(), '?code=function-key');
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer)).not.toContain('function-key');
  });

  it.each([
    '?pageSize=0',
    '?pageSize=101',
    '?pageSize=ten',
    '?ending=done',
    '?vmId=vm-1',
    '?unknown=1',
    '?continuationToken=not-ours',
    `?continuationToken=${'x'.repeat(4097)}`,
  ])('answers 400 to %s', async (query) => {
    expect(await list(await twoRepairs(), query)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-query' } },
    });
  });

  async function twoRepairs(): Promise<FakeWorld> {
    const world = await repairWorld();
    await world.tools.ledger.createRepair({
      repairId: other,
      vmId,
      acceptedAt: '2026-01-03T03:04:05.000Z',
      phase: 'Accepted',
    });
    return world;
  }
});

async function show({ tools }: FakeWorld, id: string) {
  return answerOf(await showRepair(tools, request('GET', 'repairs/x', { params: { repairId: id } })));
}

async function cancel({ tools }: FakeWorld, id: string) {
  return answerOf(await cancelRepair(tools, request('POST', 'repairs/x/cancel', { params: { repairId: id } })));
}

async function list({ tools }: FakeWorld, query = '') {
  return answerOf(await listRepairs(tools, request('GET', `repairs${query}`)));
}
