import { done, end, wait } from '../../src/activities/progress';
import { mendOnCopy } from '../../src/orchestrators/mend-on-copy';
import type { OutcomeCode } from '../../src/outcome-codes';
import { Fault, namesOf, tell, type Answers, type Asked } from './support/tell';

const input = { repairId: '20260101t000000z-0123456789', vmId: '/subscriptions/x/vm', planHash: 'a'.repeat(64) };
const repaired = { ending: 'repaired', code: 'repaired', reason: 'It is mended.' } as const;
const proven = (ending: 'repaired' | 'fixed-rdp-unproven' | 'not-repaired', code: OutcomeCode, settled = true) =>
  done({ settled, conclusion: { ending, code, reason: 'So it is.' } }, '');

const good: Answers = {
  makeTrialCopy: done('to-be-rehearsed', ''),
  createRecoveryVm: done('ready', ''),
  attachTrialCopy: done('attached', ''),
  rehearseOnTrialCopy: done('rehearsed', ''),
  detachTrialCopy: done('detached', ''),
  deleteTrialCopy: done('begun', ''),
  stopPatient: done('stopped', ''),
  copyOsDisk: done({ copyId: 'c' }, ''),
  attachCopy: done('attached', ''),
  mendCopy: done('mended', ''),
  detachCopy: done('detached', ''),
  swapOsDisk: done('swapped', ''),
  startPatient: done('running', ''),
  awaitAgent: done('ready', ''),
  verifyRepair: done({ settled: true, conclusion: repaired }, ''),
};
/** What is asked while the VM is up: the trial copy is looked at again beside the recovery VM. */
const rehearsal = ['attachTrialCopy', 'rehearseOnTrialCopy', 'detachTrialCopy'];
const ahead = ['makeTrialCopy', 'createRecoveryVm', 'makeTrialCopy', ...rehearsal, 'deleteTrialCopy'];
const down = Object.keys(good).slice(ahead.length - 1);
const order = [...ahead, ...down];
const putBack: Answers = { stopForSwapBack: done('stopped', ''), swapBackOsDisk: done('swapped-back', '') };
const round = down.slice(0, 6);
const back = ['stopForSwapBack', 'swapBackOsDisk', 'startPatient'];
const tellIt = (answers: Answers) => tell((story) => mendOnCopy(story, input), { ...good, ...putBack, ...answers });
const inputsOf = (asked: Asked[], name: string) =>
  asked.flatMap((one) => (one.kind === 'activity' && one.name === name ? [one.input] : []));

describe('orchestrators/mend-on-copy: the story of the route recovery-vm', () => {
  it('makes a trial copy and the recovery VM while the patient is up, then stops, copies, mends, swaps, starts and proves', () => {
    const { result, asked } = tellIt({});
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual(order);
    expect(inputsOf(asked, 'verifyRepair')).toEqual([{ ...input, attempt: 1, series: 'copy' }]);
  });

  it.each([
    ['makeTrialCopy', 1],
    ['createRecoveryVm', 2],
    ['attachTrialCopy', 4],
    ['rehearseOnTrialCopy', 5],
    ['detachTrialCopy', 6],
    ['deleteTrialCopy', 7],
    ...round.map((name, index) => [name, ahead.length + index + 1] as const),
  ] as const)(
    'ends where %s says so; the rest is the clean-up’s (hazard: a step goes on without its ground)',
    (name, count) => {
      const { result, asked } = tellIt({ [name]: end('diagnosed', 'kill-switch', 'Because.') });
      expect(result).toEqual({ ending: 'diagnosed', code: 'kill-switch', reason: 'Because.' });
      expect(namesOf(asked)).toEqual(order.slice(0, count));
    },
  );

  it('ends before the stop where Azure took the trial copy and could not make it (hazard: only its first answer counts)', () => {
    const failed = end('not-repaired', 'trial-copy-failed', 'It failed.');
    const { result, asked } = tellIt({ makeTrialCopy: [wait('It is being made.'), failed] });
    expect(result).toMatchObject({ code: 'trial-copy-failed' });
    expect(namesOf(asked)).toEqual(ahead.slice(0, 3));
  });

  it('makes one trial copy, and waits for its deletion neither before the first stop nor in a second round', () => {
    const { result, asked } = tellIt({
      makeTrialCopy: [wait('It is being made.'), done('to-be-rehearsed', '')],
      deleteTrialCopy: wait('Azure asks us to wait.'),
      swapOsDisk: [done('started-meanwhile', ''), done('swapped', '')],
    });
    expect(result).toEqual(repaired);
    expect(namesOf(asked).filter((name) => name.endsWith('TrialCopy'))).toEqual([
      'makeTrialCopy',
      'makeTrialCopy',
      ...rehearsal,
      'deleteTrialCopy',
    ]);
    expect(asked.filter(({ kind }) => kind === 'timer')).toEqual([]);
  });

  it('rehearses nothing where a recovery has worked with this image and generation before', () => {
    const { result, asked } = tellIt({ makeTrialCopy: done('made', '') });
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual(order.filter((name) => !rehearsal.includes(name)));
  });

  it('does not stop the VM where the rehearsal fails or is never answered (hazard: downtime for nothing)', () => {
    const failed = end('not-repaired', 'rehearsal-failed', 'No. The VM was not stopped.');
    const late = { ending: 'not-repaired', code: 'rehearsal-late' } as const;
    for (const answer of [failed, wait('It runs.')]) {
      const { result, asked } = tellIt({
        rehearseOnTrialCopy: answer,
        untilDone: end(late.ending, late.code, 'Late.'),
      });
      expect(['rehearsal-failed', 'rehearsal-late']).toContain(result.code);
      expect(namesOf(asked)).not.toContain('stopPatient');
    }
  });

  it('is late where a step never answers', () => {
    const { result } = tellIt({ mendCopy: wait('no'), untilDone: end('not-repaired', 'copy-not-mended', 'Late.') });
    // The sub-story's answer is that of the step that it asks.
    expect(result.code).toBe('copy-not-mended');
  });

  it('waits itself for what is done after a few short looks, and hands on what takes longer or says a longer time', () => {
    const timersOf = (asked: Asked[]) => asked.flatMap((one) => (one.kind === 'timer' ? [one.ms] : []));
    const quick = tellIt({ copyOsDisk: [wait('no', 1_000), wait('no', 2_000), done({ copyId: 'c' }, '')] });
    expect(quick.result).toEqual(repaired);
    expect(timersOf(quick.asked)).toEqual([1_000, 2_000]);
    const slow = tellIt({ copyOsDisk: wait('no', 1_000), untilDone: end('not-repaired', 'copy-late', 'Late.') });
    expect(slow.result.code).toBe('copy-late');
    expect(timersOf(slow.asked)).toHaveLength(4);
    const throttled = tellIt({ copyOsDisk: wait('no', 10_001), untilDone: end('not-repaired', 'copy-late', 'Late.') });
    expect(timersOf(throttled.asked)).toEqual([]);
    expect(throttled.asked.find((one) => one.kind === 'orchestrator')?.input).toMatchObject({ firstWaitMs: 10_001 });
  });

  it('begins anew with a copy of its own when the VM was started meanwhile', () => {
    const { result, asked } = tellIt({ swapOsDisk: [done('started-meanwhile', ''), done('swapped', '')] });
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual([...ahead, ...round, ...round, ...down.slice(6)]);
    expect(inputsOf(asked, 'copyOsDisk')).toEqual([
      { ...input, round: 1 },
      { ...input, round: 2 },
    ]);
  });

  it('gives way the second time', () => {
    const { result, asked } = tellIt({ swapOsDisk: done('started-meanwhile', '') });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'started-meanwhile' });
    expect(namesOf(asked)).toEqual([...ahead, ...round, ...round]);
  });

  it.each(['copy-does-not-boot', 'start-late'] as const)('puts the original back after %s', (code) => {
    const step = code === 'start-late' ? 'startPatient' : 'awaitAgent';
    const late = end('not-repaired', code, 'It does not.');
    const { result, asked } = tellIt({ [step]: step === 'startPatient' ? [late, done('running', '')] : late });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'swapped-back' });
    expect(result.reason).toContain('It does not.');
    expect(namesOf(asked)).toEqual([...order.slice(0, order.indexOf(step) + 1), ...back]);
    expect(inputsOf(asked, 'swapBackOsDisk')).toEqual([input]);
  });

  it('puts the original back when every look shows the failure still there', () => {
    const { result, asked } = tellIt({ verifyRepair: proven('not-repaired', 'still-there', false) });
    expect(result).toMatchObject({ code: 'swapped-back' });
    expect(namesOf(asked)).toEqual([...order, ...Array<string>(3).fill('verifyRepair'), ...back]);
  });

  it.each(back)('says that the original could not be put back when %s fails', (name) => {
    const refused = end('not-repaired', 'swap-refused', 'Azure said no.');
    const { result } = tellIt({
      awaitAgent: end('not-repaired', 'copy-does-not-boot', 'It does not boot.'),
      [name]: name === 'startPatient' ? [good[name], refused] : refused,
    });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'swap-back-failed' });
    expect(result.reason).toContain('Azure said no.');
  });

  it('leaves a domain controller with the copy, running, and says so by that code', () => {
    const { result, asked } = tellIt({
      verifyRepair: proven('not-repaired', 'still-there', false),
      stopForSwapBack: end('not-repaired', 'domain-controller', 'It is one.'),
    });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'domain-controller' });
    expect(result.reason).toMatch(/So it is\. It is one\./);
    expect(namesOf(asked).slice(-1)).toEqual(['stopForSwapBack']);
  });

  it.each(['rdp-not-listening', 'blocked-by-nsg', 'agent-not-ready', 'probe-unanswered'] as const)(
    'keeps the copy at %s',
    (code) => {
      const { result, asked } = tellIt({ verifyRepair: proven('fixed-rdp-unproven', code) });
      expect(result).toMatchObject({ ending: 'fixed-rdp-unproven', code });
      expect(namesOf(asked)).toEqual(order);
    },
  );

  it('keeps the copy, and says that RDP is not proven, when the mended guest could not be read again', () => {
    for (const verifyRepair of [proven('not-repaired', 'not-verified'), end('not-repaired', 'not-verified', 'x')]) {
      const { result, asked } = tellIt({ verifyRepair });
      expect(result).toMatchObject({ ending: 'fixed-rdp-unproven', code: 'rdp-not-read' });
      expect(namesOf(asked)).toEqual(order);
    }
  });

  it.each(['startPatient', 'awaitAgent', 'verifyRepair'])(
    'never calls refused what was swapped, when %s is (hazard: it reads as if nothing had been done)',
    (name) => {
      const { result } = tellIt({ [name]: end('refused', 'permission-missing', 'No role.') });
      expect(result).toEqual({ ending: 'not-repaired', code: 'permission-missing', reason: 'No role.' });
    },
  );

  it.each(['startPatient', 'awaitAgent', 'verifyRepair'])(
    'tries %s again after faults, once the copy is in (hazard: a mended VM is told as a fault of ours)',
    (name) => {
      const fault = new Fault('The ledger is away.');
      const { result, asked } = tellIt({ [name]: [fault, fault, fault, good[name]] });
      expect(result).toEqual(repaired);
      expect(namesOf(asked).filter((one) => one === name)).toHaveLength(4);
      expect(asked.flatMap((one) => (one.kind === 'timer' ? [one.ms] : []))).toEqual([60_000, 60_000, 60_000]);
    },
  );

  it('ends at the fault that does not pass', () => {
    expect(() => tellIt({ verifyRepair: new Fault('The ledger is gone.') })).toThrow('The ledger is gone.');
  });

  it('does not try again what broke down before the swap: the clean-up is next', () => {
    const fault = new Fault('The ledger is away.');
    expect(() => tellIt({ mendCopy: [fault, good.mendCopy] })).toThrow('The ledger is away.');
  });

  it('stays cancelled when a person cancels during the proof', () => {
    expect(tellIt({ verifyRepair: end('cancelled', 'cancelled', 'x') }).result).toMatchObject({ ending: 'cancelled' });
  });
});
