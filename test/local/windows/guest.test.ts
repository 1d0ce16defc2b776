import { mountContent } from '../../../local/windows/disk-content';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { configureStartType } from '../../../local/windows/service-control';
import { BOOTED_AT, guestOn, installedBytes, installedDisk, LATER, runningGuest } from './support/running-guest';

function stateOf(guest: ReturnType<typeof runningGuest>, service: string, at = LATER) {
  return guest.status(service, at).state;
}

describe('local/windows/guest: a healthy guest', () => {
  it('boots into an address, a living agent and a listening RDP', () => {
    const guest = runningGuest();
    expect(guest.addresses(LATER)).toEqual(['10.0.0.4']);
    expect(guest.isAgentAlive(LATER)).toBe(true);
    expect(guest.isRdpListening(LATER)).toBe(true);
    expect(guest.bootedAt()).toBe(BOOTED_AT);
  });

  it('starts only what is to start by itself', () => {
    const guest = runningGuest();
    expect(stateOf(guest, 'TermService')).toBe('RUNNING');
    expect(stateOf(guest, 'UmRdpService')).toBe('STOPPED');
  });

  it('needs a moment from START_PENDING to RUNNING', () => {
    const guest = runningGuest();
    expect(stateOf(guest, 'Dhcp', BOOTED_AT)).toBe('START_PENDING');
    expect(stateOf(guest, 'Dhcp', BOOTED_AT + 5_000)).toBe('RUNNING');
    expect(guest.addresses(BOOTED_AT)).toEqual([]);
  });

  it('does not listen for RDP when connections are denied', () => {
    const guest = runningGuest();
    const key = 'SYSTEM\\ControlSet001\\Control\\Terminal Server';
    guest.content.writeValue(key, 'fDenyTSConnections', { type: 'REG_DWORD', data: 1 });
    expect(guest.isRdpListening(LATER)).toBe(false);
  });
});

describe('local/windows/guest: a guest whose DHCP Client was disabled', () => {
  it('keeps address and agent while it is up', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    expect(stateOf(guest, 'Dhcp')).toBe('STOPPED');
    expect(guest.addresses(LATER + 86_400_000)).toEqual(['10.0.0.4']);
    expect(guest.isAgentAlive(LATER + 86_400_000)).toBe(true);
  });

  it('has neither after a boot, and RDP listens to nobody', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    guest.powerOff();
    guest.boot(LATER + 1000);
    const at = LATER + 60_000;
    expect(guest.addresses(at)).toEqual([]);
    expect(guest.isAgentAlive(at)).toBe(false);
    expect(guest.isRdpListening(at)).toBe(true);
  });

  it('cannot start it, nor what depends on it, and the log tells both', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    expect(guest.start('Dhcp', LATER)).toBe(1058);
    expect(guest.start('NlaSvc', LATER)).toBe(1068);
    guest.powerOff();
    guest.boot(LATER + 1000);
    const events = guest.content
      .events()
      .filter(({ provider }) => provider === 'Service Control Manager')
      .map(({ eventId, data }) => [eventId, ...data.map(({ value }) => value)]);
    expect(events).toEqual([
      [7040, 'DHCP Client', 'auto start', 'disabled', 'Dhcp'],
      [7001, 'Network Location Awareness', 'DHCP Client', '%%1058'],
    ]);
  });

  it('gets its address back once the service runs again', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    guest.powerOff();
    guest.boot(LATER + 1000);
    configureStartType(guest, { service: 'dhcp', start: 2, userSid: 'S-1-5-18', at: LATER + 60_000 });
    expect(guest.start('DHCP', LATER + 60_000)).toBe(0);
    expect(guest.addresses(LATER + 65_000)).toEqual(['10.0.0.4']);
    expect(guest.isAgentAlive(LATER + 65_000)).toBe(true);
  });
});

describe('local/windows/guest: stopping a service', () => {
  it('is refused while a running service needs it, unless forced', () => {
    const guest = runningGuest();
    expect(guest.stop('Dhcp', LATER)).toBe(1051);
    expect(guest.stop('Dhcp', LATER, true)).toBe(0);
    expect(stateOf(guest, 'NlaSvc')).toBe('STOPPED');
  });

  it('says so when it does not run or does not exist', () => {
    const guest = runningGuest();
    expect(guest.stop('SessionEnv', LATER)).toBe(1062);
    expect(guest.stop('Nothing', LATER)).toBe(1060);
  });
});

describe('local/windows/guest: the disk', () => {
  it('boots from the control set that Select names', () => {
    const content = installedDisk();
    content.writeValue('SYSTEM\\ControlSet002\\Services\\Only', 'Type', { type: 'REG_DWORD', data: 0x10 });
    content.writeValue('SYSTEM\\ControlSet002\\Services\\Only', 'Start', { type: 'REG_DWORD', data: 2 });
    content.writeValue('SYSTEM\\Select', 'Default', { type: 'REG_DWORD', data: 2 });
    const guest = guestOn(content);
    guest.boot(BOOTED_AT);
    expect(guest.controlSet()).toBe('SYSTEM\\ControlSet002');
    expect(guest.configurations().map(({ name }) => name)).toEqual(['Only']);
    expect(content.readValue('SYSTEM\\Select', 'Current')).toMatchObject({ data: 2 });
  });

  it('of a snapshot stays as it was and cannot be written', () => {
    const disk = installedBytes();
    const guest = guestOn(mountContent(disk));
    guest.boot(BOOTED_AT);
    const snapshot = mountContent(disk.copy({ readOnly: true }), { readOnly: true });
    disableDhcpClient(guest, LATER);
    const start = snapshot.readValue('SYSTEM\\ControlSet001\\Services\\Dhcp', 'Start');
    expect(start).toMatchObject({ data: 2 });
    expect(() => {
      snapshot.writeValue('SYSTEM\\Select', 'Default', { type: 'REG_DWORD', data: 2 });
    }).toThrow('read-only');
  });

  it('finds keys and values whatever the case', () => {
    const { content } = runningGuest();
    expect(content.readValue('system\\CONTROLSET001\\services\\DHCP', 'start')).toMatchObject({ data: 2 });
    expect(content.hasKey('SYSTEM\\ControlSet009')).toBe(false);
  });
});
