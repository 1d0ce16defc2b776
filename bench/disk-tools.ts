/**
 * What one reads a disk with that is far away, without us: nbdkit's curl plugin makes the ranges a file (by nbdfuse), the
 * tools of mtools and ntfs-3g copy whole files out of it, hivex and evtxexport read those. The answers are the same, but for
 * dirty hives: hivex does not apply logs. Much of the cost is ntfs-3g's, which reads the volume's whole journal before it opens
 * it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RangeServer } from './range-server';

export interface ToolFigures {
  bytes: number;
  requests: number;
  seconds: number;
}

/** Debian's packages by the program that is called. */
const programs = {
  nbdkit: 'nbdkit',
  nbdfuse: 'libnbd-bin',
  fusermount3: 'fuse3',
  mcopy: 'mtools',
  ntfscat: 'ntfs-3g',
  hivexget: 'libhivex-bin',
  evtxexport: 'libevtx-utils',
};

const config = '/Windows/System32/config';

/** Copies what a diagnosis needs and asks it for the DHCP client's start type. Tells which program is missing, if one is. */
export async function readWithTools(server: RangeServer): Promise<ToolFigures | { missing: string }> {
  const missing = Object.keys(programs).filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length > 0) {
    return {
      missing: missing.map((program) => `${program} (${programs[program as keyof typeof programs]})`).join(', '),
    };
  }
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-bench-disk-'));
  try {
    server.takeCounts();
    const begun = performance.now();
    const isMounted = await withPartition(server, folder, 1, async (device) => {
      await run('mcopy', ['-i', device, '::/EFI/Microsoft/Boot/BCD', join(folder, 'BCD')]);
    });
    if (!isMounted) return { missing: 'the right to mount with FUSE' };
    await withPartition(server, folder, 3, async (device) => {
      for (const path of [`${config}/SYSTEM`, `${config}/SOFTWARE`, '/Windows/System32/winevt/Logs/System.evtx'])
        await run('sh', [
          '-c',
          'ntfscat --force "$1" "$2" > "$3"',
          'sh',
          device,
          path,
          join(folder, path.replace(/^.*\//u, '')),
        ]);
    });
    const startType = await run('hivexget', [
      join(folder, 'SYSTEM'),
      String.raw`\ControlSet001\Services\Dhcp`,
      'Start',
    ]);
    await run('evtxexport', ['-f', 'xml', join(folder, 'System.evtx')]);
    const seconds = (performance.now() - begun) / 1000;
    if (!/^(2|dword:00000002)$/u.test(startType.trim())) throw new Error(`hivexget said: ${startType}`);
    return { ...server.takeCounts(), seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A partition of the served disk as a file, for as long as `use` takes. False if it could not be mounted. */
async function withPartition(
  server: RangeServer,
  folder: string,
  number: number,
  use: (device: string) => Promise<void>,
): Promise<boolean> {
  const mount = join(folder, `partition-${number}`);
  mkdirSync(mount);
  // What was fetched is kept, in blocks larger than the tools ask for; `cow` makes a disk that is only read look writable,
  // because ntfscat opens it so.
  const filters = ['--filter=cow', '--filter=partition', '--filter=cache'];
  const settings = [`partition=${number}`, 'cache-on-read=true', 'cache-min-block-size=128K'];
  const nbdkit = ['nbdkit', '-s', '--exit-with-parent', ...filters, 'curl', `url=${server.url}`, ...settings];
  const file = spawn('nbdfuse', [mount, '--command', ...nbdkit], { stdio: 'ignore' });
  const device = join(mount, 'nbd');
  if (!(await isThereSoon(file, device))) return false;
  try {
    await use(device);
    return true;
  } finally {
    await run('fusermount3', ['-u', mount]);
    if (file.exitCode === null) await once(file, 'exit');
  }
}

/** False if nbdfuse ended before: where nothing may be mounted. */
async function isThereSoon(file: ChildProcess, device: string): Promise<boolean> {
  while (!statSync(device, { throwIfNoEntry: false })) {
    if (file.exitCode !== null) return false;
    await delay(5);
  }
  return true;
}

/** What a program prints. The server runs in this process, so nothing may block it. */
async function run(program: string, given: string[]): Promise<string> {
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    // What an event log prints is long, and only that it could be read matters.
    if (printed.length < 10_000) printed += piece;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${program} ended with ${status}.`);
  return printed;
}
