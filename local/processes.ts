/**
 * Starting the local processes: each is a child that prints one line of JSON when it is ready. They end with their
 * parent, and each can be killed alone, as it can in Azure.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A running child: what it said when it was ready, and how to end it. */
export interface LocalProcess<Ready> {
  ready: Ready;
  child: ChildProcess;
  /** Ends it as a deployment would: SIGTERM, then waits. */
  stop(): Promise<void>;
  /** Ends it as a power cut would: SIGKILL, then waits. */
  kill(): Promise<void>;
}

const children = new Set<ChildProcess>();
process.on('exit', endProcesses);

/** Ends every process that was started here and still runs, at once: for whoever leaves without having ended them. */
export function endProcesses(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Lets a child end with this process at the latest. */
export function endWithUs(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/**
 * Starts a file of ours, TypeScript or a bundle, and waits for its ready line. Throws with what it wrote to stderr if it ends first.
 */
export async function startProcess<Ready>(
  file: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
): Promise<LocalProcess<Ready>> {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, file, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-20_000);
    if (environment.LOCAL_VERBOSE) process.stderr.write(text);
  });
  const ready = await Promise.race([
    firstLine(child),
    exited.then(() => {
      throw new Error(`${file} ended before it was ready:\n${errors}`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return { ready: JSON.parse(ready) as Ready, child, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the child has no output');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  // Keep reading, so that a chatty child never blocks on a full pipe.
  lines.on('line', () => undefined);
  return line;
}
