import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ByteSource } from '../../../../src/disk/byte-source';
import { memorySource } from '../../../../src/disk/byte-source';
import type { Hive } from '../../../../src/disk/registry/hive';
import type { Key } from '../../../../src/disk/registry/key';
import type { RegistryValue } from '../../../../src/disk/registry/value';

/** The hives of `fixtures/disk-images/registry` (see its make-hives.sh), real ones beside the project, and what hivex says of them. */

const images = join(__dirname, '../../../../fixtures/disk-images/registry');
const realHives = join(__dirname, '../../../../../shared/data/hives');

/** A value as hivex tells it; the decoded forms only where it was asked for them. */
export interface ExpectedValue {
  name: string;
  type: number;
  size: number;
  sha256: string;
  text?: string;
  texts?: string[];
  number?: string;
}

/** A key as hivex tells it: path from the root, last write as FILETIME in decimal, values in the order of the hive. */
export interface ExpectedKey {
  path: string[];
  lastWritten: string;
  values: ExpectedValue[];
}

/** The bytes of a committed hive. */
export function hiveImage(name: 'services' | 'bcd'): Buffer {
  return gunzipSync(readFileSync(join(images, `${name}.hive.gz`)));
}

/** What hivex read in a committed hive. */
export function hivexAnswer(name: 'services' | 'bcd'): ExpectedKey[] {
  return JSON.parse(gunzipSync(readFileSync(join(images, `${name}.json.gz`))).toString()) as ExpectedKey[];
}

/** Whether real hives lie beside the project and `xz` can unpack them. */
export const hasRealHives = existsSync(realHives) && spawnSync('xz', ['--version']).status === 0;

/** A real hive, unpacked. */
export function realHive(name: string): Buffer {
  const { status, stdout } = spawnSync('xz', ['-dc', join(realHives, `${name}.xz`)], { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`xz could not unpack ${name}`);
  return stdout;
}

const python = '/usr/bin/python3';

/** Whether hivex is installed (Debian: python3-hivex). */
export const hasHivex = spawnSync(python, ['-c', 'import hivex']).status === 0;

/** What hivex reads in a hive file, now; without decoded text. */
export function askHivex(file: string): ExpectedKey[] {
  const dump = [join(images, 'dump_hive.py'), '--bytes-only', file];
  const { status, stdout, stderr } = spawnSync(python, dump, { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`hivex could not read ${file}: ${stderr.toString()}`);
  return JSON.parse(stdout.toString()) as ExpectedKey[];
}

/** Every key and value of a hive in the order of hivex' answer, in the same form. */
export async function readTree(hive: Hive, withText: boolean): Promise<ExpectedKey[]> {
  const keys: ExpectedKey[] = [];
  async function walk(key: Key, path: string[]): Promise<void> {
    const values = [];
    for await (const value of key.values()) values.push(asExpected(value, withText));
    keys.push({ path, lastWritten: asFiletime(key.lastWritten), values });
    for await (const subkey of key.subkeys()) await walk(subkey, [...path, subkey.name]);
  }
  await walk(await hive.root(), []);
  return keys;
}

/** FILETIMEs cut to milliseconds, as a Date has them. */
export function inMilliseconds(keys: ExpectedKey[]): ExpectedKey[] {
  return keys.map((key) => ({ ...key, lastWritten: ((BigInt(key.lastWritten) / 10_000n) * 10_000n).toString() }));
}

function asFiletime(date: Date): string {
  return ((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n).toString();
}

function asExpected(value: RegistryValue, withText: boolean): ExpectedValue {
  const plain = {
    name: value.name,
    type: value.typeCode,
    size: value.bytes.length,
    sha256: createHash('sha256').update(value.bytes).digest('hex'),
  };
  return withText ? { ...plain, ...decoded(value) } : plain;
}

function decoded(value: RegistryValue): Pick<ExpectedValue, 'text' | 'texts' | 'number'> {
  switch (value.type) {
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return { text: value.text };
    case 'REG_MULTI_SZ':
      return { texts: value.texts };
    case 'REG_DWORD':
    case 'REG_QWORD':
      return { number: value.number.toString() };
    default:
      return {};
  }
}

/** A source that counts what is asked of it. */
export function countingSource(bytes: Buffer): ByteSource & { reads: number; bytesRead: number } {
  const below = memorySource(bytes);
  const counting = {
    size: below.size,
    reads: 0,
    bytesRead: 0,
    read(offset: number, length: number) {
      counting.reads += 1;
      counting.bytesRead += length;
      return below.read(offset, length);
    },
  };
  return counting;
}
