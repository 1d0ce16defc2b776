import { inStep } from '../in-step';
import { aboutRepair } from '../input';
import { done, progressOf, wait, type Conclusion, type Progress } from '../progress';
import { stepNamed } from '../steps';
import type { Tools } from '../toolbox';

/** assumed: the agent's first report comes half a minute after the boot. */
const firstLookMs = 20_000;
/** Between two looks as long as a report is due at any moment, in ms; later the usual back-off does. */
const nextLookMs = 2_000;
/** From when on after the start a boot is slow, in ms. */
const slowMs = 90_000;

/** Where Azure never says how the agent is, nothing speaks against the disk: it stays. */
const notTold: Conclusion = {
  ending: 'fixed-rdp-unproven',
  code: 'agent-missing',
  reason:
    'The VM was started, but Azure does not say whether its guest agent is Ready, so whether it boots is not known.',
};

/**
 * Waits until the guest agent is Ready by a report that is younger than the start: the disk boots, and Windows has its network.
 */
export async function awaitAgent(tools: Tools, given: unknown): Promise<Progress<'ready'>> {
  const input = aboutRepair.parse(given);
  return inStep(tools, input.repairId, { step: 'boot', title: 'Wait until Windows has come up' }, async () => {
    const { steps } = await tools.ledger.getTimeline(input.repairId);
    const start = stepNamed(steps, 'start');
    const startedAt = Date.parse(start?.endedAt ?? new Date().toISOString());
    const left = startedAt + firstLookMs - Date.now();
    if (left > 0) return wait('Windows is coming up.', left);
    const pause = Date.now() - startedAt < slowMs ? nextLookMs : undefined;
    const look = await tools.arm.getVirtualMachine(input.vmId);
    if (!look.ok) return progressOf(look.failure, 'look whether Windows has come up');
    const { usable, missing, reason, reportedAt } = look.value.agent;
    if (!usable) return wait(reason, pause, missing ? notTold : undefined);
    const isSince = reportedAt !== undefined && Date.parse(reportedAt) >= startedAt;
    if (!isSince) return wait('The guest agent has not reported since the start.', pause);
    return done('ready', `The guest agent reports since ${reportedAt}.`);
  });
}
