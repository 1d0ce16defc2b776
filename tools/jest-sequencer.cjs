/**
 * The order of test files: scenarios first, which mostly wait for local time to pass, so that the last minute of a run is not
 * one worker with a long one. Among themselves as Jest has them: longest first where it knows, else largest first.
 */
const Sequencer = require('@jest/test-sequencer').default;

class ScenariosFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isScenario = ({ path }) => /[\\/]test[\\/](scenarios|bench)[\\/]/.test(path);
    return [...sorted.filter(isScenario), ...sorted.filter((test) => !isScenario(test))];
  }
}

module.exports = ScenariosFirst;
