import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import { configureStartType } from '../../../local/windows/service-control';
import type { WindowsGuest } from '../../../local/windows/guest';
import { LATER, run, runningGuest } from './support/running-guest';

const optionKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot\\Option';
/** Long enough after the restart that a fault makes. */
const MUCH_LATER = LATER + 300_000;

function guestIn(mode: 'Minimal' | 'Network' | 'DsRepair', alternateShell = false): WindowsGuest {
  const guest = runningGuest();
  enterSafeMode(guest, LATER, { mode, alternateShell, restart: true });
  return guest;
}

function stateOf(guest: WindowsGuest, service: string) {
  return guest.status(service, MUCH_LATER).state;
}

describe('local/windows/safe-mode: setting safe mode', () => {
  it('changes nothing that runs until the next boot', () => {
    const guest = runningGuest();
    enterSafeMode(guest, LATER, { mode: 'Minimal', restart: false });
    expect(guest.safeMode()).toBeUndefined();
    expect(guest.isAgentAlive(LATER)).toBe(true);
    expect(guest.isRdpListening(LATER)).toBe(true);
    expect(run(guest, 'reg', ['query', optionKey]).exitCode).toBe(1);
  });

  it('is undone by deleting the element and booting again', () => {
    const guest = guestIn('Minimal');
    expect(run(guest, 'bcdedit', ['/deletevalue', '{current}', 'safeboot'], MUCH_LATER).exitCode).toBe(0);
    guest.shutDown(MUCH_LATER);
    guest.boot(MUCH_LATER + 1000);
    expect(guest.safeMode()).toBeUndefined();
    expect(guest.isAgentAlive(MUCH_LATER + 60_000)).toBe(true);
  });

  it('throws when it cannot be done, so that no test runs on a guest without its fault', () => {
    const guest = runningGuest();
    guest.content.deleteKey('BCD\\Objects');
    expect(() => {
      enterSafeMode(guest, LATER, { mode: 'Minimal', restart: true });
    }).toThrow('bcdedit /set {current} safeboot minimal ended with 1');
  });
});

describe('local/windows/safe-mode: safe mode', () => {
  it('Minimal has no network, no agent and no Remote Desktop', () => {
    const guest = guestIn('Minimal');
    expect(guest.addresses(MUCH_LATER)).toEqual([]);
    expect(guest.isAgentAlive(MUCH_LATER)).toBe(false);
    expect(guest.isRdpListening(MUCH_LATER)).toBe(false);
    for (const service of ['Tcpip', 'Afd', 'nsi', 'Dhcp', 'TermService', 'LanmanServer', 'RdAgent']) {
      expect([service, stateOf(guest, service)]).toEqual([service, 'STOPPED']);
    }
    for (const service of ['RpcSs', 'EventLog', 'Winmgmt', 'CryptSvc', 'Power']) {
      expect([service, stateOf(guest, service)]).toEqual([service, 'RUNNING']);
    }
  });

  it('Minimal has no network with a fixed address either', () => {
    const guest = runningGuest();
    const [adapter = ''] = guest.content.subkeys(`${guest.controlSet()}\\Services\\Tcpip\\Parameters\\Interfaces`);
    const key = `${guest.controlSet()}\\Services\\Tcpip\\Parameters\\Interfaces\\${adapter}`;
    guest.content.writeValue(key, 'EnableDHCP', { type: 'REG_DWORD', data: 0 });
    guest.content.writeValue(key, 'IPAddress', { type: 'REG_MULTI_SZ', data: ['10.0.0.9'] });
    expect(guest.addresses(LATER)).toEqual(['10.0.0.9']);
    enterSafeMode(guest, LATER, { mode: 'Minimal', restart: true });
    expect(guest.addresses(MUCH_LATER)).toEqual([]);
  });

  it('Network has an address, and still neither agent nor Remote Desktop', () => {
    const guest = guestIn('Network');
    expect(guest.addresses(MUCH_LATER)).toEqual(['10.0.0.4']);
    expect(stateOf(guest, 'Dhcp')).toBe('RUNNING');
    expect(stateOf(guest, 'LanmanServer')).toBe('RUNNING');
    expect(guest.isAgentAlive(MUCH_LATER)).toBe(false);
    expect(guest.isRdpListening(MUCH_LATER)).toBe(false);
  });

  it('DsRepair runs everything but Active Directory', () => {
    const guest = runningGuest({ isDomainController: true });
    expect(guest.status('NTDS', LATER).state).toBe('RUNNING');
    enterSafeMode(guest, LATER, { mode: 'DsRepair', restart: true });
    expect(stateOf(guest, 'NTDS')).toBe('STOPPED');
    expect(guest.start('NTDS', MUCH_LATER)).toBe(1084);
    expect(guest.isAgentAlive(MUCH_LATER)).toBe(true);
    expect(guest.isRdpListening(MUCH_LATER)).toBe(true);
  });

  it('refuses to start what is not in its list, and says so', () => {
    const guest = guestIn('Network');
    const result = run(guest, 'sc.exe', ['start', 'RdAgent'], MUCH_LATER);
    expect(result.exitCode).toBe(1084);
    expect(result.stdout).toContain('FAILED 1084:');
    expect(run(guest, 'sc.exe', ['query', 'RdAgent'], MUCH_LATER).stdout).toContain('1084  (0x43c)');
    expect(run(guest, 'sc.exe', ['query', 'SessionEnv'], MUCH_LATER).stdout).toContain('1077  (0x435)');
  });

  it('follows the lists on the disk', () => {
    const guest = runningGuest();
    const list = `${guest.controlSet()}\\Control\\SafeBoot\\Network`;
    guest.content.writeValue(`${list}\\TermService`, '', { type: 'REG_SZ', data: 'Service' });
    guest.content.deleteKey(`${list}\\Dhcp`);
    enterSafeMode(guest, LATER, { mode: 'Network', restart: true });
    expect(guest.isRdpListening(MUCH_LATER)).toBe(true);
    expect(guest.addresses(MUCH_LATER)).toEqual([]);
  });

  it('does not start a disabled service that is in its list', () => {
    const guest = runningGuest();
    configureStartType(guest, { service: 'Dhcp', start: 4, userSid: 'S-1-5-18', at: LATER });
    enterSafeMode(guest, LATER, { mode: 'Network', restart: true });
    expect(guest.start('Dhcp', MUCH_LATER)).toBe(1058);
  });
});

describe('local/windows/safe-mode: the key SafeBoot\\Option', () => {
  it.each([
    ['Minimal', '0x1'],
    ['Network', '0x2'],
    ['DsRepair', '0x3'],
  ] as const)('says %s as %s, in memory only', (mode, number) => {
    const guest = guestIn(mode);
    const { stdout } = run(guest, 'reg', ['query', optionKey], MUCH_LATER);
    expect(stdout).toContain(`    OptionValue    REG_DWORD    ${number}\r\n`);
    expect(stdout).not.toContain('UseAlternateShell');
    const listed = run(
      guest,
      'reg',
      ['query', 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot'],
      MUCH_LATER,
    ).stdout;
    expect(listed).toContain('\\SafeBoot\\Option\r\n');
    expect(guest.content.hasKey('SYSTEM\\ControlSet001\\Control\\SafeBoot\\Option')).toBe(false);
  });

  it('says the command prompt', () => {
    const guest = guestIn('Minimal', true);
    expect(run(guest, 'reg', ['query', optionKey], MUCH_LATER).stdout).toContain(
      'UseAlternateShell    REG_DWORD    0x1',
    );
  });

  it('is not there in a normal boot', () => {
    const guest = runningGuest();
    const { stdout } = run(guest, 'reg', ['query', 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot']);
    expect(stdout).toContain('\\SafeBoot\\Minimal\r\n');
    expect(stdout).not.toContain('Option');
  });
});
