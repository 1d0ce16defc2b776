import { mountContent } from '../../local/windows/disk-content';
import { repairWindows, simulatedWindows } from '../activities/support/simulated-windows';
import { stoppedAt } from '../guest/recovery-vm/support/patient';
import { BOOTED_AT, guestOn, installedBytes, machineKinds } from '../local/windows/support/running-guest';
import { eachOnce } from '../support/pairwise';
import { printedTable } from '../support/printed-table';
import {
  expectMendedInGuest,
  expectMendedOnCopy,
  faultyMachines,
  waysToStop,
  withBrokenGuest,
} from './support/known-fault';

/**
 * Every fault of `local/windows/faults/`, found by being there: once, in turn in each language and generation and stopped in
 * either way. All combinations: faults.full.test.ts.
 */

const rows = eachOnce(faultyMachines(), { ...machineKinds, stop: waysToStop }).map(withBrokenGuest);
const tellOfGuest = printedTable('every fault, in a simulated Windows');
const tellOfCopy = printedTable('every fault, mended on a copy of the disk');

describe('signatures/faults: a simulated Windows with a known fault', () => {
  it.each(rows)('is diagnosed, and mended where its agent answers: $vm, $language, $generation', async (row) => {
    await expectMendedInGuest(row, tellOfGuest);
  });
});

describe('signatures/faults: a stopped Windows with a known fault', () => {
  it.each(rows)('is mended on a copy of its disk: $vm, $language, $generation, $stop', async (row) => {
    await expectMendedOnCopy(row, tellOfCopy);
  });
});

describe('signatures/faults: a simulated Windows that is well', () => {
  it.each(machineKinds.language)('has none of the known failures (%s)', async (language) => {
    const guest = guestOn(mountContent(installedBytes({ language })));
    guest.boot(BOOTED_AT);
    const windows = simulatedWindows(guest, stoppedAt);
    const { conclusion } = await repairWindows(windows);

    expect(conclusion.ending).toBe('healthy');
    expect(windows.calls.filter((call) => / (?:config|start|stop) /.test(call))).toEqual([]);
  });
});
