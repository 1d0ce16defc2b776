/** A key's values (`vk`) and their list. Format: https://github.com/msuhanov/regf, "Key value", "Key values list". */
import type { Bins } from './bins';
import { keyField, noCell, raiseLargest, valueCount } from './key-node';
import { compareNames, decodeName, encodeName } from './names';
import { freeData, readData, storeData, type DataReference } from './value-data';

/** A value's type as its number (1 REG_SZ, 4 REG_DWORD…) and its data as it is stored. */
export interface TypedData {
  type: number;
  data: Buffer;
}

/** A value; the default value's name is the empty string. */
export interface HiveValue extends TypedData {
  name: string;
}

const field = { nameLength: 2, size: 4, data: 8, type: 12, flags: 16, name: 20 } as const;
const compressedName = 0x0001;

/** The key's values in the order in which they were made. */
export function valuesOf(bins: Bins, key: number, minorVersion: number): HiveValue[] {
  return recordsOf(bins, key).map((record) => readRecord(bins, record, minorVersion));
}

/** The value of this name in any case. */
export function findValue(bins: Bins, key: number, name: string, minorVersion: number): HiveValue | undefined {
  const record = findRecord(bins, key, name);
  return record === undefined ? undefined : readRecord(bins, record, minorVersion);
}

/** Makes the value or puts other data into it; an existing one keeps its name's case. */
export function putValue(bins: Bins, key: number, value: HiveValue, minorVersion: number): void {
  const found = findRecord(bins, key, value.name);
  const record = found ?? createRecord(bins, value.name);
  const former = found === undefined ? undefined : referenceOf(bins, found);
  const stored = storeData(bins, value.data, former, minorVersion);
  bins.setUint32(record, field.size, stored.size);
  bins.setUint32(record, field.data, stored.cell);
  bins.setUint32(record, field.type, value.type);
  if (found === undefined) setRecords(bins, key, [...recordsOf(bins, key), record]);
  raiseLargest(bins, key, 'largestValueName', value.name.length * 2);
  raiseLargest(bins, key, 'largestValueData', value.data.length);
}

/** Deletes a value; false if there was none. */
export function removeValue(bins: Bins, key: number, name: string, minorVersion: number): boolean {
  const record = findRecord(bins, key, name);
  if (record === undefined) return false;
  const rest = recordsOf(bins, key).filter((other) => other !== record);
  setRecords(bins, key, rest);
  freeRecord(bins, record, minorVersion);
  if (rest.length > 0) return true;
  // assumed: as with subkeys, the largest lengths start anew only when none is left.
  bins.setUint32(key, keyField.largestValueName, 0);
  bins.setUint32(key, keyField.largestValueData, 0);
  return true;
}

/** Gives back the room of all values of a key that is deleted. */
export function freeValues(bins: Bins, key: number, minorVersion: number): void {
  const records = recordsOf(bins, key);
  if (records.length === 0) return;
  for (const record of records) freeRecord(bins, record, minorVersion);
  bins.free(bins.uint32(key, keyField.valueList));
}

function recordsOf(bins: Bins, key: number): number[] {
  const count = valueCount(bins, key);
  if (count === 0) return [];
  const list = bins.view(bins.uint32(key, keyField.valueList), 0, count * 4);
  return Array.from({ length: count }, (_, index) => list.readUInt32LE(index * 4));
}

function setRecords(bins: Bins, key: number, records: readonly number[]): void {
  const former = valueCount(bins, key) > 0 ? bins.uint32(key, keyField.valueList) : undefined;
  bins.setUint32(key, keyField.valueCount, records.length);
  if (records.length === 0) {
    if (former !== undefined) bins.free(former);
    bins.setUint32(key, keyField.valueList, noCell);
    return;
  }
  const fits = former !== undefined && bins.capacity(former) >= records.length * 4;
  const list = fits ? former : bins.allocate(records.length * 4);
  if (former !== undefined && !fits) bins.free(former);
  const content = Buffer.alloc(records.length * 4);
  for (const [index, record] of records.entries()) content.writeUInt32LE(record, index * 4);
  bins.write(list, 0, content);
  bins.setUint32(key, keyField.valueList, list);
}

function findRecord(bins: Bins, key: number, name: string): number | undefined {
  return recordsOf(bins, key).find((record) => compareNames(recordName(bins, record), name) === 0);
}

function recordName(bins: Bins, record: number): string {
  if (bins.view(record, 0, 2).toString('latin1') !== 'vk') {
    throw new Error(`The hive is damaged: no value at ${record}.`);
  }
  const bytes = bins.view(record, field.name, bins.uint16(record, field.nameLength));
  return decodeName({ bytes, isCompressed: (bins.uint16(record, field.flags) & compressedName) !== 0 });
}

function readRecord(bins: Bins, record: number, minorVersion: number): HiveValue {
  return {
    name: recordName(bins, record),
    type: bins.uint32(record, field.type),
    data: readData(bins, referenceOf(bins, record), minorVersion),
  };
}

function referenceOf(bins: Bins, record: number): DataReference {
  return { size: bins.uint32(record, field.size), cell: bins.uint32(record, field.data) };
}

function createRecord(bins: Bins, name: string): number {
  const { bytes, isCompressed } = encodeName(name);
  const record = bins.allocate(field.name + bytes.length);
  bins.write(record, 0, Buffer.from('vk', 'latin1'));
  bins.setUint16(record, field.nameLength, bytes.length);
  bins.setUint16(record, field.flags, isCompressed ? compressedName : 0);
  bins.write(record, field.name, bytes);
  return record;
}

function freeRecord(bins: Bins, record: number, minorVersion: number): void {
  freeData(bins, referenceOf(bins, record), minorVersion);
  bins.free(record);
}
