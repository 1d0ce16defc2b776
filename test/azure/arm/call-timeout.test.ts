import type { HttpClient } from '@azure/core-rest-pipeline';
import { connectArm } from '../../../src/azure/arm';
import { vmId } from '../support/machine';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const credential = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };

function connect(httpClient: HttpClient) {
  const endpoint = 'https://arm.example';
  return connectArm({
    endpoint,
    audience: `${endpoint}/.default`,
    observe: credential,
    repair: credential,
    httpClient,
  });
}

describe('azure/arm/call-timeout: a call to ARM', () => {
  it('that is never answered is given up after 20 s, to be asked again', async () => {
    let asked = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const silent: HttpClient = {
      sendRequest: ({ abortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal?.addEventListener('abort', () => {
            reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }));
          });
          asked();
        }),
    };
    const answer = connect(silent).getVirtualMachine(vmId);
    await wasAsked;

    jest.advanceTimersByTime(20_000);

    await expect(answer).resolves.toMatchObject({ ok: false, failure: { kind: 'wait', code: 'RequestTimedOut' } });
  });

  it('that fails leaves no timer behind', async () => {
    const broken: HttpClient = {
      sendRequest: () => Promise.reject(Object.assign(new Error('reset'), { name: 'RestError', code: 'ECONNRESET' })),
    };

    await expect(connect(broken).getVirtualMachine(vmId)).resolves.toMatchObject({ failure: { kind: 'wait' } });
    expect(jest.getTimerCount()).toBe(0);
  });
});
