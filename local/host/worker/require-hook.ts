/**
 * Answers `require('@azure/functions-core')` as the real worker does: by wrapping `Module.prototype.require`.
 * Source: Azure/azure-functions-nodejs-worker:src/setupCoreModule.ts
 */
import Module from 'node:module';
import * as functionsCore from './functions-core';

type Require = (this: unknown, id: string) => unknown;

let installed = false;

/** Call before the app is loaded; a second call changes nothing. */
export function installRequireHook(): void {
  if (installed) return;
  installed = true;
  const prototype = Module.prototype as unknown as { require: Require };
  const original = prototype.require;
  prototype.require = function requireWithFunctionsCore(id) {
    return id === '@azure/functions-core' ? functionsCore : original.call(this, id);
  };
}
