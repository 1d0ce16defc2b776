import type { Conclusion, Progress } from '../activities/progress';
import type { AboutRepair } from '../activities/input';
import type { Plan } from '../activities/plan';
import type { OutcomeCode } from '../outcome-codes';
import {
  attempt,
  childIdOf,
  endedByFault,
  persist,
  persistTogether,
  type Patience,
  type Steps,
  type Story,
} from './durable';
import { proveRepair } from './prove-repair';

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

/** More than activities allow (src/activities/readings.ts): they say how a repair ends that is read for ever. */
const mostReadings = 10;

function* mend(story: Story, about: AboutRepair): Steps<Conclusion> {
  for (let reading = 1; reading <= mostReadings; reading += 1) {
    const permitted = yield* readAndObtainPermit(story, about, reading);
    if (permitted.kind === 'permitted') return yield* takeRoutes(story, about, permitted.plan);
    if (permitted.kind === 'end') return permitted.conclusion;
  }
  return patience.permit.late;
}

type Permitted = { kind: 'permitted'; plan: Plan } | { kind: 'read-again' } | { kind: 'end'; conclusion: Conclusion };

/** From the inspection to the permit. What was seen may be too old when it is the repair's turn: then all of it is done again. */
function* readAndObtainPermit(story: Story, about: AboutRepair, reading: number): Steps<Permitted> {
  const inspection = yield* persist(story, 'inspectVm', about, patience.inspect);
  if (inspection.kind === 'end') return inspection;

  const snapshot = yield* persist(story, 'takeSnapshot', about, patience.snapshot);
  if (snapshot.kind === 'end') return snapshot;

  const looks = yield* persistTogether(story, [
    { activity: 'readEvidence', input: about, patience: patience.evidence },
    { activity: 'readSnapshotDisk', input: about, patience: patience.snapshotDisk },
  ]);
  // A source that is late has no evidence; the other ones may have.
  const ended = looks.find((look) => look.kind === 'end' && look.conclusion.code !== patience.evidence.late.code);
  if (ended?.kind === 'end') return ended;

  const diagnosis = yield* findCause(story, about, reading);
  if (diagnosis.kind !== 'done') return diagnosis;
  const plan = diagnosis.value;

  const permit = yield* persist(story, 'obtainPermit', { ...about, planHash: plan.hash }, patience.permit);
  if (permit.kind === 'end') return permit;
  return permit.value === 'read-again' ? { kind: 'read-again' } : { kind: 'permitted', plan };
}

/** The cause and its plan. Where no source saw anything, a recovery VM looks, and its evidence is held against the signatures. */
function* findCause(
  story: Story,
  about: AboutRepair,
  reading: number,
): Steps<Exclude<Progress<Plan>, { kind: 'wait' }> | { kind: 'read-again' }> {
  const diagnosis = yield* persist(story, 'diagnoseAndPlan', about, patience.diagnose);
  if (diagnosis.kind === 'done' || diagnosis.conclusion.code !== nothingSeen) return diagnosis;
  const look = yield* lookByAnother(story, about, reading);
  if (look === 'read-again') return { kind: 'read-again' };
  if (look === 'looked')
    return yield* persist(story, 'diagnoseAndPlan', { ...about, after: 'look' }, patience.diagnose);
  return { kind: 'end', conclusion: look.ending === 'cancelled' ? look : unseen(diagnosis.conclusion, look) };
}

/** How a diagnosis ends to which no source gave anything. */
const nothingSeen = 'guest-not-reachable' satisfies OutcomeCode;

/** Nothing was seen, and a recovery VM could not look either: both reasons are told. */
function unseen(diagnosis: Conclusion, look: Conclusion): Conclusion {
  return { ...diagnosis, reason: `${diagnosis.reason} A recovery VM did not look either: ${look.reason}` };
}

/** The look by a recovery VM, a story of its own. */
function* lookByAnother(
  story: Story,
  about: AboutRepair,
  reading: number,
): Steps<Conclusion | 'looked' | 'read-again'> {
  const childId = childIdOf(about, reading > 1 ? `look-${reading}` : 'look');
  const told = yield* attempt<Conclusion | 'looked' | 'read-again'>(story, 'lookByRecoveryVm', about, childId);
  return told.ok ? told.value : endedByFault(told.message);
}

/** How a route ends that did not get through to the guest: only then is the next one worth its downtime. */
const notThrough: readonly OutcomeCode[] = ['guest-not-reachable', 'not-verified'];

/** Takes the plan's routes, the gentlest first. */
function* takeRoutes(story: Story, about: AboutRepair, plan: Plan): Steps<Conclusion> {
  let conclusion: Conclusion = noRoute;
  for (const route of plan.routes) {
    conclusion = yield* route === 'run-command' ? mendInGuest(story, about, plan) : mendOnCopy(story, about, plan);
    if (!notThrough.includes(conclusion.code)) return conclusion;
  }
  return conclusion;
}

/** The route `run-command`: the running guest is mended where it is. */
function* mendInGuest(story: Story, about: AboutRepair, plan: Plan): Steps<Conclusion> {
  const planned = { ...about, planHash: plan.hash };
  const changes = yield* persist(story, 'applyChanges', planned, patience.apply);
  if (changes.kind === 'end' && changes.conclusion.code !== patience.apply.late.code) return changes.conclusion;
  const restarts = plan.changes.some(({ kind }) => kind === 'restart-from-safe-mode');
  if (!restarts) return yield* proveRepair(story, planned, { attempts: 3, pauseMs: 20_000 });
  // Whether Windows came back in time is for the looks to say.
  yield* persist(story, 'awaitRestart', planned, patience.restart);
  return yield* proveRepair(story, planned, { attempts: 6, pauseMs: 30_000, goesOn: true });
}

/** The route `recovery-vm`, a story of its own. */
function* mendOnCopy(story: Story, about: AboutRepair, plan: Plan): Steps<Conclusion> {
  const told = yield* attempt<Conclusion>(
    story,
    'mendOnCopy',
    { ...about, planHash: plan.hash },
    childIdOf(about, 'copy'),
  );
  return told.ok ? told.value : endedByFault(told.message);
}

/** Every alert was resolved before anything was changed: the last word is what the VM itself shows. */
function* lookAgain(story: Story, about: AboutRepair): Steps<Conclusion> {
  const look = yield* persist(story, 'lookAgain', about, patience.lookAgain);
  return look.kind === 'end' ? look.conclusion : look.value;
}

const noRoute: Conclusion = { ending: 'not-repaired', code: 'no-route', reason: 'No way to act is open.' };

function until(minutes: number, late: Conclusion): Patience {
  return { deadlineMs: minutes * minute, late };
}

/** The story goes on by this code: it stays, whatever was waited for. */
function fixed(minutes: number, late: Conclusion): Patience {
  return { ...until(minutes, late), goesOnBy: 'late' };
}

/** How long each step may take, and how the repair ends if it takes longer. */
export const patience = {
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
  evidence: fixed(10, {
    ending: 'not-recognised',
    code: 'source-late',
    reason: 'The guest took our commands, but did not answer within 10 minutes.',
  }),
  // The other source's answer must not wait long for one whose storage is down.
  snapshotDisk: fixed(4, {
    ending: 'not-recognised',
    code: 'source-late',
    reason: 'Azure did not let us read the snapshot within 4 minutes.',
  }),
  // A way that may open soon is waited for before there is a plan without it: 15 minutes (activities/recovery/check-route.ts).
  diagnose: until(25, {
    ending: 'not-recognised',
    code: 'not-recognised',
    reason: 'No diagnosis was possible within 25 minutes.',
  }),
  // The queue for a place has a limit of its own (src/activities/place.ts).
  permit: until(60, {
    ending: 'diagnosed',
    code: 'azure-silent',
    reason: 'Azure did not let us read the VM for an hour, so this repair changed nothing.',
  }),
  apply: fixed(10, {
    ending: 'not-repaired',
    code: 'apply-late',
    reason: 'The guest did not answer within 10 minutes whether the changes were made.',
  }),
  lookAgain: fixed(10, {
    ending: 'cancelled',
    code: 'alert-resolved',
    reason:
      'The alert was resolved before anything was changed, so nothing was; the guest did not answer within 10 minutes whether it is well.',
  }),
  restart: fixed(20, {
    ending: 'not-repaired',
    code: 'restart-late',
    reason: 'The guest agent did not report again within 20 minutes of the restart.',
  }),
} as const;
