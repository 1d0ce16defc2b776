import { parsed, unreadable, type Parsed } from '../windows/parsed';
import { parseDword, parseRegKeys, parseRegQuery, singleValue, type RegistryValue } from '../windows/reg-query';
import {
  nativeCommand,
  outputOf,
  resultOf,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from './command';
import type { ControlSets } from './evidence';
import { controlSetName, hasKey, hiveKey, keysOf, type OfflineDisk } from './offline-disk';

/** The control sets of a loaded SYSTEM hive: which there are, which the next boot takes, and a question to all of them. */

/**
 * Control sets that are looked at if they are there. Windows numbers them from 1 and has one to three; which of them counts
 * is what `Select` says, and never assumed.
 */
const controlSetNumbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The same question in every control set that is there. */
export function inControlSets(disk: OfflineDisk, id: string, key: string, ...rest: string[]): GuestCommand[] {
  return controlSetNumbers.map((number) => {
    const name = controlSetName(number);
    const path = `${hiveKey(disk, 'SYSTEM')}\\${name}\\${key}`;
    const command = nativeCommand(inSet(number, id), 'reg.exe', 'query', path, ...rest);
    return { ...command, onlyIf: [hasKey('SYSTEM', name)] };
  });
}

/** The id of a command in one control set. */
export function inSet(number: number, id: string): string {
  return `${controlSetName(number)}:${id}`;
}

/** Which control sets there are, as far as they were looked at. */
export function readControlSets(answer: GuestAnswer): Parsed<ControlSets> {
  const keys = outputOf(resultOf(answer, keysOf('SYSTEM')));
  if (!keys.ok) return unreadable(`the SYSTEM hive could not be loaded: ${keys.reason}`);
  const output = outputOf(resultOf(answer, 'select'));
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const next = numberIn(values.value, 'Default');
  if (!next.ok) return next;
  const optional = (name: string) => {
    const number = numberIn(values.value, name);
    // 0 is how Windows says "none".
    return number.ok ? number.value : 0;
  };
  const present = parseRegKeys(keys.value).flatMap((key) => {
    // Directly below the hive: another key's name may end in the same bytes after a letter whose second half is a backslash.
    const number = Number(/^HKEY_LOCAL_MACHINE\\[^\\]+\\ControlSet([0-9]{3})$/i.exec(key)?.[1] ?? Number.NaN);
    return Number.isNaN(number) ? [] : [number];
  });
  return parsed({
    kind: 'control-sets',
    next: next.value,
    current: optional('Current'),
    failed: optional('Failed'),
    lastKnownGood: optional('LastKnownGood'),
    present: [...new Set(present)].sort((one, other) => one - other),
  });
}

/**
 * Where a change has to be made: in the control set that the next boot takes, and in the current one where that is another.
 * LastKnownGood stays as it is: it is the way out.
 */
export function setsToChange(sets: Parsed<ControlSets>): Parsed<number[]> {
  const next = nextSet(sets);
  if (!next.ok || !sets.ok) return next.ok ? unreadable('the control sets are not known') : next;
  const { current, present } = sets.value;
  const isKnown = present.includes(current) && controlSetNumbers.includes(current);
  return parsed(isKnown && current !== next.value ? [next.value, current] : [next.value]);
}

/** The control set that the next boot takes, if it was looked at. */
export function nextSet(sets: Parsed<ControlSets>): Parsed<number> {
  if (!sets.ok) return sets;
  const { next, present } = sets.value;
  if (!present.includes(next)) return unreadable(`Select\\Default is ${next}, and there is no such control set`);
  return controlSetNumbers.includes(next)
    ? parsed(next)
    : unreadable(`Select\\Default is ${next}, which is not looked at`);
}

/** The values that `reg.exe query` printed. */
export function valuesIn(result: GuestCommandResult | undefined): Parsed<RegistryValue[]> {
  const output = outputOf(result);
  return output.ok ? parseRegQuery(output.value) : output;
}

function numberIn(values: RegistryValue[], name: string): Parsed<number> {
  const value = singleValue(values, name);
  return value.ok ? parseDword(value.value) : value;
}
