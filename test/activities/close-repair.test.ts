import { activities } from '../../src/activities';
import { closeRepair } from '../../src/activities/close-repair';
import { recordCleanedUp, recordConclusion } from '../../src/activities/on-record';
import type { Conclusion } from '../../src/activities/progress';
import { powerOffOf, rollbackOf, swapOf } from '../../src/activities/recovery/names';
import { diskIdOf } from '../../src/azure/resource-id';
import { subscriptionId, virtualMachine } from '../azure/support/machine';
import { recordOf, resourceOf } from '../ledger/support/resources';
import { plan as recoveryPlan } from './recovery/support/world';
import type { FakeWorld } from './support/fakes';
import { about, permitPlan, placeOf, repairId, repairWorld, vmId, vmKey } from './support/repair';

const conclusion = { ending: 'repaired', code: 'repaired', reason: 'Mended.' } as const;
const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);
const input = about;

/** A repair whose clean-up has put on record how its story ended, what it left behind, and the proof of it. */
async function cleanedWorld(concluded: Conclusion = conclusion, left: string[] = []): Promise<FakeWorld> {
  const world = await repairWorld();
  const { ledger } = world.tools;
  await ledger.putDocument(repairId, 'verification', { settled: true, conclusion });
  await recordConclusion(ledger, repairId, concluded);
  await recordCleanedUp(ledger, repairId, left);
  return world;
}

describe('activities/close-repair', () => {
  it('writes the ending before it frees the place and the VM', async () => {
    const world = await cleanedWorld();
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

  it('frees the place and the VM of a repair whose host died between its ending and that (hazard: the VM is never repaired again)', async () => {
    const world = await cleanedWorld();
    world.ledger.slots.add(repairId);
    await world.tools.ledger.updateRepair(repairId, { ending: 'repaired', endingCode: 'repaired' });
    expect(await activities.closeRepair(world.tools, input)).toMatchObject({ kind: 'done' });
    expect([world.ledger.slots.size, world.ledger.leases.size]).toEqual([0, 0]);
    expect(await activities.closeRepair(world.tools, input)).toMatchObject({ conclusion: { code: 'repair-ended' } });
  });

  it('closes steps that did not come to their end, and no others', async () => {
    const world = await cleanedWorld();
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
    const world = await cleanedWorld(conclusion, ['A snapshot is left behind.']);
    await closeRepair(world.tools, input);
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
      const world = await cleanedWorld({ ending: told, code: 'fault', reason: 'Because.' });
      const disks = { copyId, originalId: virtualMachine().osDiskId ?? '' };
      const swap = resourceOf('os-disk-swap', swapOf(about, 1), disks);
      await world.tools.ledger.recordResource(
        repairId,
        recordOf(swap, { lifetime: 'kept', createdAt: '2026-01-02T03:20:00.000Z' }),
      );
      await closeRepair(world.tools, input);
      const repair = world.ledger.repairs.get(repairId);
      expect(repair?.ending).toBe(ending);
      expect(repair?.endingReason).toContain(copyId);
      expect(repair?.endingReason?.includes('not proven')).toBe(told !== 'repaired');
    },
  );

  it.each([
    ['repaired', { lifetime: 'kept' }, true],
    ['fixed-rdp-unproven', { lifetime: 'kept' }, true],
    ['not-repaired', { lifetime: 'kept' }, false],
    ['repaired', { lifetime: 'temporary', deletedAt: '2026-01-02T03:25:00.000Z' }, false],
    ['repaired', undefined, false],
  ] as const)(
    'keeps for later rehearsals that a recovery has worked only where the mended copy stays in (%s, %p)',
    async (ending, swapped, isProven) => {
      const world = await cleanedWorld({ ending, code: 'repaired', reason: 'So it is.' });
      await permitPlan(world, recoveryPlan);
      const swap = resourceOf('os-disk-swap', swapOf(about, 1), { copyId, originalId: 'x' });
      const made = { createdAt: '2026-01-02T03:20:00.000Z' };
      if (swapped) await world.tools.ledger.recordResource(repairId, recordOf(swap, { ...made, ...swapped }));
      await closeRepair(world.tools, input);
      const pairs = [...world.ledger.provenRecoveries.values()];
      const image = 'microsoftwindowsserver:windowsserver:2022-datacenter';
      expect(pairs.map(({ recoveryVm, generation }) => [recoveryVm, generation])).toEqual(
        isProven ? [[image, 'V2']] : [],
      );
    },
  );

  describe('says which disk the VM has after a swap', () => {
    const originalId = virtualMachine().osDiskId ?? '';
    const registeredAt = '2026-01-02T03:05:00.000Z';
    const disks = { copyId, originalId };
    const created = { createdAt: registeredAt };
    const gone = { deletedAt: '2026-01-02T03:15:00.000Z' };
    const cases = [
      ['kept', { lifetime: 'kept', ...created }, 'The VM’s OS disk is the mended copy'],
      ['taken back', { lifetime: 'temporary', ...created, ...gone }, `The VM’s OS disk is its original ${originalId}.`],
      ['begun, and no more is known', { lifetime: 'temporary' }, 'Which OS disk the VM has is not known'],
      ['begun, and never came to be', { lifetime: 'temporary', ...gone }, undefined],
    ] as const;

    it.each(
      cases.flatMap(([name, fields, says]) =>
        (['not-repaired', 'fixed-rdp-unproven'] as const).map((ending) => [ending, name, fields, says] as const),
      ),
    )('in the ending %s, where it was %s', async (ending, _name, fields, says) => {
      const world = await cleanedWorld({ ending, code: 'fault', reason: 'Because.' });
      const swap = resourceOf('os-disk-swap', swapOf(about, 1), disks);
      await world.tools.ledger.recordResource(repairId, recordOf(swap, { registeredAt, ...fields }));
      await closeRepair(world.tools, input);
      const reason = world.ledger.repairs.get(repairId)?.endingReason;
      if (says === undefined) expect(reason).toBe('Because.');
      else expect(reason).toContain(says);
    });

    it.each([
      ['begun, and no more is known', {}, 'Which OS disk the VM has is not known'],
      ['begun, and never came to be', gone, `The VM’s OS disk is still the mended copy ${copyId}.`],
    ] as const)('in the ending of a rollback whose exchange was %s', async (_name, fields, says) => {
      const world = await cleanedWorld({ ending: 'not-rolled-back', code: 'fault', reason: 'Because.' });
      const details = { direction: 'rollback', ...disks } as const;
      const exchange = { resourceId: rollbackOf(about), kind: 'os-disk-swap', details } as const;
      await world.tools.ledger.recordResource(
        repairId,
        recordOf(exchange, { lifetime: 'temporary', registeredAt, ...fields }),
      );
      await closeRepair(world.tools, { ...input, rollsBack: '20260101t000000z-0123456789' });
      expect(world.ledger.repairs.get(repairId)?.endingReason).toContain(`Because. ${says}`);
    });

    it('by the last exchange, where one was taken back and the next is kept', async () => {
      const world = await cleanedWorld();
      const records = [
        { ...created, ...gone, lifetime: 'temporary' },
        { ...created, lifetime: 'kept' },
      ] as const;
      for (const [index, fields] of records.entries()) {
        const swap = resourceOf('os-disk-swap', swapOf(about, index + 1), disks);
        await world.tools.ledger.recordResource(repairId, recordOf(swap, { registeredAt, ...fields }));
      }
      await closeRepair(world.tools, input);
      expect(world.ledger.repairs.get(repairId)?.endingReason).toContain('is the mended copy');
    });
  });

  it('keeps the first ending when it is repeated', async () => {
    const world = await cleanedWorld();
    await closeRepair(world.tools, input);
    await recordConclusion(world.tools.ledger, repairId, { ending: 'not-repaired', code: 'fault', reason: 'Late.' });
    await closeRepair(world.tools, input);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'repaired', endingReason: 'Mended.' });
  });

  it('does not free the VM under the next repair', async () => {
    const world = await cleanedWorld();
    await closeRepair(world.tools, input);
    const next = { vmKey, repairId: '20260102t040000z-ffffffffff', vmId, acquiredAt: '2026-01-02T04:00:00.000Z' };
    await world.tools.ledger.acquireLease(next);
    await closeRepair(world.tools, input);
    expect(world.ledger.leases.get(vmKey)).toEqual(next);
  });

  it('does not free the VM when the ending could not be recorded', async () => {
    const world = await cleanedWorld();
    world.ledger.repairs.clear();
    await expect(closeRepair(world.tools, input)).rejects.toThrow();
    expect(world.ledger.leases.has(vmKey)).toBe(true);
  });

  it.each(['done', 'Repaired', ''])('refuses the ending %j on record', async (ending) => {
    const world = await repairWorld();
    await world.tools.ledger.putDocument(repairId, 'conclusion', { ...conclusion, ending });
    await expect(closeRepair(world.tools, input)).rejects.toThrow();
    expect(world.deeds).toEqual([]);
  });

  it('ends nothing that was not cleaned up, whatever its caller says (hazard: the VM is free for the next repair, and still stopped)', async () => {
    const world = await repairWorld();
    expect(await closeRepair(world.tools, { ...input, conclusion, left: [] })).toMatchObject({
      conclusion: { code: 'not-concluded' },
    });
    expect(world.deeds).toEqual([]);
    expect(world.ledger.leases.size).toBe(1);
  });

  it('calls nothing repaired that has no proof on record', async () => {
    const world = await cleanedWorld();
    world.ledger.documents.delete(`${repairId}/verification`);
    await closeRepair(world.tools, input);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-repaired', endingCode: 'not-verified' });
  });

  it('tells what a clean-up that was late has not seen gone', async () => {
    const world = await cleanedWorld();
    world.ledger.documents.delete(`${repairId}/clean-up`);
    const vm = resourceOf('virtual-machine', `${vmId}-recovery`);
    await world.tools.ledger.recordResource(repairId, recordOf(vm, { lifetime: 'temporary' }));
    await closeRepair(world.tools, input);
    expect(world.ledger.repairs.get(repairId)?.endingReason).toContain(`${vmId}-recovery was not seen gone`);
  });

  it.each(['refused', 'diagnosed', 'healthy'] as const)(
    'never says %s of a VM that was stopped (hazard: it reads as if nothing had been done)',
    async (ending) => {
      const world = await cleanedWorld({ ending, code: 'permission-missing', reason: 'No role.' });
      const stop = resourceOf('power-off', powerOffOf(about, 'round-1'));
      await world.tools.ledger.recordResource(repairId, recordOf(stop, { createdAt: '2026-01-02T03:20:00.000Z' }));
      await closeRepair(world.tools, input);
      expect(world.ledger.repairs.get(repairId)).toMatchObject({
        ...{ ending: 'not-repaired', endingCode: 'permission-missing' },
      });
    },
  );
});
