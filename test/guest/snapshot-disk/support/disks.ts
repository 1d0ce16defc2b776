import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ByteSource } from '../../../../src/disk/byte-source';
import { blockSource } from '../../../../src/disk/block-source';
import { readDiskEvidence, type DiskNeed, type DiskReading } from '../../../../src/guest/snapshot-disk';
import { openSparseImage } from '../../../disk/support/sparse-image';

/** The disks that make-images.sh makes, and everything that can be asked of them. */

const images = join(__dirname, '../../../../fixtures/snapshot-disks');

export const given = { asOf: '2026-03-02T12:00:00.000Z', readAt: '2026-03-02T12:05:00.000Z' };

export const allNeeds: DiskNeed[] = [
  { kind: 'boot-configuration' },
  { kind: 'control-sets' },
  { kind: 'service-configuration', service: 'Dhcp' },
  { kind: 'service-events', service: 'Dhcp' },
  { kind: 'service-configuration', service: 'TermService' },
  { kind: 'service-events', service: 'TermService' },
  { kind: 'boot-mode' },
  { kind: 'network-addressing' },
  { kind: 'remote-desktop' },
  { kind: 'pending-servicing' },
  { kind: 'windows-installation' },
  { kind: 'volume-state' },
];

const opened = new Map<string, ByteSource>();

/** One of the disks; unpacked once. */
export function openDisk(name: 'gen1' | 'gen2' | 'small'): ByteSource {
  const disk = opened.get(name) ?? openSparseImage(join(images, `${name}.sparse.gz`));
  opened.set(name, disk);
  return disk;
}

/** A fact as the independent tools tell it: without its provenance but for the last write of its key. */
export type ExpectedFact = Record<string, unknown> & { kind: string };

export function expectedFacts(name: 'gen1' | 'gen2'): ExpectedFact[] {
  return JSON.parse(readFileSync(join(images, `${name}.expected.json`), 'utf8')) as ExpectedFact[];
}

/** The disk behind ranges of 32 KiB, as it is read from Azure. */
export function inBlocks(disk: ByteSource, budget = { bytes: 64 * 1024 * 1024, requests: 1000 }) {
  return blockSource({ size: disk.size, budget, fetchRange: (start, end) => disk.read(start, end - start) });
}

export async function readAll(disk: ByteSource, needs = allNeeds): Promise<DiskReading> {
  return readDiskEvidence(disk, needs, given);
}

/** The hives of the small disk and what may take their place; all of one kind have one size. */
function hiveVariants(): Map<string, Buffer> {
  const packed = gunzipSync(readFileSync(join(images, 'small.variants.json.gz'))).toString();
  const entries = Object.entries(JSON.parse(packed) as Record<string, string>);
  return new Map(entries.map(([name, content]) => [name, Buffer.from(content, 'base64')]));
}

/** The whole of a small disk in memory, to be changed. */
export async function bytesOf(disk: ByteSource): Promise<Buffer> {
  return Buffer.from(await disk.read(0, disk.size));
}

/** The small disk with other content in the place of its store (on the EFI system partition) or its SYSTEM hive. */
export async function smallDiskWith(...names: string[]): Promise<Buffer> {
  const disk = await bytesOf(openDisk('small'));
  for (const name of names) {
    const kind = name.replace(/\..*$/u, '');
    overwrite(disk, variant(kind), variant(name), kind === 'BCD' ? 1 : Infinity);
  }
  return disk;
}

const variants = hiveVariants();

function variant(name: string): Buffer {
  const content = variants.get(name);
  if (!content) throw new Error(`make-images.sh makes no ${name}`);
  return content;
}

/** Puts bytes in the place of others of the same length, the first `most` times that they are there. */
export function overwrite(disk: Buffer, old: Buffer, replacement: Buffer, most = Infinity): void {
  let at = disk.indexOf(old);
  if (at < 0) throw new Error('what is to be replaced does not lie on the disk in one piece');
  for (let count = 0; at >= 0 && count < most; count += 1) {
    replacement.copy(disk, at);
    at = disk.indexOf(old, at + old.length);
  }
}
