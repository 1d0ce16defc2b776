import type { Conclusion } from '../activities/progress';
import type { AboutRepair } from '../activities/input';
import type { Plan } from '../activities/plan';
import { persist, persistTogether, sleep, type Patience, type Steps, type Story } from './durable';

const minute = 60_000;

/**
 * The story of one repair, from the first look to the proof. It says what happens in which order and nothing else:
 * every question and every deed is an activity, so that the answers are frozen in history. Cleaning up and freeing
 * the VM are its parent's, `repairVm`, so that they happen whatever becomes of the story.
 */
export function* repair(story: Story, about: AboutRepair): Steps<Conclusion> {
  const conclusion = yield* mend(story, about);
  return conclusion.code === 'alert-resolved' ? yield* lookAgain(story, about) : conclusion;
}

function* mend(story: Story, about: AboutRepair): Steps<Conclusion> {
  const inspection = yield* persist(story, 'inspectVm', about, patience.inspect);
  if (inspection.kind === 'end') return inspection.conclusion;

  const snapshot = yield* persist(story, 'takeSnapshot', about, patience.snapshot);
  if (snapshot.kind === 'end') return snapshot.conclusion;

  const looks = yield* persistTogether(story, [
    { activity: 'readEvidence', input: about, patience: patience.evidence },
    { activity: 'readSnapshotDisk', input: about, patience: patience.snapshotDisk },
  ]);
  // A source that is late has no evidence; the other ones may have.
  const ended = looks.find((look) => look.kind === 'end' && look.conclusion.code !== patience.evidence.late.code);
  if (ended?.kind === 'end') return ended.conclusion;

  const diagnosis = yield* persist(story, 'diagnoseAndPlan', about, patience.diagnose);
  if (diagnosis.kind === 'end') return diagnosis.conclusion;
  const plan = diagnosis.value;

  const permit = yield* persist(story, 'obtainPermit', { ...about, plan }, patience.permit);
  if (permit.kind === 'end') return permit.conclusion;

  const changes = yield* persist(story, 'applyChanges', { ...about, plan }, patience.apply);
  if (changes.kind === 'end' && changes.conclusion.code !== patience.apply.late.code) return changes.conclusion;

  return yield* verify(story, about, plan);
}

/** Every alert was resolved before anything was changed: the last word is what the VM itself shows. */
function* lookAgain(story: Story, about: AboutRepair): Steps<Conclusion> {
  const look = yield* persist(story, 'lookAgain', about, patience.lookAgain);
  return look.kind === 'end' ? look.conclusion : look.value;
}

/**
 * Looks up to three times, because a service may take a moment to start; the last look counts. After a restart it looks
 * longer, and a look that went down with Windows is made again.
 */
function* verify(story: Story, about: AboutRepair, plan: Plan): Steps<Conclusion> {
  const restarts = plan.changes.some(({ kind }) => kind === 'restart-from-safe-mode');
  // Whether Windows came back in time is for the looks to say.
  if (restarts) yield* persist(story, 'awaitRestart', { ...about, plan }, patience.restart);
  const { attempts, pauseMs } = restarts ? { attempts: 6, pauseMs: 30_000 } : { attempts: 3, pauseMs: 20_000 };
  let conclusion: Conclusion = patience.verify.late;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) yield* sleep(story, pauseMs);
    const verification = yield* persist(story, 'verifyRepair', { ...about, plan, attempt }, patience.verify);
    const isLate = verification.kind === 'end' && verification.conclusion.code === patience.verify.late.code;
    if (isLate && restarts) continue;
    if (verification.kind === 'end') return verification.conclusion;
    conclusion = verification.value.conclusion;
    if (verification.value.settled) return conclusion;
  }
  return conclusion;
}

function until(minutes: number, late: Conclusion): Patience {
  return { deadlineMs: minutes * minute, late };
}

/** How long each step may take, and how the repair ends if it takes longer. */
const patience = {
  inspect: until(30, {
    ending: 'not-repaired',
    code: 'azure-silent',
    reason: 'Azure did not let us read the VM for 30 minutes. Nothing was touched.',
  }),
  snapshot: until(30, {
    ending: 'not-repaired',
    code: 'snapshot-late',
    reason: 'The snapshot was not ready after 30 minutes, so the guest was not touched.',
  }),
  evidence: until(10, {
    ending: 'not-recognised',
    code: 'source-late',
    reason: 'The guest took our commands, but did not answer within 10 minutes.',
  }),
  // The other source's answer must not wait long for one whose storage is down.
  snapshotDisk: until(4, {
    ending: 'not-recognised',
    code: 'source-late',
    reason: 'Azure did not let us read the snapshot within 4 minutes.',
  }),
  diagnose: until(5, {
    ending: 'not-recognised',
    code: 'not-recognised',
    reason: 'No diagnosis was possible within 5 minutes.',
  }),
  permit: until(60, {
    ending: 'diagnosed',
    code: 'cap-reached',
    reason: 'Too many other repairs were changing VMs for an hour, so this one changed nothing.',
  }),
  apply: until(10, {
    ending: 'not-repaired',
    code: 'apply-late',
    reason: 'The guest did not answer within 10 minutes whether the changes were made.',
  }),
  lookAgain: until(10, {
    ending: 'cancelled',
    code: 'alert-resolved',
    reason:
      'The alert was resolved before anything was changed, so nothing was; the guest did not answer within 10 minutes whether it is well.',
  }),
  restart: until(20, {
    ending: 'not-repaired',
    code: 'restart-late',
    reason: 'The guest agent did not report again within 20 minutes of the restart.',
  }),
  verify: until(10, {
    ending: 'not-repaired',
    code: 'not-verified',
    reason: 'The changes were handed to the guest, but it did not answer again within 10 minutes.',
  }),
} as const;
