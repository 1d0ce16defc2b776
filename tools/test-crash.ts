/**
 * `npm run test:crash`: the host of each repair dies by SIGKILL before and after each call to ARM, each commit and each
 * write to the ledger; every repair must end like the one that nobody disturbed. `-- vm-dhcp-disabled` sweeps one repair
 * only, `-- --resume` goes on where an interrupted sweep stopped. With TEST_SAMPLE and TEST_SEED, a share of the points of
 * one repair. Needs the bundle.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds, openSweep, type Death, type Range, type Sweep } from '../test/scenarios/support/crash-sweep/sweep';
import { pickedByName, sampledRuns, seed, share } from '../test/support/sample';
import { sumOf, tellCounts, type Counts } from './counts';
import { exitOnSignals } from './exit-on-signals';

const everyRepair = ['vm-dhcp-disabled', 'vm-dhcp-rebooted', 'vm-safe-mode-agent'];
/** One line for each point without a difference. */
const progressFile = join(__dirname, '../.local/test-crash.txt');
/** More deaths than deeds: a repair may look more often than the one that was counted. */
const margin = 10;
const whens = ['before', 'after'] as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { resume: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const repairs = positionals.length > 0 ? positionals : everyRepair;
  const isSample = share < 1;
  // A sample says nothing about how far a sweep is.
  const passed = isSample ? new Set<string>() : readProgress(values.resume);
  const sweep = await openSweep({ workers: isSample ? 2 : 3, speed: 100 });
  try {
    const all: Counts[] = [];
    if (isSample) all.push(await sampleRepair(sweep, repairs[seed % repairs.length] ?? ''));
    else for (const like of repairs) all.push(await sweepRepair(sweep, like, passed));
    tellCounts(sumOf(all));
    return sumOf(all).failed === 0 ? 0 : 1;
  } finally {
    await sweep.stop();
  }
}

/** How many deeds of each kind the repair has that nobody disturbs. */
async function countDeeds(sweep: Sweep, like: string) {
  const { deeds } = await sweep.reference(like);
  return kinds.map((of) => ({ of, count: sweep.countOf(of, deeds) }));
}

async function sweepRepair(sweep: Sweep, like: string, passed: Set<string>): Promise<Counts> {
  const counts = await countDeeds(sweep, like);
  const ranges = counts.flatMap(({ of, count }) =>
    whens.map((when): Range => {
      const points = Array.from({ length: count + margin }, (_, index) => index + 1);
      return { like, of, when, only: points.filter((nth) => !passed.has(`${like}: ${when} ${nth} of the ${of}`)) };
    }),
  );
  const text = counts.map(({ of, count }) => `${count} ${of}`).join(', ');
  console.log(`${like}: before and after each of ${text}`);
  let tried = 0;
  return runRanges(sweep, like, ranges, ({ at, died, problems }) => {
    tried += 1;
    if (died && problems.length === 0) appendFileSync(progressFile, `${at}\n`);
    if (tried % 25 === 0) console.log(`  ${tried} tried, the last one ${at}`);
  });
}

/** The points that the seed picks, in a range each. For one that a repair does not come to, the next one. */
async function sampleRepair(sweep: Sweep, like: string): Promise<Counts> {
  const counts = await countDeeds(sweep, like);
  const ranges = counts.flatMap(({ of, count }) =>
    Array.from({ length: count }, (_, index) => index + 1).flatMap((nth) =>
      whens.map((when) => ({ like, of, when, only: [nth] })),
    ),
  );
  const nameOf = ({ of, when, only }: (typeof ranges)[number]) => `${when} ${only.join()} of the ${of}`;
  const wanted = sampledRuns(ranges.length);
  console.log(`${like}: ${wanted} of ${ranges.length} points`);
  const swept: Counts[] = [];
  const tried = new Set<Range>();
  const left = () => wanted - sumOf(swept).names.length - sumOf(swept).failed;
  while (left() > 0 && tried.size < ranges.length) {
    const next = pickedByName(ranges, nameOf, tried.size + left()).filter((range) => !tried.has(range));
    for (const range of next) tried.add(range);
    swept.push(await runRanges(sweep, like, next, ({ at }) => console.log(`  ${at}`)));
  }
  return { ...sumOf(swept), of: ranges.length };
}

async function runRanges(
  sweep: Sweep,
  like: string,
  ranges: Range[],
  onDeath: (death: Death) => void,
): Promise<Counts> {
  const names: string[] = [];
  const { deaths, differences } = await sweep.run(ranges, 'SIGKILL', (death) => {
    if (death.died) names.push(death.at);
    onDeath(death);
  });
  for (const { at, problems } of differences) console.log(`  ${at}\n    ${problems.join('\n    ')}`);
  console.log(`crash sweep: ${like}, ${deaths} deaths by SIGKILL, ${differences.length} differences`);
  const failed = differences.length;
  return { passed: Math.max(0, deaths - failed), failed, names: names.sort() };
}

function readProgress(resume: boolean): Set<string> {
  mkdirSync(dirname(progressFile), { recursive: true });
  if (!resume) rmSync(progressFile, { force: true });
  return new Set(existsSync(progressFile) ? readFileSync(progressFile, 'utf8').split('\n') : []);
}

exitOnSignals();
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
