import type { EventRecord } from '../../../local/windows/content';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import { BOOTED_AT, LATER, run, runningGuest } from './support/running-guest';

function valuesOf(event: EventRecord | undefined): Record<string, unknown> {
  return Object.fromEntries((event?.data ?? []).map(({ name, value }) => [name, value]));
}

function idsSince(events: EventRecord[], at: number): number[] {
  return events.filter((event) => event.at >= at).map(({ eventId }) => eventId);
}

describe('local/windows/boot-events: the System log', () => {
  it('tells version, mode and time of a boot', () => {
    const events = runningGuest().content.events();
    expect(events.map(({ eventId }) => eventId)).toEqual([6009, 6005, 12, 27]);
    const started = events.find(({ eventId }) => eventId === 12);
    expect(started).toMatchObject({ provider: 'Microsoft-Windows-Kernel-General', computer: 'SRV01', level: 4 });
    expect(valuesOf(started)).toEqual({
      MajorVersion: 10,
      MinorVersion: 0,
      BuildVersion: 20348,
      QfeVersion: 2762,
      ServiceVersion: 0,
      BootMode: 0,
      StartTime: BOOTED_AT,
    });
  });

  it.each([
    ['Minimal', 1],
    ['Network', 2],
    ['DsRepair', 3],
  ] as const)('tells a boot into %s as BootMode %i', (mode, number) => {
    const guest = runningGuest();
    enterSafeMode(guest, LATER, { mode, restart: true });
    const started = guest.content.events().filter(({ eventId }) => eventId === 12);
    expect(started.map((event) => valuesOf(event).BootMode)).toEqual([0, number]);
  });

  it('tells in safe mode which drivers did not load', () => {
    const guest = runningGuest();
    enterSafeMode(guest, LATER, { mode: 'Minimal', restart: true });
    const record = guest.content.events().find(({ eventId }) => eventId === 7026);
    expect(valuesOf(record).param1).toContain('\r\nTcpip');
  });

  it('tells a clean shutdown, and the boot after it nothing of the kind', () => {
    const guest = runningGuest();
    guest.shutDown(LATER);
    guest.boot(LATER + 1000);
    expect(idsSince(guest.content.events(), LATER)).toEqual([6006, 13, 6009, 6005, 12, 27]);
  });

  it('tells at the next boot that the plug was pulled', () => {
    const guest = runningGuest();
    guest.powerOff();
    guest.boot(LATER);
    const events = guest.content.events();
    expect(idsSince(events, LATER)).toEqual([6008, 6009, 6005, 12, 27, 41]);
    expect(events.find(({ eventId }) => eventId === 41)).toMatchObject({
      provider: 'Microsoft-Windows-Kernel-Power',
      level: 1,
    });
    expect(events.find(({ eventId }) => eventId === 6008)?.data[0]?.value).toMatch(/^8:00:00/);
  });

  it('tells who asked for a restart', () => {
    const guest = runningGuest();
    run(guest, 'shutdown.exe', ['/r', '/t', '0']);
    const request = guest.content.events().find(({ eventId }) => eventId === 1074);
    expect(valuesOf(request)).toMatchObject({ param5: 'restart', param7: 'NT AUTHORITY\\SYSTEM' });
  });

  it('carries the short name of a service that failed in Binary', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER, { restart: true });
    const record = guest.content.events().find(({ eventId }) => eventId === 7001);
    expect(Buffer.from(record?.binary ?? []).toString('utf16le')).toBe('NlaSvc\0');
    const xml = run(guest, 'wevtutil', ['qe', 'System', '/q:*[System[EventID=7001]]']).stdout;
    expect(xml).toContain('<Binary>4E006C0061005300760063000000</Binary>');
  });

  it('names what a provider has, and no more', () => {
    const xml = run(runningGuest(), 'wevtutil', ['qe', 'System']).stdout;
    expect(xml).toContain("<Provider Name='EventLog'/><EventID Qualifiers='32768'>6009</EventID>");
    expect(xml).toContain('<EventData><Data>10.00.</Data><Data>20348</Data><Data></Data>');
    expect(xml).toMatch(/<Provider Name='Microsoft-Windows-Kernel-General' Guid='\{a68ca8b7[^']*'\/><EventID>12</);
    expect(xml).toContain("<Data Name='StartTime'>2026-03-01T08:00:00.0000000Z</Data>");
  });
});
