import type { HttpRequest } from '@azure/functions';
import type { IgnoredSignal } from '../signal-codes';

/** The largest body that a door takes, in bytes: the most that an action group sends. */
export const maximumBodyBytes = 256 * 1024;

/** Why a body could not be read. */
export interface UnreadableBody {
  ok: false;
  text: string;
  rejection: { status: number } & IgnoredSignal;
}

/** Reads a JSON body of at most `maximumBodyBytes`. */
export async function readJson(
  request: HttpRequest,
): Promise<{ ok: true; text: string; value: unknown } | UnreadableBody> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maximumBodyBytes) return tooLarge;
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length > maximumBodyBytes) return tooLarge;
  const text = bytes.toString('utf8');
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    return { ok: false, text, rejection: { status: 400, code: 'malformed-json', reason: 'The body is not JSON.' } };
  }
}

const tooLarge: UnreadableBody = {
  ok: false,
  text: '',
  rejection: {
    status: 413,
    code: 'body-too-large',
    reason: `The body is larger than ${maximumBodyBytes} bytes, the most that Azure Monitor sends.`,
  },
};
