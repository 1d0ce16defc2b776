import type { DiskContent, RegistryData } from '../../../local/windows/content';
import { LATER, runningGuest } from './support/running-guest';
import { restartGuest } from '../../../local/windows/restart-guest';

const raw = String.raw;
const key = raw`SYSTEM\ControlSet001\Services\EventLog\System`;
const defaultLog = raw`Windows\System32\winevt\Logs\System.evtx`;
const hour = 60 * 60_000;

const dword = (data: number): RegistryData => ({ type: 'REG_DWORD', data });
const expandable = (data: string): RegistryData => ({ type: 'REG_EXPAND_SZ', data });
const boots = (content: DiskContent) => content.events().filter(({ eventId }) => eventId === 12).length;

describe('local/windows/event-log-settings: the System log', () => {
  it.each([raw`C:\Logs\System.evtx`, raw`%SystemDrive%\Logs\System.evtx`])(
    'goes on in another file from the boot after its path was changed: %s',
    (file) => {
      const guest = runningGuest();
      guest.content.writeValue(key, 'File', expandable(file));
      expect(guest.content.readFile(raw`Logs\System.evtx`)).toBeUndefined();
      const before = guest.content.readFile(defaultLog);
      restartGuest(guest, LATER);
      expect(boots(guest.content)).toBe(1);
      expect(guest.content.readFile(raw`Logs\System.evtx`)).toContain('ElfFile');
      // Only the end of the run before is still in the old one.
      expect(guest.content.readFile(defaultLog)).not.toBe(before);
    },
  );

  it('on another disk leaves nothing on this one, and is there for who asks Windows', () => {
    const guest = runningGuest();
    guest.content.writeValue(key, 'File', expandable(raw`D:\Logs\System.evtx`));
    restartGuest(guest, LATER);
    const before = guest.content.readFile(defaultLog);
    restartGuest(guest, LATER + hour);
    expect(boots(guest.content)).toBe(2);
    expect(guest.content.readFile(defaultLog)).toBe(before);
  });

  it.each([
    ['its service', raw`SYSTEM\ControlSet001\Services\EventLog`, 4],
    ['its session', raw`SYSTEM\ControlSet001\Control\WMI\Autologger\EventLog-System`, 0],
  ])('is not written from the boot after %s was switched off', (_, path, start) => {
    const guest = runningGuest();
    guest.content.writeValue(path, 'Start', dword(start));
    restartGuest(guest, LATER);
    const before = guest.content.events();
    restartGuest(guest, LATER + hour);
    expect(guest.content.events()).toEqual(before);
  });

  it.each([
    ['keeps what it has', { Retention: 0xffff_ffff }, false],
    ['goes around', { Retention: 0 }, true],
    ['goes around when it would be put aside', { Retention: 0xffff_ffff, AutoBackupLogFiles: 1 }, true],
  ])('of one chunk %s once it is full', (_, values, isLatestThere) => {
    const guest = runningGuest();
    for (const [name, data] of Object.entries({ MaxSize: 65_536, ...values })) {
      guest.content.writeValue(key, name, dword(data));
    }
    restartGuest(guest, LATER);
    const [first] = guest.content.events();
    for (let count = 0; first && count < 300; count += 1) guest.content.appendEvent({ ...first, at: LATER + hour });
    restartGuest(guest, LATER + 2 * hour);
    const times = guest.content.events().map(({ at }) => at);
    expect(times.includes(LATER + 2 * hour + 60_000)).toBe(isLatestThere);
  });
});

describe('local/windows/event-log-settings: what the registry tells of boots', () => {
  const prefetch = raw`SYSTEM\ControlSet001\Control\Session Manager\Memory Management\PrefetchParameters`;
  const shutdownTime = (content: DiskContent) =>
    content.readValue(raw`SYSTEM\ControlSet001\Control\Windows`, 'ShutdownTime');

  it('counts every boot, and has the time of a clean shutdown only', () => {
    const guest = runningGuest();
    const { data } = guest.content.readValue(prefetch, 'BootId') as { data: number };
    expect(shutdownTime(guest.content)).toBeUndefined();
    guest.powerOff();
    guest.boot(LATER);
    expect(guest.content.readValue(prefetch, 'BootId')).toEqual(dword(data + 1));
    expect(shutdownTime(guest.content)).toBeUndefined();
    restartGuest(guest, LATER + hour);
    expect(guest.content.readValue(prefetch, 'BootId')).toEqual(dword(data + 2));
    // FILETIME counts 100 ns from 1601.
    const ticks = (BigInt(LATER + hour) + 11_644_473_600_000n) * 10_000n;
    const told = shutdownTime(guest.content);
    expect(told?.type === 'REG_BINARY' && Buffer.from(told.data).readBigUInt64LE()).toBe(ticks);
  });
});
