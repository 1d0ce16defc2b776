import { UnreadableError } from '../byte-source';
import type { Cells } from './cells';
import { fileTimeToDate } from '../file-time';
import { decodeName, isSameName } from './names';
import { subkeyOffsets } from './subkey-lists';
import type { RegistryValue } from './value';
import { readValue, readValueRecord } from './value';

/** A key of a hive. Format: https://github.com/msuhanov/regf, "Key node". All methods throw UnreadableError. */
export interface Key {
  name: string;
  lastWritten: Date;
  subkeyCount: number;
  valueCount: number;
  /** The subkeys in the order of the hive (by upper-case name), each read when it is asked for. */
  subkeys(): AsyncGenerator<Key>;
  /** The subkey of this name in any case, or undefined. Reads the list and, as a rule, one key. */
  subkey(name: string): Promise<Key | undefined>;
  /** The values in the order of the hive, each read when it is asked for. */
  values(): AsyncGenerator<RegistryValue>;
  /** The value of this name in any case ('' is the default value), or undefined. Reads no other value's data. */
  value(name: string): Promise<RegistryValue | undefined>;
}

const compressedNameFlag = 0x0020;

/** A predefined handle keeps its handle where the number of values would be; it has none. */
const predefinedHandleFlag = 0x0040;

/** Allocated cells take at least this much, so a hive cannot hold more keys and values than fit. */
const smallestKeyCell = 80;
const smallestValueCell = 24;

/**
 * Reads the key node at an offset. `parent` is the offset of the key that listed it, undefined for the root: a node
 * that names another parent is `damaged`, which also keeps walks down a tree from going in circles.
 */
export async function readKey(cells: Cells, offset: number, parent?: number): Promise<Key> {
  const cell = await cells.get(offset, 'key');
  const head = await cell.read(0, 76);
  if (head.toString('latin1', 0, 2) !== 'nk') throw new UnreadableError('damaged', `no key at ${offset}`);
  if (parent !== undefined && head.readUInt32LE(16) !== parent) {
    throw new UnreadableError('damaged', `the key at ${offset} is listed by a key that is not its parent`);
  }
  const flags = head.readUInt16LE(2);
  const subkeyCount = head.readUInt32LE(20);
  const subkeyList = head.readUInt32LE(28);
  const valueCount = (flags & predefinedHandleFlag) === 0 ? head.readUInt32LE(36) : 0;
  const valueList = head.readUInt32LE(40);
  if (subkeyCount > cells.size / smallestKeyCell || valueCount > cells.size / smallestValueCell) {
    throw new UnreadableError('damaged', `the key at ${offset} counts ${subkeyCount} subkeys, ${valueCount} values`);
  }

  async function* subkeys(): AsyncGenerator<Key> {
    for await (const child of subkeyOffsets(cells, subkeyList, subkeyCount)) yield readKey(cells, child, offset);
  }

  async function subkey(name: string): Promise<Key | undefined> {
    for await (const child of subkeyOffsets(cells, subkeyList, subkeyCount, name)) {
      const key = await readKey(cells, child, offset);
      if (isSameName(key.name, name)) return key;
    }
    return undefined;
  }

  async function* valueRecords() {
    if (valueCount === 0) return;
    const list = await (await cells.get(valueList, 'list of values')).read(0, valueCount * 4);
    for (let at = 0; at < list.length; at += 4) yield readValueRecord(cells, list.readUInt32LE(at));
  }

  async function* values(): AsyncGenerator<RegistryValue> {
    let total = 0;
    for await (const record of valueRecords()) {
      total += record.size;
      // Each value has data of its own, so all together cannot exceed the hive: records that share data multiply it.
      if (total > cells.size)
        throw new UnreadableError('damaged', `the values of the key at ${offset} exceed the hive`);
      yield readValue(cells, record);
    }
  }

  async function value(name: string): Promise<RegistryValue | undefined> {
    for await (const record of valueRecords()) {
      if (isSameName(record.name, name)) return readValue(cells, record);
    }
    return undefined;
  }

  return {
    name: decodeName(await cell.read(76, head.readUInt16LE(72)), (flags & compressedNameFlag) !== 0),
    lastWritten: fileTimeToDate(head.readBigUInt64LE(4)),
    subkeyCount,
    valueCount,
    subkeys,
    subkey,
    values,
    value,
  };
}
