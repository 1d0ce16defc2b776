/**
 * `bcdedit [/enum [active|all|osloader|<id>] [/v]]`, `/set [<id>] <element> <value>`, `/deletevalue [<id>] <element>` on
 * the system's own store. Errors go to the standard output, with exit code 1 (Azure/repair-script-library:src/windows/
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
} from '../../boot-store';
import type { DiskContent } from '../../content';
import { lines, type CommandContext, type CommandResult } from '../command';
import { elementByName } from './elements';
import { describeObject, parseElementValue, resolveId, type StoreView } from './objects';
import { headingOf, words } from './words';

export function bcdedit(commandLine: readonly string[], { guest }: CommandContext): CommandResult {
  const { content, language } = guest;
  const isVerbose = commandLine.some((option) => option.toLowerCase() === '/v');
  const [verb = '/enum', ...operands] = commandLine.filter((option) => option.toLowerCase() !== '/v');
  const store: StoreView = { content, language, current: guest.bootLoader(), isVerbose };
  const text = words[language];
  if (!hasBootStore(content)) return failure(text.storeMissing, text.objectNotFound);
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

function inOutputOrder(content: DiskContent, ids: readonly string[]): string[] {
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
