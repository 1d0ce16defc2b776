/**
 * `npm run test:full`: everything that `npm test` leaves out, part after part: the tests of `*.full.test.ts`, damaged disks
 * (`fuzz`), faults at every call (`faults`), deaths of the host (`crash`). `-- --sample 0.02` tries a seeded share of it,
 * `--seed 7` the same as last time, `--only tests,crash` some parts. What each part tried stands in `.local/test-full/`.
 * Needs the bundle.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { countsOfJest, orFailed, readJson, sumOf, tellCounts, type Counts, type JestResults } from './counts';
import { commandFor, parts, readOptions, type FullRunOptions, type Part } from './full-run-options';

const root = join(__dirname, '..');
const folder = join(root, '.local/test-full');
const jest = join(root, 'node_modules/jest/bin/jest.js');

/** How a recovery VM comes to its work in the three runs of the part `faults`. */
const faultModes: Record<string, string>[] = [{}, { FAULTS_LOOK: '1' }, { FAULTS_STANDING: '1' }];

/** A death of a host costs some seconds, where a test costs a fraction of one. */
const crashShare = 0.1;

interface Run {
  args: string[];
  environment: Record<string, string>;
  /** Reads what came of it. */
  counts: (path: string) => Counts | undefined;
}

interface PartResult extends Counts {
  part: Part;
  seconds: number;
}

/** What a part runs, one after another. */
function runsOf(part: Part, { share, seed }: FullRunOptions): Run[] {
  const tool = (name: string, environment: Record<string, string> = {}): Run => ({
    args: ['--import', 'tsx', join(root, 'tools', name)],
    environment,
    counts: readJson<Counts>,
  });
  switch (part) {
    case 'tests': {
      const options = ['--verbose', '--json', '--outputFile', join(folder, 'jest.json')];
      const counts = () => countsOfJest(readJson<JestResults>(join(folder, 'jest.json')));
      return [{ args: [jest, '--config', join(root, 'jest.full.config.cjs'), ...options], environment: {}, counts }];
    }
    case 'fuzz':
      return [tool('test-fuzz.ts', { FUZZ_SEED: String(seed) })];
    case 'faults': {
      const modes = share < 1 / faultModes.length ? [faultModes[seed % faultModes.length] ?? {}] : faultModes;
      return modes.map((mode) => tool('test-faults.ts', mode));
    }
    case 'crash':
      return [tool('test-crash.ts', share < 1 ? { TEST_SAMPLE: String(share * crashShare) } : {})];
  }
}

async function runPart(part: Part, options: FullRunOptions): Promise<PartResult> {
  const startedAt = performance.now();
  const found: Counts[] = [];
  for (const { args, environment, counts } of runsOf(part, options)) {
    const set = { TEST_SAMPLE: String(options.share), TEST_SEED: String(options.seed), ...environment };
    console.log(`\n== ${part}: ${inWords({ ...set, TEST_COUNTS: '' })}`);
    const file = join(folder, 'run.json');
    for (const old of [file, join(folder, 'jest.json')]) rmSync(old, { force: true });
    const status = await ended(spawnChild(args, { ...set, TEST_COUNTS: file }));
    const told = orFailed(counts(file), status);
    if (status !== 0) console.log(`${part} ended with ${status}`);
    found.push(told);
  }
  const sum = sumOf(found);
  writeFileSync(join(folder, `${part}.json`), JSON.stringify(sum, undefined, 2));
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${part}, ${seconds} s: ${sum.passed} passed, ${sum.failed} failed`);
  return { part, seconds, ...sum };
}

function inWords(environment: Record<string, string>): string {
  const set = Object.entries(environment).filter(([, value]) => value !== '');
  return set.map(([name, value]) => `${name}=${value}`).join(' ');
}

const children = new Set<ChildProcess>();

/** In a group of its own, so that whatever it starts can be ended with it. */
function spawnChild(args: string[], environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  children.add(child);
  return child;
}

/** How a child ended: its exit code, or the signal. */
function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      endGroup(child, 'SIGKILL');
      children.delete(child);
      // Nothing begins any more while we leave.
      if (!isLeaving) resolve(code ?? signal ?? 'nothing');
    });
  });
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // There is nobody left in it.
  }
}

let isLeaving = false;
const patienceMs = 10_000;

/** Lets the children end what they have started, and leaves. */
function leaveOn(signal: NodeJS.Signals, code: number): void {
  process.once(signal, () => {
    isLeaving = true;
    const running = [...children];
    const exits = running.map((child) => once(child, 'exit'));
    for (const child of running) endGroup(child, 'SIGTERM');
    void Promise.race([Promise.all(exits), delay(patienceMs)]).then(() => {
      for (const child of running) endGroup(child, 'SIGKILL');
      process.exit(code);
    });
  });
}

function tableOf(results: readonly PartResult[]): string {
  const rows = results.map(({ part, seconds, passed, failed, names, of }) => [
    part,
    `${seconds} s`,
    of === undefined ? `${names.length}` : `${names.length} of ${of}`,
    String(passed),
    String(failed),
  ]);
  const all = [['part', 'time', 'tried', 'passed', 'failed'], ...rows];
  return all
    .map(([name = '', ...cells]) => name.padEnd(8) + cells.map((cell) => cell.padStart(14)).join(''))
    .join('\n');
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), randomInt(2 ** 31 - 1));
  leaveOn('SIGINT', 130);
  leaveOn('SIGTERM', 143);
  mkdirSync(folder, { recursive: true });
  for (const part of parts) rmSync(join(folder, `${part}.json`), { force: true });
  console.log(`To repeat this: ${commandFor(options)}`);
  const results: PartResult[] = [];
  for (const part of options.only) results.push(await runPart(part, options));
  const { passed, failed, names } = sumOf(results);
  tellCounts({ passed, failed, names });
  console.log(`\n${tableOf(results)}\n\nTo repeat this: ${commandFor(options)}\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
