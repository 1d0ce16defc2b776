import { countsOfJest, orFailed, sumOf } from '../../tools/counts';

/** What Jest says of tests that ended so. */
function results(statuses: string[], suites: { failed?: number; broken?: number } = {}) {
  const assertionResults = statuses.map((status, index) => ({ fullName: `case ${index}`, status }));
  return {
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    numFailedTestSuites: suites.failed ?? 0,
    numRuntimeErrorTestSuites: suites.broken ?? 0,
    testResults: [{ assertionResults }],
  };
}

describe('tools/counts', () => {
  it('are of the tests that Jest tried, not of those that it skipped', () => {
    const counts = countsOfJest(results(['passed', 'pending', 'failed'], { failed: 1 }));
    expect(counts).toEqual({ passed: 1, failed: 1, names: ['case 0', 'case 2'] });
  });

  it('have a failure for a suite that did not come to its tests', () => {
    expect(countsOfJest(results(['passed'], { failed: 1, broken: 1 }))).toMatchObject({ passed: 1, failed: 1 });
  });

  it.each([
    ['that said nothing', undefined, 0, { passed: 0, failed: 1 }],
    ['that tried nothing', { passed: 0, failed: 0, names: [] }, 0, { passed: 0, failed: 1 }],
    ['with another exit code than 0', { passed: 5, failed: 0, names: [] }, 1, { passed: 5, failed: 1 }],
    ['that was killed', { passed: 5, failed: 0, names: [] }, 'SIGKILL', { passed: 5, failed: 1 }],
    ['that told its failures', { passed: 5, failed: 3, names: [] }, 1, { passed: 5, failed: 3 }],
    ['that passed', { passed: 5, failed: 0, names: [] }, 0, { passed: 5, failed: 0 }],
  ])('have a failure for a run that failed: one %s', (_what, told, status, expected) => {
    expect(orFailed(told, status)).toMatchObject(expected);
  });

  it('are added up, of how many only where each says it', () => {
    const one = { passed: 2, failed: 1, names: ['a'], of: 10 };
    expect(sumOf([one, one])).toEqual({ passed: 4, failed: 2, names: ['a', 'a'], of: 20 });
    expect(sumOf([one, { passed: 1, failed: 0, names: ['b'] }])).toEqual({ passed: 3, failed: 1, names: ['a', 'b'] });
  });
});
