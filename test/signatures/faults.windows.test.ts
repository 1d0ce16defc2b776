import { wellServices } from '../../local/expectation';
import { mountContent } from '../../local/windows/disk-content';
import { knownFaults } from '../../local/windows/known-faults';
import { sourceOf } from '../local/disk/support/readers-of-others';
import { canReadFromDisk, readDiskEvidence } from '../../src/guest/snapshot-disk';
import { diagnose, diagnosisNeeds } from '../../src/signatures/diagnose';
import { signatures } from '../../src/signatures';
import { repairWindows, simulatedWindows } from '../activities/support/simulated-windows';
import { BOOTED_AT, guestOn, installedBytes, LATER } from '../local/windows/support/running-guest';

/**
 * Every fault of `local/windows/faults/`, found by being there: in each language and generation the simulated guest that
 * has it is diagnosed off its disk and, where its agent answers, repaired. Verdicts are read from the guest.
 */

const breaking = LATER + 600_000;
const looking = breaking + 600_000;

const rows = knownFaults().flatMap(({ signature, machines }) =>
  machines.flatMap((machine) =>
    (['en-US', 'de-DE', 'fr-FR'] as const).flatMap((language) =>
      (['V1', 'V2'] as const).map((generation) => ({ signature, vm: machine.name, machine, language, generation })),
    ),
  ),
);
type Row = (typeof rows)[number];
const told: string[] = [];

afterAll(() => {
  process.stdout.write(`every fault, in a simulated Windows\n${told.join('')}`);
});

describe('signatures/faults.windows: a simulated Windows with a known fault', () => {
  it.each(rows)('is diagnosed, and mended where its agent answers: $vm, $language, $generation', async (row) => {
    const { disk, guest } = brokenGuest(row);
    const { signature, machine } = row;

    expect(await causeOnDisk(disk)).toBe(signature);
    if (!guest.isAgentAlive(looking)) {
      tell(row, 'diagnosed off its disk: the agent is dead');
      expect(machine.expected.reachable && machine.expected.cause?.source === 'run-command').toBe(false);
      return;
    }
    const windows = simulatedWindows(guest, looking, disk);
    const { conclusion, plan } = await repairWindows(windows);
    tell(row, `${conclusion.ending}, ${conclusion.code}`);

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
  });
});

describe('signatures/faults.windows: a simulated Windows that is well', () => {
  it.each(['en-US', 'de-DE', 'fr-FR'] as const)('has none of the known failures (%s)', async (language) => {
    const guest = guestOn(mountContent(installedBytes({ language })));
    guest.boot(BOOTED_AT);
    const windows = simulatedWindows(guest, looking);
    const { conclusion } = await repairWindows(windows);

    expect(conclusion.ending).toBe('healthy');
    expect(windows.calls.filter((call) => / (?:config|start|stop) /.test(call))).toEqual([]);
  });
});

function brokenGuest({ machine, language, generation }: Row) {
  const disk = installedBytes({ language, generation });
  const guest = guestOn(mountContent(disk));
  guest.boot(BOOTED_AT);
  guest.addresses(LATER);
  machine.break(guest, breaking);
  return { disk, guest };
}

/** What a reader of the disk's bytes finds, taken while the guest runs. */
async function causeOnDisk(disk: ReturnType<typeof installedBytes>): Promise<string> {
  const time = new Date(looking).toISOString();
  const needs = diagnosisNeeds(signatures).filter(canReadFromDisk);
  const reading = await readDiskEvidence(sourceOf(disk.copy()), needs, { asOf: time, readAt: time });
  if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
  const diagnosis = diagnose(signatures, reading.evidence);
  return diagnosis.kind === 'found' ? diagnosis.signature : diagnosis.kind;
}

function tell({ vm, language, generation }: Row, ending: string): void {
  told.push(`  ${vm.padEnd(24)}${language}  ${generation}  ${ending}\n`);
}
