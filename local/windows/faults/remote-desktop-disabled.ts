/**
 * Breaks a guest as the signature `remote-desktop-disabled` finds it: Remote Desktop Services is disabled and stopped.
 * MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues.md
 */
import { repairedLive } from '../../expectation';
import { defineFault } from '../fault';
import type { WindowsGuest } from '../guest';
import { configureStartType } from '../service-control';
import { administratorSid } from '../system-log';

export const fault = defineFault({
  signature: 'remote-desktop-disabled',
  machines: [
    {
      name: 'vm-rdp-disabled',
      break: disableRemoteDesktop,
      expected: repairedLive('remote-desktop-disabled', { TermService: { startType: 3, state: 'RUNNING' } }),
    },
  ],
});

/** Disables and stops Remote Desktop Services, as a hardening guide has it done. */
function disableRemoteDesktop(guest: WindowsGuest, at: number): void {
  configureStartType(guest, { service: 'TermService', start: 4, userSid: administratorSid, at });
  guest.stop('TermService', at, true);
}
