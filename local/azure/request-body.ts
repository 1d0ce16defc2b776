/** Reads the parts of a body that several resource types share. */
import { error, invalidRequestContent, type ArmResponse } from './arm-errors';
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
  if (!isMap) return { ok: false, response: invalidRequestContent() };
  const wrong = tagProblem(tags as Tags);
  return wrong ? { ok: false, response: wrong } : { ok: true, value: tags as Tags };
}

/**
 * At most 50 tags, names of 512 characters without some signs, values of 256:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations. The first words are quoted in the Azure
 * CLI's documentation; assumed: the codes and words of the others.
 */
function tagProblem(tags: Tags): ArmResponse | undefined {
  const names = Object.keys(tags);
  const reserved = names.filter((name) => /[<>%&\\?/]/.test(name) || hasControls(name));
  if (reserved.length > 0) {
    const message = `The tag names '${reserved.join(', ')}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`;
    return error(400, 'InvalidTagNameCharacters', message);
  }
  const isLong = names.some((name) => name.length > 512) || Object.values(tags).some((value) => value.length > 256);
  if (isLong) return error(400, 'InvalidTagName', 'A tag name or value exceeded the maximum length.');
  if (names.length <= 50) return undefined;
  return error(400, 'InvalidTagCount', `The resource has ${names.length} tags; 50 are allowed.`);
}

function hasControls(text: string): boolean {
  return [...text].some((sign) => sign.charCodeAt(0) < 32);
}
