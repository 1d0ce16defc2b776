import { orRecordAway } from '../../src/activities/record-away';
import { LedgerFault } from '../../src/ledger/errors';
import { isRecordAway } from '../../src/record-away';

function failed(fields: { status?: number; code?: string; name?: string }): LedgerFault {
  const cause = Object.assign(new Error('x'), { statusCode: fields.status, code: fields.code });
  if (fields.name !== undefined) cause.name = fields.name;
  return new LedgerFault('The ledger could not read a row.', { cause, code: fields.code });
}

const away = (fault: Error) => orRecordAway(() => Promise.reject(fault));

describe('activities/record-away: what is waited for, and what ends a repair as a fault', () => {
  it.each([
    ['no connection', failed({ code: 'REQUEST_SEND_ERROR' })],
    ['no such host', failed({ code: 'ENOTFOUND' })],
    ['no answer in time', failed({ name: 'AbortError' })],
    ['a time-out', failed({ name: 'TimeoutError' })],
    ['a busy store', failed({ status: 503, code: 'ServerBusy' })],
    ['a firewall or a role', failed({ status: 403, code: 'AuthorizationFailure' })],
    ['a table that is being made again', failed({ status: 404, code: 'TableNotFound' })],
    ['too many others at the same row', new LedgerFault('It kept changing.', { code: 'TooMuchContention' })],
  ])('waits: %s', async (_name, fault) => {
    expect(await away(fault)).toEqual({ kind: 'record-away', reason: fault.message });
    expect(isRecordAway(await away(fault))).toBe(true);
  });

  it.each([
    ['a row that cannot be read', new LedgerFault('x', { code: 'UnreadableRow' })],
    ['a document that cannot be read', new LedgerFault('x', { code: 'UnreadableDocument' })],
    ['a request that is wrong', failed({ status: 400, code: 'InvalidInput' })],
    ['a mistake of ours in the ledger', failed({})],
    ['a fault of another kind', new TypeError('x is not a function')],
  ])('does not: %s', async (_name, fault) => {
    await expect(away(fault)).rejects.toBe(fault);
  });

  it('gives the answer, whatever it is', async () => {
    for (const answer of [undefined, 1, { kind: 'done' }]) {
      expect(await orRecordAway(() => Promise.resolve(answer))).toBe(answer);
      expect(isRecordAway(answer)).toBe(false);
    }
  });
});
