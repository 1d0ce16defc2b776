/** Jest's environment for Node, which ends what a test file leaves running: a hook that failed must not keep the run alive. */
const { TestEnvironment } = require('jest-environment-node');

class EndingEnvironment extends TestEnvironment {
  // All tests and hooks of the file are over: https://github.com/jestjs/jest/blob/main/packages/jest-types/src/Circus.ts
  handleTestEvent(event) {
    if (event.name === 'run_finish') this.global.endProcesses?.();
  }
}

module.exports = EndingEnvironment;
