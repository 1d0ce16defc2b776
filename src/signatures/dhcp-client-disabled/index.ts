import { startTypes } from '../../guest/changes';
import {
  recordedEvents,
  serviceConfiguration,
  serviceStatus,
  unreadableReason,
  type Evidence,
  type Need,
} from '../../guest/evidence';
import { defineSignature, type Reason } from '../define-signature';

const service = 'Dhcp';
const configuration: Need = { kind: 'service-configuration', service };

export const dhcpClientDisabled = defineSignature({
  id: 'dhcp-client-disabled',
  title: 'The DHCP Client service is disabled',
  documents: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled',
    'https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-query_service_configw',
  ],
  needs: [configuration, { kind: 'service-status', service }, { kind: 'service-events', service }],

  recognise(evidence) {
    const found = serviceConfiguration(evidence, service);
    if (!found) {
      const why = unreadableReason(evidence, configuration) ?? 'no source was able to read it';
      return { kind: 'unknown', why: `The start type of the DHCP Client service is not known: ${why}.` };
    }
    const startType = { text: `The DHCP Client service has start type ${found.startType}`, from: found.from };
    if (found.startType !== startTypes.disabled) {
      return { kind: 'absent', reasons: [{ ...startType, text: `${startType.text}, so it is not disabled.` }] };
    }
    const reasons = [
      { ...startType, text: `${startType.text} (disabled): Windows does not start it.` },
      ...whoDisabledIt(evidence),
    ];
    const status = serviceStatus(evidence, service);
    if (status?.state === 4) {
      // Disabling does not stop a running service: the address is lost at the next boot, not now.
      reasons.push({ text: 'It still runs now; the address will be lost at the next boot.', from: status.from });
      return { kind: 'present', effect: 'next-boot', reasons };
    }
    if (status) {
      const text = `It does not run (state ${status.state}), so the address cannot be renewed or, after a boot, obtained.`;
      reasons.push({ text, from: status.from });
    }
    return { kind: 'present', effect: 'now', reasons };
  },

  cure: () => ({
    kind: 'changes',
    changes: [
      { kind: 'set-service-start-type', service, startType: 'automatic' },
      { kind: 'start-service', service },
    ],
  }),

  byHand: () => [
    'Open the VM’s serial console, start a CMD channel and sign in.',
    'sc.exe config Dhcp start= auto',
    'sc.exe start Dhcp',
  ],
});

/** Event 7040 tells when the start type was changed and by whom. The last one counts. */
function whoDisabledIt(evidence: Evidence[]): Reason[] {
  const change = recordedEvents(evidence, service).findLast(({ eventId }) => eventId === 7040);
  if (!change) return [];
  const who = change.userSid ? ` by the account ${change.userSid}` : '';
  const words = change.startTypes ? ` (“${change.startTypes.before}” to “${change.startTypes.after}”)` : '';
  return [{ text: `Its start type was last changed at ${change.at}${who}${words}.`, from: change.from }];
}
