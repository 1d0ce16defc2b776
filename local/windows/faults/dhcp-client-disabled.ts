/**
 * Breaks a guest as the signature `dhcp-client-disabled` finds it: the DHCP Client's start type is "disabled".
 * The guest keeps its address and its agent until the next boot.
 * MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled.md
 */
import { repairedLive, repairedOnCopy } from '../../expectation';
import { defineFault } from '../fault';
import type { WindowsGuest } from '../guest';
import { restartGuest } from '../restart-guest';
import { configureStartType } from '../service-control';
import { administratorSid } from '../system-log';

export const fault = defineFault({
  signature: 'dhcp-client-disabled',
  machines: [
    {
      name: 'vm-dhcp-disabled',
      break: disableDhcpClient,
      expected: repairedLive('dhcp-client-disabled', { Dhcp: { startType: 2, state: 'RUNNING' } }),
    },
    {
      // Its agent is dead: it is known off the snapshot, and mended by a recovery VM.
      name: 'vm-dhcp-rebooted',
      language: 'de-DE',
      generation: 'V1',
      break: (guest, at) => disableDhcpClient(guest, at, { restart: true }),
      expected: repairedOnCopy('dhcp-client-disabled', { Dhcp: { startType: 2, state: 'RUNNING' } }),
    },
  ],
});

/** Disables and stops the DHCP Client, as a person with the wrong checklist would; with `restart` the guest has restarted. */
export function disableDhcpClient(guest: WindowsGuest, at: number, fault: { restart?: boolean } = {}): void {
  configureStartType(guest, { service: 'Dhcp', start: 4, userSid: administratorSid, at });
  guest.stop('Dhcp', at, true);
  if (fault.restart) restartGuest(guest, at);
}
