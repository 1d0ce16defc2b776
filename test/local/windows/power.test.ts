import type { DiskContent } from '../../../local/windows/content';
import { mountContent } from '../../../local/windows/disk-content';
import { createWindowsGuest, type PowerRequest } from '../../../local/windows/guest';
import { configureStartType } from '../../../local/windows/service-control';
import { BOOTED_AT, installedBytes, LATER, run, runningGuest } from './support/running-guest';

/** A disk that a running Windows writes to only when it flushes, and a guest on it. */
function cachedDisk() {
  let onDisk = installedBytes();
  let mounts = 0;
  function mount(options: { readOnly: boolean }): DiskContent {
    mounts += 1;
    const inMemory = onDisk.copy();
    const content = mountContent(inMemory, options);
    const flush = () => {
      content.flush();
      onDisk = inMemory.copy();
    };
    return { ...content, flush };
  }
  const guest = createWindowsGuest({ mount, address: '10.0.0.4' });
  return { guest, disk: () => mountContent(onDisk), mounts: () => mounts };
}

function startOf(disk: DiskContent): unknown {
  return disk.readValue('SYSTEM\\ControlSet001\\Services\\Dhcp', 'Start');
}

const disabled = { service: 'Dhcp', start: 4, userSid: 'S-1-5-18', at: LATER } as const;

describe('local/windows/power: going down', () => {
  it('cleanly writes what Windows kept in memory', () => {
    const { guest, disk } = cachedDisk();
    guest.boot(BOOTED_AT);
    configureStartType(guest, disabled);
    expect(startOf(disk())).toMatchObject({ data: 2 });
    guest.shutDown(LATER);
    expect(startOf(disk())).toMatchObject({ data: 4 });
    expect(guest.bootedAt()).toBeUndefined();
    expect(guest.configuration('Dhcp')?.start).toBe(4);
  });

  it('without a shutdown loses it', () => {
    const { guest, disk } = cachedDisk();
    guest.boot(BOOTED_AT);
    configureStartType(guest, disabled);
    guest.powerOff();
    expect(startOf(disk())).toMatchObject({ data: 2 });
    expect(guest.configuration('Dhcp')?.start).toBe(2);
    expect(guest.content.events()).toEqual([]);
  });

  it('does nothing to a guest that is off', () => {
    const { guest, disk } = cachedDisk();
    guest.shutDown(LATER);
    expect(disk().events()).toEqual([]);
  });
});

describe('local/windows/power: a guest that is off', () => {
  it('knows nothing but what its disk says now', () => {
    const { guest, disk } = cachedDisk();
    expect(guest.computerName()).toBe('SRV01');
    const key = 'SYSTEM\\ControlSet001\\Control\\ComputerName\\ComputerName';
    disk().writeValue(key, 'ComputerName', { type: 'REG_SZ', data: 'SRV02' });
    expect(guest.computerName()).toBe('SRV02');
    expect(guest.status('Dhcp', LATER)).toMatchObject({ state: 'STOPPED', exitCode: 1077 });
    expect(guest.registry().hasKey('SYSTEM\\CurrentControlSet\\Services\\Dhcp')).toBe(true);
  });

  it('cannot be written to', () => {
    const { guest } = cachedDisk();
    expect(() => {
      guest.content.deleteKey('BCD\\Objects');
    }).toThrow('read-only');
  });

  it('is mounted once for a whole run', () => {
    const { guest, mounts } = cachedDisk();
    guest.boot(BOOTED_AT);
    guest.configurations();
    guest.isRdpListening(LATER);
    expect(mounts()).toBe(1);
  });
});

describe('local/windows/power: shutdown.exe', () => {
  it('asks the machine to restart, and does nothing by itself', () => {
    const guest = runningGuest();
    const requests: PowerRequest[] = [];
    guest.onPowerRequest((request) => requests.push(request));
    expect(run(guest, 'shutdown.exe', ['/r', '/t', '0'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    run(guest, 'shutdown', ['/s', '/f', '/t', '5']);
    run(guest, 'shutdown', ['-r']);
    expect(requests).toEqual([
      { kind: 'restart', at: LATER },
      { kind: 'shutdown', at: LATER + 5000 },
      { kind: 'restart', at: LATER + 30_000 },
    ]);
    expect(guest.bootedAt()).toBe(BOOTED_AT);
  });

  it.each([[[]], [['/r', '/t', 'soon']], [['/x']], [['/r', 'now']]])('refuses %p', (commandLine) => {
    const guest = runningGuest();
    guest.onPowerRequest(() => {
      throw new Error('nobody asked for this');
    });
    expect(run(guest, 'shutdown', commandLine).exitCode).not.toBe(0);
  });
});

describe('local/windows/power: a lease', () => {
  it('stays on the disk when the next boot gets none', () => {
    const guest = runningGuest();
    guest.shutDown(LATER);
    const [adapter = ''] = guest.content.subkeys('SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters\\Interfaces');
    const key = `SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters\\Interfaces\\${adapter}`;
    expect(guest.content.readValue(key, 'DhcpIPAddress')).toMatchObject({ data: '10.0.0.4' });
    expect(guest.content.readValue(key, 'LeaseObtainedTime')).toMatchObject({ data: BOOTED_AT / 1000 });
  });
});
