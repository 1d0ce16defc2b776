/**
 * The boot configuration data of a disk: objects with typed elements, in a registry hive. Layout and element numbers:
 * https://learn.microsoft.com/previous-versions/windows/desktop/bcd/boot-configuration-data-portal ; each element is a
 * key under `Objects\{guid}\Elements` with one value, `Element` (systemd/systemd:src/boot/bcd.c). Integers are eight
 * bytes, booleans one, devices a structure of their own, all REG_BINARY.
 */
import type { DiskContent, RegistryData } from './content';
import { numberOf, textOf } from './service-configuration';

/** https://learn.microsoft.com/previous-versions/windows/desktop/bcd/well-known-guids */
export const wellKnownObjects = {
  bootmgr: '{9dea862c-5cdd-4e70-acc1-f32b344d4795}',
  memdiag: '{b2721d73-1db4-4c62-bf78-c548a880142d}',
  emssettings: '{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}',
  dbgsettings: '{4636856e-540f-4170-a130-a84776f4c654}',
  badmemory: '{5189b25c-5558-4bf2-bca4-289b11bd29e2}',
  globalsettings: '{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}',
  bootloadersettings: '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}',
  hypervisorsettings: '{7ff607e0-4395-11db-b0de-0800200c9a66}',
  resumeloadersettings: '{1afa9c49-16ab-4a5c-901b-212802da9460}',
} as const;

/** `Description\Type` of an object: https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdobject */
export const objectTypes = {
  bootManager: 0x10100002,
  windowsLoader: 0x10200003,
  resumeLoader: 0x10200004,
  memoryDiagnostic: 0x10200005,
  settings: 0x20100000,
  loaderSettings: 0x20200003,
  resumeSettings: 0x20200004,
} as const;

/** Elements that decide a boot. */
export const bootElements = {
  applicationPath: 0x12000002,
  defaultObject: 0x23000003,
  displayOrder: 0x24000001,
  bootSequence: 0x24000002,
  osDevice: 0x21000001,
  noExecute: 0x25000020,
  safeBoot: 0x25000080,
  safeBootAlternateShell: 0x26000081,
} as const;

/** What is asked of a store, be it the running Windows' own or a file that is named. */
export type BootStoreContent = Pick<DiskContent, 'hasKey' | 'subkeys' | 'readValue' | 'writeValue' | 'deleteKey'>;

const objectsKey = 'BCD\\Objects';

/** Whether the disk has a boot configuration store. */
export function hasBootStore(content: BootStoreContent): boolean {
  return content.hasKey(objectsKey);
}

/** The ids of all objects, `{guid}`, in the registry's order. */
export function bootObjects(content: BootStoreContent): string[] {
  return content.subkeys(objectsKey).sort((one, other) => one.localeCompare(other));
}

/** What kind of object it is, or undefined when there is none of this id. */
export function bootObjectType(content: BootStoreContent, id: string): number | undefined {
  return numberOf(content.readValue(`${objectsKey}\\${id}\\Description`, 'Type'));
}

/** Makes an object. */
export function writeBootObject(content: BootStoreContent, id: string, type: number): void {
  content.writeValue(`${objectsKey}\\${id}\\Description`, 'Type', { type: 'REG_DWORD', data: type });
}

/** The numbers of an object's elements, ascending. */
export function bootElementsOf(content: BootStoreContent, id: string): number[] {
  return content
    .subkeys(`${objectsKey}\\${id}\\Elements`)
    .map((name) => parseInt(name, 16))
    .sort((one, other) => one - other);
}

function elementKey(id: string, element: number): string {
  return `${objectsKey}\\${id}\\Elements\\${element.toString(16).padStart(8, '0')}`;
}

export function readBootElement(content: BootStoreContent, id: string, element: number): RegistryData | undefined {
  return content.readValue(elementKey(id, element), 'Element');
}

export function writeBootElement(content: BootStoreContent, id: string, element: number, data: RegistryData): void {
  content.writeValue(elementKey(id, element), 'Element', data);
}

/** Deletes an element. Answers false when the object does not have it. */
export function deleteBootElement(content: BootStoreContent, id: string, element: number): boolean {
  if (!content.hasKey(elementKey(id, element))) return false;
  content.deleteKey(elementKey(id, element));
  return true;
}

/** An integer or a boolean element's number; undefined when it is not there. */
export function bootNumber(content: BootStoreContent, id: string, element: number): number | undefined {
  const data = readBootElement(content, id, element);
  return data?.type === 'REG_BINARY' ? bootNumberOf(data.data) : undefined;
}

/** The number that an element's bytes hold, least significant byte first. */
export function bootNumberOf(bytes: Uint8Array): number {
  return Number([...bytes].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n));
}

/** The ids that an object or object-list element names. */
export function bootObjectList(content: BootStoreContent, id: string, element: number): string[] {
  const data = readBootElement(content, id, element);
  if (data?.type === 'REG_MULTI_SZ') return [...data.data];
  const single = textOf(data);
  return single === undefined ? [] : [single];
}

/** An integer as the bytes that the store keeps. */
export function bootInteger(value: number): RegistryData {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return { type: 'REG_BINARY', data: bytes };
}

/** A boolean as the byte that the store keeps. */
export function bootBoolean(value: boolean): RegistryData {
  return { type: 'REG_BINARY', data: Buffer.from([value ? 1 : 0]) };
}
