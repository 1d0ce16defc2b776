import { Readable } from 'node:stream';
import { createHttpHeaders, RestError, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { openSasBlob } from '../../../src/azure/arm/sas-blob';

const url = new URL('https://md-x.z1.blob.storage.azure.net/container/abcd?sv=2018-03-28&sr=b&si=id&sig=SeCrEt');
const total = 10_000;

interface Answered {
  status?: number;
  headers?: Record<string, string>;
  body?: Iterable<Buffer>;
}

function blobThat(answer: (request: PipelineRequest) => Answered) {
  const asked: PipelineRequest[] = [];
  const http: HttpClient = {
    sendRequest(request) {
      asked.push(request);
      const { status = 206, headers = {}, body = [] } = answer(request);
      const readableStreamBody = Readable.from(body);
      return Promise.resolve({ request, status, headers: createHttpHeaders(headers), readableStreamBody });
    },
  };
  const controller = new AbortController();
  return { asked, controller, blob: openSasBlob({ url, http, signal: controller.signal }) };
}

const ranged = (first: number, last: number) => ({ 'content-range': `bytes ${first}-${last}/${total}` });

describe('azure/arm/sas-blob', () => {
  it('asks for the range and gives exactly its bytes, in however many pieces they come', async () => {
    const body = [Buffer.from('ab'), Buffer.from('cd')];
    const { blob, asked } = blobThat(() => ({ headers: ranged(100, 103), body }));

    await expect(blob.readRange(100, 104)).resolves.toEqual({ ok: true, bytes: Buffer.from('abcd'), total });
    expect(asked.map(({ method, headers }) => [method, headers.get('range')])).toEqual([['GET', 'bytes=100-103']]);
  });

  it.each([
    ['the whole blob instead of the range', { status: 200, headers: ranged(0, 3), body: [Buffer.alloc(4)] }],
    ['another range', { headers: ranged(4, 7), body: [Buffer.alloc(4)] }],
    ['a range of nothing that is known', { headers: { 'content-range': 'bytes 0-3/*' }, body: [Buffer.alloc(4)] }],
    ['a size that is too small for it', { headers: { 'content-range': 'bytes 0-3/2' }, body: [Buffer.alloc(4)] }],
    ['fewer bytes than promised', { headers: ranged(0, 3), body: [Buffer.alloc(3)] }],
    ['more bytes than promised', { headers: ranged(0, 3), body: [Buffer.alloc(3), Buffer.alloc(3)] }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
  ])('does not take %s', async (_case, answer) => {
    const { blob, asked } = blobThat(() => answer);

    await expect(blob.readRange(0, 4)).resolves.toMatchObject({ ok: false, code: 'not-available' });
    expect(asked).toHaveLength(1);
  });

  it('stops at the length that was asked for when a body never ends', async () => {
    let given = 0;
    function* endless(): Generator<Buffer> {
      for (;;) {
        given += 1;
        yield Buffer.alloc(1024);
      }
    }
    const { blob } = blobThat(() => ({ headers: ranged(0, 4095), body: endless() }));

    await expect(blob.readRange(0, 4096)).resolves.toMatchObject({ ok: false });
    expect(given).toBeLessThan(100);
  });

  it.each([
    [403, 'AuthenticationFailed', 'access-denied'],
    [401, 'NoAuthenticationInformation', 'access-denied'],
    [503, 'ServerBusy', 'not-available'],
    [404, 'ResourceNotFound', 'not-available'],
  ])("tells %d %s by Azure's code, and never by its text", async (status, storageCode, code) => {
    const body = [Buffer.from('<Message>sig=SeCrEt</Message>')];
    const { blob } = blobThat(() => ({ status, headers: { 'x-ms-error-code': storageCode }, body }));

    const detail = `Azure Storage answered ${status} (${storageCode})`;
    await expect(blob.readRange(0, 4)).resolves.toEqual({ ok: false, code, storageCode, detail });
  });

  it('says nothing of an error that knows the address', async () => {
    const { blob } = blobThat((request) => {
      throw new RestError(`getaddrinfo ENOTFOUND ${request.url}`, { code: 'ENOTFOUND', request });
    });

    const detail = 'the connection failed (ENOTFOUND)';
    await expect(blob.readRange(0, 4)).resolves.toEqual({ ok: false, code: 'not-available', detail });
  });

  it.each([
    [0, 0],
    [10, 5],
    [0, 5 * 1024 * 1024],
  ])('asks nobody for the range from %d to %d', async (start, end) => {
    const { blob, asked } = blobThat(() => ({}));

    await expect(blob.readRange(start, end)).resolves.toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });

  it('tells that the time is over once it is', async () => {
    const { blob, controller } = blobThat((request) => {
      if (request.abortSignal?.aborted) throw Object.assign(new Error('aborted'), { name: 'AbortError' });
      return {};
    });
    controller.abort();

    const detail = 'the time for reading the snapshot is over';
    await expect(blob.readRange(0, 4)).resolves.toMatchObject({ ok: false, detail });
  });
});
