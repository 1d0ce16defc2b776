import { isStillNeeded, startFollowUps } from '../../src/triggers/start-follow-ups';
import { answerAlert } from '../../src/triggers/alerts';
import { cancelRepair } from '../../src/triggers/cancel-repair';
import { requestRepair } from '../../src/triggers/request-repair';
import type { RepairRecord, StepRecord } from '../../src/ledger/ports';
import { vmKeyOf } from '../../src/repair-id';
import { fakeWorld } from '../activities/support/fakes';
import { vmId, virtualMachine } from '../azure/support/machine';
import {
  alertPayload,
  answerOf,
  fakeStarter,
  inALaterMillisecond,
  post,
  request,
  withEssentials,
} from './support/door';

const alerts = '/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/00000000-0000-0000-0000-00000000000';

describe('triggers/start-follow-ups: an alert that joined a repair', () => {
  it('leaves the repair as it was, and begins its own when a diagnosis has ended', async () => {
    const { world, started, order, alert, end, round } = app();
    const first = await order('diagnose');
    expect(await alert(1)).toMatchObject({ joined: true, repairId: first });
    expect(world.ledger.repairs.get(first)).toMatchObject({ requestedMode: 'diagnose' });
    await round();
    expect(started).toHaveLength(1);
    await end(first, { ending: 'diagnosed', endingCode: 'mode-diagnose' });
    await round();
    await round();
    expect(started).toHaveLength(2);
    expect(started[1]?.input).toMatchObject({ vmId: vmId.toLowerCase(), requestedMode: undefined });
    expect(world.ledger.followUps.size).toBe(0);
    const { repairId } = started[1]?.input as { repairId: string };
    expect(world.ledger.signalsOf.get(repairId)).toMatchObject([{ door: 'alert', outcome: { kind: 'started' } }]);
    expect([...world.ledger.signals.values()].at(-1)).toMatchObject({ outcome: { kind: 'started', repairId } });
  });

  it('begins its own when it joined a repair that a person had cancelled before', async () => {
    const { started, order, alert, cancel, end, round } = app();
    const first = await order('repair');
    await cancel(first);
    await inALaterMillisecond();
    await alert(1);
    await end(first, { ending: 'cancelled', endingCode: 'cancelled' });
    await round();
    expect(started).toHaveLength(2);
  });

  it('is cancelled with the repair if it tells of what had happened before', async () => {
    const { world, started, order, alert, cancel, end, round } = app();
    const first = await order('repair');
    await alert(1, { firedDateTime: new Date(Date.now() - 60_000).toISOString() });
    await cancel(first);
    await end(first, { ending: 'cancelled', endingCode: 'cancelled' });
    await round();
    expect(started).toHaveLength(1);
    expect(world.ledger.followUps.size).toBe(0);
  });

  it.each([
    ['was resolved', { minutes: 0, isResolved: true }],
    ['is of the day before yesterday', { minutes: 25 * 60, isResolved: false }],
  ])('begins nothing when it %s', async (_what, { minutes, isResolved }) => {
    const { world, started, order, alert, end, round } = app();
    const first = await order('diagnose');
    await alert(1, { firedDateTime: new Date(Date.now() - minutes * 60_000).toISOString() });
    if (isResolved) await alert(1, { monitorCondition: 'Resolved', resolvedDateTime: new Date().toISOString() });
    await end(first, { ending: 'diagnosed', endingCode: 'mode-diagnose' });
    await round();
    expect(started).toHaveLength(1);
    expect(world.ledger.followUps.size).toBe(0);
  });

  it('waits while another repair has the VM, and is answered by that one', async () => {
    const { world, started, order, alert, end, round } = app();
    const first = await order('diagnose');
    await alert(1);
    await end(first, { ending: 'diagnosed', endingCode: 'mode-diagnose' });
    await order('repair');
    await round();
    expect(started).toHaveLength(2);
    expect(world.ledger.followUps.size).toBe(1);
  });

  it('begins one repair when the process dies in the middle', async () => {
    const { world, started, order, alert, end, round } = app();
    const first = await order('diagnose');
    await alert(1);
    await end(first, { ending: 'diagnosed', endingCode: 'mode-diagnose' });
    const dropFollowUp = world.tools.ledger.dropFollowUp.bind(world.tools.ledger);
    world.tools.ledger.dropFollowUp = () => Promise.reject(new Error('died'));
    await expect(round()).rejects.toThrow('died');
    world.tools.ledger.dropFollowUp = dropFollowUp;
    await round();
    expect(started).toHaveLength(2);
    expect(world.ledger.repairs.size).toBe(2);
  });

  it('is none of a rollback', async () => {
    const { world, order, alert } = app();
    await order('repair');
    const lease = world.ledger.leases.get(vmKeyOf(vmId));
    if (lease) lease.rollsBack = 'another';
    await alert(1);
    expect(world.ledger.followUps.size).toBe(0);
  });
});

describe('triggers/start-follow-ups: whether the ended repair has answered it', () => {
  const at = (minute: number) => `2026-01-02T03:${String(minute).padStart(2, '0')}:00.000Z`;
  const step = (name: string, minute: number): StepRecord => ({ step: name, title: 'x', startedAt: at(minute) });
  const steps = [step('evidence', 10), step('verify-1', 20), step('verify-2', 21)];
  const ended = (fields: Partial<RepairRecord>): RepairRecord => ({
    ...{ repairId: 'r', vmId, acceptedAt: at(0), startedAt: at(1), endedAt: at(30), phase: 'Ended' },
    ...fields,
  });

  it.each<[boolean, string, RepairRecord | undefined, number]>([
    [false, 'what it mended had happened before it looked for the last time', ended({ ending: 'repaired' }), 20],
    [true, 'it broke anew after it had looked', ended({ ending: 'repaired' }), 25],
    [false, 'it found nothing, later', ended({ ending: 'healthy' }), 5],
    [false, 'it could not mend it: again would be another downtime', ended({ ending: 'not-repaired' }), 20],
    [true, 'it was not to go that far', ended({ ending: 'not-recognised', requestedMode: 'diagnose' }), 5],
    [false, 'it went as far as asked', ended({ ending: 'diagnosed', requestedMode: 'repair' }), 5],
    [false, 'it only looked, and found all well', ended({ ending: 'healthy', requestedMode: 'diagnose' }), 5],
    [true, 'it ended for another alert', ended({ ending: 'cancelled' }), 5],
    [false, 'it was a rollback', ended({ ending: 'rolled-back', rollsBack: 'x' }), 25],
    [true, 'it has not ended, and nobody holds the VM', ended({}), 5],
    [true, 'there is no record of it', undefined, 5],
  ])('says %s when %s', (isNeeded, _when, repair, minute) => {
    expect(isStillNeeded({ occurredAt: at(minute) }, repair, steps)).toBe(isNeeded);
  });
});

function app() {
  const world = fakeWorld();
  world.vms.set(vmId.toLowerCase(), virtualMachine());
  const { starter, started, states } = fakeStarter();
  return {
    ...{ world, started },
    order: async (mode: string): Promise<string> => {
      const answer = answerOf(await requestRepair(world.tools, starter, post('repairs', { vmId, mode })));
      return String((answer.body as { repairId?: string }).repairId);
    },
    alert: async (number: number, essentials: Record<string, unknown> = {}) => {
      const payload = withEssentials(alertPayload('metric-fired'), {
        ...{ alertTargetIDs: [vmId], alertId: `${alerts}${number}`, firedDateTime: new Date().toISOString() },
        ...essentials,
      });
      return answerOf(await answerAlert(world.tools, starter, post('alerts', payload))).body;
    },
    cancel: (repairId: string) =>
      cancelRepair(world.tools, request('POST', `repairs/${repairId}/cancel`, { params: { repairId } })),
    end: async (repairId: string, fields: Partial<RepairRecord>) => {
      const endedAt = new Date().toISOString();
      await world.tools.ledger.updateRepair(repairId, { ...fields, endedAt, endingReason: 'x' });
      await world.tools.ledger.releaseLease(vmKeyOf(vmId), repairId);
      states.clear();
    },
    round: () => startFollowUps(world.tools, starter),
  };
}
