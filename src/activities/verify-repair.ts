import { z } from 'zod';
import type { VirtualMachine } from '../azure/ports';
import { proofOf } from '../guest/changes';
import type { Evidence, Need } from '../guest/evidence';
import { canReadLive, readNeeds, renderNeeds } from '../guest/live';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatureOf } from '../signatures';
import { inStep } from './in-step';
import type { AboutRepair } from './input';
import { knock } from './knock';
import { askFromOutside, lookFromOutside } from './outside-view';
import { plannedInput, planOf, type Plan } from './plan';
import { done, end, progressOf, type Conclusion, type Progress } from './progress';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Step } from './steps';
import type { Tools } from './toolbox';
import { checksOf, judge, rdpPortOf, type Outside, type Verification, type Witness } from './verification';

const input = plannedInput.extend({
  attempt: z.number().int().min(1).max(9),
  /** Which route is to be proven: each has looks of its own. */
  series: z.enum(['guest', 'copy']).default('guest'),
});

/**
 * Proves the repair by reading everything again: the agent through Azure, the signature, each change and the Remote
 * Desktop listener in the guest, and the way to it from outside.
 */
export async function verifyRepair(tools: Tools, given: unknown): Promise<Progress<Verification>> {
  const about = input.parse(given);
  const name =
    about.series === 'copy' ? (`verify-copy-${about.attempt}` as const) : (`verify-${about.attempt}` as const);
  const step: Step = { step: name, title: 'Read everything again and prove the repair' };
  return inStep(tools, about.repairId, step, async () => {
    const known = await planOf(tools.ledger, about);
    if (known.kind === 'end') return known;
    const { plan } = known;
    const vm = await tools.arm.getVirtualMachine(about.vmId);
    if (!vm.ok) return progressOf(vm.failure, 'look at the VM again');
    const needs = needsOf(plan).filter(canReadLive);
    const order = { name, purpose: 'look' as const, commands: renderNeeds(needs) };
    const run = await runInGuest(tools, about, { ...order, found: plan.title });
    // Azure takes some seconds to find out which security rules apply: it may do so while the guest is busy.
    if (run.kind === 'wait') {
      await askFromOutside(tools, about, vm.value);
      return run;
    }
    // The changes were made: a brake that came on since then must not make it look as if nothing had happened.
    if (run.kind === 'end') return endedUnverified(plan, run.conclusion);
    const { agent } = vm.value;
    if (run.kind === 'unanswered') {
      return record(tools, about, unanswered(plan, whyUnanswered(run)), { evidence: [], agent });
    }
    const evidence = readNeeds(needs, run.answer, 'run-command');
    const inside = judge(plan, evidence, agent);
    const outside = await lookAround(tools, about, { vm: vm.value, evidence, inside });
    if (outside.kind === 'wait') return outside;
    const seen = outside.value;
    const checks = checksOf(plan, evidence, agent, seen);
    return record(tools, about, judge(plan, evidence, agent, seen), { evidence, agent, checks, ...seen });
  });
}

async function record(
  { ledger }: Tools,
  { repairId }: AboutRepair,
  verification: Verification,
  more: object,
): Promise<Progress<Verification>> {
  await ledger.putDocument(repairId, 'verification', { ...verification, ...more });
  const { ending, reason } = verification.conclusion;
  return done(verification, reason, ending === 'not-repaired' ? 'failed' : 'done');
}

/** What shows that the failure is gone, and what shows that each change holds. */
function needsOf({ signature, changes }: Plan): Need[] {
  const needs = [...diagnosisNeeds([signatureOf(signature)]), ...changes.map(proofOf)];
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

/** The way to the guest, once it is mended inside: what else may keep people out, and who else says that it is well. */
async function lookAround(
  tools: Tools,
  about: AboutRepair,
  { vm, evidence, inside }: { vm: VirtualMachine; evidence: Evidence[]; inside: Verification },
): Promise<{ kind: 'seen'; value: Outside } | Extract<Progress<never>, { kind: 'wait' }>> {
  const witnesses = await witnessesOf(tools, about.repairId);
  const port = rdpPortOf(evidence);
  if (inside.conclusion.ending === 'not-repaired' || port === undefined) return { kind: 'seen', value: { witnesses } };
  const look = await lookFromOutside(tools, about, vm, port);
  if (look.kind === 'wait') return look;
  const { view } = look;
  // Where nobody listens, or nobody is let through, there is nothing to try.
  const isWorthAKnock = inside.conclusion.ending === 'repaired' && view.reach.kind !== 'blocked';
  return {
    kind: 'seen',
    value: { view, ...(isWorthAKnock ? { knock: await knock(tools, view) } : {}), witnesses },
  };
}

async function witnessesOf({ ledger }: Tools, repairId: string): Promise<Witness[]> {
  const { signals } = await ledger.getTimeline(repairId);
  return signals.filter(({ says }) => says === 'recovered').map(({ title, receivedAt }) => ({ title, at: receivedAt }));
}

function endedUnverified(plan: Plan, { ending, code, reason }: Conclusion): Progress<never> {
  const text = `${plan.title}: the changes were handed to the guest, but not verified. ${reason}`;
  return ending === 'cancelled' ? end('cancelled', code, text) : end('not-repaired', 'not-verified', text);
}

function unanswered(plan: Plan, reason: string): Verification {
  const text = `${plan.title}: the changes were handed to the guest, but it could not be read again: ${reason}`;
  return { settled: false, conclusion: { ending: 'not-repaired', code: 'not-verified', reason: text } };
}
