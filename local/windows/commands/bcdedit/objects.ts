/** One object of the store in bcdedit's words, and a typed value in the store's bytes. */
import {
  bootBoolean,
  bootElements,
  bootElementsOf,
  bootInteger,
  bootNumberOf,
  bootObjectList,
  bootObjectType,
  readBootElement,
  wellKnownObjects,
  type BootStoreContent,
} from '../../boot-store';
import type { RegistryData } from '../../content';
import { encodeText } from '../../code-page';
import { languageFacts, type GuestLanguage } from '../../language';
import { lines } from '../command';
import { elementFormat, elementName, integerText, parseInteger } from './elements';
import { headingOf, words } from './words';

/** The store as this run of bcdedit sees it. */
export interface StoreView {
  content: BootStoreContent;
  language: GuestLanguage;
  /** The loader that Windows runs from: `{current}`. */
  current: string | undefined;
  /** `/v`: ids are shown as they are. */
  isVerbose: boolean;
}

const NAME_WIDTH = 24;

/** The id of an object that is there, from a GUID or an alias; undefined when there is none. */
export function resolveId(store: StoreView, given: string): string | undefined {
  const name = given.toLowerCase();
  const id = aliases(store).find(([alias]) => alias === name)?.[1] ?? name;
  return bootObjectType(store.content, id) === undefined ? undefined : id;
}

/** Aliases with what they stand for; where two stand for the same, bcdedit shows the first. */
function aliases({ content, current }: StoreView): [alias: string, id: string][] {
  const [usual] = bootObjectList(content, wellKnownObjects.bootmgr, bootElements.defaultObject);
  const known = Object.entries(wellKnownObjects).map(([name, id]): [string, string] => [`{${name}}`, id]);
  return [
    ...(current === undefined ? [] : [['{current}', current.toLowerCase()] satisfies [string, string]]),
    ...(usual === undefined ? [] : [['{default}', usual.toLowerCase()] satisfies [string, string]]),
    ...known,
  ];
}

function showId(store: StoreView, id: string): string {
  if (store.isVerbose) return id;
  return aliases(store).find(([, known]) => known === id.toLowerCase())?.[0] ?? id;
}

/** An object's block: a blank line, the underlined heading, one row for each value. */
export function describeObject(store: StoreView, id: string): string {
  const type = bootObjectType(store.content, id) ?? 0;
  const { heading } = headingOf(type, id);
  const rows = bootElementsOf(store.content, id).flatMap((element) => elementRows(store, { id, type, element }));
  const first = `${inColumn(words[store.language].identifier, store.language)} ${showId(store, id)}`;
  const line = isUnderlinedAsInEnglish.includes(store.language) ? heading['en-US'] : heading[store.language];
  return lines('', heading[store.language], '-'.repeat(line.length), first, ...rows);
}

/** The line under a heading is a part of its text: public captures in Chinese and Russian have that of the English one. */
const isUnderlinedAsInEnglish: readonly GuestLanguage[] = ['ru-RU', 'zh-CN'];

/** Columns are of bytes: three Chinese signs take six of them in public captures. */
function inColumn(name: string, language: GuestLanguage): string {
  const { length } = encodeText(name, languageFacts[language].oemCodePage);
  return name + ' '.repeat(Math.max(0, NAME_WIDTH - 1 - length));
}

function row(name: string, value: string): string {
  return `${name.padEnd(NAME_WIDTH - 1)} ${value}`;
}

function elementRows(store: StoreView, place: { id: string; type: number; element: number }): string[] {
  const name = elementName(place.type, place.element);
  const data = readBootElement(store.content, place.id, place.element);
  const [first = '', ...further] = data ? valueTexts(store, { name, element: place.element, data }) : [];
  return [row(name, first), ...further.map((value) => row('', value))];
}

function valueTexts(store: StoreView, value: { name: string; element: number; data: RegistryData }): string[] {
  const { data } = value;
  switch (data.type) {
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return [elementFormat(value.element) === 'object' ? showId(store, data.data) : data.data];
    case 'REG_MULTI_SZ':
      return data.data.map((id) => showId(store, id));
    case 'REG_BINARY':
      return [binaryText(store, { ...value, bytes: data.data })];
    case 'REG_DWORD':
    case 'REG_QWORD':
      return [String(data.data)];
  }
}

function binaryText(store: StoreView, value: { name: string; element: number; bytes: Uint8Array }): string {
  switch (elementFormat(value.element)) {
    case 'device':
      return deviceText(store, value.bytes);
    case 'boolean':
      return bootNumberOf(value.bytes) === 0 ? 'No' : 'Yes';
    case 'integer-list':
      return `0x${bootNumberOf(value.bytes).toString(16)}`;
    default:
      return integerText(value.name, bootNumberOf(value.bytes));
  }
}

/** The partition that Windows runs from is C:; the boot manager's has no letter (assumed: it is the disk's first). */
function deviceText({ content, current }: StoreView, bytes: Uint8Array): string {
  const isThat = (id: string | undefined, element: number) => {
    const data = id === undefined ? undefined : readBootElement(content, id, element);
    return data?.type === 'REG_BINARY' && Buffer.from(data.data).equals(bytes);
  };
  if (isThat(current, bootElements.osDevice)) return 'partition=C:';
  return isThat(wellKnownObjects.bootmgr, 0x11000001) ? 'partition=\\Device\\HarddiskVolume1' : 'unknown';
}

const booleans: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  '1': true,
  no: false,
  off: false,
  false: false,
  '0': false,
};

/** A value as typed on the command line, as the store keeps it; undefined when it does not fit the element. */
export function parseElementValue(
  store: StoreView,
  given: { element: number; name: string; values: readonly string[] },
): RegistryData | undefined {
  const [value = ''] = given.values;
  switch (elementFormat(given.element)) {
    case 'integer': {
      const number = parseInteger(given.name, value);
      return number === undefined ? undefined : bootInteger(number);
    }
    case 'boolean': {
      const truth = booleans[value.toLowerCase()];
      return truth === undefined ? undefined : bootBoolean(truth);
    }
    case 'text':
      return { type: 'REG_SZ', data: value };
    case 'object': {
      const id = resolveId(store, value);
      return id === undefined ? undefined : { type: 'REG_SZ', data: id };
    }
    case 'object-list': {
      const ids = given.values.flatMap((one) => resolveId(store, one) ?? []);
      return ids.length === given.values.length ? { type: 'REG_MULTI_SZ', data: ids } : undefined;
    }
    case 'device':
      return value.toLowerCase() === 'partition=c:' && store.current !== undefined
        ? readBootElement(store.content, store.current, bootElements.osDevice)
        : undefined;
    default:
      return undefined;
  }
}
