import type { AboutRepair } from '../activities/input';
import type { Conclusion, Progress } from '../activities/progress';
import type { RollbackInspection } from '../activities/rollback/inspect-rollback';
import type { OutcomeCode } from '../outcome-codes';
import { afterFaults, again, persist, type Patience, type Steps, type Story } from './durable';

const minute = 60_000;

/**
 * The story of a rollback: a person has asked that the VM gets back the original OS disk that a repair has exchanged for a mended
 * copy. Nothing is deleted: the copy is kept with an expiry, and so is a snapshot of it. Once the original is in, nothing
 * that follows takes it out again: it may well have the failure for which it was exchanged. Whatever ends this story, the
 * parent's clean-up starts the VM again.
 */
export function* rollBack(story: Story, about: AboutRepair): Steps<Conclusion> {
  const look = yield* inspectAndObtainPermit(story, about);
  if (look.kind === 'end') return look.conclusion;

  // A story that is begun again finds the disks exchanged already: that is not done twice, and not given up either.
  const before = look.value.state === 'is-back' ? [] : beforeExchange;
  for (const step of [...before, 'putOriginalBack'] as const) {
    const progress = yield* persist(story, step, about, patience[step]);
    if (progress.kind === 'end') return progress.conclusion;
  }

  const started = yield* again(story, afterFaults, () => persist(story, 'startPatient', about, patience.startPatient));
  if (started.kind === 'end') return rolledBack('rolled-back-not-running', look.value, started.conclusion.reason);
  const booted = yield* again(story, afterFaults, () => persist(story, 'awaitAgent', about, patience.awaitAgent));
  if (booted.kind === 'end') return rolledBack('rolled-back-agent-silent', look.value, booted.conclusion.reason);
  return rolledBack('rolled-back', look.value, 'Its guest agent is Ready.');
}

const beforeExchange = ['stopForRollback', 'keepPresentDisk'] as const;

/** More than activities allow (src/activities/readings.ts). */
const mostInspections = 10;

/** What was seen may be too old when it is the rollback's turn: then it is looked at again. */
function* inspectAndObtainPermit(
  story: Story,
  about: AboutRepair,
): Steps<Exclude<Progress<RollbackInspection>, { kind: 'wait' }>> {
  for (let inspections = 1; inspections <= mostInspections; inspections += 1) {
    const look = yield* persist(story, 'inspectRollback', about, patience.inspectRollback);
    if (look.kind === 'end' || look.value.state === 'is-back') return look;
    const permit = yield* persist(story, 'obtainRollbackPermit', about, patience.obtainRollbackPermit);
    if (permit.kind === 'end') return permit;
    if (permit.value === 'permitted') return look;
  }
  return { kind: 'end', conclusion: patience.obtainRollbackPermit.late };
}

function rolledBack(code: OutcomeCode, { originalId, copyId, lossSince }: RollbackInspection, how: string): Conclusion {
  const disks = `The VM has its original OS disk ${originalId} again; what was written since ${lossSince} is kept on ${copyId}.`;
  const next = 'If an alert must not have it mended again, tag it diagnose.';
  return { ending: 'rolled-back', code, reason: `${disks} ${how} ${next}` };
}

/** How a rollback ends where a repair would end otherwise: steps that both have speak of repairs. */
export function ofRollback(conclusion: Conclusion): Conclusion {
  return conclusion.ending === 'not-repaired' ? { ...conclusion, ending: 'not-rolled-back' } : conclusion;
}

function until(minutes: number, code: OutcomeCode, reason: string): Patience {
  return { deadlineMs: minutes * minute, late: { ending: 'not-rolled-back', code, reason } };
}

/** How long each step may take, and how the rollback ends if it takes longer; once the original is in only the code counts. */
export const patience = {
  inspectRollback: until(30, 'azure-silent', 'Azure did not let us read the VM for 30 minutes. Nothing was touched.'),
  // The queue for a place has a limit of its own (src/activities/place.ts).
  obtainRollbackPermit: until(60, 'azure-silent', 'Azure did not let us read the VM for an hour. Nothing was touched.'),
  stopForRollback: until(20, 'stop-late', 'The VM could not be stopped within 20 minutes.'),
  keepPresentDisk: until(30, 'snapshot-late', 'The snapshot of the present disk was not ready after 30 minutes.'),
  putOriginalBack: until(15, 'swap-late', 'Azure did not exchange the OS disk within 15 minutes.'),
  startPatient: until(15, 'start-late', 'It did not start within 15 minutes.'),
  awaitAgent: until(10, 'agent-not-ready', 'Its guest agent did not report within 10 minutes.'),
} as const;
