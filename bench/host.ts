/** Measures the embedded Functions host: a process of its own, durable state on disk, an app of two activities. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { median } from './figures';

const root = path.resolve(__dirname, '..');

const orchestrationsPerRun = 200;
const runs = 5;
/** Starts in flight at the same time. */
const concurrency = 20;

export interface HostFigures {
  name: string;
  /** Median over the runs, from the first start to the end of the last orchestration. */
  orchestrationsPerSecond: number;
  /** From the start of the process to its ready line, in ms. */
  readyAfter: number;
}

/** Runs the measurement. Rejects when the host does not come up or an orchestration fails. */
export async function benchHost(): Promise<HostFigures> {
  const stateFolder = await mkdtemp(path.join(tmpdir(), 'bench-host-'));
  const startedAt = performance.now();
  const host = spawnHost(stateFolder);
  try {
    const url = await readyUrl(host);
    const readyAfter = Math.round(performance.now() - startedAt);
    const keys = JSON.parse(await readFile(path.join(stateFolder, 'keys.json'), 'utf8')) as { master: string };
    const management = `${url}/runtime/webhooks/durabletask/instances`;
    // One run beforehand, so that the compiler's warm-up is not measured.
    await run(url, management, keys.master);
    const rates: number[] = [];
    for (let index = 0; index < runs; index += 1) rates.push(await run(url, management, keys.master));
    return {
      name: 'embedded host, two activities, durable',
      orchestrationsPerSecond: Math.round(median(rates)),
      readyAfter,
    };
  } finally {
    host.kill('SIGKILL');
    await once(host, 'close');
    await rm(stateFolder, { recursive: true, force: true });
  }
}

function spawnHost(stateFolder: string): ChildProcess {
  const entry = path.join(root, 'local/host/main.ts');
  const app = path.join(root, 'bench/host-app.cjs');
  const args = ['--import', 'tsx', entry, '--app', app, '--port', '0', '--state', stateFolder];
  return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function readyUrl(host: ChildProcess): Promise<string> {
  if (!host.stdout) throw new Error('The host has no stdout.');
  for await (const line of createInterface(host.stdout)) {
    const { url, error } = JSON.parse(line) as { url: string; error?: string };
    if (error) throw new Error(`The measured app could not be loaded: ${error}`);
    return url;
  }
  throw new Error('The host ended before it was ready.');
}

/** Orchestrations per second of one run. */
async function run(url: string, management: string, key: string): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  async function starter(): Promise<void> {
    for (let number = next++; number < orchestrationsPerRun; number = next++) {
      const response = await fetch(`${url}/api/start/${number}`, { method: 'POST' });
      if (response.status !== 202) throw new Error(`Start ${number} was answered with ${response.status}.`);
      await response.arrayBuffer();
    }
  }
  await Promise.all(Array.from({ length: concurrency }, starter));
  while (await isAnyLeft(management, key)) await new Promise((resolve) => setTimeout(resolve, 2));
  const seconds = (performance.now() - startedAt) / 1000;
  await removeAll(management, key);
  return orchestrationsPerRun / seconds;
}

async function isAnyLeft(management: string, key: string): Promise<boolean> {
  const response = await fetch(`${management}/?runtimeStatus=Pending,Running&top=1&code=${key}`);
  return ((await response.json()) as unknown[]).length > 0;
}

async function removeAll(management: string, key: string): Promise<void> {
  const query = `createdTimeFrom=1970-01-01T00:00:00Z&runtimeStatus=Completed&code=${key}`;
  const response = await fetch(`${management}/?${query}`, { method: 'DELETE' });
  const { instancesDeleted } = (await response.json()) as { instancesDeleted: number };
  if (instancesDeleted !== orchestrationsPerRun) throw new Error(`Only ${instancesDeleted} orchestrations completed.`);
}
