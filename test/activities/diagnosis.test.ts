import { getEvidence, putEvidence } from '../../src/activities/collected-evidence';
import { diagnoseAndPlan } from '../../src/activities/diagnose-and-plan';
import { obtainPermit } from '../../src/activities/obtain-permit';
import { plan as planSchema } from '../../src/activities/plan';
import { readEvidence } from '../../src/activities/read-evidence';
import type { Disbelief, Evidence } from '../../src/guest/evidence';
import { canReadLive } from '../../src/guest/live';
import { signatures } from '../../src/signatures';
import { diagnosisNeeds } from '../../src/signatures/diagnose';
import { bootConfigurationOf, configurationOf } from '../signatures/support/evidence';
import { fakeGuest, loader, respondAs, type FakeGuest } from './support/guest';
import { about, changeVm, plan, repairId, repairWorld, tagVm, untilDone, planned } from './support/repair';

const needs = diagnosisNeeds(signatures).filter(canReadLive);
const states = needs.filter(({ kind }) => kind === 'service-status');

describe('activities/diagnosis: read-evidence', () => {
  it('reads every need in one run that writes nothing', async () => {
    const guest = fakeGuest();
    const world = await worldWith(guest);
    expect(await untilDone(() => readEvidence(world.tools, about))).toMatchObject({
      kind: 'done',
      value: 'read',
      detail: `${needs.length} facts were read.`,
    });
    expect(guest.writes).toEqual([]);
    const document = await getEvidence(world.tools.ledger, { repairId }, 'run-command');
    // Every signature of the registry adds what it needs.
    expect(document?.evidence.map(({ kind }) => kind)).toEqual(needs.map(({ kind }) => kind));
    expect(document?.evidence).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'boot-configuration',
          next: expect.objectContaining({ alternateShell: false }),
        }),
        expect.objectContaining({ mode: 'normal' }),
        expect.objectContaining({ productName: 'Windows', isDomainController: false }),
        expect.objectContaining({ service: 'Dhcp', startType: 4 }),
        expect.objectContaining({ service: 'Dhcp', state: 1 }),
        expect.objectContaining({ kind: 'service-events', events: [] }),
        expect.objectContaining({ listening: true }),
      ]),
    );
  });

  it('says how much could not be read', async () => {
    const world = await worldWith(fakeGuest({ state: 9 }));
    expect(await untilDone(() => readEvidence(world.tools, about))).toMatchObject({
      detail: `${needs.length - states.length} facts were read, ${states.length} could not be read.`,
    });
  });

  it('is allowed with the tag diagnose', async () => {
    const world = await worldWith(fakeGuest());
    tagVm(world, 'diagnose');
    expect(await untilDone(() => readEvidence(world.tools, about))).toMatchObject({ kind: 'done', value: 'read' });
  });

  it('goes on without evidence when the guest cannot be reached, and records why', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    expect(await readEvidence(world.tools, about)).toMatchObject({ kind: 'done', value: 'none', outcome: 'failed' });
    expect(await world.tools.ledger.getDocument(repairId, 'evidence-run-command')).toEqual({
      evidence: [],
      problem: 'The guest agent is Not Ready (agent-dead).',
    });
  });
});

describe('activities/diagnosis: diagnose-and-plan', () => {
  it('plans the cure of what it found, frozen with a hash', async () => {
    const progress = await diagnosisOf(fakeGuest());
    expect(progress).toMatchObject({ kind: 'done', value: plan });
    expect(progress.kind === 'done' && planSchema.parse(progress.value)).toEqual(plan);
  });

  it('ends as healthy when nothing known is there and the guest listens', async () => {
    expect(await diagnosisOf(fakeGuest({ startType: 2, state: 4 }))).toMatchObject({
      conclusion: { ending: 'healthy', code: 'healthy' },
    });
  });

  it('ends as not recognised when the guest does not listen', async () => {
    expect(await diagnosisOf(fakeGuest({ startType: 2, state: 4, listening: false }))).toMatchObject({
      conclusion: { ending: 'not-recognised', code: 'not-recognised' },
    });
  });

  it('ends as not recognised, with the reason, when the guest could not be reached', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    await readEvidence(world.tools, about);
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({
      conclusion: {
        ending: 'not-recognised',
        code: 'guest-not-reachable',
        reason:
          'The guest could not be looked into: run-command: The guest agent is Not Ready (agent-dead). snapshot-disk: it did not answer in time.',
      },
    });
  });

  it('names a cause that only the disk shows, and says that no route leads to the guest', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } });
    await readEvidence(world.tools, about);
    await putEvidence(world.tools.ledger, { repairId }, 'snapshot-disk', {
      evidence: [onDisk(bootConfigurationOf({})), onDisk(configurationOf('Dhcp', 4))],
    });
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({
      kind: 'done',
      value: { signature: 'dhcp-client-disabled', routes: [], obstacle: { code: 'no-route' } },
    });
    expect(await world.tools.ledger.getDocument(repairId, 'diagnosis')).toMatchObject({
      reasons: [{ from: { source: 'snapshot-disk' } }],
      byHand: expect.arrayContaining(['sc.exe config Dhcp start= auto']) as string[],
      problems: [{ source: 'run-command', reason: 'The guest agent is Not Ready (agent-dead).' }],
    });
  });

  it('plans to leave safe mode by a restart, and to take back a flag that waits for the next boot without one', async () => {
    const flag = { kind: 'delete-boot-element', object: loader, element: 'safeboot' };
    const restart = { kind: 'restart-from-safe-mode', delaySeconds: 60, bootedBefore: '2026-01-02T02:00:00.000Z' };
    expect(await diagnosisOf(fakeGuest({ safeboot: 'Minimal', startType: 2, state: 4 }))).toMatchObject({
      value: { signature: 'safe-mode', routes: ['run-command'], changes: [flag, restart] },
    });
    const waiting = fakeGuest({ safeboot: 'Network', runsIn: 'normal', startType: 2, state: 4 });
    const progress = await diagnosisOf(waiting);
    expect(progress).toMatchObject({ value: { signature: 'safe-mode', routes: ['run-command'], changes: [flag] } });
    expect(progress.kind === 'done' && planSchema.parse(progress.value)).toEqual(
      progress.kind === 'done' && progress.value,
    );
  });

  it('never plans anything for a domain controller in safe mode', async () => {
    expect(await diagnosisOf(fakeGuest({ safeboot: 'Minimal', isDomainController: true }))).toMatchObject({
      conclusion: {
        ending: 'diagnosed',
        code: 'left-alone',
        reason: expect.stringContaining('domain controller') as string,
      },
    });
  });

  it('ends without a plan when somebody means it to be so', async () => {
    const world = await worldWith(fakeGuest({ safeboot: 'DsRepair' }));
    await world.tools.ledger.putDocument(repairId, 'plan', null);
    await untilDone(() => readEvidence(world.tools, about));
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({
      conclusion: { ending: 'diagnosed', code: 'left-alone', reason: expect.stringContaining('on purpose') as string },
    });
    expect(await world.tools.ledger.getDocument(repairId, 'plan')).toBeNull();
  });

  it('believes the running guest, and shows where the disk says otherwise', async () => {
    const world = await worldWith(fakeGuest({ startType: 2, state: 4 }));
    await untilDone(() => readEvidence(world.tools, about));
    await putEvidence(world.tools.ledger, { repairId }, 'snapshot-disk', {
      evidence: [onDisk(configurationOf('Dhcp', 4))],
    });
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ conclusion: { ending: 'healthy' } });
    expect(await world.tools.ledger.getDocument(repairId, 'diagnosis')).toMatchObject({
      contradictions: [{ about: 'the start type of the service Dhcp', statements: [{ says: '2' }, { says: '4' }] }],
    });
  });

  it('keeps on record what a disk told and was not believed, with what stands against it', async () => {
    const world = await worldWith(fakeGuest({ startType: 2, state: 4 }));
    await untilDone(() => readEvidence(world.tools, about));
    const told = { says: 'the last boot was normal', place: 'System.evtx › record 3', at: '2026-01-01T00:00:00.000Z' };
    const by = { says: 'Windows was shut down', place: 'SYSTEM › ShutdownTime', at: '2026-03-01T00:00:00.000Z' };
    const disbelieved: Disbelief[] = [{ code: 'older-than-shutdown', told, by }];
    const item = onDisk(configurationOf('Dhcp', 2));
    await putEvidence(world.tools.ledger, about, 'snapshot-disk', {
      evidence: [{ ...item, from: { ...item.from, disbelieved } }],
    });
    await diagnoseAndPlan(world.tools, about);
    expect(await world.tools.ledger.getDocument(repairId, 'diagnosis')).toMatchObject({ disbelieved });
  });

  it('goes on with a plan that policy has permitted, when its story is begun again (hazard: our own work is found healthy)', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    await readEvidence(world.tools, about);
    const before = await getEvidence(world.tools.ledger, { repairId }, 'run-command');
    await untilDone(() => obtainPermit(world.tools, planned));
    // The VM came back with the mended copy.
    const mended = await worldWith(fakeGuest({ startType: 2, state: 4 }));
    const tools = { ...mended.tools, ledger: world.tools.ledger };
    expect(await readEvidence(tools, about)).toMatchObject({ kind: 'done', value: 'none' });
    expect(await getEvidence(tools.ledger, { repairId }, 'run-command')).toEqual(before);
    expect(await diagnoseAndPlan(tools, about)).toMatchObject({ kind: 'done', value: plan });
  });

  it('diagnoses anew as long as policy has permitted nothing', async () => {
    const world = await worldWith(fakeGuest({ startType: 2, state: 4 }));
    await untilDone(() => readEvidence(world.tools, about));
    expect(await world.tools.ledger.getDocument(repairId, 'plan')).toEqual(plan);
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ conclusion: { ending: 'healthy' } });
  });

  it('gives the same plan when it is repeated', async () => {
    const world = await worldWith(fakeGuest());
    await untilDone(() => readEvidence(world.tools, about));
    const first = await diagnoseAndPlan(world.tools, about);
    expect(await diagnoseAndPlan(world.tools, about)).toEqual(first);
    expect(await world.tools.ledger.getDocument(repairId, 'plan')).toEqual(plan);
  });
});

function onDisk(item: Evidence): Evidence {
  return { ...item, from: { ...item.from, source: 'snapshot-disk' } };
}

async function worldWith(guest: FakeGuest) {
  const world = await repairWorld();
  world.respond = respondAs(guest);
  return world;
}

async function diagnosisOf(guest: FakeGuest) {
  const world = await worldWith(guest);
  await untilDone(() => readEvidence(world.tools, about));
  return diagnoseAndPlan(world.tools, about);
}
