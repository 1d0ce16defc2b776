/** Reads the parts of a body that several resource types share. */
import { invalidRequestContent, type ArmResponse } from './arm-errors';
import type { Tags } from './world';

type Read<T> = { ok: true; value: T } | { ok: false; response: ArmResponse };

/** A JSON object, or the answer to a body that is none. */
export function readObject(body: unknown): Read<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, response: invalidRequestContent() };
  return { ok: true, value: body as Record<string, unknown> };
}

/** The body's `tags`; undefined when it has none. */
export function readTags(body: unknown): Read<Tags | undefined> {
  const object = readObject(body);
  if (!object.ok) return object;
  const { tags } = object.value;
  if (tags === undefined || tags === null) return { ok: true, value: undefined };
  const isMap = typeof tags === 'object' && Object.values(tags).every((value) => typeof value === 'string');
  return isMap ? { ok: true, value: tags as Tags } : { ok: false, response: invalidRequestContent() };
}
