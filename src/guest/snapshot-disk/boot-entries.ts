import { UnreadableError } from '../../disk/byte-source';
import type { Hive } from '../../disk/registry/hive';
import type { Key } from '../../disk/registry/key';
import type { RegistryValue } from '../../disk/registry/value';
import { bootObjectId } from '../../windows/boot-object-id';
import { keyBelow, numberIn } from './current-hive';

/**
 * Objects and elements of a BCD store, which is a hive: `Objects\{guid}\Description` says what an object is,
 * `Objects\{guid}\Elements\<number>` holds its elements, each in a value named `Element`.
 * Numbers: https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdbootmgrelementtypes and its neighbours
 * bcdlibraryelementtypes and bcdosloaderelementtypes.
 */
export const elements = {
  path: '12000002',
  description: '12000004',
  inherit: '14000006',
  osDevice: '21000001',
  systemRoot: '22000002',
  defaultObject: '23000003',
  bootSequence: '24000002',
  safeboot: '25000080',
  winPe: '26000022',
  alternateShell: '26000081',
} as const;

/** An application object that the boot manager starts to load Windows (winload). */
export const windowsLoaderType = 0x1020_0003;

/** A store has a dozen objects; more than this were put there to be counted. */
const mostObjects = 256;
/** Settings are inherited two deep: {bootloadersettings}, {globalsettings}. */
const deepestInheritance = 8;
const mostInherited = 16;

/** One object of a store. */
export interface BootObject {
  /** `{guid}`, lower case. */
  id: string;
  /** Undefined if its description says none. */
  type: number | undefined;
  key: Key;
}

/** An element's value, and the object that it stands in: another than the one asked for if it is inherited. */
interface FoundElement {
  value: RegistryValue;
  objectId: string;
  lastWritten: Date;
}

/** A store's objects by id. */
export interface BootEntries {
  find(id: string): Promise<BootObject | undefined>;
  /** The store's objects, in the order of the hive; `isCut` if there are more than are listed. */
  list(): Promise<{ objects: BootObject[]; isCut: boolean }>;
}

/** Throws an UnreadableError if the hive is no boot store. */
export async function openBootEntries(hive: Hive): Promise<BootEntries> {
  const objects = await hive.findKey(['Objects']);
  if (!objects) throw new UnreadableError('not-this-format', 'it is a hive without boot objects: no boot store');

  async function objectOf(key: Key): Promise<BootObject> {
    return { id: key.name.toLowerCase(), type: await numberIn(await key.subkey('Description'), 'Type'), key };
  }

  async function find(id: string): Promise<BootObject | undefined> {
    const key = isObjectId(id) ? await objects?.subkey(id) : undefined;
    return key && objectOf(key);
  }

  async function list() {
    const listed: BootObject[] = [];
    for await (const key of objects?.subkeys() ?? []) {
      if (listed.length >= mostObjects) return { objects: listed, isCut: true };
      if (isObjectId(key.name)) listed.push(await objectOf(key));
    }
    return { objects: listed, isCut: false };
  }

  return { find, list };
}

function isObjectId(text: string): boolean {
  return bootObjectId.test(text.toLowerCase());
}

/**
 * An element of an object, or of those that it inherits from, which Windows takes where the object has none of its own
 * (reactos/reactos:boot/environ/lib/misc/bcd.c, BcdEnumerateAndUnpackElements). Undefined if there is none.
 */
export async function effectiveElement(
  entries: BootEntries,
  object: BootObject,
  element: string,
): Promise<FoundElement | undefined> {
  const seen = new Set<string>();
  async function search(one: BootObject, depth: number): Promise<FoundElement | undefined> {
    if (seen.has(one.id) || depth > deepestInheritance) return undefined;
    seen.add(one.id);
    const own = await ownElement(one, element);
    if (own) return own;
    for (const id of listOf((await ownElement(one, elements.inherit))?.value).slice(0, mostInherited)) {
      const inherited = await entries.find(id);
      const found = inherited && (await search(inherited, depth + 1));
      if (found) return found;
    }
    return undefined;
  }
  return search(object, 0);
}

/** An element of the object itself. */
export async function ownElement(object: BootObject, element: string): Promise<FoundElement | undefined> {
  const key = await keyBelow(object.key, ['Elements', element]);
  const value = await key?.value('Element');
  return key && value && { value, objectId: object.id, lastWritten: key.lastWritten };
}

/** Objects that an element names. */
export function listOf(value: RegistryValue | undefined): string[] {
  return value?.type === 'REG_MULTI_SZ' ? value.texts : [];
}

/** The text of an element. */
export function textOf(value: RegistryValue | undefined): string | undefined {
  return value?.type === 'REG_SZ' || value?.type === 'REG_EXPAND_SZ' ? value.text : undefined;
}

/**
 * An integer or a boolean: little-endian bytes, eight for what bcdedit writes and one for its booleans; other tools write
 * other lengths, so one to eight are taken. Throws `damaged` for other data.
 */
export function integerOf(found: FoundElement): number {
  const { value, objectId } = found;
  if (value.type === 'REG_DWORD') return value.number;
  if (value.bytes.length < 1 || value.bytes.length > 8) {
    throw new UnreadableError('damaged', `a number of ${value.bytes.length} bytes in boot object ${objectId}`);
  }
  const padded = Buffer.alloc(8);
  value.bytes.copy(padded);
  return Number(padded.readBigUInt64LE());
}
