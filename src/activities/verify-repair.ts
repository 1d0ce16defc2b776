import { z } from 'zod';
import { changeTitle, holds, proofOf } from '../guest/changes';
import { factOf, type Evidence, type Need } from '../guest/evidence';
import { canReadLive, readNeeds, renderNeeds } from '../guest/live';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatureOf } from '../signatures';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { plan, type Plan } from './plan';
import { done, end, progressOf, type Conclusion, type Progress } from './progress';
import { runInGuest } from './run-in-guest';
import type { Tools } from './toolbox';

const input = aboutRepair.extend({ plan, attempt: z.number().int().min(1).max(9) });

/** What one look after the changes says; `settled` means that another look would not say more. */
export interface Verification {
  settled: boolean;
  conclusion: Conclusion;
}

/**
 * Proves the repair by reading everything again: the agent through Azure, the signature, each change and the Remote
 * Desktop listener in the guest.
 */
export async function verifyRepair(tools: Tools, given: unknown): Promise<Progress<Verification>> {
  const about = input.parse(given);
  const step = { step: `verify-${about.attempt}`, title: 'Read everything again and prove the repair' };
  return inStep(tools, about.repairId, step, async () => {
    const vm = await tools.arm.getVirtualMachine(about.vmId);
    if (!vm.ok) return progressOf(vm.failure, 'look at the VM again');
    const needs = needsOf(about.plan).filter(canReadLive);
    const order = { name: `verify-${about.attempt}`, purpose: 'look' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, { ...order, found: about.plan.title });
    if (run.kind === 'wait') return run;
    // The changes were made: a brake that came on since then must not make it look as if nothing had happened.
    if (run.kind === 'end') return endedUnverified(about.plan, run.conclusion);
    const evidence = run.kind === 'answered' ? readNeeds(needs, run.answer, 'run-command') : [];
    const verification =
      run.kind === 'answered' ? judge(about.plan, evidence, vm.value.agent) : unanswered(about.plan, run.reason);
    await tools.ledger.putDocument(about.repairId, 'verification', {
      ...verification,
      evidence,
      agent: vm.value.agent,
    });
    const { ending, reason } = verification.conclusion;
    return done(verification, reason, ending === 'not-repaired' ? 'failed' : 'done');
  });
}

/** What shows that the failure is gone, and what shows that each change holds. */
function needsOf({ signature, changes }: Plan): Need[] {
  const needs = [...diagnosisNeeds([signatureOf(signature)]), ...changes.map(proofOf)];
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

function endedUnverified(plan: Plan, { ending, code, reason }: Conclusion): Progress<never> {
  const text = `${plan.title}: the changes were handed to the guest, but not verified. ${reason}`;
  return ending === 'cancelled' ? end('cancelled', code, text) : end('not-repaired', 'not-verified', text);
}

function unanswered(plan: Plan, reason: string): Verification {
  const text = `${plan.title}: the changes were handed to the guest, but it could not be read again: ${reason}`;
  return { settled: false, conclusion: { ending: 'not-repaired', code: 'not-verified', reason: text } };
}

/** Weighs what was read again. Pure. */
export function judge(plan: Plan, evidence: Evidence[], agent: { usable: boolean; reason: string }): Verification {
  const recognition = signatureOf(plan.signature).recognise(evidence);
  if (recognition.kind === 'present') {
    const why = recognition.reasons.map(({ text }) => text);
    return notRepaired('still-there', [`${plan.title}: it is still so after the changes.`, ...why].join(' '));
  }
  if (recognition.kind === 'unknown') return notRepaired('not-verified', recognition.why);
  const broken = plan.changes.find((change) => !holds(change, evidence));
  if (broken) return notRepaired('change-did-not-hold', `${changeTitle(broken)}: read again, it is not so.`);
  const mended = `${plan.title}: mended, and read again.`;
  if (!agent.usable) return unproven('agent-not-ready', `${mended} But ${agent.reason}`);
  const listener = factOf(evidence, 'rdp-listener');
  if (!listener) return unproven('rdp-not-read', `${mended} Whether the guest listens for RDP could not be read.`);
  if (!listener.listening) {
    return unproven('rdp-not-listening', `${mended} But the guest does not listen on port ${listener.port}.`);
  }
  const reason = `${mended} The agent is Ready and the guest listens for Remote Desktop on port ${listener.port}.`;
  return { settled: true, conclusion: { ending: 'repaired', code: 'repaired', reason } };
}

function notRepaired(code: string, reason: string): Verification {
  return { settled: false, conclusion: { ending: 'not-repaired', code, reason } };
}

function unproven(code: string, reason: string): Verification {
  return { settled: false, conclusion: { ending: 'fixed-rdp-unproven', code, reason } };
}
