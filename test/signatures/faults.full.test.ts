import { machineKinds } from '../local/windows/support/running-guest';
import { everyCombination } from '../support/pairwise';
import { printedTable } from '../support/printed-table';
import { sampled } from '../support/sample';
import { expectMendedInGuest, expectMendedOnCopy, faultyMachines, withBrokenGuest } from './support/known-fault';

/** Every fault of `local/windows/faults/` in each language and generation. */

const cases = faultyMachines().flatMap((faulty) =>
  everyCombination(machineKinds).map(({ language, generation }) => ({
    ...faulty,
    language,
    generation,
    // Either way of stopping, for each language and for each generation.
    stop: (language === 'de-DE') === (generation === 'V1') ? ('shut down' as const) : ('plug pulled' as const),
  })),
);
const rows = sampled(cases).map(withBrokenGuest);
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
