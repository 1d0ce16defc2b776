import { diagnose } from '../signatures/diagnose';
import { signatureOf, signatures } from '../signatures';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { makePlan, type Plan } from './plan';
import { done, end, type Progress } from './progress';
import { evidenceDocument } from './read-evidence';
import type { Tools } from './toolbox';

/**
 * Holds the signatures against the evidence and plans the cure. An activity, so that the answer is frozen in history
 * and a new release does not change a repair half-way.
 */
export async function diagnoseAndPlan(tools: Tools, input: unknown): Promise<Progress<Plan>> {
  const about = aboutRepair.parse(input);
  const { ledger } = tools;
  return inStep(tools, about.repairId, { step: 'diagnose', title: 'Find the cause' }, async () => {
    const { evidence, problem } = evidenceDocument.parse(await ledger.getDocument(about.repairId, 'evidence'));
    const diagnosis = diagnose(signatures, evidence);
    await ledger.putDocument(about.repairId, 'diagnosis', diagnosis);
    if (diagnosis.kind === 'healthy') return end('healthy', 'healthy', diagnosis.reason);
    if (diagnosis.kind === 'not-recognised') {
      if (problem === undefined) return end('not-recognised', 'not-recognised', diagnosis.reason);
      return end('not-recognised', 'guest-not-reachable', `The guest could not be looked into: ${problem}`);
    }
    const changes = signatureOf(diagnosis.signature).cure(evidence);
    const plan = makePlan({
      signature: diagnosis.signature,
      title: diagnosis.title,
      route: 'run-command',
      changes: [...changes],
    });
    await ledger.putDocument(about.repairId, 'plan', plan);
    return done(plan, `${diagnosis.title}.`);
  });
}
