/**
 * Breaks a guest as the signature `dhcp-client-not-running` finds it: the DHCP Client may start and does not run, for one
 * of the reasons in MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled.md.
 * The guest keeps its address and its agent until the next boot.
 */
import { repairedLive } from '../../expectation';
import { defineFault } from '../fault';
import type { WindowsGuest } from '../guest';
import { dhcpKeyDescriptor } from '../default-security';
import { descriptorOf } from '../security-descriptor';
import { configureStartType, writeServiceValue } from '../service-control';
import { systemErrors } from '../system-errors';
import { administratorSid, recordServiceFailure } from '../system-log';

export const fault = defineFault({
  signature: 'dhcp-client-not-running',
  machines: [
    {
      // It cannot log on.
      name: 'vm-dhcp-account',
      language: 'fr-FR',
      break: (guest, at) => breakDhcpClient(guest, at, 'wrong account'),
      expected: repairedLive('dhcp-client-not-running', { Dhcp: { startType: 2, state: 'RUNNING' } }),
    },
  ],
});

const service = 'Dhcp';

/** What is wrong, by what a person would have done or by what ails the program. */
export type DhcpClientFault =
  | 'stopped'
  | 'wrong account'
  | 'another account of the process'
  | 'times out beside a neighbour'
  | 'crashes beside a neighbour'
  | 'hangs beside a neighbour'
  | 'crashes by itself'
  | 'times out by itself'
  | 'hangs by itself'
  | 'access denied'
  | 'refused as disabled'
  | 'dependency disabled'
  | 'dependency of a dependency disabled'
  | 'circular dependency'
  | 'no such service'
  | 'no such program';

/** ERROR_BAD_EXE_FORMAT: a code that no procedure names. */
const badProgram = 193;

const ailments: Partial<Record<DhcpClientFault, { error: number; comesFromNeighbour: boolean }>> = {
  'times out beside a neighbour': { error: systemErrors.requestTimeout, comesFromNeighbour: true },
  'crashes beside a neighbour': { error: systemErrors.processAborted, comesFromNeighbour: true },
  'hangs beside a neighbour': { error: systemErrors.hungWhileStarting, comesFromNeighbour: true },
  'times out by itself': { error: systemErrors.requestTimeout, comesFromNeighbour: false },
  'hangs by itself': { error: systemErrors.hungWhileStarting, comesFromNeighbour: false },
  'crashes by itself': { error: systemErrors.processAborted, comesFromNeighbour: false },
  'access denied': { error: systemErrors.accessDenied, comesFromNeighbour: false },
  // The service control manager keeps a start type in memory: one that was written past it counts at the next boot only.
  'refused as disabled': { error: systemErrors.disabled, comesFromNeighbour: false },
  'no such program': { error: badProgram, comesFromNeighbour: false },
};

/** Breaks the DHCP Client, stops it and, where that is how the fault shows, tries to start it again. */
export function breakDhcpClient(guest: WindowsGuest, at: number, fault: DhcpClientFault): void {
  const before = guest.configuration(service);
  guest.stop(service, at, true);
  change(guest, at, fault);
  if (fault === 'stopped') return;
  const error = guest.start(service, at + 1000);
  if (!before || fault === 'no such service') return;
  const log = { content: guest.content, computerName: guest.computerName(), language: guest.language };
  const hangs = error === 0;
  recordServiceFailure(log, at + 1000, {
    service: before,
    ...(hangs ? { eventId: 7022 } : { eventId: 7000, code: error }),
  });
}

function change(guest: WindowsGuest, at: number, fault: DhcpClientFault): void {
  const ailment = ailments[fault];
  if (ailment) guest.afflict(service, ailment);
  switch (fault) {
    case 'wrong account':
      writeServiceValue(guest, service, 'ObjectName', { type: 'REG_SZ', data: '.\\svc-network' });
      return;
    case 'another account of the process':
      writeServiceValue(guest, service, 'ObjectName', { type: 'REG_SZ', data: 'LocalSystem' });
      return;
    case 'access denied':
      // Somebody “hardened” the key: the entry of the service's own SID is gone.
      guest.content.setKeySecurity(
        `${guest.controlSet()}\\Services\\${service}\\Parameters`,
        descriptorOf(dhcpKeyDescriptor(false)),
      );
      return;
    case 'dependency disabled':
      disable(guest, at, 'nsi');
      return;
    case 'dependency of a dependency disabled':
      disable(guest, at, 'nsiproxy');
      return;
    case 'circular dependency':
      guest.stop('nsi', at, true);
      writeServiceValue(guest, 'nsi', 'DependOnService', { type: 'REG_MULTI_SZ', data: [service] });
      return;
    case 'no such service':
      guest.content.deleteKey(`${guest.controlSet()}\\Services\\${service}`);
      return;
    default:
      return;
  }
}

function disable(guest: WindowsGuest, at: number, name: string): void {
  configureStartType(guest, { service: name, start: 4, userSid: administratorSid, at });
  guest.stop(name, at, true);
}
