import { closeRepair } from '../../src/activities/close-repair';
import { swapOf, swapPurpose } from '../../src/activities/recovery/names';
import { diskIdOf } from '../../src/azure/resource-id';
import { subscriptionId, virtualMachine } from '../azure/support/machine';
import { about, placeOf, repairId, repairWorld, vmId, vmKey } from './support/repair';

const conclusion = { ending: 'repaired', code: 'repaired', reason: 'Mended.' } as const;
const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);
const input = { ...about, conclusion, left: [] };

describe('activities/close-repair', () => {
  it('writes the ending before it frees the place and the VM', async () => {
    const world = await repairWorld();
    world.ledger.slots.add(repairId);
    await closeRepair(world.tools, input);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({
      ending: 'repaired',
      endingCode: 'repaired',
      endingReason: 'Mended.',
      phase: 'Ended',
    });
    expect(world.ledger.slots.size).toBe(0);
    expect(world.ledger.leases.size).toBe(0);
    expect(placeOf(world, 'ledger.updateRepair repaired')).toBe(0);
    expect(placeOf(world, 'ledger.releaseLease')).toBe(world.deeds.length - 1);
    expect(world.logged).toEqual([
      { event: 'repairEnded', fields: { repairId, ending: 'repaired', code: 'repaired' } },
    ]);
  });

  it('closes steps that did not come to their end, and no others', async () => {
    const world = await repairWorld();
    const startedAt = '2026-01-02T03:05:00.000Z';
    for (const step of ['inspect', 'snapshot'])
      await world.tools.ledger.beginStep(repairId, { step, title: step, startedAt });
    await world.tools.ledger.endStep(repairId, 'inspect', { endedAt: startedAt, outcome: 'done' });
    await closeRepair(world.tools, input);
    expect(world.ledger.steps.get(repairId)).toMatchObject([
      { step: 'inspect', outcome: 'done' },
      { step: 'snapshot', outcome: 'failed' },
    ]);
  });

  it('adds what is left behind to the reason', async () => {
    const world = await repairWorld();
    await closeRepair(world.tools, { ...input, left: ['A snapshot is left behind.'] });
    expect(world.ledger.repairs.get(repairId)?.endingReason).toBe('Mended. A snapshot is left behind.');
  });

  it.each([
    ['healthy', 'not-repaired'],
    ['refused', 'not-repaired'],
    ['cancelled', 'cancelled'],
    ['repaired', 'repaired'],
  ] as const)(
    'does not say %s of a VM whose disk was exchanged and not proven, but %s, with the disk',
    async (told, ending) => {
      const world = await repairWorld();
      await world.tools.ledger.recordResource(repairId, {
        ...{
          resourceId: swapOf(about, 1),
          kind: 'os-disk-swap',
          lifetime: 'kept',
          registeredAt: '2026-01-02T03:05:00.000Z',
        },
        purpose: swapPurpose({ copyId, originalId: virtualMachine().osDiskId ?? '' }),
      });
      await closeRepair(world.tools, { ...input, conclusion: { ending: told, code: 'fault', reason: 'Because.' } });
      const repair = world.ledger.repairs.get(repairId);
      expect(repair?.ending).toBe(ending);
      expect(repair?.endingReason?.includes(copyId)).toBe(told !== 'repaired');
    },
  );

  it('keeps the first ending when it is repeated', async () => {
    const world = await repairWorld();
    await closeRepair(world.tools, input);
    await closeRepair(world.tools, {
      ...input,
      conclusion: { ending: 'not-repaired', code: 'fault', reason: 'Late.' },
    });
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'repaired', endingReason: 'Mended.' });
  });

  it('does not free the VM under the next repair', async () => {
    const world = await repairWorld();
    await closeRepair(world.tools, input);
    const next = { vmKey, repairId: '20260102t040000z-ffffffffff', vmId, acquiredAt: '2026-01-02T04:00:00.000Z' };
    await world.tools.ledger.acquireLease(next);
    await closeRepair(world.tools, input);
    expect(world.ledger.leases.get(vmKey)).toEqual(next);
  });

  it('does not free the VM when the ending could not be recorded', async () => {
    const world = await repairWorld();
    world.ledger.repairs.clear();
    await expect(closeRepair(world.tools, input)).rejects.toThrow();
    expect(world.ledger.leases.has(vmKey)).toBe(true);
  });

  it.each(['done', 'Repaired', ''])('refuses the ending %j', async (ending) => {
    const world = await repairWorld();
    await expect(closeRepair(world.tools, { ...input, conclusion: { ...conclusion, ending } })).rejects.toThrow();
    expect(world.deeds).toEqual([]);
  });
});
