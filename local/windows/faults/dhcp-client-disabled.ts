/**
 * Breaks a guest as the signature `dhcp-client-disabled` finds it: the DHCP Client's start type is "disabled".
 * The guest keeps its address and its agent until the next boot.
 * MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled.md
 */
import { configureStartType } from '../service-control';
import { administratorSid } from '../system-log';
import type { WindowsGuest } from '../guest';
import { restartGuest } from './restart';

/** Disables and stops the DHCP Client, as a person with the wrong checklist would; with `restart` the guest has restarted. */
export function disableDhcpClient(guest: WindowsGuest, at: number, fault: { restart?: boolean } = {}): void {
  configureStartType(guest, { service: 'Dhcp', start: 4, userSid: administratorSid, at });
  guest.stop('Dhcp', at, true);
  if (fault.restart) restartGuest(guest, at);
}
