import { makePlan } from '../../src/activities/plan';
import { done, end, wait } from '../../src/activities/progress';
import { mendOnCopy } from '../../src/orchestrators/mend-on-copy';
import { Fault, namesOf, tell, type Answers, type Asked } from './support/tell';

const plan = makePlan({ signature: 'x', title: 'A failure', routes: ['recovery-vm'], closed: [], changes: [] });
const input = { repairId: '20260101t000000z-0123456789', vmId: '/subscriptions/x/vm', plan };
const repaired = { ending: 'repaired', code: 'repaired', reason: 'It is mended.' } as const;
const proven = (ending: 'repaired' | 'fixed-rdp-unproven' | 'not-repaired', code: string, settled = true) =>
  done({ settled, conclusion: { ending, code, reason: 'So it is.' } }, '');

const good: Answers = {
  createRecoveryVm: done('ready', ''),
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
const order = Object.keys(good);
const round = order.slice(1, 7);
const back = ['stopPatient', 'swapOsDisk', 'startPatient'];
const tellIt = (answers: Answers) => tell((story) => mendOnCopy(story, input), { ...good, ...answers });
const inputsOf = (asked: Asked[], name: string) =>
  asked.flatMap((one) => (one.kind === 'activity' && one.name === name ? [one.input] : []));

describe('orchestrators/mend-on-copy: the story of the route recovery-vm', () => {
  it('makes the recovery VM while the patient is up, then stops, copies, mends, swaps, starts and proves', () => {
    const { result, asked } = tellIt({});
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual(order);
    expect(inputsOf(asked, 'verifyRepair')).toEqual([{ ...input, attempt: 1, series: 'copy' }]);
  });

  it.each(order.slice(0, 7).map((name, index) => [name, index] as const))(
    'ends where %s says so; the rest is the clean-up’s (hazard: a step goes on without its ground)',
    (name, index) => {
      const { result, asked } = tellIt({ [name]: end('diagnosed', 'kill-switch', 'Because.') });
      expect(result).toEqual({ ending: 'diagnosed', code: 'kill-switch', reason: 'Because.' });
      expect(namesOf(asked)).toEqual(order.slice(0, index + 1));
    },
  );

  it('is late where a step never answers', () => {
    const { result } = tellIt({ mendCopy: wait('no'), untilDone: end('not-repaired', 'copy-not-mended', 'Late.') });
    // The sub-story's answer is that of the step that it asks.
    expect(result.code).toBe('copy-not-mended');
  });

  it('begins anew with a copy of its own when the VM was started meanwhile', () => {
    const { result, asked } = tellIt({ swapOsDisk: [done('started-meanwhile', ''), done('swapped', '')] });
    expect(result).toEqual(repaired);
    expect(namesOf(asked)).toEqual(['createRecoveryVm', ...round, ...round, ...order.slice(7)]);
    expect(inputsOf(asked, 'copyOsDisk')).toEqual([
      { ...input, round: 1 },
      { ...input, round: 2 },
    ]);
  });

  it('gives way the second time', () => {
    const { result, asked } = tellIt({ swapOsDisk: done('started-meanwhile', '') });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'started-meanwhile' });
    expect(namesOf(asked)).toEqual(['createRecoveryVm', ...round, ...round]);
  });

  it.each(['copy-does-not-boot', 'start-late'])('puts the original back after %s', (code) => {
    const step = code === 'start-late' ? 'startPatient' : 'awaitAgent';
    const late = end('not-repaired', code, 'It does not.');
    const { result, asked } = tellIt({ [step]: step === 'startPatient' ? [late, done('running', '')] : late });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'swapped-back' });
    expect(result.reason).toContain('It does not.');
    expect(namesOf(asked)).toEqual([...order.slice(0, order.indexOf(step) + 1), ...back]);
    expect(inputsOf(asked, 'swapOsDisk').at(-1)).toEqual({ ...input, round: 1, to: 'original' });
  });

  it('puts the original back when every look shows the failure still there', () => {
    const { result, asked } = tellIt({ verifyRepair: proven('not-repaired', 'still-there', false) });
    expect(result).toMatchObject({ code: 'swapped-back' });
    expect(namesOf(asked)).toEqual([...order, ...Array<string>(3).fill('verifyRepair'), ...back]);
  });

  it.each(back)('says that the original could not be put back when %s fails', (name) => {
    const refused = end('not-repaired', 'some-code', 'Azure said no.');
    const { result } = tellIt({
      awaitAgent: end('not-repaired', 'copy-does-not-boot', 'It does not boot.'),
      [name]: [good[name], refused],
    });
    expect(result).toMatchObject({ ending: 'not-repaired', code: 'swap-back-failed' });
    expect(result.reason).toContain('Azure said no.');
  });

  it.each(['rdp-not-listening', 'blocked-by-nsg', 'agent-not-ready', 'probe-unanswered'])(
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
