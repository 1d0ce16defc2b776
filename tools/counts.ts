/** What the parts of the full run tell `tools/test-full.ts`: a file of JSON, whose path is in the environment as TEST_COUNTS. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface Counts {
  passed: number;
  failed: number;
  /** The names of what was tried, sorted. */
  names: string[];
  /** How many there are to try; not given where nobody counted them. */
  of?: number;
}

/** What of `jest --json` counts. */
export interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** Tells the counts if somebody asked for them. */
export function tellCounts(counts: Counts): void {
  if (process.env.TEST_COUNTS) writeFileSync(process.env.TEST_COUNTS, JSON.stringify(counts, undefined, 2));
}

/** What a file says, or undefined where it says nothing: whoever should have written it came to no end. */
export function readJson<T>(path: string): T | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return text === '' ? undefined : (JSON.parse(text) as T);
}

/** A suite that did not come to its tests counts as one that failed. */
export function countsOfJest(results: JestResults | undefined): Counts | undefined {
  if (!results) return undefined;
  const { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites } = results;
  const failed = numFailedTests > 0 ? numFailedTests : Math.max(numFailedTestSuites, numRuntimeErrorTestSuites);
  const names = results.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ fullName }) => fullName);
  return { passed: numPassedTests, failed, names: names.sort() };
}

/** What a run counted; at least one failure if it ended with another exit code than 0, or tried nothing. */
export function orFailed(told: Counts | undefined, status: number | string): Counts {
  const counts = told ?? { passed: 0, failed: 0, names: [] };
  const isBad = status !== 0 || counts.passed + counts.failed === 0;
  return { ...counts, failed: isBad ? Math.max(1, counts.failed) : counts.failed };
}

/** The sum of several runs of one part. */
export function sumOf(all: readonly Counts[]): Counts {
  const isCounted = all.every(({ of }) => of !== undefined);
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    names: all.flatMap(({ names }) => names),
    ...(isCounted ? { of: all.reduce((sum, { of = 0 }) => sum + of, 0) } : {}),
  };
}
