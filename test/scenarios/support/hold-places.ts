/**
 * A process that holds places for repairs that change something, as long-lasting repairs do: `tsx hold-places.ts <cap> <minutes>`. Told by
 * SIGUSR2, it lets go of them when so many minutes of local time have passed, and ends. It trusts the local storage by its environment.
 */
import { once } from 'node:events';
import { after } from '../../../local/clock';
import { connectLedgerOf } from '../../../src/composition';

async function main(cap: number, minutes: number): Promise<void> {
  const ledger = await connectLedgerOf(process.env);
  await ledger.prepare();
  const holders = Array.from({ length: cap }, (_, index) => `20260101t000000z-${String(index).padStart(10, '0')}`);
  for (const repairId of holders) {
    // On record without an ending: upkeep frees a place that is nobody's.
    const acceptedAt = '2026-01-01T00:00:00.000Z';
    await ledger.createRepair({ repairId, vmId: '/vm', acceptedAt, phase: 'Holding a place' });
    const answer = await ledger.acquireSlot(repairId, { cap, at: acceptedAt });
    if (answer.kind !== 'held') throw new Error('The places are taken already.');
  }
  const told = once(process, 'SIGUSR2');
  // Until then something has to keep the process alive: a listener for a signal does not.
  const alive = setInterval(() => undefined, 60_000);
  console.log(JSON.stringify({ holders }));
  await told;
  await new Promise<void>((resolve) => after(minutes * 60_000, resolve));
  for (const repairId of holders) await ledger.releaseSlot(repairId);
  clearInterval(alive);
}

main(Number(process.argv[2]), Number(process.argv[3])).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
