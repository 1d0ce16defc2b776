/** One managed Run Command: what was asked, and how its script fares in the guest. */
import type { ScriptEnd, ScriptHost } from '../../windows/run-commands-script';
import type { ScriptRunner } from '../../windows/agent';
import { invalidRequestContent, type ArmResponse } from '../arm-errors';
import { readObject } from '../request-body';
import { RUN_COMMAND_START_MS, RUN_COMMAND_TIMEOUT_MS } from '../durations';
import { pause } from '../timers';
import { isAgentAlive, type Machine } from './machine';

export interface RunCommand {
  name: string;
  location: string;
  tags: Record<string, string>;
  properties: RunCommandProperties;
  provisioningState: 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
  execution: Execution;
  /** Set by DELETE: the script is no longer wanted. */
  isCancelled: boolean;
}

/** The body's properties as far as they are acted upon; the rest is kept and shown again. */
export interface RunCommandProperties {
  source?: { script?: string };
  parameters?: { name: string; value: string }[];
  protectedParameters?: { name: string; value: string }[];
  asyncExecution?: boolean;
  timeoutInSeconds?: number;
  [other: string]: unknown;
}

/** Reads a body's `properties`. Parameters must be a list of names and values. */
export function readProperties(
  given: unknown,
): { ok: true; value: RunCommandProperties } | { ok: false; response: ArmResponse } {
  const object = readObject(given);
  if (!object.ok) return object;
  const { parameters = [], protectedParameters = [] } = object.value;
  if (!isParameterList(parameters) || !isParameterList(protectedParameters)) {
    return { ok: false, response: invalidRequestContent() };
  }
  return { ok: true, value: object.value };
}

function isParameterList(value: unknown): value is { name: string; value: string }[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: { name?: unknown; value?: unknown } | null) =>
        typeof one?.name === 'string' && typeof one.value === 'string',
    )
  );
}

/** States of the SDK's KnownExecutionState (@azure/arm-compute 24.1). */
export interface Execution {
  state: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'TimedOut' | 'Canceled';
  message: string;
  exitCode?: number;
  output: string;
  error: string;
  startedAt?: number;
  endedAt?: number;
}

/** "The last 4,096 bytes": MicrosoftDocs/azure-compute-docs, run-command.md. */
const OUTPUT_BYTES = 4096;
/** How often a waiting command looks for a living agent, local ms. */
const AGENT_LOOK_MS = 1000;

export function newExecution(): Execution {
  return { state: 'Pending', message: '', output: '', error: '' };
}

/** What came of getting the script to run. */
export type Delivery = { kind: 'started'; ended: Promise<void> } | { kind: 'never-started' };

/**
 * Waits until the agent takes the command, then lets the script run. Resolves at the script's start, or when 90
 * minutes have passed without an agent: nobody cancels earlier (Microsoft/OMS-Agent-for-Linux#1496).
 */
export async function deliver(machine: Machine, command: RunCommand, run: ScriptRunner): Promise<Delivery> {
  const givenUpAt = Date.now() + RUN_COMMAND_TIMEOUT_MS;
  await pause(RUN_COMMAND_START_MS);
  while (!isAgentAlive(machine, Date.now())) {
    if (command.isCancelled || Date.now() > givenUpAt) return { kind: 'never-started' };
    await pause(AGENT_LOOK_MS);
  }
  if (command.isCancelled) return { kind: 'never-started' };
  command.execution = { ...newExecution(), state: 'Running', startedAt: Date.now() };
  return { kind: 'started', ended: runToItsEnd(machine, command, run) };
}

async function runToItsEnd(machine: Machine, command: RunCommand, run: ScriptRunner): Promise<void> {
  const { execution } = command;
  const end = await Promise.race([scriptEnd(machine, command, run), timeLimit(command)]);
  execution.endedAt = Date.now();
  if (command.isCancelled) {
    execution.state = 'Canceled';
    return;
  }
  if (end === 'timed-out') {
    execution.state = 'TimedOut';
    execution.message = 'Script execution timed out.'; // assumed: the words
    return;
  }
  execution.state = end.exitCode === 0 ? 'Succeeded' : 'Failed';
  execution.exitCode = end.exitCode;
  execution.output = lastBytes(end.output);
  execution.error = lastBytes(end.error);
}

/** assumed: a script that a shutdown cut off is reported as failed with the exit code of a killed process. */
const CUT_OFF: ScriptEnd = { exitCode: 1, output: '', error: 'The guest went down while the script was running.\r\n' };

class GuestWentDown extends Error {
  override name = 'GuestWentDown';
}

async function scriptEnd(machine: Machine, command: RunCommand, run: ScriptRunner): Promise<ScriptEnd> {
  const { guest } = machine;
  // assumed: the words. The simulation has no Linux inside.
  if (!guest) return { exitCode: 1, output: '', error: 'The simulated guest runs no shell.\n' };
  const session = guest.bootedAt();
  const host: ScriptHost = {
    guest,
    async pause(localMs) {
      await pause(localMs);
      const isOver = command.isCancelled || command.execution.state !== 'Running';
      if (isOver || guest.bootedAt() !== session) throw new GuestWentDown();
    },
  };
  const parameters = [...(command.properties.parameters ?? []), ...(command.properties.protectedParameters ?? [])];
  const named = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  try {
    return await run(host, command.properties.source?.script ?? '', named);
  } catch (error) {
    if (error instanceof GuestWentDown) return CUT_OFF;
    return { exitCode: 1, output: '', error: `${error instanceof Error ? error.message : String(error)}\r\n` };
  }
}

async function timeLimit(command: RunCommand): Promise<'timed-out'> {
  const seconds = command.properties.timeoutInSeconds ?? 0;
  await pause(seconds > 0 ? seconds * 1000 : RUN_COMMAND_TIMEOUT_MS);
  return 'timed-out';
}

function lastBytes(text: string): string {
  return Buffer.from(text, 'utf8').subarray(-OUTPUT_BYTES).toString('utf8');
}
