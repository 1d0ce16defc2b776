import type { VirtualMachineInstanceView } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { GuestAgent } from '../ports';

/** How old a Ready report may be, in ms. No threshold is documented; the agent reports about every minute. */
const freshMs = 5 * 60_000;

/**
 * Whether the guest agent can be used, from the instance view. Run Command needs it Ready
 * (https://learn.microsoft.com/azure/virtual-machines/windows/run-command); a request to a dead agent can hang for
 * 90 minutes, so we don't even ask. `now` in ms since the Unix epoch.
 */
export function readAgent(view: VirtualMachineInstanceView | undefined, now: number): GuestAgent {
  const status = view?.vmAgent?.statuses?.[0];
  if (!status) return { usable: false, missing: true, reason: 'The instance view has no report of the guest agent.' };
  const reportedAt = status.time?.toISOString();
  if (status.code === undefined || status.displayStatus === undefined) {
    return {
      usable: false,
      missing: true,
      reason: 'The report of the guest agent does not say how it is.',
      reportedAt,
    };
  }
  if (status.code !== 'ProvisioningState/succeeded' || status.displayStatus !== 'Ready') {
    const said = status.message ? `: ${status.message.slice(0, 300)}` : '';
    return {
      usable: false,
      reason: `The guest agent is ${status.displayStatus}${said}`,
      reportedAt,
    };
  }
  if (!status.time)
    return { usable: false, missing: true, reason: 'The guest agent is Ready, but its report has no time.' };
  const ageMs = now - status.time.getTime();
  if (ageMs > freshMs) {
    const minutes = Math.round(ageMs / 60_000);
    return {
      usable: false,
      reason: `The guest agent was Ready, but its last report is ${minutes} minutes old.`,
      reportedAt,
    };
  }
  return { usable: true, reason: 'The guest agent is Ready and its report is fresh.', reportedAt };
}
