/**
 * The answer to `require('@azure/functions-core')`: what the worker gives to `@azure/functions`. Its exports are named
 * as the library reads them. Registrations go to the app that is being loaded; afterwards they are refused, as the real
 * worker does (Azure/azure-functions-nodejs-worker:src/coreApi/registerFunction.ts).
 */
import type { FunctionCallback, FunctionMetadata, HookCallback, ProgrammingModel, RpcLogLevel } from './rpc';

interface RegisteredFunction {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
}

/** What one app registered while it was loaded. */
export interface AppRegistrations {
  functions: Map<string, RegisteredFunction>;
  hooks: Map<string, HookCallback[]>;
  /** Shared by all hooks of the app. */
  appHookData: Record<string, unknown>;
  systemLog: (level: RpcLogLevel, message: string) => void;
}

let loading: AppRegistrations | undefined;
// The library sets its model once per process, however many apps are loaded after each other.
let programmingModel: ProgrammingModel | undefined;

/** Loads an app: everything that `load` registers is collected. Rejects with what `load` throws. */
export async function collectRegistrations(
  systemLog: AppRegistrations['systemLog'],
  load: () => unknown,
): Promise<AppRegistrations> {
  const registrations: AppRegistrations = { functions: new Map(), hooks: new Map(), appHookData: {}, systemLog };
  loading = registrations;
  try {
    await load();
  } finally {
    loading = undefined;
  }
  return registrations;
}

export const version = '3.12.0';
export const hostVersion = '4.1037.0';

/** Releases what a registration took; the library returns it to the app. */
export class Disposable {
  readonly #release: () => unknown;

  constructor(release: () => unknown) {
    this.#release = release;
  }

  static from(...disposables: { dispose: () => unknown }[]): Disposable {
    return new Disposable(() => disposables.map((disposable) => disposable.dispose()));
  }

  dispose(): unknown {
    return this.#release();
  }
}

export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  if (!loading) throw new Error('A function can only be registered during app startup.');
  const { functions } = loading;
  if (functions.has(metadata.name)) throw new Error(`The function name '${metadata.name}' is already registered.`);
  functions.set(metadata.name, { metadata, callback });
  return new Disposable(() => functions.delete(metadata.name));
}

export function registerHook(hookName: string, callback: HookCallback): Disposable {
  if (!loading) throw new Error('A hook can only be registered during app startup.');
  const { hooks } = loading;
  hooks.set(hookName, [...(hooks.get(hookName) ?? []), callback]);
  return new Disposable(() => {
    hooks.set(
      hookName,
      (hooks.get(hookName) ?? []).filter((hook) => hook !== callback),
    );
  });
}

export function setProgrammingModel(model: ProgrammingModel): void {
  programmingModel = model;
}

/** Throws when no library has set its model yet, which means that the app registered nothing. */
export function getProgrammingModel(): ProgrammingModel {
  if (!programmingModel) throw new Error('The app has not loaded @azure/functions: no programming model is set.');
  return programmingModel;
}

export function log(level: RpcLogLevel, _category: string, message: string): void {
  loading?.systemLog(level, message);
}
