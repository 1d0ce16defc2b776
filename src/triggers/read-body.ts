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

/**
 * Reads a JSON body of at most `maximumBodyBytes`, and no more of a longer one, whatever length it was said to have. The host reads a body before
 * we are called (HTTP streams are not switched on: Azure/azure-functions-nodejs-library:src/setup.ts, enableHttpStream), as much of it as its
 * setting FUNCTIONS_REQUEST_BODY_SIZE_LIMIT lets it.
 */
export async function readJson(
  request: HttpRequest,
): Promise<{ ok: true; text: string; value: unknown } | UnreadableBody> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maximumBodyBytes) return tooLarge;
  const bytes = await readBounded(request);
  if (bytes === undefined) return tooLarge;
  const text = bytes.toString('utf8');
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    return { ok: false, text, rejection: { status: 400, code: 'malformed-json', reason: 'The body is not JSON.' } };
  }
}

/** Undefined if there is more than may be; the rest is not read, and who sends it is told so by the stream's end. */
async function readBounded({ body }: HttpRequest): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const parts: AsyncIterable<Uint8Array> | Uint8Array[] = body ?? [];
  // Leaving the loop cancels the stream.
  for await (const part of parts) {
    length += part.byteLength;
    if (length > maximumBodyBytes) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
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
