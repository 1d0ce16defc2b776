/**
 * Answers `require('@azure/functions-core')` as the real worker does: by wrapping `Module.prototype.require`.
 * Source: Azure/azure-functions-nodejs-worker:src/setupCoreModule.ts
 */
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import * as functionsCore from './functions-core';
import type { Network } from './watched-network';

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

type Wrapped = (exports: object, require: Require, module: object, file: string, folder: string) => void;

/** Compiled once: an app of 4 MB takes longer to read than to run. */
const scripts = new Map<string, Script>();

/**
 * Loads a CommonJS file anew, as a new process would, and gives it this network. Only this file: the deployed app is one
 * file, with its packages in it. Throws what it throws.
 */
export function requireAnew(file: string, network: Network): void {
  const script = scripts.get(file) ?? new Script(Module.wrap(readFileSync(file, 'utf8')), { filename: file });
  scripts.set(file, script);
  const given = Module.createRequire(file);
  const require = Object.assign((id: string) => network.module(id) ?? (given(id) as unknown), given);
  const module = { exports: {}, filename: file, id: file, loaded: false };
  const load = script.runInThisContext() as Wrapped;
  load(module.exports, require, module, file, path.dirname(file));
}
