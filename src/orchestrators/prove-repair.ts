import type { AboutRepair } from '../activities/input';
import type { Conclusion } from '../activities/progress';
import { afterFaults, again, persist, sleep, type Patience, type Steps, type Story } from './durable';

/** How a look that gets no answer in time is told. */
export const patience: Patience = {
  deadlineMs: 10 * 60_000,
  goesOnBy: 'late',
  late: {
    ending: 'not-repaired',
    code: 'not-verified',
    reason: 'The changes were handed to the guest, but it did not answer again within 10 minutes.',
  },
};

/** How often, and which route is to be proven: the looks of each have names of their own. */
interface Looks {
  attempts: number;
  pauseMs: number;
  goesOn?: boolean;
  series?: 'guest' | 'copy';
}

/**
 * Reads everything again, several times if need be, because a service may take a moment to start; the last look counts. With
 * `goesOn`, a look that got no answer is made again: it went down with a Windows that restarts.
 */
export function* proveRepair(
  story: Story,
  input: AboutRepair & { planHash: string },
  { attempts, pauseMs, goesOn = false, series = 'guest' }: Looks,
): Steps<Conclusion> {
  let conclusion: Conclusion = patience.late;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) yield* sleep(story, pauseMs);
    const verification = yield* again(story, afterFaults, () =>
      persist(story, 'verifyRepair', { ...input, attempt, series }, patience),
    );
    const isLate = verification.kind === 'end' && verification.conclusion.code === patience.late.code;
    if (isLate && goesOn) continue;
    if (verification.kind === 'end') return verification.conclusion;
    conclusion = verification.value.conclusion;
    if (verification.value.settled) return conclusion;
  }
  return conclusion;
}
