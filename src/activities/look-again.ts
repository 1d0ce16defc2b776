import { canReadLive, readNeeds, renderNeeds } from '../guest/live';
import { signatures } from '../signatures';
import { diagnose, diagnosisNeeds } from '../signatures/diagnose';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { done, progressOf, type Conclusion, type Progress } from './progress';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Looks whether a VM whose alert was resolved is well again. A resolved alert is a hint and no proof: lost telemetry can
 * look the same. Whatever is found, nothing is changed.
 */
export async function lookAgain(tools: Tools, input: unknown): Promise<Progress<Conclusion>> {
  const about = aboutRepair.parse(input);
  const step: Step = { step: 'look-again', title: 'The alert was resolved: look whether the VM is well again' };
  return inStep(tools, about.repairId, step, async () => {
    const vm = await tools.arm.getVirtualMachine(about.vmId);
    if (!vm.ok) return progressOf(vm.failure, 'look at the VM again');
    const needs = diagnosisNeeds(signatures).filter(canReadLive);
    const order = { name: 'look-again', purpose: 'look-again' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, order);
    if (run.kind === 'wait' || run.kind === 'end') return run;
    if (run.kind === 'unanswered') return notShown(whyUnanswered(run));
    const evidence = readNeeds(needs, run.answer, 'run-command');
    const diagnosis = diagnose(signatures, evidence);
    await tools.ledger.putDocument(about.repairId, 'look-again', { diagnosis, evidence, agent: vm.value.agent });
    if (diagnosis.kind === 'found') return notShown(`${diagnosis.title}.`);
    if (diagnosis.kind === 'not-recognised') return notShown(diagnosis.reason);
    if (!vm.value.agent.usable) return notShown(vm.value.agent.reason);
    const reason = `The alert was resolved, and the VM is well again: the agent is Ready. ${diagnosis.reason}`;
    return done({ ending: 'recovered-by-itself', code: 'recovered-by-itself', reason }, reason);
  });
}

function notShown(why: string): Progress<Conclusion> {
  const reason = `The alert was resolved before anything was changed, so nothing was; that the VM is well was not shown: ${why}`;
  return done({ ending: 'cancelled', code: 'alert-resolved', reason }, reason);
}
