/** A guest for tests: booted long ago unless told otherwise. */
import { openTemplate } from '../../../../local/disk/open-template';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import type { DiskContent } from '../../../../local/windows/content';
import { installWindowsServer, type MachineIdentity } from '../../../../local/windows/default-content';
import { mountContent } from '../../../../local/windows/disk-content';
import { createWindowsGuest, type WindowsGuest } from '../../../../local/windows/guest';
import { execute } from '../../../../local/windows/commands';
import type { CommandResult } from '../../../../local/windows/commands/command';

export const BOOTED_AT = Date.parse('2026-03-01T08:00:00Z');
/** A minute after the boot: everything that starts has started. */
export const LATER = BOOTED_AT + 60_000;

/** What a repair must not depend on. */
export const machineKinds = {
  language: ['en-US', 'de-DE', 'fr-FR', 'ru-RU', 'zh-CN'],
  generation: ['V1', 'V2'],
} as const;

/** Installing takes a second: once for each kind of machine, then copied. */
const installedDisks = new Map<string, SparseDisk>();

/** The bytes of a disk with Windows on it, a copy for each caller. */
export function installedBytes(given: Partial<MachineIdentity> = {}): SparseDisk {
  const machine: MachineIdentity = { computerName: 'SRV01', language: 'en-US', generation: 'V2', ...given };
  const kind = JSON.stringify(machine);
  const disk = installedDisks.get(kind) ?? install(machine);
  installedDisks.set(kind, disk);
  return disk.copy();
}

/** A disk with Windows on it, mounted. */
export function installedDisk(given: Partial<MachineIdentity> = {}): DiskContent {
  return mountContent(installedBytes(given));
}

function install(machine: MachineIdentity): SparseDisk {
  const disk = openTemplate(machine.generation);
  const content = mountContent(disk);
  installWindowsServer(content, machine);
  content.flush();
  return disk;
}

/** A guest on this disk, switched off. */
export function guestOn(content: DiskContent): WindowsGuest {
  return createWindowsGuest({ mount: () => content, address: '10.0.0.4' });
}

export function runningGuest(machine: Partial<MachineIdentity> = {}): WindowsGuest {
  const guest = guestOn(installedDisk(machine));
  guest.boot(BOOTED_AT);
  return guest;
}

/** Runs a command line of a program that the guest has. */
export function run(guest: WindowsGuest, file: string, commandLine: string[], at = LATER): CommandResult {
  const execution = execute(file, commandLine, { guest, at });
  if (execution.kind === 'notStarted') throw new Error(`${file}: ${execution.message}`);
  return execution.result;
}
