/**
 * The simulated Windows behind the fake ARM: what a run carries is done in a guest that boots from a disk of bytes, in
 * its own language, and a restart that it asks for takes place.
 */
import { encodeText } from '../../../local/windows/code-page';
import { execute } from '../../../local/windows/commands';
import type { WindowsGuest } from '../../../local/windows/guest';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { applyChanges } from '../../../src/activities/apply-changes';
import { putEvidence } from '../../../src/activities/collected-evidence';
import { diagnoseAndPlan } from '../../../src/activities/diagnose-and-plan';
import { readEvidence } from '../../../src/activities/read-evidence';
import { verifyRepair } from '../../../src/activities/verify-repair';
import type { Plan } from '../../../src/activities/plan';
import type { Conclusion } from '../../../src/activities/progress';
import type { GuestRun, GuestRunRequest } from '../../../src/azure/ports';
import type { EarlierOutput, GuestCommand } from '../../../src/guest/command';
import { canReadFromDisk, readDiskEvidence } from '../../../src/guest/snapshot-disk';
import { signatures } from '../../../src/signatures';
import { diagnosisNeeds } from '../../../src/signatures/diagnose';
import { sourceOf } from '../../local/disk/support/readers-of-others';
import { bodyOf, framesOf, type PackedResult } from '../../guest/routes/support/frame-packer';
import type { FakeWorld } from './fakes';
import { about, repairWorld, untilDone, permitPlan } from './repair';

/** From the look at a guest that restarts until it is up again. */
const bootMs = 9_000;
const commandMs = 90;
const betweenRunsMs = 30_000;

/** A guest with the time that it has; a run and the pauses between runs let it pass. */
export interface SimulatedWindows {
  guest: WindowsGuest;
  at: number;
  /** Every program call that the guest carried out. */
  calls: string[];
  /** How often it restarted. */
  restarts: number;
  /** Command lines that end with access denied, and do nothing. */
  refuses?: RegExp;
  /** Its disk, where that is to be read as well. */
  disk?: SparseDisk;
  /** What happens in the guest just before a program call, by somebody else. */
  meanwhile?: (call: string) => void;
}

/** A guest behind the fake ARM. */
export function simulatedWindows(guest: WindowsGuest, at: number, disk?: SparseDisk): SimulatedWindows {
  const windows: SimulatedWindows = { guest, at, calls: [], restarts: 0, ...(disk ? { disk } : {}) };
  guest.onPowerRequest((request) => {
    pending.set(windows, request.at);
  });
  return windows;
}

const pending = new WeakMap<SimulatedWindows, number>();

function letTimePass(windows: SimulatedWindows): void {
  windows.at += betweenRunsMs;
  const restartAt = pending.get(windows);
  if (restartAt === undefined) return;
  pending.delete(windows);
  windows.guest.shutDown(restartAt);
  windows.guest.boot(restartAt + bootMs);
  windows.restarts += 1;
  windows.at = restartAt + bootMs + betweenRunsMs;
}

/** Answers runs as scripts/run-commands.ps1 would: the commands once, further parts from what was kept. */
export function respondAsWindows(windows: SimulatedWindows): (request: GuestRunRequest) => GuestRun {
  const bodies = new Map<string, string>();
  return ({ parameters }) => {
    const { Nonce: nonce = '', Part: part = '1', Commands: commands } = parameters;
    const body = bodies.get(nonce) ?? carryOut(windows, nonce, commands ?? '');
    bodies.set(nonce, body);
    return { state: 'succeeded', output: framesOf(body, nonce)[Number(part) - 1] ?? '', error: '' };
  };
}

function carryOut(windows: SimulatedWindows, nonce: string, encoded: string): string {
  letTimePass(windows);
  const commands = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as GuestCommand[];
  const startedAt = new Date(windows.at).toISOString();
  const results: PackedResult[] = [];
  for (const command of commands) results.push(run(windows, command, results));
  const bootedAt = new Date(windows.guest.bootedAt() ?? 0).toISOString();
  return bodyOf({ version: 2, nonce, startedAt, bootedAt, computerName: windows.guest.computerName(), results });
}

function run(windows: SimulatedWindows, command: GuestCommand, results: PackedResult[]): PackedResult {
  const { id, file, arguments: rest, unless, onlyIf = [] } = command;
  const isMatched = ({ id: wanted, matches }: EarlierOutput) => {
    const earlier = results.find((result) => result.id === wanted);
    if (!earlier || !('output' in earlier)) return false;
    const text = earlier.output.replaceAll('\r\n', ' \n');
    return new RegExp(matches, 'm').test(text);
  };
  if (onlyIf.some((one) => !isMatched(one)) || (unless && isMatched(unless))) return { id, skipped: true };
  windows.at += commandMs;
  const call = [file, ...rest].join(' ');
  windows.calls.push(call);
  windows.meanwhile?.(call);
  if (windows.refuses?.test(call)) return { id, exitCode: 1, output: '', error: '' };
  const execution = execute(file, rest, { guest: windows.guest, at: windows.at });
  if (execution.kind === 'notStarted') return { id, notStarted: execution.message };
  const bytes = (text: string) => encodeText(text, windows.guest.oemCodePage()).toString('latin1');
  const { exitCode, stdout, stderr } = execution.result;
  return { id, exitCode, output: bytes(stdout), error: bytes(stderr) };
}

/** The snapshot's part: the disk is read as it is while the guest runs. */
async function readDisk({ disk, at }: SimulatedWindows, { tools }: FakeWorld): Promise<void> {
  if (!disk) return;
  const time = new Date(at).toISOString();
  const needs = diagnosisNeeds(signatures).filter(canReadFromDisk);
  const reading = await readDiskEvidence(sourceOf(disk.copy()), needs, { asOf: time, readAt: time });
  if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
  await putEvidence(tools.ledger, about, 'snapshot-disk', { evidence: reading.evidence });
}

/** How a repair of such a guest ends, from the evidence to the last look; `plan` where there was one. */
export async function repairWindows(
  windows: SimulatedWindows,
): Promise<{ conclusion: Conclusion; plan?: Plan; world: FakeWorld }> {
  const world = await repairWorld();
  world.respond = respondAsWindows(windows);
  await world.tools.ledger.putDocument(about.repairId, 'plan', null);
  await untilDone(() => readEvidence(world.tools, about));
  await readDisk(windows, world);
  const diagnosis = await untilDone(() => diagnoseAndPlan(world.tools, about));
  if (diagnosis.kind === 'end') return { conclusion: diagnosis.conclusion, world };
  const plan = diagnosis.value;
  if (plan.obstacle) return { conclusion: { ending: 'not-repaired', ...plan.obstacle }, plan, world };
  await permitPlan(world, plan);
  const input = { ...about, planHash: plan.hash };
  const applied = await untilDone(() => applyChanges(world.tools, input));
  if (applied.kind === 'end') return { conclusion: applied.conclusion, plan, world };
  const verified = await untilDone(() => verifyRepair(world.tools, { ...input, attempt: 1 }));
  if (verified.kind === 'end') return { conclusion: verified.conclusion, plan, world };
  return { conclusion: verified.value.conclusion, plan, world };
}

/** The calls that were more than a look. */
export function writesOf({ calls }: SimulatedWindows): string[] {
  return calls.filter((call) => !looks.some((look) => look.test(call)));
}

const looks = [
  /^(?:reg|sc)\.exe query /,
  /^sc\.exe (?:sdshow|showsid) [A-Za-z]+$/,
  /^bcdedit\.exe \/enum /,
  /^netstat\.exe -ano /,
  /^wevtutil\.exe qe System /,
  /powershell\.exe -NoProfile -NonInteractive -Command \(Get-Acl -LiteralPath 'Registry::[A-Za-z_\\]+'\)\.Sddl$/,
];
