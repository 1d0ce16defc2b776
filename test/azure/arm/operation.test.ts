import { inspect } from 'node:util';
import { answerWithin, carriedOut } from '../../../src/azure/arm/operation';

const never = new AbortController().signal;

/** An operation that is done after so many looks. */
function operation(looks: number) {
  let looked = 0;
  return {
    submitted: () => Promise.resolve(),
    poll: () => Promise.resolve((looked += 1)),
    get isDone() {
      return looked >= looks;
    },
    result: 'result',
  };
}

describe('azure/arm/operation', () => {
  it('looks until the operation has ended, and gives its result', async () => {
    await expect(carriedOut(operation(3), never)).resolves.toBe('result');
  });

  it('stops looking when the signal aborts, to be asked again', async () => {
    const controller = new AbortController();
    const answer = answerWithin(controller.signal, () => carriedOut(operation(Infinity), controller.signal));
    controller.abort();

    await expect(answer).resolves.toMatchObject({ ok: false, failure: { kind: 'wait', code: 'OutOfTime' } });
  });

  it("takes the SDK's word for an operation that ended badly as ARM's no", async () => {
    // In these words by @azure/core-lro (dist/commonjs/poller/operation.js).
    const message = 'The long-running operation has failed. OperationNotAllowed. Not while it is attached.';

    await expect(answerWithin(never, () => Promise.reject(new Error(message)))).resolves.toEqual({
      ok: false,
      failure: { kind: 'rejected', code: 'OperationNotAllowed', message, status: 409 },
    });
  });

  it('throws a fault on without what the SDK knew of it', async () => {
    const fault = Object.assign(new TypeError('not of https://md-x.blob.storage.azure.net/a/abcd?sig=SeCrEt'), {
      request: { url: 'https://md-x.blob.storage.azure.net/a/abcd?sig=SeCrEt' },
    });

    const thrown: unknown = await answerWithin(never, () => Promise.reject(fault)).catch((error: unknown) => error);

    expect(thrown).toBeInstanceOf(Error);
    expect(String(thrown)).toContain('TypeError');
    expect(inspect(thrown, { depth: Infinity, showHidden: true })).not.toContain('SeCrEt');
  });
});
