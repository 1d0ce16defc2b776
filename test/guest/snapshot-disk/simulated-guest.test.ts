import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { mountContent } from '../../../local/windows/disk-content';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import { createWindowsGuest, type WindowsGuest } from '../../../local/windows/guest';
import type { GuestLanguage } from '../../../local/windows/language';
import { factOf, safeBootModes, serviceConfiguration, serviceEvents, type Evidence } from '../../../src/guest/evidence';
import { readDiskEvidence, type DiskNeed } from '../../../src/guest/snapshot-disk';
import { sourceOf } from '../../local/disk/support/readers-of-others';
import { BOOTED_AT, installedBytes } from '../../local/windows/support/running-guest';

/**
 * What a running guest did to its disk, read off a copy of it that was taken while it ran, as a snapshot is: hives are dirty
 * and their logs have the newest values. Readers and simulator share no code.
 */

const brokenAt = BOOTED_AT + 60 * 60_000;
const snapshotAt = brokenAt + 30 * 60_000;

const needs: DiskNeed[] = [
  { kind: 'boot-configuration' },
  { kind: 'boot-mode' },
  { kind: 'control-sets' },
  { kind: 'service-configuration', service: 'Dhcp' },
  { kind: 'service-events', service: 'Dhcp' },
  { kind: 'network-addressing' },
  { kind: 'remote-desktop' },
  { kind: 'pending-servicing' },
  { kind: 'windows-installation' },
  { kind: 'volume-state' },
];

const machines = (['en-US', 'de-DE', 'fr-FR'] as const).flatMap((language) =>
  (['V1', 'V2'] as const).map((generation) => ({ language, generation })),
);

describe.each(machines)('guest/snapshot-disk/simulated-guest: a running guest ($language, $generation)', (machine) => {
  it('tells everything that is asked for of one that is well', async () => {
    const evidence = await snapshotOf(machine, () => undefined);
    expect(evidence.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
    expect(factOf(evidence, 'boot-configuration')).toMatchObject({
      chosenBy: 'default',
      firmware: machine.generation === 'V1' ? 'bios' : 'uefi',
    });
    expect(factOf(evidence, 'boot-configuration')?.next.safeboot).toBeUndefined();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({
      mode: 'normal',
      bootedAt: new Date(BOOTED_AT).toISOString(),
    });
    expect(factOf(evidence, 'windows-installation')).toMatchObject({
      computerName: 'SRV01',
      isDomainController: false,
    });
    expect(factOf(evidence, 'remote-desktop')).toMatchObject({ enabled: true, port: 3389, listenerEnabled: true });
  });

  it.each(safeBootModes)('tells a boot into %s from one that only waits', async (mode) => {
    const waiting = await snapshotOf(machine, (guest) => {
      enterSafeMode(guest, brokenAt, { mode, restart: false });
    });
    const booted = await snapshotOf(machine, (guest) => {
      enterSafeMode(guest, brokenAt, { mode, alternateShell: true, restart: true });
    });
    expect(factOf(waiting, 'boot-configuration')?.next).toMatchObject({ safeboot: mode, alternateShell: false });
    expect(factOf(waiting, 'boot-mode')).toMatchObject({ mode: 'normal' });
    expect(factOf(booted, 'boot-configuration')?.next).toMatchObject({ safeboot: mode, alternateShell: true });
    expect(factOf(booted, 'boot-mode')).toMatchObject({ mode });
  });

  it('has a disabled service with who disabled it and when, out of a hive’s log', async () => {
    const evidence = await snapshotOf(machine, (guest) => {
      disableDhcpClient(guest, brokenAt);
    });
    const configuration = serviceConfiguration(evidence, 'Dhcp');
    expect(configuration).toMatchObject({ startType: 4, type: 0x20 });
    expect(configuration?.from.caution).toContain('brought up to date from LOG');
    expect(serviceEvents(evidence, 'Dhcp')?.events.at(-1)).toMatchObject({
      eventId: 7040,
      at: expect.stringMatching(/^2026-03-01T09:00:00/) as string,
      userSid: expect.stringMatching(/-500$/) as string,
    });
  });
});

describe('guest/snapshot-disk/simulated-guest: how the last boot went', () => {
  const machine = { language: 'en-US', generation: 'V2' } as const;
  const intoSafeMode = (guest: WindowsGuest) => {
    enterSafeMode(guest, brokenAt, { mode: 'Minimal', restart: true });
  };

  it('is known from what the kernel was started with when the event log is gone, but not when it was', async () => {
    const evidence = await snapshotOf(machine, intoSafeMode, (disk) => {
      openWindowsDisk(disk).windows.deleteFile('Windows\\System32\\winevt\\Logs\\System.evtx');
    });
    const mode = factOf(evidence, 'boot-mode');
    expect(mode).toMatchObject({ mode: 'Minimal' });
    expect(mode?.bootedAt).toBeUndefined();
    expect(mode?.from).toMatchObject({
      place: expect.stringContaining('SystemStartOptions') as string,
      caution: expect.stringContaining('the time of the boot is not known') as string,
    });
  });

  it('is believed of the event log where the two differ, and the difference is said', async () => {
    const evidence = await snapshotOf(machine, intoSafeMode, (disk) => {
      const content = mountContent(disk);
      content.writeValue('SYSTEM\\ControlSet001\\Control', 'SystemStartOptions', {
        type: 'REG_SZ',
        data: ' NOEXECUTE=OPTOUT',
      });
      content.flush();
    });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({
      mode: 'safe',
      from: { caution: expect.stringContaining('the options in the registry of one that was normal') as string },
    });
  });
});

async function snapshotOf(
  machine: { language: GuestLanguage; generation: 'V1' | 'V2' },
  act: (guest: WindowsGuest) => void,
  change: (disk: SparseDisk) => void = () => undefined,
): Promise<Evidence[]> {
  const disk = installedBytes(machine);
  const guest = createWindowsGuest({
    mount: (options) => mountContent(disk, { ...options, now: () => brokenAt }),
    address: '10.0.0.4',
  });
  guest.boot(BOOTED_AT);
  act(guest);
  const times = { asOf: new Date(snapshotAt).toISOString(), readAt: new Date(snapshotAt + 60_000).toISOString() };
  const snapshot = disk.copy();
  change(snapshot);
  const reading = await readDiskEvidence(sourceOf(snapshot), needs, times);
  if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
  return reading.evidence;
}
