import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPartitions } from '../../../local/disk/partitions';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { mountContent } from '../../../local/windows/disk-content';
import { createWindowsGuest, type WindowsGuest } from '../../../local/windows/guest';
import { openVolume } from '../../../src/disk/volumes/open-volume';
import { areInstalled, run, sourceOf, withFileOf } from '../disk/support/readers-of-others';
import { BOOTED_AT, installedBytes, LATER } from './support/running-guest';

/**
 * The simulated guest has no second truth beside its disk: bytes are changed by ways that know nothing of the simulator
 * (the places of registry cells looked up here by hand, and Debian's tools), and the guest boots accordingly.
 */

describe('local/windows/independent-path: a disk whose bytes were changed behind the guest’s back', () => {
  it.each(['V1', 'V2'] as const)(
    'is what the guest boots from: a service disabled in the raw bytes (%s)',
    async (generation) => {
      const disk = installedBytes({ generation });
      const guest = guestOf(disk);
      guest.boot(BOOTED_AT);
      expect(stateOf(guest)).toEqual({ start: 2, state: 'RUNNING', addresses: ['10.0.0.4'], agentAlive: true });
      guest.shutDown(LATER);

      await overwriteStart(disk, 'Dhcp', 4);

      guest.boot(LATER + 60_000);
      expect(stateOf(guest)).toEqual({ start: 4, state: 'STOPPED', addresses: [], agentAlive: false });
    },
  );

  it('shows in answers about a guest that is off, too', async () => {
    const disk = installedBytes();
    const guest = guestOf(disk);
    await overwriteStart(disk, 'Dhcp', 3);
    expect(guest.configuration('Dhcp')?.start).toBe(3);
  });

  it('keeps what the guest wrote in a copy that was taken before, and nowhere else', async () => {
    const disk = installedBytes();
    const snapshot = disk.copy({ readOnly: true });
    await overwriteStart(disk, 'Dhcp', 4);
    expect(guestOf(snapshot).configuration('Dhcp')?.start).toBe(2);
    expect(guestOf(disk).configuration('Dhcp')?.start).toBe(4);
  });

  const tools = ['hivexsh', 'mcopy'];
  const withTools = areInstalled(...tools) ? it : it.skip;

  withTools(`is what the guest boots from: a boot flag set by ${tools.join(' and ')}`, () => {
    const disk = installedBytes();
    const { system } = findPartitions(disk);
    const guest = guestOf(disk);
    guest.boot(BOOTED_AT);
    const loader = guest.bootLoader() ?? '';
    guest.shutDown(LATER);

    withFileOf(disk, system, (image) => {
      setSafeBoot(image, loader);
      disk.write(system.start, readFileSync(image));
    });

    guest.boot(LATER + 60_000);
    expect(guest.safeMode()).toBe('Network');
    expect(guest.isAgentAlive(LATER + 600_000)).toBe(false);
  });
});

function guestOf(disk: SparseDisk): WindowsGuest {
  return createWindowsGuest({ mount: (options) => mountContent(disk, options), address: '10.0.0.4' });
}

function stateOf(guest: WindowsGuest) {
  const at = (guest.bootedAt() ?? 0) + 60_000;
  return {
    start: guest.configuration('Dhcp')?.start,
    state: guest.status('Dhcp', at).state,
    addresses: guest.addresses(at),
    agentAlive: guest.isAgentAlive(at),
  };
}

/**
 * Overwrites a service's value `Start` in the raw bytes: the cell is looked up in the hive as the product's readers find it
 * on the disk, and its page is overwritten wherever it stands. Offsets as in msuhanov/regf, "Windows registry file format
 * specification".
 */
async function overwriteStart(disk: SparseDisk, service: string, start: number): Promise<void> {
  const hive = await systemHiveOf(disk);
  const place = placesOf(hive, service)
    .map((at) => placeInNode(hive, at - 76, service))
    .find((found) => found !== undefined);
  if (place === undefined) throw new Error(`No value Start of ${service} was found in the hive.`);
  const page = hive.subarray(place - (place % 4096), place - (place % 4096) + 4096);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(start);
  for (const { offset, length } of disk.allocatedRanges()) {
    for (const at of placesOf(disk.read(offset, length), page)) disk.write(offset + at + (place % 4096), bytes);
  }
}

async function systemHiveOf(disk: SparseDisk): Promise<Buffer> {
  const { windows } = findPartitions(disk);
  const volume = await openVolume(sourceOf(windows.store));
  if (volume.kind !== 'ntfs') throw new Error(`The volume is ${volume.kind}.`);
  const file = await volume.files.openFile('\\Windows\\System32\\config\\SYSTEM');
  return file.source.read(0, file.size);
}

function placesOf(bytes: Buffer, wanted: string | Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) places.push(at);
  return places;
}

function placeInNode(hive: Buffer, node: number, name: string): number | undefined {
  const isNode = node > 0 && hive.toString('latin1', node, node + 2) === 'nk';
  if (!isNode || hive.readUInt16LE(node + 72) !== name.length || hive.readUInt32LE(node + 36) < 5) return undefined;
  const cell = (place: number) => 4096 + hive.readUInt32LE(place) + 4;
  const list = cell(node + 40);
  const values = Array.from({ length: hive.readUInt32LE(node + 36) }, (_, index) => cell(list + 4 * index));
  const start = values.find((value) => valueName(hive, value) === 'Start');
  return start === undefined ? undefined : start + 8;
}

function valueName(bytes: Buffer, value: number): string {
  return bytes.toString('latin1', value + 20, value + 20 + bytes.readUInt16LE(value + 2));
}

/** Sets the flag "safe mode with networking" in the boot store of an EFI system partition. */
function setSafeBoot(image: string, loader: string): void {
  const store = join(dirname(image), 'BCD');
  const script = join(dirname(image), 'script');
  const path = '::/EFI/Microsoft/Boot/BCD';
  expect(run('mcopy', '-i', image, path, store)).toMatchObject({ exitCode: 0 });
  const value = 'hex:3:01,00,00,00,00,00,00,00';
  const elements = `\\Objects\\${loader}\\Elements`;
  writeFileSync(
    script,
    [`cd ${elements}`, 'add 25000080', `cd ${elements}\\25000080`, 'setval 1', 'Element', value, 'commit', ''].join(
      '\n',
    ),
  );
  expect(run('hivexsh', '-w', '-f', script, store)).toMatchObject({ exitCode: 0, errors: '' });
  expect(run('mcopy', '-o', '-i', image, store, path)).toMatchObject({ exitCode: 0 });
}
