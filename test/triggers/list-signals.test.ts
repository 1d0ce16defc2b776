import { listSignals } from '../../src/triggers/list-signals';
import { fakeWorld } from '../activities/support/fakes';
import { vmId } from '../azure/support/machine';
import { answerOf, request } from './support/door';

const times = { receivedAt: '2026-01-02T03:04:05.000Z', occurredAt: '2026-01-02T03:01:05.000Z' };

describe('triggers/list-signals', () => {
  it('gives the newest signals and what became of each', async () => {
    expect(await list()).toMatchObject({
      status: 200,
      body: { signals: [{ key: 'b', outcome: { kind: 'ignored', code: 'rule-not-listed' } }, { key: 'a' }] },
    });
    expect(await list('?pageSize=1')).toMatchObject({ body: { signals: [{ key: 'b' }] } });
  });

  it('gives those that wait until their machine can be looked up', async () => {
    const { ledger } = fakeWorld().tools;
    const kept = { key: 'p', title: 'x', facts: {}, vmName: 'vm', reason: 'x', ...times };
    await ledger.keepPendingSignal(kept);
    const answer = await listSignals({ ...fakeWorld().tools, ledger }, request('GET', 'signals'));
    expect(answerOf(answer)).toMatchObject({
      status: 200,
      body: { signals: [], pending: [{ key: 'p', vmName: 'vm' }] },
    });
  });

  it('takes the function key as no filter', async () => {
    expect(await list('?code=function-key')).toMatchObject({ status: 200 });
  });

  it.each(['?pageSize=0', '?pageSize=201', '?pageSize=all', '?unknown=1'])('answers 400 to %s', async (query) => {
    expect(await list(query)).toMatchObject({ status: 400, body: { error: { code: 'invalid-query' } } });
  });
});

async function list(query = '') {
  const { ledger } = fakeWorld().tools;
  for (const key of ['a', 'b']) {
    const outcome = { kind: 'ignored', code: 'rule-not-listed', reason: 'x' } as const;
    await ledger.recordSignal({ key, door: 'alert', ...times, title: 'x', vmId, facts: {}, outcome });
  }
  return answerOf(await listSignals({ ...fakeWorld().tools, ledger }, request('GET', `signals${query}`)));
}
