import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSparseImage } from '../../../local/disk/sparse-image';
import { imagePath } from './expected-files';

/** Debian's tools, asked now: what they say of an image needs no committed answer, and may be asked of every file. */

/** `describe` if all these programs are installed; otherwise `describe.skip`, and a line that says which is missing. */
export function describeWith(...programs: string[]): jest.Describe {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0) return describe;
  process.stderr.write(`Skipped, because it is not installed: ${missing.join(', ')}.\n`);
  return describe.skip;
}

/** What a tool prints. Throws what it said if it fails. */
export function ask(program: string, ...given: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(program, given, {
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', MTOOLS_SKIP_CHECK: '1' },
  });
  if (status !== 0) throw new Error(`${program} ${given.join(' ')}: ${stderr.toString()}`);
  return stdout;
}

/** The lines that a tool prints. */
export function linesOf(printed: Buffer): string[] {
  return printed
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Unpacks a part of an image into a sparse file, which tools can open, for as long as `use` takes: `size` bytes from
 * `start`, the whole image if they are not given.
 */
export async function withFile<T>(
  name: string,
  use: (path: string) => T | Promise<T>,
  part?: { start: number; size: number },
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-image-'));
  const path = join(folder, 'image');
  const { size: wholeSize, extents } = readSparseImage(imagePath(name));
  const { start, size } = part ?? { start: 0, size: wholeSize };
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (const { offset, length, content } of extents) {
    if (offset + length <= start || offset >= start + size) continue;
    const bytes = typeof content === 'number' ? Buffer.alloc(length, content) : content;
    const skipped = Math.max(0, start - offset);
    writeSync(
      file,
      bytes,
      skipped,
      Math.min(length - skipped, start + size - offset - skipped),
      offset + skipped - start,
    );
  }
  closeSync(file);
  try {
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
