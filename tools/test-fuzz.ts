/**
 * `npm run test:fuzz`: the fuzz tests of the disk readers, with more cases than `npm test` tries. FUZZ_RUNS in the
 * environment sets how many for each test (1,000), FUZZ_SEED where the search begins. Prints what became of them all.
 * With TEST_SAMPLE, a share of the files with such tests, and as many cases as still tell a shallow search from a deep one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sampled, sampledRuns, share } from '../test/support/sample';
import { countsOfJest, readJson, tellCounts, type JestResults } from './counts';

const leastCases = 10_000;
const allRuns = 1000;
/** With fewer, the tenth that `fuzzTally` demands would be a matter of luck. */
const leastRuns = 300;

interface Tally {
  name: string;
  cases: number;
  counts: Record<string, number>;
}

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-fuzz-'));
  const report = join(folder, 'report');
  const jest = resolve(__dirname, '../node_modules/jest/bin/jest.js');
  // Tests of these names also hold others, which are soon over; the large images have a test of their own without cases.
  const whole = ['test/disk', 'test/guest/snapshot-disk/fuzz', '--testPathIgnorePatterns', 'large-images'];
  const files = fuzzFiles();
  const chosen = sampled(files);
  const tests = share < 1 ? ['--runTestsByPath', ...chosen] : whole;
  const runs = share < 1 ? Math.max(leastRuns, sampledRuns(allRuns)) : allRuns;
  const env = { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? String(runs), FUZZ_REPORT: report };
  const json = join(folder, 'jest.json');
  const options = ['--silent', '--json', '--outputFile', json];
  if (share < 1)
    console.log(
      `${chosen.length} of ${files.length} files, ${env.FUZZ_RUNS} cases for each test: ${chosen.join(', ')}`,
    );
  const { status } = spawnSync(process.execPath, [jest, ...options, ...tests], { env, stdio: 'inherit' });
  const counts = countsOfJest(readJson<JestResults>(json));
  if (counts) tellCounts(counts);
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  rmSync(folder, { recursive: true });
  const tallies = lines.map((line) => JSON.parse(line) as Tally);
  for (const { name, cases, counts } of tallies)
    console.log(`${cases.toString().padStart(6)}  ${name}: ${inWords(counts)}`);
  const total = tallies.reduce((sum, { cases }) => sum + cases, 0);
  console.log(`${total.toString().padStart(6)}  cases in all`);
  if (status !== 0) return status ?? 1;
  if (total >= leastCases || process.env.FUZZ_RUNS || share < 1) return 0;
  console.error(`Only ${total} cases were tried, of at least ${leastCases}.`);
  return 1;
}

/** The files with fuzz tests, by their paths from the project's folder. */
function fuzzFiles(): string[] {
  const root = resolve(__dirname, '..');
  return ['test/disk', 'test/guest/snapshot-disk']
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
    )
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('.full.test.ts') && !path.includes('large-images'))
    .filter((path) => /fuzz(Question|Tally)\(|FUZZ_RUNS/.test(readFileSync(join(root, path), 'utf8')))
    .sort();
}

function inWords(counts: Record<string, number>): string {
  const ordered = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return ordered.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

process.exitCode = main();
