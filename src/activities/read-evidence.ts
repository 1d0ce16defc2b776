import { z } from 'zod';
import type { Evidence } from '../guest/evidence';
import { readNeeds, renderNeeds } from '../guest/live';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatures } from '../signatures';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { done, type Progress } from './progress';
import { runInGuest } from './run-in-guest';
import type { Tools } from './toolbox';

/** The evidence as the repair's document keeps it; `problem` says why a source had none. */
export const evidenceDocument = z.object({
  evidence: z.array(z.custom<Evidence>()),
  problem: z.string().optional(),
  bootedAt: z.string().optional(),
});

/** Reads what the signatures need to know from the running guest. Nothing in the guest is changed. */
export async function readEvidence(tools: Tools, input: unknown): Promise<Progress<'read' | 'none'>> {
  const about = aboutRepair.parse(input);
  const step = { step: 'evidence', title: 'Read the evidence in the guest by Run Command' };
  return inStep(tools, about.repairId, step, async () => {
    const needs = diagnosisNeeds(signatures);
    const order = { name: 'evidence', purpose: 'look' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, order);
    if (run.kind === 'wait' || run.kind === 'end') return run;
    if (run.kind === 'unanswered') {
      await tools.ledger.putDocument(about.repairId, 'evidence', { evidence: [], problem: run.reason });
      return done('none', `Run Command gave no evidence: ${run.reason}`, 'failed');
    }
    const evidence = readNeeds(needs, run.answer, 'run-command');
    await tools.ledger.putDocument(about.repairId, 'evidence', { evidence, bootedAt: run.answer.bootedAt });
    const unreadable = evidence.filter(({ kind }) => kind === 'unreadable').length;
    const missing = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
    return done('read', `${evidence.length - unreadable} facts were read${missing}.`);
  });
}
