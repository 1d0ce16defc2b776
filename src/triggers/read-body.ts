import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { problem } from './answers';

/** The largest body that a door takes, in bytes: the most that an action group sends. */
export const maximumBodyBytes = 256 * 1024;

/** Reads a JSON body, or answers why not. */
export async function readJson(
  request: HttpRequest,
): Promise<{ ok: true; text: string; value: unknown } | { ok: false; text: string; answer: HttpResponseInit }> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maximumBodyBytes) return { ok: false, text: '', answer: tooLarge() };
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length > maximumBodyBytes) return { ok: false, text: '', answer: tooLarge() };
  const text = bytes.toString('utf8');
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    return { ok: false, text, answer: problem(400, 'malformed-json', 'The body is not JSON.') };
  }
}

function tooLarge(): HttpResponseInit {
  return problem(
    413,
    'body-too-large',
    `The body is larger than ${maximumBodyBytes} bytes, the most that Azure Monitor sends.`,
  );
}
