import { canReadLive, readNeeds, renderNeeds } from '../guest/live';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatures } from '../signatures';
import { getEvidence, putEvidence, type SourceDocument } from './collected-evidence';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { isPermitted } from './on-record';
import { done, type Progress } from './progress';
import { ofReading } from './readings';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Reads what the signatures need to know from the running guest. Nothing in the guest is changed. Once policy has permitted the
 * cure the guest is not asked again: it may show our own work.
 */
export async function readEvidence(tools: Tools, input: unknown): Promise<Progress<'read' | 'none'>> {
  const about = aboutRepair.parse(input);
  const step: Step = { step: ofReading('evidence', about), title: 'Read the evidence in the guest by Run Command' };
  return inStep(tools, about.repairId, step, async () => {
    const kept = await getEvidence(tools.ledger, about, 'run-command');
    if (kept && (await isPermitted(tools.ledger, about.repairId))) return conclude(kept);
    const needs = diagnosisNeeds(signatures).filter(canReadLive);
    const order = { name: ofReading('evidence', about), purpose: 'look' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, order);
    if (run.kind === 'wait' || run.kind === 'end') return run;
    const document =
      run.kind === 'unanswered'
        ? { evidence: [], problem: whyUnanswered(run) }
        : { evidence: readNeeds(needs, run.answer, 'run-command') };
    await putEvidence(tools.ledger, about, 'run-command', document);
    return conclude(document);
  });
}

function conclude({ evidence, problem }: SourceDocument): Progress<'read' | 'none'> {
  if (problem !== undefined) return done('none', `Run Command gave no evidence: ${problem}`, 'failed');
  const unreadable = evidence.filter(({ kind }) => kind === 'unreadable').length;
  const missing = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
  return done('read', `${evidence.length - unreadable} facts were read${missing}.`);
}
