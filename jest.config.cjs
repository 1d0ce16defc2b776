/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/tools/jest-environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  // What takes long is left to jest.full.config.cjs.
  testMatch: ['<rootDir>/test/**/*.test.ts', '!**/*.full.test.ts'],
  testSequencer: '<rootDir>/tools/jest-sequencer.cjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
    '\\.ps1$': '<rootDir>/tools/jest-text.cjs',
  },
  // Half of the time a scenario waits for local time to pass: three workers keep two cores busy.
  maxWorkers: 3,
  // Nothing is waited for by the clock: this is when a test that hangs is given up, on a machine however busy.
  testTimeout: 300_000,
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
};
