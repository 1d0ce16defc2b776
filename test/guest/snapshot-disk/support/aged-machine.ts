/** A machine whose log, clock and registry can go their own ways, and what a snapshot of its disk tells. */
import { openWindowsDisk } from '../../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import type { DiskContent } from '../../../../local/windows/content';
import { mountContent } from '../../../../local/windows/disk-content';
import { enterSafeMode } from '../../../../local/windows/faults/safe-mode';
import { createWindowsGuest, type WindowsGuest } from '../../../../local/windows/guest';
import { restartGuest } from '../../../../local/windows/restart-guest';
import type { Disbelief, Evidence } from '../../../../src/guest/evidence';
import { readDiskEvidence, type DiskNeed } from '../../../../src/guest/snapshot-disk';
import { sourceOf } from '../../../local/disk/support/readers-of-others';
import { installedBytes } from '../../../local/windows/support/running-guest';

/** When the snapshot is taken, by Azure's clock. */
export const snapshotAt = Date.parse('2026-06-01T12:00:00Z');
export const hour = 60 * 60_000;
export const day = 24 * hour;

export const eventLogKey = String.raw`SYSTEM\ControlSet001\Services\EventLog\System`;
export const defaultLog = String.raw`Windows\System32\winevt\Logs\System.evtx`;

const needs: DiskNeed[] = [
  { kind: 'boot-configuration' },
  { kind: 'boot-mode' },
  { kind: 'control-sets' },
  { kind: 'service-events', service: 'Dhcp' },
  { kind: 'windows-installation' },
];

export interface AgedMachine {
  guest: WindowsGuest;
  disk: SparseDisk;
  /** Boots, by the guest's clock. */
  boot(at: number): void;
  /** Restarts cleanly; it is up again a minute later. */
  restart(at: number): void;
  /** Makes the next boots safe ones, and restarts into the first. */
  enterSafeMode(at: number): void;
  /** Flags the next boot for safe mode, and no more. */
  flagSafeMode(at: number): void;
  /** Changes the registry or the log as something in the guest would. */
  change(at: number, body: (content: DiskContent) => void): void;
  /** What a snapshot tells that is taken now; `alter` has the copy, by a mount that writes nothing of its own. */
  snapshot(alter?: (copy: SparseDisk) => void): Promise<Evidence[]>;
}

export function agedMachine(given: Parameters<typeof installedBytes>[0] = {}): AgedMachine {
  const disk = installedBytes(given);
  let clock = 0;
  const guest = createWindowsGuest({
    mount: (options) => mountContent(disk, { ...options, now: () => clock }),
    address: '10.0.0.4',
  });
  const at = (time: number, act: () => void) => {
    clock = time;
    act();
  };
  return {
    guest,
    disk,
    boot: (time) => at(time, () => guest.boot(time)),
    restart: (time) => at(time, () => restartGuest(guest, time)),
    enterSafeMode: (time) => at(time, () => enterSafeMode(guest, time, { mode: 'Minimal', restart: true })),
    flagSafeMode: (time) => at(time, () => enterSafeMode(guest, time, { mode: 'Minimal', restart: false })),
    change: (time, body) => at(time, () => body(guest.content)),
    async snapshot(alter = () => undefined) {
      const copy = disk.copy();
      alter(copy);
      const times = { asOf: new Date(snapshotAt).toISOString(), readAt: new Date(snapshotAt + 60_000).toISOString() };
      const reading = await readDiskEvidence(sourceOf(copy), needs, times);
      if (reading.kind !== 'read') throw new Error(`${reading.code}: ${reading.reason}`);
      return reading.evidence;
    },
  };
}

/** Puts a file of another disk, or of this disk at another time, in the place of this disk's. */
export function putFile(disk: SparseDisk, path: string, bytes: Buffer): void {
  openWindowsDisk(disk).windows.writeFile(path, bytes);
}

export function fileOf(disk: SparseDisk, path: string): Buffer {
  const bytes = openWindowsDisk(disk).windows.readFile(path);
  if (!bytes) throw new Error(`There is no ${path}.`);
  return bytes;
}

/** Changes hives as a person who loads them elsewhere would: with times of their own. */
export function editHives(disk: SparseDisk, at: number, body: (content: DiskContent) => void): void {
  const content = mountContent(disk, { now: () => at });
  body(content);
  content.flush();
}

/** What the item of a kind says was not believed. */
export function disbelievedOf(evidence: Evidence[], kind: DiskNeed['kind']): Disbelief[] {
  const item = evidence.find((one) => one.kind === kind || (one.kind === 'unreadable' && one.need.kind === kind));
  if (!item) throw new Error(`no ${kind} was asked for`);
  return item.from.disbelieved ?? [];
}
