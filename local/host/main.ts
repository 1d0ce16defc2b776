/**
 * The embedded Functions host as a process:
 * `tsx local/host/main.ts --app <entry.js> --port <n> --state <folder> [--host-json <file>] [--inexact-timers <seed>]`
 *
 * Prints one JSON line on stdout when it is ready; everything else goes to stderr (HOST_LOG_LEVEL).
 */
import { parseArgs } from 'node:util';
import { installClock } from '../clock';
import type { CrashPoint } from './crash-point';

// Local time must rule before the app's libraries take hold of Date, so all else is loaded after this line.
installClock();

const usage =
  'Usage: main.ts --app <entry file> --port <number, 0 = any> --state <folder> [--host-json <file>] [--inexact-timers <seed>]';

interface Arguments {
  app: string;
  port: number;
  stateFolder: string;
  hostJsonFile?: string;
  inexactTimers?: number;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      port: { type: 'string' },
      state: { type: 'string' },
      'host-json': { type: 'string' },
      'inexact-timers': { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!values.app || !values.state || !Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(usage);
  const seed = values['inexact-timers'];
  if (seed !== undefined && !Number.isInteger(Number(seed))) throw new Error(usage);
  const inexactTimers = seed === undefined ? undefined : Number(seed);
  return { app: values.app, port, stateFolder: values.state, hostJsonFile: values['host-json'], inexactTimers };
}

async function main(): Promise<void> {
  const { hostJsonFile, ...options } = readArguments();
  const { startHost } = await import('./index.js');
  const { readHostJson } = await import('./host-json.js');
  const { crashSwitch } = await import('./crash-point.js');
  const { set, watch } = crashSwitch(() => process.kill(process.pid, 'SIGKILL'));
  // A test that forked this process says where it dies.
  process.on('message', ({ point }: { point?: CrashPoint }) => {
    set(point);
  });
  const hostJson = hostJsonFile && readHostJson(hostJsonFile);
  const host = await startHost({ ...options, hostJson, watch });
  const { url, functions, error } = host;
  process.stdout.write(`${JSON.stringify({ ready: true, url, functions, ...(error ? { error } : {}) })}\n`);

  let stopping = false;
  function stop(): void {
    if (stopping) return;
    stopping = true;
    void host.stop().then(() => process.exit(0));
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
