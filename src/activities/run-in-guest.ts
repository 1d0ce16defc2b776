import { z } from 'zod';
import type { GuestRun, GuestRunRequest, VirtualMachine } from '../azure/ports';
import { runCommandIdOf } from '../azure/resource-id';
import type { GuestAnswer, GuestCommand } from '../guest/command';
import {
  guestRunName,
  nonceOf,
  renderGuestRun,
  scriptTimeoutSeconds,
  type GuestRunKey,
} from '../guest/routes/run-command';
import {
  framePart,
  guestAnswer,
  readAnswer,
  readFrame,
  type FrameFailure,
  type FramePart,
} from '../guest/routes/run-command-frame';
import type { Purpose } from '../policy/decide';
import { permittedVm } from './authorise';
import { isWorthWaiting } from './asked-since';
import { readDocument } from './documents';
import type { AboutRepair } from './input';
import type { NoAnswer } from './no-answer';
import { progressOf, wait, type Progress } from './progress';
import { tagsOf } from './tags';
import type { Tools } from './toolbox';

/** A run of one of our scripts. */
interface RunOrder {
  /** Unique within the repair, `[a-z0-9-]+`. */
  name: string;
  purpose: Purpose;
  /** The VM that runs it; the patient if not given. */
  on?: string;
  /** It is to be done whatever a brake says: something of ours is let go. */
  isOwed?: true;
  /** What was diagnosed, for the reason if policy says no. */
  found?: string;
  /** Called once policy has permitted, just before the run is begun: the place to record the way back. */
  beforeBegin?: () => Promise<void>;
}

/** A run of commands in the guest, or in the recovery VM. */
export interface GuestRunOrder extends RunOrder {
  commands: GuestCommand[];
}

/** A run of any of our scripts: how it is asked for, and how its answer is read. */
export interface ScriptOrder<T> extends RunOrder {
  timeoutSeconds: number;
  render(key: GuestRunKey, place: { location: string; tags: Record<string, string> }): GuestRunRequest;
  read(parts: FramePart[], nonce: string): { ok: true; answer: T } | FrameFailure;
  /** What the answer of the run with this nonce looks like when it is read back from the repair's documents. */
  kept(nonce: string): z.ZodType<T>;
  /** What was asked, to be kept beside the answer. */
  commands?: GuestCommand[];
}

/**
 * The answer, or why there is none and whether the script may have run all the same; or that the repair has to wait or
 * end.
 */
export type ScriptProgress<T> =
  | { kind: 'answered'; answer: T }
  | { kind: 'unanswered'; code: NoAnswer; reason: string; begun: boolean }
  | Exclude<Progress<never>, { kind: 'done' }>;

export type GuestRunProgress = ScriptProgress<GuestAnswer>;

/** How long an instance view may say nothing of the agent until it counts as dead, in ms: a VM may have none at all. */
const missingAgentMs = 60_000;
/** From when on the agent is looked at while a command is under way, in ms since it was registered. Recorded: 15 s is usual. */
const suspiciousMs = 45_000;
/** A script is ended by Windows after its own time; this much later its run counts as stuck, in ms. */
const stuckMarginMs = 60_000;

/**
 * When the first look may find an answer, in ms: a run was recorded to start 7.4 s after it was asked for (Azure/azure-cli:
 * src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_run_command_v2.yaml), and PowerShell itself takes
 * about a second. An earlier look only costs.
 */
const firstLookMs = 8_500;
/** Between two looks as long as an answer is due at any moment, in ms; the usual back-off would often sleep past it. */
const nextLookMs = 1_000;

/**
 * Runs commands in the guest once, however often it is called: finds its own run by name, begins it if it is not
 * there, fetches the answer part by part, and keeps commands and answer as a document of the repair. The run is
 * registered in the ledger before it is begun, and policy is asked again just before.
 */
export async function runInGuest(tools: Tools, about: AboutRepair, order: GuestRunOrder): Promise<GuestRunProgress> {
  return runScript(tools, about, {
    ...order,
    timeoutSeconds: scriptTimeoutSeconds,
    render: (key, place) => renderGuestRun(key, order.commands, place),
    read: readAnswer,
    kept: () => guestAnswer,
  });
}

/** The same for any of our scripts. */
export async function runScript<T>(
  tools: Tools,
  about: AboutRepair,
  order: ScriptOrder<T>,
): Promise<ScriptProgress<T>> {
  const { ledger } = tools;
  const { repairId } = about;
  const nonce = nonceOf({ repairId, name: order.name, part: 1 });
  const record = z.object({ answer: order.kept(nonce) });
  const kept = await readDocument(ledger, repairId, `guest-${order.name}`, record);
  if (kept) return { kind: 'answered', answer: kept.answer };
  const known = (await readDocument(ledger, repairId, `guest-${order.name}-parts`, z.array(framePart))) ?? [];
  const key = { repairId, name: order.name, part: known.length + 1 };
  const run = await tools.arm.getGuestRun(order.on ?? about.vmId, guestRunName(key));
  if (run.ok) return lookAt(tools, about, order, { key, known, run: run.value });
  if (run.failure.kind === 'not-found') return begin(tools, about, order, key);
  const progress = progressOf(run.failure, 'look for the command in the guest');
  if (progress.kind === 'wait' || !(await isRegistered(tools, about, order))) return progress;
  // It may have run: the repair must not end as if nothing had been done.
  return unanswered('run-refused', progress.conclusion.reason);
}

/** Why there is no answer, with its code: for steps and reasons. */
export function whyUnanswered({ code, reason }: { code: NoAnswer; reason: string }): string {
  return `${reason.replace(/\.$/, '')} (${code}).`;
}

/** No answer, although the commands may have run. */
function unanswered(code: NoAnswer, reason: string): Extract<ScriptProgress<never>, { kind: 'unanswered' }> {
  return { kind: 'unanswered', code, reason, begun: true };
}

/** Whether this run was begun before, or was about to be. */
async function isRegistered(tools: Tools, about: AboutRepair, order: RunOrder): Promise<boolean> {
  const first = { repairId: about.repairId, name: order.name, part: 1 };
  return (await begunAt(tools, about, order, first)) !== undefined;
}

/**
 * When Azure took this run, or, where its answer was lost, when it was registered: just before it was asked for the first time. In
 * ms since the Unix epoch.
 */
async function begunAt(
  { ledger }: Tools,
  { repairId, vmId }: AboutRepair,
  { on = vmId }: RunOrder,
  key: GuestRunKey,
): Promise<number | undefined> {
  const runId = runCommandIdOf(on, guestRunName(key)).toLowerCase();
  const { resources } = await ledger.getTimeline(repairId);
  const found = resources.find(({ resourceId }) => resourceId.toLowerCase() === runId);
  return found && Date.parse(found.createdAt ?? found.registeredAt);
}

/**
 * A command that takes long: is the agent still there? Without one it would be asked for until the patience is over, which
 * is time that a person or another route could use.
 */
async function lookAtDelay<T>(
  tools: Tools,
  about: AboutRepair,
  order: ScriptOrder<T>,
  key: GuestRunKey,
): Promise<ScriptProgress<T>> {
  const underWayMs = Date.now() - ((await begunAt(tools, about, order, key)) ?? Date.now());
  if (underWayMs < suspiciousMs) return wait('The guest is at it.', nextLookMs);
  const vm = await tools.arm.getVirtualMachine(order.on ?? about.vmId);
  if (!vm.ok) return wait('The guest is at it, and Azure does not say whether its agent is well.');
  const { agent, powerState } = vm.value;
  const isMissing = powerState === undefined || agent.missing === true;
  if (powerState !== undefined && powerState !== 'running')
    return unanswered('agent-gone', `The VM is ${powerState} now.`);
  if (!isMissing && !agent.usable) return unanswered('agent-gone', `While the command was under way: ${agent.reason}`);
  if (underWayMs < order.timeoutSeconds * 1000 + stuckMarginMs)
    return wait(
      `The guest is at it, and ${isMissing ? 'Azure does not say whether its agent is well' : 'its agent is Ready'}.`,
    );
  const minutes = Math.round(underWayMs / 60_000);
  return unanswered(
    'run-stuck',
    `The command is still running after ${minutes} minutes, although Windows ends it after ${order.timeoutSeconds / 60}.`,
  );
}

async function lookAt<T>(
  tools: Tools,
  about: AboutRepair,
  order: ScriptOrder<T>,
  { key, known, run }: { key: GuestRunKey; known: FramePart[]; run: GuestRun },
): Promise<ScriptProgress<T>> {
  if (run.state === 'running') return lookAtDelay(tools, about, order, key);
  if (run.state === 'failed') return unanswered(run.code, run.reason);
  const unreadable = (reason: string) => unanswered('answer-unreadable', reason);
  const frame = readFrame(run.output, nonceOf(key));
  if (!frame.ok) return unreadable(frame.reason);
  const all = [...known, frame.part];
  if (frame.part.part !== all.length) return unreadable('The guest gave another part than the one asked for.');
  if (all.length < frame.part.parts) {
    await tools.ledger.putDocument(about.repairId, `guest-${order.name}-parts`, all);
    return wait(`Part ${all.length} of ${frame.part.parts} of the answer is here.`, 0);
  }
  const answer = order.read(all, nonceOf(key));
  if (!answer.ok) return unreadable(answer.reason);
  const document = { commands: order.commands, answer: answer.answer };
  await tools.ledger.putDocument(about.repairId, `guest-${order.name}`, document);
  return { kind: 'answered', answer: answer.answer };
}

async function begin<T>(
  tools: Tools,
  about: AboutRepair,
  order: ScriptOrder<T>,
  key: GuestRunKey,
): Promise<ScriptProgress<T>> {
  // A further part only fetches what the first one did.
  const isFirst = key.part === 1;
  const clearance = await clear(tools, about, order, isFirst);
  if (clearance.kind === 'wait') return clearance;
  if (clearance.kind === 'end') {
    // The commands have run: the repair must not end as if nothing had been done.
    return isFirst ? clearance : unanswered('run-refused', clearance.conclusion.reason);
  }
  const { vm } = clearance;
  const awaited = { name: `agent-${order.name}`, limitMs: missingAgentMs };
  if (vm.agent.missing && (await isWorthWaiting(tools, about, awaited))) return wait(vm.agent.reason);
  if (!vm.agent.usable) {
    return {
      kind: 'unanswered',
      code: isFirst ? 'agent-dead' : 'agent-gone',
      reason: vm.agent.reason,
      begun: !isFirst,
    };
  }
  const request = order.render(key, { location: vm.location, tags: tagsOf(about, tools.settings) });
  const run = {
    resourceId: runCommandIdOf(order.on ?? about.vmId, request.name),
    kind: 'run-command',
    details: { vmId: order.on ?? about.vmId, name: request.name },
    purpose: `Commands in the guest: ${order.name}`,
    registeredAt: new Date().toISOString(),
    lifetime: 'temporary',
  } as const;
  await tools.ledger.recordResource(about.repairId, run);
  if (isFirst) await order.beforeBegin?.();
  const begun = await tools.arm.beginGuestRun(order.on ?? about.vmId, request);
  if (begun.ok) {
    await tools.ledger.recordResource(about.repairId, { ...run, createdAt: new Date().toISOString() });
    return wait('The commands were handed to the guest.', firstLookMs);
  }
  if (begun.failure.kind === 'rejected') {
    const reason = `Azure refused to run commands (${begun.failure.code}): ${begun.failure.message}`;
    return { kind: 'unanswered', code: 'run-refused', reason, begun: !isFirst };
  }
  return progressOf(begun.failure, 'run commands in the guest');
}

/**
 * Whether the run may be begun now, and the VM that runs it. What is owed is done whatever a brake says; so is fetching a part of
 * an answer from a VM that is not the patient.
 */
async function clear(
  tools: Tools,
  about: AboutRepair,
  { on, purpose, found, isOwed }: RunOrder,
  isFirst: boolean,
): Promise<{ kind: 'clear'; vm: VirtualMachine } | Exclude<Progress<never>, { kind: 'done' }>> {
  const needsPermit = isOwed !== true && (isFirst || on === undefined);
  if (needsPermit) {
    const permit = await permittedVm(tools, about, isFirst ? purpose : 'look-again', found);
    if (permit.kind !== 'permitted') return permit;
    if (on === undefined) return { kind: 'clear', vm: permit.vm };
  }
  const machine = await tools.arm.getVirtualMachine(on ?? about.vmId);
  return machine.ok ? { kind: 'clear', vm: machine.value } : progressOf(machine.failure, 'look at the recovery VM');
}
