/** What a running guest did to its disk, and what a snapshot of that disk must tell. */
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { mountContent } from '../../../../local/windows/disk-content';
import { disableDhcpClient } from '../../../../local/windows/faults/dhcp-client-disabled';
import { enterSafeMode } from '../../../../local/windows/faults/safe-mode';
import { createWindowsGuest, type WindowsGuest } from '../../../../local/windows/guest';
import type { GuestLanguage } from '../../../../local/windows/language';
import {
  factOf,
  safeBootModes,
  serviceConfiguration,
  serviceEvents,
  type Evidence,
} from '../../../../src/guest/evidence';
import { readDiskEvidence, type DiskNeed } from '../../../../src/guest/snapshot-disk';
import { sourceOf } from '../../../local/disk/support/readers-of-others';
import { BOOTED_AT, installedBytes } from '../../../local/windows/support/running-guest';

export const brokenAt = BOOTED_AT + 60 * 60_000;
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

interface Machine {
  language: GuestLanguage;
  generation: 'V1' | 'V2';
}

/** What holds of a snapshot of every machine, in words, with what expects it. */
export const claims = new Map<string, (machine: Machine) => Promise<void>>([
  ['tells everything that is asked for of one that is well', expectWell],
  ...safeBootModes.map((mode): [string, (machine: Machine) => Promise<void>] => [
    `tells a boot into ${mode} from one that only waits`,
    (machine) => expectSafeMode(machine, mode),
  ]),
  ['has a disabled service with who disabled it and when, out of a hive’s log', expectDisabledService],
]);

async function expectWell(machine: Machine): Promise<void> {
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
}

async function expectSafeMode(machine: Machine, mode: (typeof safeBootModes)[number]): Promise<void> {
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
}

async function expectDisabledService(machine: Machine): Promise<void> {
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
}

/** What the snapshot of a guest tells that was booted and then had this done to it, and its snapshot that. */
export async function snapshotOf(
  machine: Machine,
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
