import { z } from 'zod';
import { contradictionsIn, disbelievedIn } from '../guest/contradictions';
import type { Evidence } from '../guest/evidence';
import { diagnose, type Diagnosis, type Finding } from '../signatures/diagnose';
import { signatureOf, signatures } from '../signatures';
import { collectEvidence } from './collected-evidence';
import { inStep } from './in-step';
import { aboutRepair, type AboutRepair } from './input';
import { lookFurther } from './look-further';
import { permittedPlan } from './on-record';
import type { Plan } from './plan';
import { planCure } from './plan-cure';
import { done, end, type Progress } from './progress';
import { ofReading } from './readings';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/** `after`: a recovery VM has looked at a disk of the snapshot, because no other source had seen anything. */
const input = aboutRepair.extend({ after: z.literal('look').optional() });

/**
 * Holds the signatures against the evidence of all sources and plans the cure. An activity, so that the answer is
 * frozen in history and a new release does not change a repair half-way. What a person has to see beside the finding is
 * read from the guest meanwhile; it waits for that. A plan that policy has permitted stands: what the guest shows now may be our
 * own work.
 */
export async function diagnoseAndPlan(tools: Tools, given: unknown): Promise<Progress<Plan>> {
  const { after, ...about } = input.parse(given);
  const { ledger } = tools;
  const step: Step =
    after === 'look'
      ? { step: ofReading('diagnose-again', about), title: 'Find the cause by what the recovery VM saw' }
      : { step: ofReading('diagnose', about), title: 'Find the cause' };
  return inStep(tools, about.repairId, step, async () => {
    const permitted = await permittedPlan({ ledger }, about.repairId);
    if (permitted) return done(permitted, `${permitted.title}. Its plan, which policy has permitted, is gone on with.`);
    const { evidence, problems } = await collectEvidence(ledger, about);
    const diagnosis = diagnose(signatures, evidence);
    const contradictions = contradictionsIn(evidence);
    const disbelieved = disbelievedIn(evidence);
    const record = async (told: Diagnosis, seen: Evidence[], furtherProblem?: string) => {
      const byHand = told.kind === 'found' ? signatureOf(told.signature).byHand(seen) : [];
      const document = { ...told, byHand, contradictions, disbelieved, problems, furtherProblem };
      await ledger.putDocument(about.repairId, 'diagnosis', document);
    };
    await record(diagnosis, evidence);
    const unseen = problems.map(({ source, reason }) => `${source}: ${reason}`).join(' ');
    if (diagnosis.kind === 'healthy') return wellAgain(about, diagnosis.reason);
    if (diagnosis.kind === 'not-recognised') {
      if (problems.length === 0) return end('not-recognised', 'not-recognised', diagnosis.reason);
      if (evidence.length > 0)
        return end('not-recognised', 'not-recognised', `${diagnosis.reason}${lookedAt(evidence)} ${unseen}`);
      return end('not-recognised', 'guest-not-reachable', `The guest could not be looked into: ${unseen}`);
    }
    const guestProblem = problems.find(({ source }) => source === 'run-command')?.reason;
    if (guestProblem === undefined) {
      const { signature } = diagnosis;
      const further = await lookFurther(tools, about, { signature, known: evidence, step: step.step });
      if (further.kind === 'wait') return further.progress;
      await record(withReasonsFrom(further.evidence, diagnosis), further.evidence, further.problem);
    }
    if (diagnosis.leaveAlone !== undefined) {
      return end('diagnosed', 'left-alone', `${diagnosis.title}. ${diagnosis.leaveAlone}`);
    }
    const planned = await planCure(tools, about, { finding: diagnosis, evidence, guestProblem });
    if (planned.kind !== 'done') return planned;
    await ledger.putDocument(about.repairId, 'plan', planned.value);
    return done(planned.value, [`${diagnosis.title}.`, ...diagnosis.reasons.map(({ text }) => text)].join(' '));
  });
}

/** A reading is repeated only where the one before it had found something. */
function wellAgain({ reading }: AboutRepair, reason: string): Progress<never> {
  if (reading === 1) return end('healthy', 'healthy', reason);
  return end(
    'recovered-by-itself',
    'recovered-by-itself',
    `While the repair waited, the VM became well again. ${reason}`,
  );
}

/** What a recovery VM was able to read, where it is what the diagnosis rests on. */
function lookedAt(evidence: Evidence[]): string {
  const seen = evidence.filter(({ kind, from }) => from.source === 'recovery-vm' && kind !== 'unreadable');
  if (seen.length === 0) return '';
  const names = seen.map((item) => ('service' in item ? `${item.kind} of ${item.service}` : item.kind));
  return ` A recovery VM looked at a disk of the snapshot, while the VM went on running, and read: ${names.join(', ')}.`;
}

/** The same diagnosis, with the reasons that more evidence gives. What was found does not hang on it. */
function withReasonsFrom(evidence: Evidence[], diagnosis: Diagnosis & Finding): Diagnosis {
  const seen = diagnose(signatures, evidence);
  return seen.kind === 'found' && seen.signature === diagnosis.signature ? seen : diagnosis;
}
