import { HttpRequest } from '@azure/functions';
import { maximumBodyBytes, readJson } from '../../src/triggers/read-body';

const quarter = maximumBodyBytes / 4;

/** A request whose body comes in pieces; how many of them were taken, and whether the rest was given up. */
function streamed(pieces: number, headers: Record<string, string> = {}) {
  const seen = { taken: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.taken === pieces) return controller.close();
        seen.taken += 1;
        controller.enqueue(new Uint8Array(quarter).fill(0x20));
      },
      cancel() {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const request = new HttpRequest({ method: 'POST', url: 'https://app.example/api/alerts', headers });
  Object.defineProperty(request, 'body', { value: body });
  return { request, seen };
}

function withBody(body: string): HttpRequest {
  return new HttpRequest({ method: 'POST', url: 'https://app.example/api/alerts', body: { string: body } });
}

describe('triggers/read-body', () => {
  it('reads JSON', async () => {
    expect(await readJson(withBody('{"é":1}'))).toEqual({ ok: true, text: '{"é":1}', value: { é: 1 } });
  });

  it('takes as many bytes as may be, and not one more', async () => {
    const longest = `"${'x'.repeat(maximumBodyBytes - 2)}"`;
    expect(await readJson(withBody(longest))).toMatchObject({ ok: true });
    expect(await readJson(withBody(`${longest} `))).toMatchObject({ ok: false, rejection: { status: 413 } });
    // Two bytes each: what counts is what is sent, not what it says.
    const accents = `"${'é'.repeat(maximumBodyBytes / 2)}"`;
    expect(await readJson(withBody(accents))).toMatchObject({ ok: false, rejection: { code: 'body-too-large' } });
  });

  it.each<Record<string, string>>([{}, { 'content-length': '10' }, { 'content-length': 'none' }])(
    'stops reading an endless body once it is too long, when its headers say %j',
    async (headers) => {
      const { request, seen } = streamed(1_000_000, headers);
      expect(await readJson(request)).toMatchObject({ ok: false, rejection: { status: 413, code: 'body-too-large' } });
      expect(seen).toEqual({ taken: 5, isCancelled: true });
    },
  );

  it('does not begin to read what says that it is too long', async () => {
    const { request, seen } = streamed(1_000_000, { 'content-length': String(maximumBodyBytes + 1) });
    expect(await readJson(request)).toMatchObject({ ok: false, rejection: { status: 413 } });
    expect(seen.taken).toBe(0);
  });

  it.each(['', '{', 'null}', '\u0000'])('says of %j that it is no JSON', async (text) => {
    expect(await readJson(withBody(text))).toMatchObject({ ok: false, text, rejection: { code: 'malformed-json' } });
  });

  it('says so of a request without a body', async () => {
    const request = new HttpRequest({ method: 'POST', url: 'https://app.example/api/alerts' });
    expect(await readJson(request)).toMatchObject({ ok: false, rejection: { status: 400 } });
  });
});
