import { diagnoseAndPlan } from '../../src/activities/diagnose-and-plan';
import { putEvidence } from '../../src/activities/collected-evidence';
import { readEvidence } from '../../src/activities/read-evidence';
import type { GuestRun } from '../../src/azure/ports';
import { mountContent } from '../../local/windows/disk-content';
import { breakDhcpClient, type DhcpClientFault } from '../../local/windows/faults/dhcp-client-not-running';
import { reportOf } from '../../src/report/repair-report';
import { BOOTED_AT, guestOn, installedBytes, LATER } from '../local/windows/support/running-guest';
import { bootConfigurationOf, bootModeOf, configurationOf, serviceEventsOf } from '../signatures/support/evidence';
import type { FakeWorld } from './support/fakes';
import { about, changeVm, deedsOf, repairId, repairWorld, tagVm, untilDone } from './support/repair';
import { respondAsWindows, simulatedWindows } from './support/simulated-windows';

const finding = { signature: 'dhcp-client-not-running', obstacle: { code: 'no-cure' } };

afterEach(() => {
  jest.useRealTimers();
});

describe('activities/look-further: what a person has to see beside the finding', () => {
  it('is read in as many looks as the answers ask for, each handed over once, however often the step is entered', async () => {
    const { world } = await brokenWorld('dependency of a dependency disabled');
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(await untilDone(() => diagnoseAndPlan(world.tools, about))).toMatchObject({ kind: 'done', value: finding });
    for (let count = 0; count < 3; count += 1) await diagnoseAndPlan(world.tools, about);
    const runs = deedsOf(world, 'arm.beginGuestRun').map((deed) => deed.replace(/^.*-further-/, ''));
    expect(runs.filter((run) => /^\d$/.test(run))).toEqual(['1', '2']);
    expect(world.ledger.steps.get(repairId)?.find(({ step }) => step === 'diagnose')).toMatchObject({
      outcome: 'done',
    });
  });

  it('is in the report as evidence of its own, and in the reasons', async () => {
    const { world } = await brokenWorld('dependency disabled');
    await untilDone(() => diagnoseAndPlan(world.tools, about));
    const report = await reportIn(world);
    expect(report.evidence['run-command-further']).toMatchObject({
      evidence: expect.arrayContaining([
        expect.objectContaining({ kind: 'service-configuration', service: 'NSI', startType: 4 }) as object,
      ]) as object[],
    });
    expect(JSON.stringify(report.diagnosis)).toContain('Dhcp → NSI: it does not run');
    expect(JSON.stringify(report.evidence['run-command'])).not.toContain('"service":"NSI"');
  });

  it('is not read where nothing more is wanted, or the guest cannot be asked', async () => {
    const mended = await brokenWorld('stopped');
    await untilDone(() => diagnoseAndPlan(mended.world.tools, about));
    expect(deedsOf(mended.world, 'arm.beginGuestRun').filter((deed) => deed.includes('further'))).toEqual([]);

    const { tools, deeds } = await repairWorld();
    const onDisk = [
      configurationOf('Dhcp', 2),
      serviceEventsOf('Dhcp', { eventId: 7000, at: '2026-01-02T02:30:00Z', code: 5 }),
    ];
    const from = { source: 'snapshot-disk' as const, place: 'SYSTEM', readAt: '2026-01-02T03:04:05Z' };
    await putEvidence(tools.ledger, { repairId }, 'run-command', {
      evidence: [],
      problem: 'The guest agent is Not Ready.',
    });
    await putEvidence(tools.ledger, { repairId }, 'snapshot-disk', {
      evidence: [...onDisk, bootConfigurationOf({}), bootModeOf('normal')].map((item) => ({ ...item, from })),
    });
    expect(await diagnoseAndPlan(tools, about)).toMatchObject({ kind: 'done', value: finding });
    expect(deeds.filter((deed) => deed.startsWith('arm.'))).toEqual([]);
  });

  it.each<[string, (world: FakeWorld) => void, string]>([
    [
      'the agent died meanwhile',
      (world) => {
        changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } });
      },
      'The guest agent is Not Ready (agent-dead).',
    ],
    [
      'the tag was taken away',
      (world) => {
        tagVm(world, 'off');
      },
      'off',
    ],
    [
      'the kill switch came on',
      (world) => {
        world.tools.settings.killSwitch = true;
      },
      'kill switch',
    ],
    [
      'Azure refuses',
      (world) => {
        world.failures.beginGuestRun = { kind: 'rejected', status: 409, code: 'Conflict', message: 'No.' };
      },
      'Azure refused to run commands (Conflict)',
    ],
    [
      'a permission is missing',
      (world) => {
        world.failures.beginGuestRun = { kind: 'forbidden', code: 'x', message: 'x', action: 'a/write', scope: '/s' };
      },
      'a/write',
    ],
    [
      'the answer is forged',
      (world) => {
        world.respond = () => ({ state: 'succeeded', output: '<b>##RDPL1 x', error: '' });
      },
      'no whole frame',
    ],
    [
      'the script fails',
      (world) => {
        world.respond = () => ({
          state: 'failed',
          code: 'run-failed',
          reason: 'The script was ended.',
          output: '',
          error: '',
        });
      },
      'The script was ended (run-failed).',
    ],
  ])('takes nothing from the finding when it cannot be read: %s', async (_what, hinder, problem) => {
    const { world } = await brokenWorld('access denied');
    hinder(world);
    expect(await untilDone(() => diagnoseAndPlan(world.tools, about))).toMatchObject({ kind: 'done', value: finding });
    const { diagnosis } = await reportIn(world);
    expect(diagnosis).toMatchObject({
      signature: 'dhcp-client-not-running',
      reasons: expect.arrayContaining([
        expect.objectContaining({ text: expect.stringContaining('not run: 5,') as string }) as object,
      ]) as object[],
      furtherProblem: expect.stringContaining(problem) as string,
    });
  });

  it('is not waited for so long that the story would lose the finding (hazard: five minutes of patience)', async () => {
    const { world } = await brokenWorld('access denied');
    world.respond = (): GuestRun => ({ state: 'running' });
    const begun = Date.now();
    jest.useFakeTimers({ now: begun, doNotFake: ['nextTick', 'setImmediate'] });
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    jest.setSystemTime(begun + 200_000);
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    jest.setSystemTime(begun + 215_000);
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'done', value: finding });
    expect((await reportIn(world)).diagnosis).toMatchObject({
      furtherProblem:
        'The guest did not answer within 210 s. The last thing heard: The guest is at it, and its agent is Ready.',
    });
  });

  it('has the finding on record before it is asked for (hazard: a crash while it waits)', async () => {
    const { world } = await brokenWorld('access denied');
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect((await reportIn(world)).diagnosis).toMatchObject({ kind: 'found', signature: 'dhcp-client-not-running' });
  });

  it('is read only: its runs are looks, registered to be removed', async () => {
    const { world, windows } = await brokenWorld('access denied');
    await untilDone(() => diagnoseAndPlan(world.tools, about));
    expect(windows.calls.some((call) => /(?:start|stop|config|delete|add) /.test(call.replace('/rd', '')))).toBe(false);
    expect(world.ledger.resources.get(repairId)).toContainEqual(
      expect.objectContaining({
        kind: 'run-command',
        lifetime: 'temporary',
        purpose: 'Commands in the guest: further-1',
      }),
    );
  });
});

async function brokenWorld(fault: DhcpClientFault) {
  const guest = guestOn(mountContent(installedBytes({ language: 'fr-FR' })));
  guest.boot(BOOTED_AT);
  guest.addresses(LATER);
  breakDhcpClient(guest, LATER + 600_000, fault);
  const windows = simulatedWindows(guest, LATER + 1_200_000);
  const world = await repairWorld();
  world.respond = respondAsWindows(windows);
  await untilDone(() => readEvidence(world.tools, about));
  return { world, windows };
}

async function reportIn(world: FakeWorld) {
  const detail = await world.tools.ledger.getRepairDetail(repairId);
  if (!detail) throw new Error('The repair is not on record.');
  return reportOf(detail);
}
