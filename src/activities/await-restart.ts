import { changeName } from '../guest/changes';
import { inStep } from './in-step';
import { plannedInput, planOf } from './plan';
import { done, progressOf, wait, type Progress } from './progress';
import { stepNamed, type Step } from './steps';
import type { Tools } from './toolbox';

/** From the moment of a restart until the agent has surely stopped reporting. assumed */
const goingDownMs = 30_000;

/**
 * Waits for a Windows that was told to restart: until the guest agent is Ready by a report that is younger than the
 * restart. Whether it did restart, and into what, is for verification to say. Nothing is run in the guest meanwhile, so
 * that no command goes down with it.
 */
export async function awaitRestart(tools: Tools, given: unknown): Promise<Progress<'back' | 'unclear'>> {
  const about = plannedInput.parse(given);
  const step: Step = { step: 'restart', title: 'Wait until Windows has restarted' };
  return inStep(tools, about.repairId, step, async () => {
    const known = await planOf(tools.ledger, about);
    if (known.kind === 'end') return known;
    const restart = known.plan.changes.find((change) => change.kind === 'restart-from-safe-mode');
    const { steps, changes } = await tools.ledger.getTimeline(about.repairId);
    const record = restart && changes.find((one) => one.place.kind === 'guest' && one.change === changeName(restart));
    if (!restart || record?.written === false) return done('back', 'No restart was needed.', 'nothing-to-do');
    const apply = stepNamed(steps, 'apply');
    const asked = Date.parse(apply?.endedAt ?? apply?.startedAt ?? new Date().toISOString());
    const downAt = asked + restart.delaySeconds * 1000 + goingDownMs;
    const left = downAt - Date.now();
    if (left > 0) return wait('The restart is still to come.', left);
    const vm = await tools.arm.getVirtualMachine(about.vmId);
    if (!vm.ok) {
      const progress = progressOf(vm.failure, 'look for the restarted VM');
      return progress.kind === 'wait' ? progress : done('unclear', progress.conclusion.reason, 'failed');
    }
    const { usable, reason, reportedAt } = vm.value.agent;
    if (!usable) return wait(reason);
    const isSince = reportedAt !== undefined && Date.parse(reportedAt) >= downAt;
    if (!isSince) return wait('The guest agent has not reported since the restart.');
    return done('back', `The guest agent reports since ${reportedAt}.`);
  });
}
