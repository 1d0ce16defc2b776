import { makePlan } from '../../src/activities/plan';
import { done, end, wait } from '../../src/activities/progress';
import { repair } from '../../src/orchestrators/repair';
import { repairVm } from '../../src/orchestrators/repair-vm';
import { untilDone } from '../../src/orchestrators/until-done';
import type { OutcomeCode } from '../../src/outcome-codes';
import { Fault, namesOf, tell, type Answers, type Asked } from './support/tell';

const about = { repairId: '20260101t000000z-0123456789', vmId: '/subscriptions/x/vm' };
const plan = makePlan({
  signature: 'dhcp-client-disabled',
  title: 'A failure',
  routes: ['run-command'],
  closed: [],
  changes: [],
});
const repaired = { ending: 'repaired', code: 'repaired', reason: 'It is mended.' } as const;

const goodAnswers: Answers = {
  inspectVm: done({ agentUsable: true }, ''),
  takeSnapshot: done({ snapshotId: 's' }, ''),
  readEvidence: done('read', ''),
  readSnapshotDisk: done('read', ''),
  diagnoseAndPlan: done(plan, ''),
  obtainPermit: done('permitted', ''),
  applyChanges: done('applied', ''),
  verifyRepair: done({ settled: true, conclusion: repaired }, ''),
};
const order = [
  'inspectVm',
  'takeSnapshot',
  'readEvidence',
  'readSnapshotDisk',
  'diagnoseAndPlan',
  'obtainPermit',
  'applyChanges',
  'verifyRepair',
];

describe('orchestrators/repair: the story of a repair', () => {
  it('looks, keeps, reads, diagnoses, asks, mends and proves, in this order', () => {
    const { result, asked } = tell((story) => repair(story, about), goodAnswers);

    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual(order);
  });

  it.each(order.map((name, index) => [name, index] as const))(
    'ends at once where %s says so, and goes no further',
    (name, index) => {
      const answers = { ...goodAnswers, [name]: end('refused', 'name-taken', 'Because.') };

      const { result, asked } = tell((story) => repair(story, about), answers);

      expect(result).toEqual({ ending: 'refused', code: 'name-taken', reason: 'Because.' });
      // The sources of evidence are asked side by side: both have been asked when one of them ends the repair.
      const last = name === 'readEvidence' ? index + 1 : index;
      expect(namesOf(asked)).toEqual(order.slice(0, last + 1));
    },
  );

  it.each(order.slice(0, -1))('looks again, and nothing more, when the alert was resolved before %s', (name) => {
    const recovered = { ending: 'recovered-by-itself', code: 'recovered-by-itself', reason: 'It is well.' } as const;
    const answers = {
      ...goodAnswers,
      [name]: end('cancelled', 'alert-resolved', 'Resolved.'),
      lookAgain: done(recovered, ''),
    };

    const { result, asked } = tell((story) => repair(story, about), answers);

    expect(result).toEqual(recovered);
    const before = name === 'readEvidence' ? order.indexOf(name) + 2 : order.indexOf(name) + 1;
    expect(namesOf(asked)).toEqual([...order.slice(0, before), 'lookAgain']);
  });

  it('ends as it must when the look after a resolved alert is refused', () => {
    const answers = {
      inspectVm: end('cancelled', 'alert-resolved', 'Resolved.'),
      lookAgain: end('refused', 'kill-switch', 'The kill switch is on.'),
    };

    expect(tell((story) => repair(story, about), answers).result).toMatchObject({ code: 'kill-switch' });
  });

  it('goes on with the other source when one is late', () => {
    const late = end('not-recognised', 'source-late', 'Late.');
    for (const name of ['readEvidence', 'readSnapshotDisk']) {
      expect(tell((story) => repair(story, about), { ...goodAnswers, [name]: late }).result).toEqual(repaired);
    }
  });

  it('never changes anything before a snapshot is there and policy has permitted it', () => {
    const { asked } = tell((story) => repair(story, about), goodAnswers);
    const names = namesOf(asked);

    expect(names.indexOf('takeSnapshot')).toBeLessThan(names.indexOf('readEvidence'));
    expect(names.indexOf('obtainPermit')).toBeLessThan(names.indexOf('applyChanges'));
  });

  it('looks again, at most three times, when what was mended is not yet proven; the last look counts', () => {
    const unproven = { ending: 'fixed-rdp-unproven', code: 'rdp-not-listening', reason: 'Not yet.' } as const;
    const verifyRepair = done({ settled: false, conclusion: unproven }, '');

    const { result, asked } = tell((story) => repair(story, about), { ...goodAnswers, verifyRepair });

    expect(result).toEqual(unproven);
    expect(namesOf(asked).filter((name) => name === 'verifyRepair')).toHaveLength(3);
    expect(asked.filter(({ kind }) => kind === 'timer')).toEqual([
      { kind: 'timer', ms: 20_000 },
      { kind: 'timer', ms: 20_000 },
    ]);
  });

  describe('with a restart', () => {
    const restart = { kind: 'restart-from-safe-mode', delaySeconds: 60 } as const;
    const restarting = makePlan({ ...plan, signature: 'safe-mode', changes: [restart] });
    const answers = { ...goodAnswers, diagnoseAndPlan: done(restarting, ''), awaitRestart: done('back', '') };
    const looksIn = (asked: Asked[]) => namesOf(asked).filter((name) => name === 'verifyRepair').length;

    it('waits for it before it looks again, and for nothing without one', () => {
      const { result, asked } = tell((story) => repair(story, about), answers);
      expect(result).toEqual(repaired);
      expect(namesOf(asked).slice(-3)).toEqual(['applyChanges', 'awaitRestart', 'verifyRepair']);
      expect(namesOf(tell((story) => repair(story, about), goodAnswers).asked)).not.toContain('awaitRestart');
    });

    it('looks all the same when Windows did not come back in time', () => {
      const late = { ...answers, awaitRestart: wait('no'), untilDone: end('not-repaired', 'restart-late', 'Late.') };
      expect(tell((story) => repair(story, about), late).result).toEqual(repaired);
    });

    it('makes a look again that went down with Windows', () => {
      const lost = end('not-repaired', 'not-verified', 'It did not answer again.');
      const verifyRepair = [lost, done({ settled: true, conclusion: repaired }, '')];
      const { result, asked } = tell((story) => repair(story, about), { ...answers, verifyRepair });
      expect(result).toEqual(repaired);
      expect(looksIn(asked)).toBe(2);
    });

    it('looks six times at most, and ends at once when it is cancelled', () => {
      const conclusion = { ending: 'not-repaired', code: 'still-there', reason: 'x' } as const;
      const verifyRepair = done({ settled: false, conclusion }, '');
      const { result, asked } = tell((story) => repair(story, about), { ...answers, verifyRepair });
      expect(result).toEqual(conclusion);
      expect(looksIn(asked)).toBe(6);
      const cancelled = { ...answers, verifyRepair: end('cancelled', 'cancelled', 'x') };
      expect(tell((story) => repair(story, about), cancelled).result).toMatchObject({ ending: 'cancelled' });
    });
  });

  it('proves for itself what was changed when the guest did not say so in time', () => {
    const answers = {
      ...goodAnswers,
      applyChanges: wait('busy'),
      untilDone: end('not-repaired', 'apply-late', 'Late.'),
    };

    expect(tell((story) => repair(story, about), answers).result).toEqual(repaired);
  });
});

describe('orchestrators/repair: a diagnosis to which no source gave anything', () => {
  const unseen = end('not-recognised', 'guest-not-reachable', 'Nothing was seen.');
  const blind = { ...goodAnswers, diagnoseAndPlan: [unseen, done(plan, '')] };
  const upTo = order.slice(0, order.indexOf('diagnoseAndPlan') + 1);

  it('is made again with what a recovery VM saw, and the repair goes on from there', () => {
    const { result, asked } = tell((story) => repair(story, about), { ...blind, lookByRecoveryVm: 'looked' });
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual([...upTo, 'lookByRecoveryVm', ...order.slice(upTo.length - 1)]);
    expect(asked).toContainEqual(
      expect.objectContaining({ name: 'lookByRecoveryVm', instanceId: `${about.repairId}-look` }),
    );
    expect(asked.filter((one) => 'name' in one && one.name === 'diagnoseAndPlan')).toMatchObject([
      { input: about },
      { input: { ...about, after: 'look' } },
    ]);
  });

  it('is not made for a third time', () => {
    const still = { ...blind, diagnoseAndPlan: unseen, lookByRecoveryVm: 'looked' };
    const { result, asked } = tell((story) => repair(story, about), still);
    expect(result).toMatchObject({ code: 'guest-not-reachable' });
    expect(namesOf(asked).filter((name) => name === 'lookByRecoveryVm')).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['no-size', { ending: 'not-recognised', code: 'no-size', reason: 'No room.' }],
    ['a fault', new Fault('No room.')],
    ['the kill switch', { ending: 'refused', code: 'kill-switch', reason: 'No room.' }],
  ])('tells both reasons when there is no look either: %s', (_why, lookByRecoveryVm) => {
    const { result, asked } = tell((story) => repair(story, about), { ...blind, lookByRecoveryVm });
    expect(result).toMatchObject({ ending: 'not-recognised', code: 'guest-not-reachable' });
    expect(result.reason).toMatch(/^Nothing was seen\. .*No room\./);
    expect(namesOf(asked)).toEqual([...upTo, 'lookByRecoveryVm']);
  });

  it('ends as cancelled when it was cancelled meanwhile, and looks again when the alert was resolved', () => {
    const cancelled = { ending: 'cancelled', code: 'cancelled', reason: 'A person cancelled it.' } as const;
    const look = (code: OutcomeCode) => ({
      ...blind,
      lookByRecoveryVm: { ...cancelled, code },
      lookAgain: done(repaired, ''),
    });
    expect(tell((story) => repair(story, about), look('cancelled')).result).toEqual(cancelled);
    expect(tell((story) => repair(story, about), look('alert-resolved')).result).toEqual(repaired);
  });

  it.each(['not-recognised', 'healthy', 'left-alone', 'not-opted-in'] as const)(
    'is the last word when it ended as %s',
    (code) => {
      const answers = { ...goodAnswers, diagnoseAndPlan: end('not-recognised', code, 'x') };
      expect(namesOf(tell((story) => repair(story, about), answers).asked)).toEqual(upTo);
    },
  );
});

describe('orchestrators/repair: the routes of a plan', () => {
  const twoWays = makePlan({ ...plan, routes: ['run-command', 'recovery-vm'] });
  const answers = { ...goodAnswers, diagnoseAndPlan: done(twoWays, ''), mendOnCopy: repaired };

  it('are taken in their order, the next one not at all when the first gets through', () => {
    expect(namesOf(tell((story) => repair(story, about), answers).asked)).toEqual(order);
  });

  it('are left out where they are not planned', () => {
    const only = { ...answers, diagnoseAndPlan: done(makePlan({ ...plan, routes: ['recovery-vm'] }), '') };
    const { result, asked } = tell((story) => repair(story, about), only);
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual([...order.slice(0, 6), 'mendOnCopy']);
    expect(asked.at(-1)).toMatchObject({ kind: 'orchestrator', instanceId: `${about.repairId}-copy` });
  });

  it.each([
    ['applyChanges', end('diagnosed', 'guest-not-reachable', 'x')],
    ['verifyRepair', end('not-repaired', 'not-verified', 'x')],
  ])('go on to the next one when %s did not get through to the guest', (name, answer) => {
    const { result, asked } = tell((story) => repair(story, about), { ...answers, [name]: answer });
    expect(result).toEqual(repaired);
    expect(namesOf(asked).at(-1)).toBe('mendOnCopy');
  });

  it.each(['kill-switch', 'cancelled', 'change-did-not-hold', 'still-there', 'fault'] as const)(
    'go no further after %s (hazard: a downtime that mends nothing)',
    (code) => {
      const { result, asked } = tell((story) => repair(story, about), {
        ...answers,
        applyChanges: end('not-repaired', code, 'x'),
      });
      expect(result).toMatchObject({ code });
      expect(namesOf(asked)).not.toContain('mendOnCopy');
    },
  );

  it('end as a fault when the story of the copy breaks', () => {
    const { result } = tell((story) => repair(story, about), {
      ...answers,
      applyChanges: end('diagnosed', 'guest-not-reachable', 'x'),
      mendOnCopy: new Fault('The ledger is gone.\n{}'),
    });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'fault' });
    expect(result.reason).toContain('The ledger is gone.');
  });

  it('prove what was changed in the guest again after a fault', () => {
    const fault = new Fault('The ledger is away.');
    const faulty = { ...answers, verifyRepair: [fault, goodAnswers.verifyRepair] };
    const { result, asked } = tell((story) => repair(story, about), faulty);
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual([...order, 'verifyRepair']);
  });

  it('end as no route where there is none', () => {
    const none = { ...answers, diagnoseAndPlan: done(makePlan({ ...plan, routes: [] }), '') };
    expect(tell((story) => repair(story, about), none).result).toMatchObject({ code: 'no-route' });
  });
});

describe('orchestrators/repair: the singleton of a VM', () => {
  const first: Answers = { takeUpRepair: done(1, ''), closeRepair: done('closed', '') };
  const own = { ...about, generation: 1 };

  it('takes the repair up, tells its story as a child with the repair’s id, cleans up and writes the ending', () => {
    const { asked } = tell((story) => repairVm(story, about), {
      ...first,
      repair: repaired,
      cleanUp: done({ left: [] }, ''),
    });

    expect(asked).toMatchObject([
      {
        kind: 'activity',
        name: 'takeUpRepair',
        input: { ...about, orchestrationStartedAt: '2026-01-01T00:00:00.000Z' },
      },
      { kind: 'orchestrator', name: 'repair', instanceId: about.repairId, input: own },
      { kind: 'activity', name: 'cleanUp', input: { ...own, conclusion: repaired } },
      { kind: 'activity', name: 'closeRepair', input: own },
    ]);
  });

  it('waits for what was under way when it is begun again, and has children of its own (hazard: those of the one before are alive)', () => {
    const { asked } = tell((story) => repairVm(story, about), {
      ...first,
      takeUpRepair: done(3, ''),
      awaitOperations: done('over', ''),
      repair: repaired,
      cleanUp: done({ left: [] }, ''),
    });

    expect(namesOf(asked)).toEqual(['takeUpRepair', 'awaitOperations', 'repair', 'cleanUp', 'closeRepair']);
    expect(asked[2]).toMatchObject({ instanceId: `${about.repairId}-again-2`, input: { ...about, generation: 3 } });
  });

  it('tells no story while what was under way goes on, and still cleans up', () => {
    const late = { ending: 'not-repaired', code: 'operations-late', reason: 'It goes on.' };
    const { result, asked } = tell((story) => repairVm(story, about), {
      ...first,
      takeUpRepair: done(2, ''),
      awaitOperations: { kind: 'end', conclusion: late },
      cleanUp: done({ left: [] }, ''),
    });

    expect(result).toEqual(late);
    expect(namesOf(asked)).toEqual(['takeUpRepair', 'awaitOperations', 'cleanUp', 'closeRepair']);
  });

  it('does nothing where the repair is another one’s', () => {
    const { result, asked } = tell((story) => repairVm(story, about), {
      takeUpRepair: end('cancelled', 'superseded', 'Begun again.'),
    });

    expect(result).toMatchObject({ code: 'superseded' });
    expect(namesOf(asked)).toEqual(['takeUpRepair']);
  });

  it('does the same when the story broke, and says so', () => {
    const { result, asked } = tell((story) => repairVm(story, about), {
      ...first,
      repair: new Fault('The ledger is gone,\nin its second line too.\n{"$type":"System.Exception"}'),
      cleanUp: done({ left: [] }, ''),
    });

    expect(result).toMatchObject({ ending: 'not-repaired', code: 'fault' });
    expect(result.reason).toContain('The ledger is gone, in its second line too.');
    expect(result.reason).not.toContain('$type');
    expect(namesOf(asked)).toEqual(['takeUpRepair', 'repair', 'cleanUp', 'closeRepair']);
  });

  it('closes the repair when its clean-up is late: what is still there is told from the record', () => {
    const { asked } = tell((story) => repairVm(story, about), {
      ...first,
      repair: repaired,
      cleanUp: wait('being deleted'),
      untilDone: end('not-repaired', 'clean-up-late', 'Not everything is gone.'),
    });

    expect(asked.at(-1)).toMatchObject({ name: 'closeRepair', input: own });
  });
});

describe('orchestrators/repair: a wait that made what was seen old', () => {
  const readAgain = done('read-again', '');
  const reading = order.slice(0, order.indexOf('obtainPermit') + 1);

  it('has the VM inspected, kept, read and diagnosed again before the permit, and carries out what was found then', () => {
    const other = makePlan({ ...plan, title: 'Another failure' });
    const { result, asked } = tell((story) => repair(story, about), {
      ...goodAnswers,
      obtainPermit: [readAgain, done('permitted', '')],
      diagnoseAndPlan: [done(plan, ''), done(other, '')],
    });
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual([...reading, ...reading, 'applyChanges', 'verifyRepair']);
    const hashes = asked.flatMap((one) => (one.kind === 'activity' && one.name === 'obtainPermit' ? [one.input] : []));
    expect(hashes).toMatchObject([{ planHash: plan.hash }, { planHash: other.hash }]);
    expect(asked.find((one) => one.kind === 'activity' && one.name === 'applyChanges')).toMatchObject({
      input: { planHash: other.hash },
    });
  });

  it('ends where the VM is well by then', () => {
    const { result, asked } = tell((story) => repair(story, about), {
      ...goodAnswers,
      obtainPermit: readAgain,
      diagnoseAndPlan: [done(plan, ''), end('recovered-by-itself', 'recovered-by-itself', 'Well.')],
    });
    expect(result).toMatchObject({ ending: 'recovered-by-itself' });
    expect(namesOf(asked)).not.toContain('applyChanges');
  });

  it('is not gone through for ever, whatever the activity says', () => {
    const { result, asked } = tell((story) => repair(story, about), { ...goodAnswers, obtainPermit: readAgain });
    expect(result).toMatchObject({ ending: 'diagnosed' });
    expect(namesOf(asked).filter((name) => name === 'obtainPermit')).toHaveLength(10);
  });

  it('asks the other sources again before a recovery VM looks, by children of their own', () => {
    const unseenYet = end('not-recognised', 'guest-not-reachable', 'Nothing was seen.');
    const { result, asked } = tell((story) => repair(story, about), {
      ...goodAnswers,
      diagnoseAndPlan: [unseenYet, unseenYet, done(plan, '')],
      lookByRecoveryVm: ['read-again', 'looked'],
    });
    expect(result).toEqual(repaired);
    const looks = asked.flatMap((one) => (one.kind === 'orchestrator' && one.name === 'lookByRecoveryVm' ? [one] : []));
    expect(looks.map(({ instanceId }) => instanceId)).toEqual([`${about.repairId}-look`, `${about.repairId}-look-2`]);
    expect(namesOf(asked).filter((name) => name === 'takeSnapshot')).toHaveLength(2);
  });
});

describe('orchestrators/repair: a declared wait', () => {
  const queued = (afterMs = 60_000) => ({ ...wait('3 come before.', afterMs), isDeclared: true });

  it('is handed on from one hour to the next, for five days and more, with a short history in each', () => {
    const days = [...Array<unknown>(121).fill(queued()), done('permitted', '')];
    const { result, asked } = tell((story) => repair(story, about), {
      ...goodAnswers,
      obtainPermit: queued(),
      untilDone: days,
    });
    expect(result).toEqual(repaired);
    const turns = asked.flatMap((one) => (one.kind === 'orchestrator' && one.name === 'untilDone' ? [one.input] : []));
    expect(turns.slice(-122)).toEqual(
      Array<unknown>(122).fill(
        expect.objectContaining({
          activity: 'obtainPermit',
          firstWaitMs: 60_000,
          patience: expect.objectContaining({ deadlineMs: 60 * 60_000 }) as unknown,
        }),
      ),
    );
  });

  it('comes back at the deadline, as it was heard last, instead of an end', () => {
    const late = { ending: 'diagnosed', code: 'azure-silent', reason: 'Late.' } as const;
    const input = { activity: 'obtainPermit' as const, input: about, patience: { deadlineMs: 60 * 60_000, late } };
    const told = (answers: unknown) => tell((story) => untilDone(story, input), { obtainPermit: answers });
    const { result, asked } = told(queued(15_000));
    expect(result).toEqual(queued(15_000));
    expect(asked.length).toBeLessThan(500);
    // Azure was busy at the end of the hour: the next hour will tell.
    expect(told([queued(), wait('Azure is busy.')]).result).toMatchObject({ kind: 'wait' });
    // And it did: nothing was declared any more.
    expect(told(wait('Azure is busy.')).result).toMatchObject({ kind: 'end', conclusion: { code: 'azure-silent' } });
  });
});

describe('orchestrators/repair: asking until it is done', () => {
  const late = { ending: 'not-repaired', code: 'snapshot-late', reason: 'Too late.' } as const;
  const input = { activity: 'takeSnapshot' as const, input: about, patience: { deadlineMs: 120_000, late } };
  const pauses = (answers: Answers, more = {}) =>
    tell((story) => untilDone(story, { ...input, ...more }), answers).asked.flatMap((asked) =>
      asked.kind === 'timer' ? [asked.ms] : [],
    );

  it.each(['closeRepair', 'takeUpRepair', 'toString', 'repair'])(
    'asks for nothing that is not on its list: %s (hazard: whoever can start it could ask for anything)',
    (activity) => {
      const other = { ...input, activity } as unknown as typeof input;
      expect(() => tell((story) => untilDone(story, other), {})).toThrow('untilDone asks for no such activity');
    },
  );

  it('pauses from 2 s growing to 15 s', () => {
    const answers = { takeSnapshot: [...Array<unknown>(6).fill(wait('not yet')), done({ snapshotId: 's' }, '')] };

    expect(pauses(answers)).toEqual([2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  });

  it('pauses as long as Azure asks for, and a second more, by which a timer may be early', () => {
    expect(
      pauses({ takeSnapshot: [wait('throttled', 37_000), done({ snapshotId: 's' }, '')] }, { firstWaitMs: 5000 }),
    ).toEqual([5000, 38_000]);
  });

  it('asks at once when it is told to wait for nothing', () => {
    const answers = { takeSnapshot: [wait('a part is here', 0), wait('not yet'), done({ snapshotId: 's' }, '')] };

    expect(pauses(answers, { firstWaitMs: 0 })).toEqual([2000]);
  });

  it('gives a fault as an end where others are asked beside it (hazard: one that is still at work is left alone)', () => {
    const answers = { takeSnapshot: new Fault('The ledger is gone.\n{}') };
    expect(() => tell((story) => untilDone(story, input), answers)).toThrow('The ledger is gone.');

    const { result } = tell((story) => untilDone(story, { ...input, faultEnds: true }), answers);

    expect(result).toMatchObject({ kind: 'end', conclusion: { ending: 'not-repaired', code: 'fault' } });
    expect(JSON.stringify(result)).toContain('The ledger is gone.');
  });

  it('ends once the deadline has passed, with what the story says then', () => {
    const { result, asked } = tell((story) => untilDone(story, input), { takeSnapshot: wait('Azure is busy.') });

    expect(result).toEqual({
      kind: 'end',
      conclusion: { ...late, reason: 'Too late. The last thing heard: Azure is busy.' },
    });
    expect(asked.reduce((sum, question) => sum + (question.kind === 'timer' ? question.ms : 0), 0)).toBe(121_000);
  });

  it('does not end before it where timers fire early, and asks for nothing in a hurry', () => {
    for (const afterMs of [undefined, 1_000, 7_000, 30_000]) {
      const answers = { takeSnapshot: wait('Azure is busy.', afterMs) };
      const { asked, tookMs } = tell((story) => untilDone(story, input), answers, { earlyMs: 1_000 });
      const times = namesOf(asked).filter((name) => name === 'takeSnapshot').length;
      expect(tookMs).toBeGreaterThanOrEqual(120_000);
      if (afterMs !== 1_000) expect(times).toBeLessThan(30);
    }
  });

  it('waits for a record that is away, by timers, and counts none of that as time that Azure took', () => {
    const away = { kind: 'record-away', reason: 'The ledger could not read a row: the store did not answer in time.' };
    const answers = {
      takeSnapshot: [...Array<unknown>(40).fill(away), wait('not yet'), done({ snapshotId: 's' }, '')],
    };
    const { result, tookMs } = tell((story) => untilDone(story, input), answers);
    expect(result).toMatchObject({ kind: 'done' });
    expect(tookMs).toBeGreaterThan(30 * 60_000);
  });

  it('ends at a fault that tells when the record is away for six hours', () => {
    const answers = { takeSnapshot: { kind: 'record-away', reason: 'The store did not answer in time.' } };
    expect(() => tell((story) => untilDone(story, input), answers)).toThrow(
      /away for 6 hours: The store did not answer in time\./,
    );
  });

  it('ends at the deadline by the code of what it waited for last, unless its story goes on by its own', () => {
    const own = { ending: 'refused', code: 'power-state-missing', reason: 'Azure does not say.' } as const;
    const endOf = (answers: unknown, patience: object = {}) =>
      tell((story) => untilDone(story, { ...input, patience: { ...input.patience, ...patience } }), {
        takeSnapshot: answers,
      }).result;

    expect(endOf(wait('Azure does not say.', undefined, own))).toEqual({ kind: 'end', conclusion: own });
    expect(endOf(wait('Azure does not say.', undefined, own), { goesOnBy: 'late' })).toMatchObject({
      conclusion: { code: 'snapshot-late', reason: 'Too late. The last thing heard: Azure does not say.' },
    });
    // What was missing at first and is there now has no say any more.
    expect(endOf([wait('Azure does not say.', undefined, own), wait('It is being made.')])).toMatchObject({
      conclusion: { code: 'snapshot-late' },
    });
  });

  it('goes on with the other source, and to the proof, when what they hang on was not told', () => {
    const own = { ending: 'refused', code: 'power-state-missing', reason: 'Azure does not say.' } as const;
    const patienceOf = (name: string) => {
      const answers = { ...goodAnswers, [name]: wait('No.', undefined, own), untilDone: end('refused', 'fault', 'x') };
      const { asked } = tell((story) => repair(story, about), answers);
      return asked.flatMap((one) => (one.kind === 'orchestrator' ? [one.input] : [])).at(-1);
    };
    for (const name of ['applyChanges', 'verifyRepair']) {
      expect(patienceOf(name)).toMatchObject({ activity: name, patience: { goesOnBy: 'late' } });
    }
    expect(patienceOf('inspectVm')).not.toHaveProperty('patience.goesOnBy');
  });
});
