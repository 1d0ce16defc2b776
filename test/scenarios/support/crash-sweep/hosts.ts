/** The two ways in which a host of the sweep lives and dies. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { appFile, hostJsonFile, readHostKeys, timersOf } from '../../../../local/cloud';
import { endWithUs } from '../../../../local/processes';
import type { CrashPoint } from '../../../../local/host/crash-point';
import { buildProgram } from './programs';
import type { News, Order } from './warm-host';

/** As in all scenarios. */
const timers = { inexactTimers: 1 };

/** A living host. */
export interface Life {
  url: string;
  /** Opens the doors. */
  key: string;
  /** Opens Durable's management API. */
  durableKey: string;
  /** Deeds are counted from now on; it dies at the point if there is one. */
  set(point?: CrashPoint): void;
  /** Resolves when it has died at its point. */
  died: Promise<void>;
}

/** Where hosts live one after another, each on the state that the one before has left. */
export interface HostPlace {
  start(): Promise<Life>;
  /** What the living host has done since its point was set. */
  deeds(): Promise<string[]>;
  close(): void;
}

/** Hosts that are processes and die by SIGKILL. */
export async function openProcessPlace(environment: NodeJS.ProcessEnv): Promise<HostPlace> {
  const program = await buildProgram('local/host/main.ts');
  const folder = newFolder();
  let child: ChildProcess | undefined;
  return {
    async start() {
      const args = [
        '--app',
        appFile,
        '--host-json',
        hostJsonFile,
        '--state',
        folder,
        '--port',
        '0',
        ...timersOf(timers),
      ];
      const born = forkChild(program, args, environment);
      child = born;
      const died = once(born, 'exit').then(() => undefined);
      const line = await Promise.race([
        firstLine(born),
        died.then(() => Promise.reject(new Error('A host ended before it was ready.'))),
      ]);
      const { url, error } = JSON.parse(line) as { url: string; error?: string };
      if (error) throw new Error(`The app could not be loaded: ${error}`);
      return { url, ...keysIn(folder), died, set: (point) => born.send({ point }) };
    },
    deeds: () => Promise.reject(new Error('A host that is a process of its own does not tell.')),
    close() {
      child?.kill('SIGKILL');
      remove(folder);
    },
  };
}

/** Hosts inside a process that goes on. */
export async function openWarmPlace(environment: NodeJS.ProcessEnv): Promise<HostPlace> {
  const folder = newFolder();
  const child = forkChild(await buildProgram('test/scenarios/support/crash-sweep/warm-host.ts'), [], environment);
  child.stdout?.pipe(process.stdout);
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('A process of warm hosts ended.')));
  failed.catch(() => undefined);
  const hears = (kind: News['kind']) => Promise.race([heard(child, kind), failed]);
  const tell = (order: Order) => child.send(order);
  await hears('up');
  return {
    async start() {
      const started = hears('started');
      const died = hears('died').then(() => undefined);
      died.catch(() => undefined);
      tell({ kind: 'start', app: appFile, hostJsonFile, stateFolder: folder, ...timers });
      const { url } = (await started) as Extract<News, { kind: 'started' }>;
      return { url, ...keysIn(folder), died, set: (point) => tell({ kind: 'set', point }) };
    },
    async deeds() {
      const told = hears('deeds');
      tell({ kind: 'tell-deeds' });
      return ((await told) as Extract<News, { kind: 'deeds' }>).deeds;
    },
    close() {
      child.kill('SIGKILL');
      remove(folder);
    },
  };
}

function forkChild(program: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = fork(program, args, { env, execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  endWithUs(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The host has no output.');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

function heard(child: ChildProcess, kind: News['kind']): Promise<News> {
  return new Promise((resolve) => {
    function listen(news: News): void {
      if (news.kind !== kind) return;
      child.off('message', listen);
      resolve(news);
    }
    child.on('message', listen);
  });
}

function keysIn(folder: string): { key: string; durableKey: string } {
  const keys = readHostKeys(folder);
  return { key: keys.function.default, durableKey: keys.system.durabletask_extension };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'rdp-lifeline-crash-'));
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
