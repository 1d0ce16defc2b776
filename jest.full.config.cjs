/** `npm run test:full`: the cases that `npm test` leaves out, each of which it has some of. */
const config = require('./jest.config.cjs');

/** @type {import('jest').Config} */
module.exports = {
  ...config,
  testMatch: ['<rootDir>/test/**/*.full.test.ts'],
  // A property may try its cases for long.
  testTimeout: 3_600_000,
};
