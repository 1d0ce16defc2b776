/**
 * `npm run test:fuzz`: the fuzz tests of the disk readers, with more cases than `npm test` tries. FUZZ_RUNS in the
 * environment sets how many for each test (1,000), FUZZ_SEED where the search begins. Prints what became of them all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const leastCases = 10_000;

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
  const tests = ['test/disk', 'test/guest/snapshot-disk/fuzz', '--testPathIgnorePatterns', 'large-images'];
  const env = { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? '1000', FUZZ_REPORT: report };
  const { status } = spawnSync(process.execPath, [jest, '--silent', ...tests], { env, stdio: 'inherit' });
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  rmSync(folder, { recursive: true });
  const tallies = lines.map((line) => JSON.parse(line) as Tally);
  for (const { name, cases, counts } of tallies)
    console.log(`${cases.toString().padStart(6)}  ${name}: ${inWords(counts)}`);
  const total = tallies.reduce((sum, { cases }) => sum + cases, 0);
  console.log(`${total.toString().padStart(6)}  cases in all`);
  if (status !== 0) return status ?? 1;
  if (total >= leastCases || process.env.FUZZ_RUNS) return 0;
  console.error(`Only ${total} cases were tried, of at least ${leastCases}.`);
  return 1;
}

function inWords(counts: Record<string, number>): string {
  const ordered = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return ordered.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

process.exitCode = main();
