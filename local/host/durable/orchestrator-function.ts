/** Calls an orchestrator function: builds the trigger's value, reads the answer, checks it against the library's tasks. */
import type { Log } from '../log';
import { messageOf } from '../log';
import type { AppRegistrations } from '../worker/functions-core';
import { invoke } from '../worker/invocation';
import type { OrchestratorReply } from './actions';
import type { HistoryEvent } from './history';
import { assertSameTasks, libraryTasks } from './library-tasks';
import { longTimerInterval, maximumShortTimer, plan, type Plan } from './plan';
import type { Instance } from './store';
import { triggerBindingName, unknownFunction } from './functions';

// Today's extension offers schema V4 (numbered 3); `upperSchemaVersion` stays 1 for old libraries.
// Source: Azure/azure-functions-durable-extension, OrchestrationTriggerAttributeBindingProvider.cs
const protocol = {
  upperSchemaVersion: 1,
  upperSchemaVersionNew: 3,
  longRunningTimerIntervalDuration: longTimerInterval.text,
  maximumShortTimerDuration: maximumShortTimer.text,
  // [sic]: the library reads it by this name.
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
};

/** An orchestrator that throws sends its state after this label, inside the error's message. */
const stateLabel = '\n\n$OutOfProcData$:';

interface OrchestratorTurn {
  reply: OrchestratorReply;
  plan: Plan;
}

let warnedAboutLibrary = false;

/**
 * Runs the orchestrator over its whole history (new events included). Throws OrchestrationFault when it is not
 * deterministic or asks for what is not supported, and an Error when the function could not run at all.
 */
export async function runOrchestrator(
  app: AppRegistrations,
  instance: Instance,
  history: HistoryEvent[],
  log: Log,
): Promise<OrchestratorTurn> {
  const { name, instanceId } = instance;
  const value = {
    history,
    input: JSON.parse(instance.input) as unknown,
    instanceId,
    isReplaying: history.some((event) => event.IsPlayed),
    parentInstanceId: instance.parent?.instanceId ?? null,
    ...protocol,
  };
  let context: unknown;
  const reply = await replyOf(() =>
    invoke({
      app,
      functionName: name,
      request: { inputData: [{ name: triggerBindingName(app, name), data: { string: JSON.stringify(value) } }] },
      log,
      onContext: (given) => (context = given),
    }),
  );
  const next = plan({
    instanceId,
    history,
    actions: reply.actions[0] ?? [],
    unknownFunction: (kind, called) => unknownFunction(app, kind, called),
  });
  const library = libraryTasks(context);
  if (library) assertSameTasks(instanceId, next, library, reply.isDone || reply.error !== undefined);
  else if (!warnedAboutLibrary) {
    warnedAboutLibrary = true;
    log('error', 'The tasks inside durable-functions cannot be read: non-determinism is detected less well.');
  }
  return { reply, plan: next };
}

async function replyOf(call: () => ReturnType<typeof invoke>): Promise<OrchestratorReply> {
  try {
    const { response } = await call();
    const text = response.returnValue?.json ?? response.returnValue?.string;
    if (!text) throw new Error('The orchestrator function answered nothing. Is it registered by df.app.orchestration?');
    return JSON.parse(text) as OrchestratorReply;
  } catch (error) {
    const message = messageOf(error);
    const label = message.indexOf(stateLabel);
    if (label < 0) throw error;
    const reply = JSON.parse(message.slice(label + stateLabel.length)) as OrchestratorReply;
    // An error without a message must not pass for success.
    return { ...reply, error: reply.error ?? '' };
  }
}
