/**
 * Loads an app as the Functions worker does and prints, as one line of JSON, what it registers and how long that took.
 * The worker answers `require('@azure/functions-core')` with its own module; so does this.
 * https://github.com/Azure/azure-functions-nodejs-worker/blob/v4.x/src/setupCoreModule.ts
 *
 * node load-app.cjs <entry file>
 */
const Module = require('node:module');
const { resolve } = require('node:path');

const functions = [];
let model;
const core = {
  version: '3.10.1',
  hostVersion: '4.1037.0',
  Disposable: class {
    dispose() {}
  },
  registerHook: () => new core.Disposable(),
  setProgrammingModel: (given) => {
    model = given;
  },
  getProgrammingModel: () => model,
  log: (level, category, message) => {
    process.stderr.write(`${level} ${category} ${message}\n`);
  },
  registerFunction: (metadata, callback) => {
    functions.push({ name: metadata.name, bindings: metadata.bindings, callable: typeof callback === 'function' });
    return new core.Disposable();
  },
};

const load = Module.prototype.require;
Module.prototype.require = function requireAsWorker(id) {
  return id === '@azure/functions-core' ? core : load.call(this, id);
};

const started = process.hrtime.bigint();
require(resolve(process.argv[2]));
const loadMs = Number(process.hrtime.bigint() - started) / 1e6;
const memoryBytes = process.memoryUsage().rss;
console.log(JSON.stringify({ node: process.version, programmingModel: model?.name, functions, loadMs, memoryBytes }));
