import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { endWithUs } from '../../local/processes';

/**
 * Runs PowerShell scripts for tests: many in one process (`openPwshSession`), because starting PowerShell takes longer than
 * most of them, or one in a process of its own (`runPwsh`), which is the whole truth about command line and exit code.
 */

/** A script with its arguments, as after `pwsh -File`, or a text, as after `pwsh -Command`. */
export type PwshCase = ({ file: string; arguments: string[] } | { command: string }) & {
  /** All of the environment, not only what differs. */
  environment: NodeJS.ProcessEnv;
  /** The current folder; by default that of this process. */
  folder?: string;
};

export interface PwshEnd {
  status: number | null;
  output: string;
  error: string;
}

export interface PwshSession {
  /** Runs one case. Fails if it does not end in time or takes the session down; the next case has a new one then. */
  run: (given: PwshCase) => Promise<PwshEnd>;
  /** Ends the session. */
  close: () => Promise<void>;
}

interface Worker {
  child: ChildProcessWithoutNullStreams;
  closed: Promise<number | null>;
  /** The next line with the mark, and what else was printed until then. Fails when the process ends. */
  answer: () => Promise<PwshEnd & { line: string }>;
}

/** How long a case may take before it counts as hanging. No case is measured by it. */
const bound = 4 * 60_000;
const server = join(__dirname, 'pwsh-session.ps1');

/** Whether `pwsh` is on the PATH. */
export function hasPwsh(): boolean {
  return spawnSync('pwsh', ['-Version']).status === 0;
}

/** Starts PowerShell with the first case, and again after a case that took it down. */
export function openPwshSession(milliseconds = bound): PwshSession {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function runNow(given: PwshCase): Promise<PwshEnd> {
    worker ??= await startWorker();
    const { child, answer } = worker;
    const request = { id: randomBytes(8).toString('hex'), folder: process.cwd(), ...given };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    try {
      const { line, output, error } = await within(answer(), milliseconds);
      const said = JSON.parse(line) as PwshEnd & { id: string };
      if (said.id !== request.id) throw new Error('PowerShell answered another case.');
      // What programs printed past PowerShell comes first: its own output is known only at the end.
      return { status: said.status, output: output + said.output, error: error + said.error };
    } catch (failure) {
      await stop();
      throw failure;
    }
  }

  async function stop(): Promise<void> {
    const stopped = worker;
    worker = undefined;
    if (!stopped) return;
    killGroup(stopped.child);
    await stopped.closed;
  }

  return {
    run(given) {
      const end = last.then(() => runNow(given));
      last = end.catch(() => undefined);
      return end;
    },
    async close() {
      await last;
      await stop();
    },
  };
}

/** Runs one case in a PowerShell of its own. */
export async function runPwsh(given: PwshCase): Promise<PwshEnd> {
  const rest = 'file' in given ? ['-File', given.file, ...given.arguments] : ['-Command', given.command];
  const child = spawn('pwsh', ['-NoProfile', '-NonInteractive', ...rest], {
    env: given.environment,
    cwd: given.folder,
  });
  child.stdin.end();
  const output = collect(child.stdout);
  const error = collect(child.stderr);
  const status = await closing(child);
  return { status, output: output(), error: error() };
}

async function startWorker(): Promise<Worker> {
  const mark = `##${randomBytes(16).toString('hex')}##`;
  // Installed by the .NET SDK, `pwsh` starts the PowerShell that works; as a group both end, with what a case started.
  const child = spawn('pwsh', ['-NoProfile', '-NonInteractive', '-File', server, '-Mark', mark], { detached: true });
  endWithUs(child);
  // A process that is gone is told by its end; writing to it is no fault of its own.
  child.stdin.on('error', () => undefined);
  const closed = closing(child);
  const marked = readMarked(child, mark);
  const error = collect(child.stderr);
  const ended = closed.then((status) => {
    throw new Error(`PowerShell ended with ${status} before the case did. ${error()}`);
  });
  ended.catch(() => undefined);

  async function answer() {
    const found = await Promise.race([marked(), ended]);
    return { ...found, status: null, error: error() };
  }

  await within(answer(), bound);
  return { child, closed, answer };
}

function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Tells lines that begin with the mark from all that is printed between them. */
function readMarked(child: ChildProcessWithoutNullStreams, mark: string) {
  let text = '';
  let wake: () => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    wake();
  });

  return async function next(): Promise<{ line: string; output: string }> {
    for (;;) {
      const start = text.indexOf(mark);
      const end = start < 0 ? -1 : text.indexOf('\n', start);
      if (end >= 0) {
        const found = { line: text.slice(start + mark.length, end), output: text.slice(0, start) };
        text = text.slice(end + 1);
        return found;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** Gives what came since it was last asked. */
function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => {
    const taken = text;
    text = '';
    return taken;
  };
}

function closing(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The case did not end within ${milliseconds / 1000} s.`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
