import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Extent } from './sparse-disk';

/**
 * Disks of 127 GiB in files of some hundred kilobytes. A packed image is gzip over one line of JSON,
 * `{"size", "extents": [[offset, length, fill]]}`, and the bytes of the extents one after another. An extent with a fill
 * is that byte all over and has no bytes of its own; what no extent covers is zeros.
 * Pack: `tsx local/disk/sparse-image.ts out.gz 'disk.img@0' 'volume.img@1048576'` (later files lie over earlier ones); it
 * wants what `filefrag -b1 -v` says of each file beside it, as `disk.img.extents`.
 */
interface Header {
  readonly size: number;
  readonly extents: readonly (readonly [offset: number, length: number, fill: number | null])[];
}

const CHUNK = 4096;

/** A packed image in memory: the disk's size in bytes, and what is on it. */
export function readSparseImage(path: string): { size: number; extents: Extent[] } {
  const content = unpacked(readFileSync(path));
  const headerEnd = content.indexOf('\n');
  const { size, extents } = JSON.parse(content.toString('utf8', 0, headerEnd)) as Header;
  let at = headerEnd + 1;
  return {
    size,
    extents: extents.map(([offset, length, fill]) => {
      if (fill !== null) return { offset, length, content: fill };
      at += length;
      return { offset, length, content: content.subarray(at - length, at) };
    }),
  };
}

/** A large image may be packed more than once, which makes what repeats itself smaller again. */
function unpacked(content: Buffer): Buffer {
  return content.readUInt16BE(0) === 0x1f8b ? unpacked(gunzipSync(content)) : content;
}

/** Packs image files, each at an offset of the disk; the first decides the disk's size. */
function packSparseImage(target: string, parts: readonly { path: string; offset: number }[]): void {
  const pieces: Buffer[] = [];
  const extents: [number, number, number | null][] = [];
  for (const { path, offset } of parts) {
    const file = openSync(path, 'r');
    for (const chunk of chunksWithContent(path, file)) {
      const fill = chunk.bytes.every((byte) => byte === chunk.bytes[0]) ? (chunk.bytes[0] ?? 0) : null;
      const last = extents.at(-1);
      const continues = last && last[0] + last[1] === offset + chunk.at && last[2] === fill;
      if (continues) last[1] += chunk.bytes.length;
      else extents.push([offset + chunk.at, chunk.bytes.length, fill]);
      if (fill === null) pieces.push(chunk.bytes);
    }
    closeSync(file);
  }
  const header: Header = { size: statSync(parts[0]?.path ?? '').size, extents };
  writeFileSync(target, gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...pieces]), { level: 9 }));
}

/** Only what the file system stores of the file: reading 127 GiB of holes takes minutes. */
function* chunksWithContent(path: string, file: number): Generator<{ at: number; bytes: Buffer }> {
  const zeros = Buffer.alloc(CHUNK);
  const size = statSync(path).size;
  for (const [start, end] of storedRanges(path)) {
    for (let at = start; at < Math.min(end, size); at += CHUNK) {
      const bytes = Buffer.alloc(Math.min(CHUNK, size - at));
      readSync(file, bytes, 0, bytes.length, at);
      if (bytes.compare(zeros, 0, bytes.length) !== 0) yield { at, bytes };
    }
  }
}

/** Lines of `filefrag -b1 -v` in a file beside the image: `ext: logical from..to: physical from..to: length: …`, in bytes. */
function storedRanges(path: string): [number, number][] {
  const lines = readFileSync(`${path}.extents`, 'utf8').split('\n');
  return lines
    .map((line) => /^\s*\d+:\s*(\d+)\.\.\s*(\d+):/u.exec(line))
    .filter((match) => match !== null)
    .map((match) => [Number(match[1]), Number(match[2]) + 1]);
}

if (require.main === module) {
  const [target, ...parts] = process.argv.slice(2);
  if (!target || parts.length === 0) throw new Error('give the packed file and then image@offset, once or more');
  packSparseImage(
    target,
    parts.map((part) => {
      const [path = '', offset = '0'] = part.split('@');
      return { path, offset: Number(offset) };
    }),
  );
}
