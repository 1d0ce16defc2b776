/**
 * The elements of a boot store as bcdedit calls and prints them. Names: MicrosoftDocs/windows-driver-docs, "BCDEdit /set";
 * numbers: https://learn.microsoft.com/previous-versions/windows/desktop/bcd (BcdLibrary-, BcdOSLoader-,
 * BcdBootMgrElementTypes). The upper half of a number is its class and format: 1 device, 2 text, 3 object, 4 object
 * list, 5 integer, 6 boolean, 7 integer list.
 */
import { objectTypes } from '../../boot-store';

/** Elements that mean the same in every object. */
const libraryNames: Readonly<Record<number, string>> = {
  0x11000001: 'device',
  0x12000002: 'path',
  0x12000004: 'description',
  0x12000005: 'locale',
  0x14000006: 'inherit',
  0x14000008: 'recoverysequence',
  0x15000011: 'debugtype',
  0x15000022: 'emsport',
  0x15000023: 'emsbaudrate',
  0x16000009: 'recoveryenabled',
  0x1600000b: 'badmemoryaccess',
  0x16000020: 'bootems',
  0x16000060: 'isolatedcontext',
  0x17000077: 'allowedinmemorysettings',
};

const loaderNames: Readonly<Record<number, string>> = {
  0x21000001: 'osdevice',
  0x22000002: 'systemroot',
  0x23000003: 'resumeobject',
  0x25000020: 'nx',
  0x25000080: 'safeboot',
  0x250000c2: 'bootmenupolicy',
  0x250000f3: 'hypervisordebugtype',
  0x250000f4: 'hypervisordebugport',
  0x250000f5: 'hypervisorbaudrate',
  0x26000081: 'safebootalternateshell',
  0x260000b0: 'ems',
};

const managerNames: Readonly<Record<number, string>> = {
  0x23000003: 'default',
  0x23000006: 'resumeobject',
  0x24000001: 'displayorder',
  0x24000002: 'bootsequence',
  0x24000010: 'toolsdisplayorder',
  0x25000004: 'timeout',
  0x26000020: 'displaybootmenu',
};

const resumeNames: Readonly<Record<number, string>> = {
  0x21000001: 'filedevice',
  0x22000002: 'filepath',
  0x25000008: 'bootmenupolicy',
};

/** Words for the values of some integers, by the element's name. */
const valueWords: Readonly<Record<string, readonly string[]>> = {
  safeboot: ['Minimal', 'Network', 'DsRepair'],
  nx: ['OptIn', 'OptOut', 'AlwaysOff', 'AlwaysOn'],
  bootmenupolicy: ['Legacy', 'Standard'],
  debugtype: ['Serial', '1394', 'USB', 'NET', 'Local'],
  hypervisordebugtype: ['Serial', '1394', 'None', 'NET'],
};

export type ElementFormat = 'device' | 'text' | 'object' | 'object-list' | 'integer' | 'boolean' | 'integer-list';

const formats: Readonly<Record<number, ElementFormat>> = {
  1: 'device',
  2: 'text',
  3: 'object',
  4: 'object-list',
  5: 'integer',
  6: 'boolean',
  7: 'integer-list',
};

function namesFor(objectType: number): Readonly<Record<number, string>> {
  switch (objectType) {
    case objectTypes.bootManager:
      return { ...libraryNames, ...managerNames };
    case objectTypes.resumeLoader:
      return { ...libraryNames, ...resumeNames };
    case objectTypes.windowsLoader:
    case objectTypes.loaderSettings:
      return { ...libraryNames, ...loaderNames };
    default:
      return libraryNames;
  }
}

/** What bcdedit calls an element of such an object; `custom:<number>` for one that it does not know there. */
export function elementName(objectType: number, element: number): string {
  return namesFor(objectType)[element] ?? `custom:${element.toString(16).padStart(8, '0')}`;
}

/** The element of this name, or of `custom:<number>`; undefined when such an object has none. */
export function elementByName(objectType: number, name: string): number | undefined {
  const custom = /^custom:(?:0x)?([0-9a-f]{8})$/i.exec(name)?.[1];
  if (custom !== undefined) return parseInt(custom, 16);
  const found = Object.entries(namesFor(objectType)).find(([, known]) => known === name.toLowerCase());
  return found && Number(found[0]);
}

/** How an element's value is kept. */
export function elementFormat(element: number): ElementFormat | undefined {
  return formats[(element >>> 24) & 0xf];
}

/** An integer as bcdedit prints it. */
export function integerText(name: string, value: number): string {
  return valueWords[name]?.[value] ?? String(value);
}

/** An integer as a person types it: a word, a decimal number, or a hexadecimal one with `0x`. */
export function parseInteger(name: string, text: string): number | undefined {
  const word = valueWords[name]?.findIndex((known) => known.toLowerCase() === text.toLowerCase()) ?? -1;
  if (word >= 0) return word;
  // An element with words takes no others than those.
  if (valueWords[name] || !/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text)) return undefined;
  return Number(text);
}
