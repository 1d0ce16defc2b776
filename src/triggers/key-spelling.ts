/**
 * Azure spells some keys of its payloads in two ways (`alertRuleID`, `alertRuleId`; `configurationItems` beside `ConfigurationItems` in older
 * contexts), and JSON's keys are compared by case. Gives the object with the keys that are asked for in the spelling that is asked for; others are
 * left out. A key in exactly that spelling goes first, then the first one. What is no object comes back as it is.
 */
export function inCanonicalSpelling(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = Object.entries(value);
  const found = keys.flatMap((key): [string, unknown][] => {
    const lowered = key.toLowerCase();
    const entry = given.find(([name]) => name === key) ?? given.find(([name]) => name.toLowerCase() === lowered);
    return entry === undefined ? [] : [[key, entry[1]]];
  });
  return Object.fromEntries(found);
}
