/**
 * `bcdedit [/store <file>] [/enum [active|all|osloader|<id>] [/v]]`, `/set [<id>] <element> <value>`,
 * `/deletevalue [<id>] <element>`, on the system's own store or on the one in a file of an attached disk. Errors go to the standard output, with exit code 1 (Azure/repair-script-library:src/windows/
 * common/helpers/Get-OfflineBcdStore.ps1 checks the code for that reason).
 */
import {
  bootElements,
  bootObjectList,
  bootObjects,
  bootObjectType,
  deleteBootElement,
  hasBootStore,
  objectTypes,
  wellKnownObjects,
  writeBootElement,
  type BootStoreContent,
} from '../../boot-store';
import type { WindowsGuest } from '../../guest';
import { hasFile, hiveContent, openHiveFile } from '../../loaded-hives';
import { lines, type CommandContext, type CommandResult } from '../command';
import { elementByName } from './elements';
import { describeObject, parseElementValue, resolveId, type StoreView } from './objects';
import { headingOf, words } from './words';

export function bcdedit(commandLine: readonly string[], { guest }: CommandContext): CommandResult {
  const { language } = guest;
  const [first = '', file = '', ...rest] = commandLine;
  if (first.toLowerCase() === '/store') {
    return inStoreFile(guest, file, (content) => run(rest, { content, language, current: undefined }));
  }
  return run(commandLine, { content: guest.content, language, current: guest.bootLoader() });
}

function run(commandLine: readonly string[], given: Omit<StoreView, 'isVerbose'>): CommandResult {
  const isVerbose = commandLine.some((option) => option.toLowerCase() === '/v');
  const [verb = '/enum', ...operands] = commandLine.filter((option) => option.toLowerCase() !== '/v');
  const store: StoreView = { ...given, isVerbose };
  const text = words[store.language];
  if (!hasBootStore(store.content)) return failure(text.storeMissing, text.objectNotFound);
  switch (verb.toLowerCase()) {
    case '/enum':
      return enumerate(store, operands);
    case '/set':
      return set(store, operands);
    case '/deletevalue':
      return deleteValue(store, operands);
    default:
      return failure(text.invalidCommand, text.help);
  }
}

/**
 * Loads the store from its file for one command, and writes it clean again. A file that is not there, is damaged or is loaded
 * by somebody else cannot be opened; assumed: which sentence follows the first one.
 */
function inStoreFile(
  guest: WindowsGuest,
  path: string,
  body: (content: BootStoreContent) => CommandResult,
): CommandResult {
  const text = words[guest.language];
  const disks = guest.attachedDisks();
  const file = disks?.resolve(path);
  const hive = file && !disks?.hives.isInUse(file) && hasFile(file) ? openHiveFile(file) : undefined;
  if (!hive) return failure(text.storeMissing, text.objectNotFound);
  const result = body(hiveContent(hive));
  hive.flush();
  return result;
}

function failure(...texts: string[]): CommandResult {
  return { exitCode: 1, stdout: lines(...texts), stderr: '' };
}

function success(store: StoreView): CommandResult {
  return { exitCode: 0, stdout: lines(words[store.language].success), stderr: '' };
}

function enumerate(store: StoreView, operands: readonly string[]): CommandResult {
  const text = words[store.language];
  const [what = 'active', ...rest] = operands;
  if (rest.length > 0) return failure(text.invalidCommand, text.help);
  const ids = selectObjects(store, what);
  if (!ids) return failure(text.invalidCommand, text.help);
  // assumed: the sentence for a store that holds nothing of what was asked for.
  if (ids.length === 0) return failure(text.referenceFailed, text.objectNotFound);
  return { exitCode: 0, stdout: ids.map((id) => describeObject(store, id)).join(''), stderr: '' };
}

/** The objects that are asked for, in the order of their output; undefined for a kind that bcdedit does not know. */
function selectObjects(store: StoreView, what: string): string[] | undefined {
  const { content } = store;
  if (what.startsWith('{')) {
    const id = resolveId(store, what);
    return id === undefined ? [] : [id];
  }
  switch (what.toLowerCase()) {
    case 'all':
      return inOutputOrder(content, bootObjects(content));
    case 'osloader':
      return bootObjects(content).filter((id) => bootObjectType(content, id) === objectTypes.windowsLoader);
    case 'active': {
      const manager = wellKnownObjects.bootmgr;
      const shown = bootObjectList(content, manager, bootElements.displayOrder);
      return [manager, ...shown].filter((id) => bootObjectType(content, id) !== undefined);
    }
    default:
      return undefined;
  }
}

function inOutputOrder(content: BootStoreContent, ids: readonly string[]): string[] {
  const orderOf = (id: string) => headingOf(bootObjectType(content, id) ?? 0, id).order;
  return [...ids].sort((one, other) => orderOf(one) - orderOf(other));
}

/** Without an id the running loader's element is meant. */
function targetOf(store: StoreView, operands: readonly string[]): { id: string | undefined; rest: readonly string[] } {
  const [first = '', ...rest] = operands;
  if (first.startsWith('{')) return { id: resolveId(store, first), rest };
  return { id: store.current, rest: operands };
}

function set(store: StoreView, operands: readonly string[]): CommandResult {
  const text = words[store.language];
  const { id, rest } = targetOf(store, operands);
  const [name = '', ...values] = rest;
  if (values.length === 0) return failure(text.invalidCommand, text.help);
  if (id === undefined) return failure(text.referenceFailed, text.objectNotFound);
  const element = elementByName(bootObjectType(store.content, id) ?? 0, name);
  if (element === undefined) return failure(text.unknownElement, text.help, text.elementNotFound);
  const data = parseElementValue(store, { element, name: name.toLowerCase(), values });
  if (!data) return failure(text.invalidData, text.help);
  writeBootElement(store.content, id, element, data);
  return success(store);
}

function deleteValue(store: StoreView, operands: readonly string[]): CommandResult {
  const text = words[store.language];
  const { id, rest } = targetOf(store, operands);
  const [name = '', ...more] = rest;
  if (name === '' || more.length > 0) return failure(text.invalidCommand, text.help);
  if (id === undefined) return failure(text.referenceFailed, text.objectNotFound);
  const element = elementByName(bootObjectType(store.content, id) ?? 0, name);
  if (element === undefined) return failure(text.unknownElement, text.help, text.elementNotFound);
  if (!deleteBootElement(store.content, id, element)) return failure(text.deleteFailed, text.elementNotFound);
  return success(store);
}
