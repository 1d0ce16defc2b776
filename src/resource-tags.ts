/**
 * Tags of Azure resources. Limits: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations. Names are
 * compared without case, as Azure does.
 */

export type Tags = Record<string, string>;

/** How many tags a resource may have. */
export const mostTags = 50;
/** How many of them are ours, at most: whose it is, for which VM, and until when. */
export const mostOwnTags = 3;
const longestName = 512;
const longestValue = 256;

/** The names of our tags, and the one by which a VM is opted in, begin so. */
const ownPrefix = 'rdp-lifeline';

/** Reads `name=value` pairs, comma separated, or a JSON object (for values with a comma). Gives what is wrong instead, with no value in it. */
export function readTags(text: string): { ok: true; tags: Tags } | { ok: false; problem: string } {
  const pairs = text.trim().startsWith('{') ? pairsOfJson(text) : pairsOfText(text);
  if (!pairs) return { ok: false, problem: 'must be name=value pairs, comma separated, or a JSON object of texts' };
  const problem = problemOf(pairs);
  return problem === undefined ? { ok: true, tags: Object.fromEntries(pairs) } : { ok: false, problem };
}

type Pair = readonly [string, string];

function pairsOfText(text: string): Pair[] | undefined {
  const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const pairs = parts.map((part) => /^([^=]+)=(.*)$/s.exec(part));
  if (pairs.includes(null)) return undefined;
  return pairs.map((match): Pair => [(match?.[1] ?? '').trim(), (match?.[2] ?? '').trim()]);
}

function pairsOfJson(text: string): Pair[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const pairs = Object.entries(parsed as object) as [string, unknown][];
    return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(pairs: readonly Pair[]): string | undefined {
  const names = pairs.map(([name]) => name.toLowerCase());
  const most = mostTags - mostOwnTags;
  if (pairs.length > most)
    return `has ${pairs.length} tags; ${most} are left by Azure's limit of ${mostTags} and our own`;
  if (names.some((name) => name.startsWith(ownPrefix)))
    return `has a name that begins with ${ownPrefix}: these are the app's own`;
  if (new Set(names).size < names.length) return 'has a name twice (names are compared without case)';
  if (names.some((name) => name === '' || name.length > longestName || hasReserved(name)))
    return `has a name that Azure does not take: 1 to ${longestName} characters, none of < > % & \\ ? / or control characters`;
  if (pairs.some(([, value]) => value.length > longestValue || hasControls(value)))
    return `has a value that Azure does not take: at most ${longestValue} characters, no control characters`;
  return undefined;
}

function hasReserved(name: string): boolean {
  return /[<>%&\\?/]/.test(name) || hasControls(name);
}

function hasControls(text: string): boolean {
  return [...text].some((sign) => sign.charCodeAt(0) < 32 || sign.charCodeAt(0) === 127);
}

/** Tags of several origins as one resource can have them: the first that names a tag says its value, and the first fifty stay. */
export function mergeTags(...inOrder: readonly (Tags | undefined)[]): Tags {
  const merged = new Map<string, Pair>();
  for (const pair of inOrder.flatMap((tags) => Object.entries(tags ?? {}))) {
    const key = pair[0].toLowerCase();
    if (merged.size < mostTags && !merged.has(key)) merged.set(key, pair);
  }
  return Object.fromEntries(merged.values());
}
