import { createHash } from 'node:crypto';
import { sliceSource, type ByteSource } from '../../../src/disk/byte-source';
import { openNtfs } from '../../../src/disk/ntfs/open-ntfs';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { openHive, type Hive } from '../../../src/disk/registry/hive';
import type { Key } from '../../../src/disk/registry/key';
import { withSequences } from '../registry/support/log-writer';
import { alteredSource, type Alteration } from './altered-source';
import { expectedAnswer, imagePath } from './expected-files';
import { openSparseImage } from './sparse-image';

/** The disk of generation 2 that make-large-images.sh makes, as a running VM leaves it and as one that was shut down does. */

/** How much there is in a hive, and a digest of it all (registry/digest_hive.py). */
export interface HiveDigest {
  readonly keys: number;
  readonly values: number;
  readonly sha256: string;
}

/** What the independent tools say of one state of the disk. */
export interface LargeDiskState {
  readonly evidence: readonly (Record<string, unknown> & { kind: string })[];
  readonly hives: Readonly<Record<'SYSTEM' | 'SOFTWARE' | 'BCD', HiveDigest>>;
}

/** The hives without their logs (`before`) and brought up to date from them (`after`). */
export function largeDiskAnswers() {
  return expectedAnswer('large/gen2') as { piecesOfSystem: number; before: LargeDiskState; after: LargeDiskState };
}

export const config = String.raw`\Windows\System32\config`;

/** Opens the disk as it is packed: hives cut off while being written. Answers are those of `after`. */
export function openDirtyDisk() {
  return openSparseImage(imagePath('large/gen2.sparse.gz.gz'));
}

/** The same disk whose hives and event log say that all was written. Answers are those of `before`. */
export async function openCleanDisk(): Promise<ByteSource> {
  const disk = openDirtyDisk();
  return alteredSource(disk, [
    await alteredHead(disk, `${config}\\SYSTEM`, (head) => withSequences(head, 8, 8)),
    await alteredHead(disk, `${config}\\SOFTWARE`, (head) => withSequences(head, 8, 8)),
    await alteredHead(disk, String.raw`\Windows\System32\winevt\Logs\System.evtx`, cleanLog),
  ]);
}

/** The flag that says that a log is open lies outside its header's checksum. */
function cleanLog(head: Buffer): Buffer {
  const copy = Buffer.from(head);
  copy.writeUInt32LE(0, 120);
  return copy;
}

/** The first 512 bytes of a file, changed. Where they lie on the disk is seen by what is read for them. */
async function alteredHead(disk: ByteSource, path: string, change: (head: Buffer) => Buffer): Promise<Alteration> {
  let offset = 0;
  const watched: ByteSource = {
    size: disk.size,
    read(at, length) {
      offset = at;
      return disk.read(at, length);
    },
  };
  const { source } = await (await openNtfs(await windowsPartition(watched))).openFile(path);
  return { bytes: change(await source.read(0, 512)), offset };
}

/** The last partition, which holds Windows. */
export async function windowsPartition(disk: ByteSource): Promise<ByteSource> {
  const partition = (await readPartitions(disk)).partitions.at(-1);
  if (!partition) throw new Error('the disk has no partition');
  return sliceSource(disk, partition.start, partition.size);
}

/** A file of the Windows partition's registry folder. */
export async function openFile(disk: ByteSource, name: string) {
  return (await openNtfs(await windowsPartition(disk))).openFile(`${config}\\${name}`);
}

/** Everything in a hive, counted and hashed as registry/digest_hive.py does it with hivex. */
export async function digestOf(hive: Hive): Promise<HiveDigest> {
  const digest = createHash('sha256');
  const counts = { keys: 0, values: 0 };
  async function walk(key: Key, path: string[]): Promise<void> {
    counts.keys += 1;
    digest.update(`${path.join('\\')}\n`);
    for await (const { name, typeCode, bytes } of key.values()) {
      counts.values += 1;
      digest.update(`${name}\0${typeCode}\0${createHash('sha256').update(bytes).digest('hex')}\n`);
    }
    for await (const subkey of key.subkeys()) await walk(subkey, [...path, subkey.name]);
  }
  await walk(await hive.root(), []);
  return { ...counts, sha256: digest.digest('hex') };
}

/** Expects that a hive of the dirty disk is read as hivex reads the state after its log, with at least so many bytes from there. */
export async function expectBroughtUpToDate(name: 'SYSTEM' | 'SOFTWARE', leastBytes: number): Promise<void> {
  const disk = openDirtyDisk();
  const [{ source }, log] = [await openFile(disk, name), await openFile(disk, `${name}.LOG1`)];
  const hive = await openHive(source, { log1: log.source });
  expect(hive.recovery).toMatchObject({
    state: 'recovered',
    logs: [{ name: 'LOG1', entries: 3 }],
    lastSequence: 9,
  });
  if (hive.recovery.state !== 'recovered') throw new Error('not recovered');
  expect(hive.recovery.pages * 512).toBeGreaterThanOrEqual(leastBytes);
  expect(hive.recovery).not.toHaveProperty('stoppedBecause');
  expect(await digestOf(hive)).toEqual(largeDiskAnswers().after.hives[name]);
}
