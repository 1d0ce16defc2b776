import { wellServices } from '../../local/expectation';
import { knownFaults } from '../../local/windows/known-faults';
import { workLeftIn } from '../../local/windows/offline-disk-scripts';
import type { WindowsGuest } from '../../local/windows/guest';
import { holds } from '../../src/guest/changes';
import { inOrderOfFreshness, type Evidence } from '../../src/guest/evidence';
import { canReadLive, readNeeds, renderNeeds } from '../../src/guest/live';
import { canReadOffline, readOfflineLook, renderOfflineLook } from '../../src/guest/offline';
import {
  hasOfflineWrites,
  readOfflineChange,
  renderOfflineChanges,
  type OfflineResult,
} from '../../src/guest/offline-changes';
import { isReleased } from '../../src/guest/routes/recovery-vm-answers';
import { canReadFromDisk, readDiskEvidence } from '../../src/guest/snapshot-disk';
import { signatures } from '../../src/signatures';
import { diagnose, diagnosisNeeds } from '../../src/signatures/diagnose';
import { execute } from '../../local/windows/commands';
import { encodeOem } from '../../local/windows/code-page';
import type { SparseDisk } from '../../local/disk/sparse-disk';
import type { GuestAnswer } from '../../src/guest/command';
import { sourceOf } from '../local/disk/support/readers-of-others';
import { guestFrom, hashOf, startedAt, stoppedAt, stoppedPatient } from '../guest/recovery-vm/support/patient';
import { recoveryVm } from '../guest/recovery-vm/support/recovery-guest';

/**
 * Every fault of `local/windows/faults/`, mended on a copy of the stopped patient's disk that is attached to a recovery VM of
 * the other partition style, whose English tools read a disk of any language. Then the patient boots from the copy.
 */

const rows = knownFaults().flatMap(({ signature, machines }) =>
  machines.flatMap((machine) =>
    (['en-US', 'de-DE', 'fr-FR'] as const).flatMap((language) =>
      (['V1', 'V2'] as const).map((generation) => ({
        signature,
        vm: machine.name,
        machine,
        language,
        generation,
        // Either way of stopping, for each language and for each generation.
        stop: (language === 'de-DE') === (generation === 'V1') ? ('shut down' as const) : ('plug pulled' as const),
      })),
    ),
  ),
);
const needs = diagnosisNeeds(signatures);
const told: string[] = [];

afterAll(() => {
  process.stdout.write(`every fault, mended on a copy of the disk\n${told.join('')}`);
});

describe('signatures/faults.offline: a stopped Windows with a known fault', () => {
  it.each(rows)('is mended on a copy of its disk: $vm, $language, $generation, $stop', async (row) => {
    const { machine, language, generation, signature } = row;
    const original = stoppedPatient({
      machine: machine.break,
      language,
      generation,
      shutDown: row.stop === 'shut down',
    });
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
    tell(row, results);

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
  });
});

type Row = (typeof rows)[number];

/** What a repaired machine's services are like; one that the running guest's route cannot reach is as well as any. */
function servicesOf({ machine }: Row) {
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
    const text = (output: string) => encodeOem(output, guest.oemCodePage()).toString('latin1');
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

function tell({ vm, language, generation, stop }: Row, results: OfflineResult[]): void {
  const outcomes = results.map(({ change, outcome }) => `${change} ${outcome}`).join(', ');
  told.push(`  ${vm.padEnd(24)}${language}  ${generation}  ${stop.padEnd(12)}${outcomes}\n`);
}
