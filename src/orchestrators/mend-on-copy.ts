import type { AboutRepair } from '../activities/input';
import type { Conclusion } from '../activities/progress';
import type { OutcomeCode } from '../outcome-codes';
import { afterFaults, again, call, persist, persistShortly, type Patience, type Steps, type Story } from './durable';
import { proveRepair } from './prove-repair';

/** The input of `mendOnCopy`. */
export type MendOnCopyInput = AboutRepair & { planHash: string };

const minute = 60_000;

/** A person may start the VM while we work on its copy; then the copy is out of date. After so many rounds we give way. */
const rounds = 2;

/**
 * The route `recovery-vm`: the OS disk is mended as a copy, by another VM, and the copy takes its place. The original is never
 * written. Whatever ends this story, the parent's clean-up starts the VM again and takes away what was temporary.
 */
export function* mendOnCopy(story: Story, input: MendOnCopyInput): Steps<Conclusion> {
  const obstacle = yield* prepareAhead(story, input);
  if (obstacle) return obstacle;

  let swapped: Conclusion | 'swapped' | 'started-meanwhile' = 'started-meanwhile';
  for (let round = 1; round <= rounds && swapped === 'started-meanwhile'; round += 1) {
    swapped = yield* copyMendAndSwap(story, { ...input, round });
  }
  if (swapped === 'started-meanwhile') return patience.inUse;
  if (swapped !== 'swapped') return swapped;

  const started = yield* again(story, afterFaults, () => persistShortly(story, 'startPatient', input, patience.start));
  const proof = afterSwap(started.kind === 'end' ? started.conclusion : yield* bootAndProve(story, input));
  return isCopyToBlame(proof) ? yield* swapBack(story, input, proof) : proof;
}

/**
 * All that can fail while the patient is still up. The trial copy is made while the recovery VM comes up, which takes longest. A
 * conclusion says why the patient is not stopped.
 */
function* prepareAhead(story: Story, input: MendOnCopyInput): Steps<Conclusion | undefined> {
  // What Azure refuses it refuses with its first answer: then no recovery VM is made for nothing.
  const begun = yield* call(story, 'makeTrialCopy', input);
  if (begun.kind === 'end') return begun.conclusion;
  const helper = yield* persist(story, 'createRecoveryVm', input, patience.recoveryVm);
  if (helper.kind === 'end') return helper.conclusion;
  const made = yield* persistShortly(story, 'makeTrialCopy', input, patience.trialCopy);
  if (made.kind === 'end') return made.conclusion;
  const unready = made.value === 'to-be-rehearsed' ? yield* rehearse(story, input) : undefined;
  if (unready) return unready;
  // Nobody waits for its end; the clean-up looks after it.
  const deletion = yield* call(story, 'deleteTrialCopy', input);
  return deletion.kind === 'end' ? deletion.conclusion : undefined;
}

/** Until a recovery has worked once with this image and generation, what comes after the stop is done on the trial copy first. */
function* rehearse(story: Story, input: MendOnCopyInput): Steps<Conclusion | undefined> {
  const attached = yield* persistShortly(story, 'attachTrialCopy', input, patience.attachTrialCopy);
  if (attached.kind === 'end') return attached.conclusion;
  const rehearsed = yield* persistShortly(story, 'rehearseOnTrialCopy', input, patience.rehearsal);
  if (rehearsed.kind === 'end') return rehearsed.conclusion;
  const detached = yield* persistShortly(story, 'detachTrialCopy', input, patience.detachTrialCopy);
  return detached.kind === 'end' ? detached.conclusion : undefined;
}

type Round = MendOnCopyInput & { round: number };

/** From a running patient to one that has the mended copy, and no power yet. */
function* copyMendAndSwap(story: Story, input: Round): Steps<Conclusion | 'swapped' | 'started-meanwhile'> {
  const stop = yield* persistShortly(story, 'stopPatient', input, patience.stopPatient);
  if (stop.kind === 'end') return stop.conclusion;
  // A story that is begun again finds the disks swapped already: that is not done twice, and not given up either.
  const steps = stop.value === 'has-copy' ? [] : beforeSwap;
  for (const step of steps) {
    const progress = yield* persistShortly(story, step, input, patience[step]);
    if (progress.kind === 'end') return progress.conclusion;
  }
  const swap = yield* persistShortly(story, 'swapOsDisk', input, patience.swapOsDisk);
  return swap.kind === 'end' ? swap.conclusion : swap.value;
}

const beforeSwap = ['copyOsDisk', 'attachCopy', 'mendCopy', 'detachCopy'] as const;

/** Waits for the guest agent, which shows that the copy boots and has its network, and reads everything again. */
function* bootAndProve(story: Story, input: MendOnCopyInput): Steps<Conclusion> {
  const booted = yield* again(story, afterFaults, () => persist(story, 'awaitAgent', input, patience.boot));
  if (booted.kind === 'end') return booted.conclusion;
  return yield* proveRepair(story, input, { attempts: 4, pauseMs: 20_000, series: 'copy' });
}

/**
 * What is said once the copy is in. A mended guest whose agent is Ready, and which only could not be read again, keeps the fix:
 * that is no failure of the copy. And nothing counts as refused any more after so much was done.
 */
function afterSwap(proof: Conclusion): Conclusion {
  if (proof.code === 'not-verified') return { ...proof, ending: 'fixed-rdp-unproven', code: 'rdp-not-read' };
  return proof.ending === 'refused' ? { ...proof, ending: 'not-repaired' } : proof;
}

/** The copy does not boot, its agent is not Ready by the deadline, or the failure is still there: nothing else. */
const swapBackCodes: readonly OutcomeCode[] = ['copy-does-not-boot', 'still-there', 'start-late'];

function isCopyToBlame({ code }: Conclusion): boolean {
  return swapBackCodes.includes(code);
}

/** The patient gets its original disk again, and is as it was found; the rejected copy is kept until its expiry. */
function* swapBack(story: Story, input: MendOnCopyInput, why: Conclusion): Steps<Conclusion> {
  for (const step of ['stopForSwapBack', 'swapBackOsDisk', 'startPatient'] as const) {
    const progress = yield* persist(story, step, input, patience[step]);
    if (progress.kind === 'end') {
      // It keeps the copy: "put the original back at once" would be the wrong advice.
      if (progress.conclusion.code === 'domain-controller') return keepsCopy(progress.conclusion, why);
      const reason = `${why.reason} The original disk could not be put back: ${progress.conclusion.reason}`;
      return { ending: 'not-repaired', code: 'swap-back-failed', reason };
    }
  }
  const reason = `${why.reason} The VM has its original disk again, and the copy is kept.`;
  return { ending: 'not-repaired', code: 'swapped-back', reason };
}

function keepsCopy({ code, reason }: Conclusion, why: Conclusion): Conclusion {
  return { ending: 'not-repaired', code, reason: `${why.reason} ${reason}` };
}

function until(minutes: number, code: OutcomeCode, reason: string): Patience {
  return { deadlineMs: minutes * minute, late: { ending: 'not-repaired', code, reason } };
}

/** The story goes on by this code: it stays, whatever was waited for. */
function fixed(minutes: number, code: OutcomeCode, reason: string): Patience {
  return { ...until(minutes, code, reason), goesOnBy: 'late' };
}

/** How long each step may take, and how the repair ends if it takes longer. */
export const patience = {
  recoveryVm: until(
    25,
    'recovery-vm-late',
    'The recovery VM was not ready after 25 minutes, so the VM was not stopped.',
  ),
  trialCopy: until(
    25,
    'trial-copy-late',
    'The trial copy of the OS disk was not ready after 25 minutes, so the VM was not stopped.',
  ),
  attachTrialCopy: until(
    15,
    'attach-late',
    'The trial copy could not be attached to the recovery VM within 15 minutes, so the VM was not stopped.',
  ),
  rehearsal: until(
    20,
    'rehearsal-late',
    'The recovery VM did not say within 20 minutes what it did with the trial copy, so the VM was not stopped.',
  ),
  detachTrialCopy: until(
    15,
    'detach-late',
    'The trial copy could not be detached from the recovery VM within 15 minutes, so the VM was not stopped.',
  ),
  stopPatient: until(20, 'stop-late', 'The VM could not be stopped within 20 minutes.'),
  stopForSwapBack: until(20, 'stop-late', 'The VM could not be stopped within 20 minutes.'),
  copyOsDisk: until(30, 'copy-late', 'The copy of the OS disk was not ready after 30 minutes.'),
  attachCopy: until(15, 'attach-late', 'The copy could not be attached to the recovery VM within 15 minutes.'),
  mendCopy: until(
    30,
    'copy-not-mended',
    'The recovery VM did not answer within 30 minutes whether the copy was mended.',
  ),
  detachCopy: until(15, 'detach-late', 'The copy could not be detached from the recovery VM within 15 minutes.'),
  swapOsDisk: until(15, 'swap-late', 'Azure did not exchange the OS disk within 15 minutes.'),
  swapBackOsDisk: until(15, 'swap-late', 'Azure did not exchange the OS disk within 15 minutes.'),
  start: fixed(15, 'start-late', 'The VM did not start with the mended copy within 15 minutes.'),
  startPatient: fixed(15, 'start-late', 'The VM did not start within 15 minutes.'),
  boot: until(20, 'copy-does-not-boot', 'With the mended copy the guest agent did not report within 20 minutes.'),
  inUse: {
    ending: 'not-repaired',
    code: 'started-meanwhile',
    reason: `Somebody started the VM while its copy was being mended, ${rounds} times; it was left to them, with its original disk.`,
  },
} as const;
