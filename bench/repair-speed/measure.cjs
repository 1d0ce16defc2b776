/**
 * Starts measure.ts. JavaScript, and tsx only where a file is required: its loader for ESM modules runs in a thread of its
 * own, and virtual time would pass while a package is asked for again.
 */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { register } = require('tsx/cjs/api');

// The scripts for the guest are texts in the bundle.
Module._extensions['.ps1'] = (module, file) => {
  module.exports = readFileSync(file, 'utf8');
};
register();
require('./measure.ts');
