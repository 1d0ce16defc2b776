import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteStore } from '../../../../local/disk/byte-store';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { UnreadableError, type ByteSource } from '../../../../src/disk/byte-source';

/** What the simulated disk says to the product's readers. */
export function sourceOf(store: ByteStore): ByteSource {
  return {
    size: store.size,
    read(offset, length) {
      try {
        return Promise.resolve(store.read(offset, length));
      } catch (error) {
        return Promise.reject(new UnreadableError('out-of-range', String(error)));
      }
    },
  };
}

const environment = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
  MTOOLS_SKIP_CHECK: '1',
};

/** Whether all of these programs are there. */
export function areInstalled(...programs: string[]): boolean {
  return programs.every((program) => spawnSync(program, ['--version'], { env: environment }).error === undefined);
}

/** What a program says, and how it ended. */
export function run(
  program: string,
  ...parameters: string[]
): { exitCode: number | null; output: Buffer; errors: string } {
  const { status, stdout, stderr } = spawnSync(program, parameters, { env: environment, maxBuffer: 2 ** 28 });
  return { exitCode: status, output: stdout, errors: stderr.toString('utf8') };
}

/** A part of a disk as a file of its own, for as long as `use` runs. Holes stay holes. */
export function withFileOf(
  disk: SparseDisk,
  { start, size }: { start: number; size: number },
  use: (path: string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-disk-'));
  const path = join(folder, 'volume.img');
  try {
    const file = openSync(path, 'w');
    ftruncateSync(file, size);
    for (const { offset, length } of disk.allocatedRanges()) {
      const from = Math.max(offset, start);
      const until = Math.min(offset + length, start + size);
      if (from < until) writeSync(file, disk.read(from, until - from), 0, until - from, from - start);
    }
    closeSync(file);
    use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
