/**
 * A Windows with a known fault, and what is asked of it: while it runs, what its agent mends; once it is stopped, what a recovery
 * VM mends on a copy of its disk. Both ask the same broken guest.
 */
import { wellServices } from '../../../local/expectation';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { encodeText } from '../../../local/windows/code-page';
import { execute } from '../../../local/windows/commands';
import type { BrokenMachine } from '../../../local/windows/fault';
import type { WindowsGuest } from '../../../local/windows/guest';
import { knownFaults } from '../../../local/windows/known-faults';
import type { GuestLanguage } from '../../../local/windows/language';
import { workLeftIn } from '../../../local/windows/offline-disk-scripts';
import { holds } from '../../../src/guest/changes';
import type { GuestAnswer } from '../../../src/guest/command';
import { inOrderOfFreshness, type Evidence } from '../../../src/guest/evidence';
import { canReadLive, readNeeds, renderNeeds } from '../../../src/guest/live';
import { canReadOffline, readOfflineLook, renderOfflineLook } from '../../../src/guest/offline';
import {
  hasOfflineWrites,
  readOfflineChange,
  renderOfflineChanges,
  type OfflineResult,
} from '../../../src/guest/offline-changes';
import { isReleased } from '../../../src/guest/routes/recovery-vm-answers';
import { canReadFromDisk, readDiskEvidence } from '../../../src/guest/snapshot-disk';
import { signatures } from '../../../src/signatures';
import { diagnose, diagnosisNeeds } from '../../../src/signatures/diagnose';
import { repairWindows, simulatedWindows } from '../../activities/support/simulated-windows';
import { brokenAt, guestFrom, hashOf, startedAt, stoppedAt } from '../../guest/recovery-vm/support/patient';
import { recoveryVm } from '../../guest/recovery-vm/support/recovery-guest';
import { sourceOf } from '../../local/disk/support/readers-of-others';
import { BOOTED_AT, installedBytes, LATER } from '../../local/windows/support/running-guest';

const needs = diagnosisNeeds(signatures);

/** A machine that has a known fault, by the signature that finds it. */
interface FaultyMachine {
  signature: string;
  vm: string;
  machine: BrokenMachine;
}

export const waysToStop = ['shut down', 'plug pulled'] as const;

/** One broken guest of a table. */
export interface FaultRow extends FaultyMachine {
  language: GuestLanguage;
  generation: 'V1' | 'V2';
  stop: (typeof waysToStop)[number];
}

/** Every machine that has a known fault. */
export function faultyMachines(): FaultyMachine[] {
  return knownFaults().flatMap(({ signature, machines }) =>
    machines.map((machine) => ({ signature, vm: machine.name, machine })),
  );
}

interface Running {
  guest: WindowsGuest;
  disk: SparseDisk;
}

/** A row with its guest. */
interface BrokenRow extends FaultRow {
  /** The guest that was broken and runs, and its disk. */
  running: () => Running;
  /** The disk that it leaves when it is stopped. */
  stoppedDisk: () => SparseDisk;
}

/**
 * Gives the row its guest, prepared when it is first asked for: one for both questions, except where it is shut down. What runs has
 * then been mended, so the one that is shut down is another.
 */
export function withBrokenGuest(row: FaultRow): BrokenRow {
  let prepared: (Running & { pulled: SparseDisk }) | undefined;
  const prepare = () => {
    const running = brokenGuest(row);
    // Copied before the guest is mended.
    return { ...running, pulled: running.disk.copy() };
  };
  return {
    ...row,
    running: () => (prepared ??= prepare()),
    stoppedDisk: () => (row.stop === 'shut down' ? shutDown(brokenGuest(row)) : (prepared ??= prepare()).pulled),
  };
}

function brokenGuest({ machine, language, generation }: FaultRow): Running {
  const disk = installedBytes({ language, generation });
  const guest = guestFrom(disk);
  guest.boot(BOOTED_AT);
  guest.addresses(LATER);
  machine.break(guest, brokenAt);
  return { guest, disk };
}

function shutDown({ guest, disk }: Running): SparseDisk {
  guest.shutDown(stoppedAt);
  return disk;
}

/** Expects that its cause is found on its disk, and that it is mended if its agent answers. Verdicts are read from the guest. */
export async function expectMendedInGuest(row: BrokenRow, tell: (line: string) => void): Promise<void> {
  const { signature, machine } = row;
  const { disk, guest } = row.running();

  expect(await causeOnDisk(disk)).toBe(signature);
  if (!guest.isAgentAlive(stoppedAt)) {
    tell(`${inColumns(row)}diagnosed off its disk: the agent is dead`);
    expect(machine.expected.reachable && machine.expected.cause?.source === 'run-command').toBe(false);
    return;
  }
  const windows = simulatedWindows(guest, stoppedAt, disk);
  const { conclusion, plan } = await repairWindows(windows);
  tell(`${inColumns(row)}${conclusion.ending}, ${conclusion.code}`);

  expect(plan?.signature).toBe(signature);
  expect(conclusion.ending).toBe('repaired');
  expect(guest.safeMode() ?? 'normal').toBe(machine.expected.boot);
  expect(windows.restarts).toBe(machine.expected.restarted ? 1 : 0);
  const at = windows.at + 60_000;
  for (const [service, { startType, state }] of Object.entries({ ...wellServices, ...machine.expected.services })) {
    expect({ service, start: guest.configuration(service)?.start, state: guest.status(service, at).state }).toEqual({
      service,
      start: startType,
      state,
    });
  }
  expect(guest.isRdpListening(at)).toBe(true);
}

/** What a reader of the disk's bytes finds, taken while the guest runs. */
async function causeOnDisk(disk: ReturnType<typeof installedBytes>): Promise<string> {
  const time = new Date(stoppedAt).toISOString();
  const reading = await readDiskEvidence(sourceOf(disk.copy()), needs.filter(canReadFromDisk), {
    asOf: time,
    readAt: time,
  });
  if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
  const diagnosis = diagnose(signatures, reading.evidence);
  return diagnosis.kind === 'found' ? diagnosis.signature : diagnosis.kind;
}

/**
 * Expects that it is mended on a copy of its stopped disk, attached to a recovery VM of the other partition style, whose English
 * tools read a disk of any language; and that the patient boots from the copy.
 */
export async function expectMendedOnCopy(row: BrokenRow, tell: (line: string) => void): Promise<void> {
  const { generation, signature } = row;
  const original = row.stoppedDisk();
  const before = hashOf(original);
  const stopped = await evidenceOfSnapshot(original);
  const copy = original.copy();
  const vm = recoveryVm(copy, generation === 'V1' ? 'V2' : 'V1');

  const disk = await vm.prepared();
  const look = readOfflineLook(disk, offlineNeeds, await vm.commands('look', renderOfflineLook(disk, offlineNeeds)));
  expect(look.leftLoaded).toEqual([]);
  const unread = look.evidence.filter(({ kind }) => kind === 'unreadable');
  expect(unread).toEqual([]);
  const evidence = inOrderOfFreshness([...look.evidence, ...stopped]);
  const diagnosis = diagnose(signatures, evidence);
  expect(diagnosis).toMatchObject({ kind: 'found', signature });

  const cure = signatures.find(({ id }) => id === signature)?.cure(evidence);
  if (cure?.kind !== 'changes' || !look.controlSets.ok) throw new Error('There is no cure.');
  const target = { disk, controlSets: look.controlSets.value };
  const changed = await vm.commands('change', renderOfflineChanges(cure.changes, target));
  const results = cure.changes.map((change) => readOfflineChange(change, target, changed));
  expect(results.map(({ outcome }) => outcome).filter((outcome) => outcome === 'failed')).toEqual([]);
  expect(results.some(({ outcome }) => outcome === 'changed')).toBe(hasOfflineWrites(cure.changes, target));
  tell(`${inColumns(row)}${row.stop.padEnd(12)}${outcomesOf(results)}`);

  const again = readOfflineLook(
    disk,
    offlineNeeds,
    await vm.commands('look-again', renderOfflineLook(disk, offlineNeeds)),
  );
  const written = cure.changes.filter((_change, index) => results[index]?.outcome !== 'comes-with-boot');
  const objects = readOfflineLook(disk, objectNeeds(written), await proof(vm, disk, written)).evidence;
  for (const change of written) expect(holds(change, [...again.evidence, ...objects])).toBe(true);

  expect(isReleased(await vm.release())).toBe(true);
  expect(workLeftIn(vm.guest)).toEqual([]);
  vm.attached.length = 0;

  const patient = guestFrom(copy);
  patient.boot(startedAt);
  const at = startedAt + 60_000;
  const live = liveEvidence(patient, at);
  const verdicts = diagnose(signatures, live).verdicts;
  expect(verdicts.filter(({ verdict }) => verdict === 'present')).toEqual([]);
  expect(patient.safeMode()).toBeUndefined();
  expect(patient.isAgentAlive(at)).toBe(true);
  expect(patient.isRdpListening(at)).toBe(true);
  for (const [service, { startType, state }] of Object.entries({ ...wellServices, ...servicesOf(row) })) {
    expect({
      service,
      start: patient.configuration(service)?.start,
      state: patient.status(service, at).state,
    }).toEqual({
      service,
      start: startType,
      state,
    });
  }
  expect(hashOf(original)).toBe(before);
}

/** What a repaired machine's services are like; one that the running guest's route cannot reach is as well as any. */
function servicesOf({ machine }: FaultRow) {
  return machine.expected.ending === 'repaired' ? machine.expected.services : {};
}

const offlineNeeds = needs.filter(canReadOffline);

function objectNeeds(changes: readonly { kind: string; object?: string }[]) {
  return changes.flatMap(({ object }) => (object === undefined ? [] : [{ kind: 'boot-object' as const, object }]));
}

function proof(
  vm: ReturnType<typeof recoveryVm>,
  disk: Parameters<typeof renderOfflineLook>[0],
  changes: Parameters<typeof objectNeeds>[0],
): Promise<GuestAnswer> {
  return vm.commands('proof', renderOfflineLook(disk, objectNeeds(changes)));
}

/** What the snapshot of the stopped disk gave before. */
async function evidenceOfSnapshot(disk: SparseDisk): Promise<Evidence[]> {
  const time = new Date(stoppedAt).toISOString();
  const reading = await readDiskEvidence(sourceOf(disk.copy()), needs.filter(canReadFromDisk), {
    asOf: time,
    readAt: time,
  });
  if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
  return reading.evidence;
}

/** What the running patient answers to what the signatures need. */
function liveEvidence(guest: WindowsGuest, at: number): Evidence[] {
  const wanted = needs.filter(canReadLive);
  const results = renderNeeds(wanted).map((command) => {
    const execution = execute(command.file, command.arguments, { guest, at });
    if (execution.kind === 'notStarted') throw new Error(execution.message);
    const { exitCode, stdout, stderr } = execution.result;
    const text = (output: string) => encodeText(output, guest.oemCodePage()).toString('latin1');
    return { id: command.id, kind: 'ended' as const, exitCode, output: text(stdout), error: text(stderr) };
  });
  const answer = {
    startedAt: new Date(at).toISOString(),
    bootedAt: new Date(guest.bootedAt() ?? 0).toISOString(),
    computerName: guest.computerName(),
    results,
  };
  return readNeeds(wanted, answer, 'run-command');
}

function inColumns({ vm, language, generation }: FaultRow): string {
  return `${vm.padEnd(24)}${language}  ${generation}  `;
}

function outcomesOf(results: OfflineResult[]): string {
  return results.map(({ change, outcome }) => `${change} ${outcome}`).join(', ');
}
