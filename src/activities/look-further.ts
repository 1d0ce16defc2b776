import type { Evidence, Fact, Need } from '../guest/evidence';
import { canReadLive, readNeeds, renderNeeds, type LiveNeed } from '../guest/live';
import { signatureOf } from '../signatures';
import { putFurtherEvidence } from './collected-evidence';
import type { AboutRepair } from './input';
import type { Progress } from './progress';
import { ofReading } from './readings';
import { runInGuest, whyUnanswered, type GuestRunProgress } from './run-in-guest';
import { stepNamed, type StepName } from './steps';
import type { Tools } from './toolbox';

/** What one asks may say what to ask next: which services a service needs, and what those need. */
const mostRounds = 3;
/** Of one round. */
const mostNeeds = 40;

/**
 * When no further look is waited for any more, in ms from the beginning of the step that it is part of: well before the
 * story's patience with that step ends, because then the finding would be lost.
 */
const patienceMs = 210_000;

/** All evidence, with what the further looks gave; `problem` says why they gave less than was asked for. */
export type FurtherLook =
  { kind: 'looked'; evidence: Evidence[]; problem?: string } | { kind: 'wait'; progress: Progress<never> };

/**
 * Reads from the running guest what a person has to see beside a finding, in up to three runs, and keeps it as evidence
 * of the repair. The signature is asked before each run what to read. Safe to repeat: each run is found again by its name, and its
 * questions follow from the answers before. Whatever goes wrong is told as `problem` and takes nothing away.
 */
export async function lookFurther(
  tools: Tools,
  about: AboutRepair,
  { signature, known, step }: { signature: string; known: Evidence[]; step: StepName },
): Promise<FurtherLook> {
  let found: Evidence[] = [];
  for (let round = 1; round <= mostRounds; round += 1) {
    const evidence = [...known, ...found];
    const needs = askedNever(signatureOf(signature).furtherNeeds?.(evidence) ?? [], evidence);
    if (needs.length === 0) break;
    const order = {
      name: ofReading(`further-${round}`, about),
      purpose: 'look' as const,
      commands: renderNeeds(needs),
    };
    const run = await runInGuest(tools, about, order);
    if (run.kind === 'answered') {
      found = [...found, ...readNeeds(needs, run.answer, 'run-command')];
      await putFurtherEvidence(tools.ledger, about, { evidence: found });
      continue;
    }
    if (run.kind === 'wait' && !(await isOverdue(tools, about, step))) return { kind: 'wait', progress: run };
    const problem = problemOf(run);
    await putFurtherEvidence(tools.ledger, about, { evidence: found, problem });
    return { kind: 'looked', evidence, problem };
  }
  return { kind: 'looked', evidence: [...known, ...found] };
}

/** Needs that the guest was not asked for yet, whatever it answered; as many as one run is good for. */
function askedNever(needs: Need[], evidence: Evidence[]): LiveNeed[] {
  const ofGuest = evidence.filter(({ from }) => from.source === 'run-command');
  const asked = new Set(ofGuest.map((item) => subjectOf(item.kind === 'unreadable' ? item.need : item)));
  const open = needs.filter(canReadLive).filter((need) => !asked.has(subjectOf(need)));
  return [...new Map(open.map((need) => [subjectOf(need), need])).values()].slice(0, mostNeeds);
}

/** What a need asks for and a fact answers, as a text. */
function subjectOf(about: Need | Fact): string {
  const names = [
    'service' in about && about.service,
    'group' in about && about.group,
    'key' in about && about.key,
    'object' in about && about.object,
  ];
  return JSON.stringify([about.kind, ...names]).toLowerCase();
}

function problemOf(run: Exclude<GuestRunProgress, { kind: 'answered' }>): string {
  switch (run.kind) {
    case 'unanswered':
      return whyUnanswered(run);
    case 'end':
      return run.conclusion.reason;
    case 'wait':
      return `The guest did not answer within ${patienceMs / 1000} s. The last thing heard: ${run.reason}`;
  }
}

async function isOverdue({ ledger }: Tools, { repairId }: AboutRepair, step: StepName): Promise<boolean> {
  const { steps } = await ledger.getTimeline(repairId);
  const begun = Date.parse(stepNamed(steps, step)?.startedAt ?? '');
  return Date.now() - begun > patienceMs;
}
