/** Registry values between what the simulation means and the bytes that a hive holds. */
import type { TypedData } from '../disk/registry/hive';
import type { RegistryData } from './content';

/** learn.microsoft.com/windows/win32/sysinfo/registry-value-types, numbers as in winnt.h */
const typeNumbers = {
  REG_SZ: 1,
  REG_EXPAND_SZ: 2,
  REG_BINARY: 3,
  REG_DWORD: 4,
  REG_MULTI_SZ: 7,
  REG_QWORD: 11,
} as const satisfies Record<RegistryData['type'], number>;

/** Throws an Error for a list of texts with an empty one, which would end the list, and for numbers out of range. */
export function fromRegistryData(value: RegistryData): TypedData {
  return { type: typeNumbers[value.type], data: bytesOf(value) };
}

function bytesOf(value: RegistryData): Buffer {
  switch (value.type) {
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return utf16(`${value.data}\0`);
    case 'REG_MULTI_SZ':
      if (value.data.includes('')) throw new Error('A REG_MULTI_SZ cannot hold an empty text.');
      return utf16([...value.data, ''].map((text) => `${text}\0`).join(''));
    case 'REG_DWORD': {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value.data);
      return bytes;
    }
    case 'REG_QWORD': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(value.data);
      return bytes;
    }
    case 'REG_BINARY':
      return Buffer.from(value.data);
  }
}

/** Texts end at their first NUL. Throws an Error for a type that the simulation does not know, and a number cut short. */
export function toRegistryData({ type, data }: TypedData): RegistryData {
  switch (type) {
    case typeNumbers.REG_SZ:
      return { type: 'REG_SZ', data: textsOf(data)[0] ?? '' };
    case typeNumbers.REG_EXPAND_SZ:
      return { type: 'REG_EXPAND_SZ', data: textsOf(data)[0] ?? '' };
    case typeNumbers.REG_MULTI_SZ: {
      const texts = textsOf(data);
      const end = texts.indexOf('');
      return { type: 'REG_MULTI_SZ', data: end < 0 ? texts : texts.slice(0, end) };
    }
    case typeNumbers.REG_DWORD:
      return { type: 'REG_DWORD', data: data.readUInt32LE(0) };
    case typeNumbers.REG_QWORD:
      return { type: 'REG_QWORD', data: data.readBigUInt64LE(0) };
    case typeNumbers.REG_BINARY:
      return { type: 'REG_BINARY', data: new Uint8Array(data) };
    default:
      throw new Error(`A registry value of the type ${type}, which the simulation does not know.`);
  }
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function textsOf(data: Buffer): string[] {
  return data.toString('utf16le').split('\0');
}
