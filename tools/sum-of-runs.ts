/**
 * `sum-of-runs.ts <jest's results> <its exit code> <counts of the sample> <its exit code>`: prints what `.ci/run` ends with. A
 * run that failed without saying so counts as one more failure.
 */
import { countsOfJest, orFailed, readJson, sumOf, type Counts, type JestResults } from './counts';

const [results = '', status, sample = '', sampleStatus] = process.argv.slice(2);
const { passed, failed } = sumOf([
  orFailed(countsOfJest(readJson<JestResults>(results)), Number(status)),
  orFailed(readJson<Counts>(sample), Number(sampleStatus)),
]);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
