/** One invocation of a registered function, in the order of the worker: arguments, hooks, function, hooks, response. */
import { randomUUID } from 'node:crypto';
import { messageOf, type Log, type LogLevel } from '../log';
import { getProgrammingModel, type AppRegistrations } from './functions-core';
import type { FunctionCallback, InvocationRequest, InvocationResponse, RpcLogLevel } from './rpc';

const hostLevels: Record<RpcLogLevel, LogLevel> = {
  trace: 'debug',
  debug: 'debug',
  information: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  none: 'debug',
};

/** The level of this host for a level of the worker. */
export function hostLogLevel(level: RpcLogLevel): LogLevel {
  return hostLevels[level];
}

interface Invocation {
  response: InvocationResponse;
}

export interface InvocationOptions {
  app: AppRegistrations;
  functionName: string;
  request: InvocationRequest;
  log: Log;
  /** Given the library's context object before the function runs, e.g. to read `context.df` afterwards. */
  onContext?: (context: unknown) => void;
}

/** Runs the function. Rejects with what the function, or a hook, threw; and when no such function is registered. */
export async function invoke(options: InvocationOptions): Promise<Invocation> {
  const { app, functionName, request, log } = options;
  const registered = app.functions.get(functionName);
  if (!registered) throw new Error(`There is no function '${functionName}' in this app.`);
  const invocationId = randomUUID();
  const current: { context?: unknown } = {};

  const core = {
    invocationId,
    metadata: registered.metadata,
    request,
    state: undefined as 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined,
    log(level: RpcLogLevel, category: string, message: string): void {
      const line = {
        level,
        category,
        message,
        invocationContext: current.context,
        hookData: {},
        appHookData: app.appHookData,
      };
      for (const hook of app.hooks.get('log') ?? []) void hook(line);
      log(hostLevels[line.level], `[${functionName} ${invocationId.slice(0, 8)}] ${line.message}`);
    },
  };
  const model = getProgrammingModel().getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  current.context = context;
  options.onContext?.(context);

  const startedAt = performance.now();
  const say = (text: string): void => log('debug', `[${functionName} ${invocationId.slice(0, 8)}] ${text}`);
  say('Executing');

  const hookData = {};
  const shared = { hookData, appHookData: app.appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: registered.callback };
  core.state = 'preInvocationHooks';
  await runHooks(app, 'preInvocation', before);

  core.state = 'invocation';
  const after: Record<string, unknown> = { ...shared, inputs: before.inputs, result: null, error: null };
  try {
    const callback: FunctionCallback = before.functionCallback;
    after.result = await model.invokeFunction(context, before.inputs, callback);
  } catch (error) {
    after.error = error;
  }
  const result = after.error === null ? 'succeeded' : `failed: ${messageOf(after.error)}`;
  say(`Executed in ${Math.round(performance.now() - startedAt)} ms, ${result.split('\n')[0] ?? ''}`);
  core.state = 'postInvocationHooks';
  await runHooks(app, 'postInvocation', after);
  // A hook may replace the error by none, or by another.
  if (after.error !== null && after.error !== undefined) throw after.error as Error;
  return { response: await model.getResponse(context, after.result) };
}

/** Runs the hooks of one name after each other. Rejects with what a hook throws. */
export async function runHooks(app: AppRegistrations, name: string, context: Record<string, unknown>): Promise<void> {
  for (const hook of app.hooks.get(name) ?? []) await hook(context);
}
