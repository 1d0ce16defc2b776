import { bootManagerId } from '../windows/boot-object-id';
import { bcdElement, parseBcdEnum, type BcdObject } from '../windows/bcdedit';
import { isSameName } from '../windows/console-text';
import { parsed, unreadable, type Parsed } from '../windows/parsed';
import { parseDword, parseRegKeys, parseRegQuery, singleValue } from '../windows/reg-query';
import { outputOf, type GuestCommandResult } from './command';
import { safeBootModes, type BootConfiguration, type BootLoader, type BootMode, type BootObject } from './evidence';

/** Reads how a running Windows was booted and what its next boot takes. */

/**
 * `Option` is a volatile key: there only while Windows runs in safe mode, never on the disk. The kernel makes it at boot:
 * reactos/reactos:ntoskrnl/config/cmboot.c and cmsysini.c (InitSafeBootMode → OptionValue).
 */
export const safeBootKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot`;

/** The same with its root as reg.exe prints it. */
const optionKey = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot\Option`;

/** How a `safeboot` is told whose value is neither a word of bcdedit nor a number. */
export const unknownSafeboot = -1;

const bootManagerIds = ['{bootmgr}', bootManagerId];

/** What the next boot takes, from `bcdedit /enum {bootmgr} /v` and `bcdedit /enum osloader /v`. */
export function readBootConfiguration(
  managerResult: GuestCommandResult | undefined,
  loadersResult: GuestCommandResult | undefined,
): Parsed<BootConfiguration> {
  const managerOutput = outputOf(managerResult);
  if (!managerOutput.ok) return managerOutput;
  const managers = parseBcdEnum(managerOutput.value);
  if (!managers.ok) return managers;
  const manager = managers.value.find(({ id }) => bootManagerIds.includes(id));
  if (!manager) return unreadable('the boot manager is not in the output');
  const loadersOutput = outputOf(loadersResult);
  if (!loadersOutput.ok) return loadersOutput;
  const entries = parseBcdEnum(loadersOutput.value);
  if (!entries.ok) return entries;
  const loaders = entries.value.map(bootLoaderOf);
  const next = nextLoader(manager, loaders);
  if (!next.ok) return next;
  const others = loaders.filter((loader) => loader !== next.value.loader);
  const { loader, chosenBy } = next.value;
  return { ok: true, value: { kind: 'boot-configuration', next: loader, chosenBy, others } };
}

/** One object of the store, from `bcdedit /enum <id> /v`. */
export function readBootObject(object: string, result: GuestCommandResult | undefined): Parsed<BootObject> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const objects = parseBcdEnum(output.value);
  if (!objects.ok) return objects;
  const found = objects.value.find(({ id }) => id === object);
  if (!found) return unreadable(`${object} is not in the output`);
  const { safeboot, alternateShell } = bootLoaderOf(found);
  return { ok: true, value: { kind: 'boot-object', object, safeboot, alternateShell } };
}

function bootLoaderOf(object: BcdObject): BootLoader {
  const safeboot = bcdElement(object, 'safeboot');
  return {
    id: object.id,
    description: bcdElement(object, 'description'),
    path: bcdElement(object, 'path'),
    // A value that bcdedit has no word for is printed as a number; a word that we do not know is none of the three.
    safeboot:
      safeboot === undefined
        ? undefined
        : (safeBootModes.find(isWord(safeboot)) ?? numberOr(safeboot, unknownSafeboot)),
    // A boolean may be translated: that the element is there is what counts.
    alternateShell: object.elements.has('safebootalternateshell'),
  };
}

function isWord(text: string): (word: string) => boolean {
  return (word) => word.toLowerCase() === text.toLowerCase();
}

/** Only what is written as a number without a sign: JavaScript takes nothing, `1e3` and `-0` for one as well. */
function numberOr(text: string, otherwise: number): number {
  return /^(?:0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text) ? Number(text) : otherwise;
}

/**
 * The boot manager takes a one-time sequence first, then its default. A sequence that begins with something else than a
 * Windows loader, such as the memory test, is passed over: it is gone after one start. A default that is none stays: which
 * loader follows is not known, however many there are.
 */
function nextLoader(
  manager: BcdObject,
  loaders: BootLoader[],
): Parsed<{ loader: BootLoader; chosenBy: BootConfiguration['chosenBy'] }> {
  const named = (element: string) => {
    const id = bcdElement(manager, element)?.toLowerCase();
    return loaders.find((loader) => loader.id === id);
  };
  const once = named('bootsequence');
  if (once) return parsed({ loader: once, chosenBy: 'bootsequence' });
  const usual = named('default');
  if (usual) return parsed({ loader: usual, chosenBy: 'default' });
  if (manager.elements.has('default')) return unreadable('the default of the boot manager is no Windows loader');
  const [only, second] = loaders;
  if (only && !second) return { ok: true, value: { loader: only, chosenBy: 'only-loader' } };
  return unreadable('which of the boot loaders the next boot takes is not said');
}

/** Whether Windows runs in safe mode, from the keys under SafeBoot. */
export function readIsSafeBoot(listResult: GuestCommandResult | undefined): Parsed<boolean> {
  const list = outputOf(listResult);
  if (!list.ok) return list;
  return parsed(parseRegKeys(list.value).some((key) => isSameName(key, optionKey)));
}

/** How Windows runs, from the keys under SafeBoot and the value of `Option`, which is there in safe mode only. */
export function readBootMode(
  bootedAt: string | undefined,
  listResult: GuestCommandResult | undefined,
  optionResult: GuestCommandResult | undefined,
): Parsed<BootMode> {
  const isSafe = readIsSafeBoot(listResult);
  if (!isSafe.ok) return isSafe;
  const found = { kind: 'boot-mode' as const, bootedAt };
  if (!isSafe.value) return { ok: true, value: { ...found, mode: 'normal' } };
  const output = outputOf(optionResult);
  if (!output.ok) return { ok: true, value: { ...found, mode: 'safe' } };
  const values = parseRegQuery(output.value);
  const option = values.ok ? singleValue(values.value, 'OptionValue') : values;
  const number = option.ok ? parseDword(option.value) : option;
  // 1 minimal, 2 network, 3 directory services repair; one more than the boot store's own numbers.
  const mode = number.ok ? safeBootModes[number.value - 1] : undefined;
  return { ok: true, value: { ...found, mode: mode ?? 'safe' } };
}
