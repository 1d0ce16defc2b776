/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/tools/jest-environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.full\\.test\\.ts$'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
    '\\.ps1$': '<rootDir>/tools/jest-text.cjs',
  },
  // The scenarios and the ledger run processes of their own; two workers keep two cores busy.
  maxWorkers: 2,
  // Nothing is waited for by the clock: this is when a test that hangs is given up, on a machine however busy.
  testTimeout: 300_000,
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
};
