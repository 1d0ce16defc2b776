import { canReadLive, readNeeds, renderNeeds } from '../guest/live';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatures } from '../signatures';
import { putEvidence } from './collected-evidence';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { done, type Progress } from './progress';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Tools } from './toolbox';

/** Reads what the signatures need to know from the running guest. Nothing in the guest is changed. */
export async function readEvidence(tools: Tools, input: unknown): Promise<Progress<'read' | 'none'>> {
  const about = aboutRepair.parse(input);
  const step = { step: 'evidence', title: 'Read the evidence in the guest by Run Command' };
  return inStep(tools, about.repairId, step, async () => {
    const needs = diagnosisNeeds(signatures).filter(canReadLive);
    const order = { name: 'evidence', purpose: 'look' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, order);
    if (run.kind === 'wait' || run.kind === 'end') return run;
    if (run.kind === 'unanswered') {
      const problem = whyUnanswered(run);
      await putEvidence(tools.ledger, about.repairId, 'run-command', { evidence: [], problem });
      return done('none', `Run Command gave no evidence: ${problem}`, 'failed');
    }
    const evidence = readNeeds(needs, run.answer, 'run-command');
    await putEvidence(tools.ledger, about.repairId, 'run-command', { evidence });
    const unreadable = evidence.filter(({ kind }) => kind === 'unreadable').length;
    const missing = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
    return done('read', `${evidence.length - unreadable} facts were read${missing}.`);
  });
}
