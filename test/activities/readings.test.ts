import { diagnoseAndPlan } from '../../src/activities/diagnose-and-plan';
import { getEvidence, putEvidence } from '../../src/activities/collected-evidence';
import { activities } from '../../src/activities';
import { inspectVm } from '../../src/activities/inspect-vm';
import { readEvidence } from '../../src/activities/read-evidence';
import { takeSnapshot } from '../../src/activities/take-snapshot';
import { fakeGuest, respondAs } from './support/guest';
import type { FakeWorld } from './support/fakes';
import {
  about,
  permitPlan,
  plan,
  recordEvidence,
  repairId,
  repairWorld,
  snapshotId,
  untilDone,
} from './support/repair';

const second = { ...about, reading: 2 };

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** The repair was begun, and stopped so long ago with its evidence on record. */
async function stoppedWorld(minutes: number): Promise<FakeWorld> {
  const world = await repairWorld();
  const { ledger } = world.tools;
  await ledger.putDocument(repairId, 'inspection', { readAt: minutesAgo(minutes), reading: 1 });
  await ledger.beginStep(repairId, { step: 'evidence', title: 'Read', startedAt: minutesAgo(minutes) });
  return world;
}

describe('activities/readings: a further reading', () => {
  it('keeps the first snapshot as the safety copy, and takes one of its own that expires as that does', async () => {
    const world = await repairWorld();
    for (const reading of [1, 2, 2]) await takeSnapshot(world.tools, { ...about, reading });
    expect([...world.snapshots.keys()]).toEqual([snapshotId, `${snapshotId}-reading-2`].map((id) => id.toLowerCase()));
    const tags = [...world.snapshots.values()].map((snapshot) => snapshot.tags);
    expect(tags[1]).toEqual(tags[0]);
    expect(world.ledger.resources.get(repairId)).toMatchObject([
      { resourceId: snapshotId, details: { role: 'first' }, lifetime: 'kept', expiresAt: '2026-01-16T03:04:05.000Z' },
      { details: { role: 'reading', reading: 2 }, lifetime: 'kept', expiresAt: '2026-01-16T03:04:05.000Z' },
    ]);
  });

  it('asks the guest anew, and leaves what it said before as it is', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest());
    await untilDone(() => readEvidence(world.tools, about));
    const before = await getEvidence(world.tools.ledger, about, 'run-command');
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    await untilDone(() => readEvidence(world.tools, second));
    expect(await getEvidence(world.tools.ledger, about, 'run-command')).toEqual(before);
    const after = await getEvidence(world.tools.ledger, second, 'run-command');
    expect(after?.evidence).toEqual(
      expect.arrayContaining([expect.objectContaining({ service: 'Dhcp', startType: 2 }) as unknown]),
    );
  });

  it('diagnoses by its own evidence only, and a VM that is well by now has recovered by itself', async () => {
    const world = await repairWorld();
    await recordEvidence(world);
    await putEvidence(world.tools.ledger, about, 'snapshot-disk', { evidence: [] });
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    await untilDone(() => readEvidence(world.tools, second));
    expect(await untilDone(() => diagnoseAndPlan(world.tools, second))).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'recovered-by-itself', code: 'recovered-by-itself' },
    });
  });

  it('has steps of its own', async () => {
    const world = await repairWorld();
    await inspectVm(world.tools, about);
    await inspectVm(world.tools, second);
    await takeSnapshot(world.tools, second);
    expect(world.ledger.steps.get(repairId)?.map(({ step }) => step)).toEqual(['inspect', 'inspect-2', 'snapshot-2']);
  });

  it('is the one on record, whatever a caller says of it', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { reading: 2 });
    await activities.inspectVm(world.tools, { ...about, reading: 1 });
    expect(world.ledger.steps.get(repairId)?.map(({ step }) => step)).toEqual(['inspect-2']);
  });
});

describe('activities/readings: a repair that is begun again', () => {
  it('reads anew what was read too long ago (hazard: a host that was down for hours permits on what it saw before)', async () => {
    const world = await stoppedWorld(16);
    for (let count = 0; count < 2; count += 1) await activities.inspectVm(world.tools, about);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ reading: 2 });
    expect(world.ledger.steps.get(repairId)?.map(({ step }) => step)).toEqual(['evidence', 'inspect-2']);
  });

  it('takes up what is fresh, and that does not become younger by another inspection', async () => {
    const world = await stoppedWorld(10);
    await activities.inspectVm(world.tools, about);
    expect(world.ledger.repairs.get(repairId)).not.toHaveProperty('reading');
    const { since } = (await world.tools.ledger.getDocument(repairId, 'inspection')) as { since: string };
    expect(Date.now() - Date.parse(since)).toBeGreaterThan(9 * 60_000);
  });

  it('goes on with what policy has permitted, however long ago that was seen', async () => {
    const world = await stoppedWorld(600);
    await permitPlan(world, plan);
    await activities.inspectVm(world.tools, about);
    expect(world.ledger.repairs.get(repairId)).not.toHaveProperty('reading');
  });
});
