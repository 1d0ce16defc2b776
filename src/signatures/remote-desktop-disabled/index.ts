import { startTypes } from '../../guest/changes';
import { serviceConfiguration, serviceStatus, unreadableReason, type Need } from '../../guest/evidence';
import { defineSignature } from '../define-signature';

const service = 'TermService';
const configuration: Need = { kind: 'service-configuration', service };

export const remoteDesktopDisabled = defineSignature({
  id: 'remote-desktop-disabled',
  title: 'The Remote Desktop service is disabled',
  documents: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues',
    'https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-query_service_configw',
  ],
  needs: [configuration, { kind: 'service-status', service }],

  recognise(evidence) {
    const found = serviceConfiguration(evidence, service);
    if (!found) {
      const why = unreadableReason(evidence, configuration) ?? 'no source was able to read it';
      return { kind: 'unknown', why: `The start type of the Remote Desktop service is not known: ${why}.` };
    }
    const text = `The Remote Desktop service has start type ${found.startType}`;
    if (found.startType !== startTypes.disabled) {
      return { kind: 'absent', reasons: [{ text: `${text}, so it is not disabled.`, from: found.from }] };
    }
    const reasons = [{ text: `${text} (disabled): nothing can start it.`, from: found.from }];
    const status = serviceStatus(evidence, service);
    if (status?.state === 4) {
      // Disabling does not stop what runs: sessions go on and new ones open until the next boot.
      reasons.push({ text: 'It still runs now; it will not after the next boot.', from: status.from });
      return { kind: 'present', effect: 'next-boot', reasons };
    }
    if (status) reasons.push({ text: `It does not run (state ${status.state}).`, from: status.from });
    return { kind: 'present', effect: 'now', reasons };
  },

  // On demand is its default, says the first of the documents: Windows starts it at every boot all the same.
  cure: () => ({
    kind: 'changes',
    changes: [
      { kind: 'set-service-start-type', service, startType: 'on demand' },
      { kind: 'start-service', service },
    ],
  }),

  byHand: () => [
    'Open the VM’s serial console, start a CMD channel and sign in.',
    'sc.exe config TermService start= demand',
    'sc.exe start TermService',
  ],
});
