import { openTemplate } from '../../../local/disk/open-template';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import type { DiskContent, EventRecord, RegistryData } from '../../../local/windows/content';
import { mountContent } from '../../../local/windows/disk-content';
import { readEvents } from '../../../src/disk/event-log/read-events';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { openHive, type Hive } from '../../../src/disk/registry/hive';
import type { FileVolume } from '../../../src/disk/volumes/file-volume';
import { openVolume } from '../../../src/disk/volumes/open-volume';
import { sliceSource } from '../../../src/disk/byte-source';
import { sourceOf } from '../disk/support/readers-of-others';

const dhcp = 'SYSTEM\\ControlSet001\\Services\\Dhcp';
const generations = ['V1', 'V2'] as const;
const bootStores = { V1: 'Boot\\BCD', V2: 'EFI\\Microsoft\\Boot\\BCD' };
const logFile = 'Windows\\System32\\winevt\\Logs\\System.evtx';
const systemHive = 'Windows\\System32\\config\\SYSTEM';

const started: EventRecord = {
  provider: 'Service Control Manager',
  providerGuid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
  eventSourceName: 'Service Control Manager',
  eventId: 7036,
  qualifiers: 16_384,
  level: 4,
  at: Date.UTC(2024, 2, 1),
  computer: 'VM-ONE',
  data: [
    { name: 'param1', type: 'string', value: 'DHCP Client' },
    { name: '', type: 'string', value: 'running' },
  ],
  binary: new Uint8Array(Buffer.from('Dhcp/4\0', 'utf16le')),
};

/** What the product's readers, which share no code with the simulator, find on the disk that has this file. */
async function volumeWith(disk: SparseDisk, path: string): Promise<FileVolume> {
  const source = sourceOf(disk);
  for (const { start, size } of (await readPartitions(source)).partitions) {
    const volume = await openVolume(sliceSource(source, start, size));
    if (!('files' in volume)) continue;
    const isThere = await volume.files.openFile(path).then(
      () => true,
      () => false,
    );
    if (isThere) return volume.files;
  }
  throw new Error(`no volume of the disk has ${path}`);
}

async function hiveOf(disk: SparseDisk, path: string): Promise<Hive> {
  const volume = await volumeWith(disk, path);
  const [primary, log1, log2] = await Promise.all(
    ['', '.LOG1', '.LOG2'].map(async (suffix) => (await volume.openFile(path + suffix)).source),
  );
  if (!primary || !log1 || !log2) throw new Error('a hive has three files');
  return openHive(primary, { log1, log2 });
}

async function eventsOf(disk: SparseDisk) {
  const { source } = await (await volumeWith(disk, logFile)).openFile(logFile);
  return readEvents(source, {
    providers: [{ name: started.provider }],
    from: new Date('2000-01-01'),
    to: new Date('2100-01-01'),
    limit: 1000,
  });
}

function dword(data: number): RegistryData {
  return { type: 'REG_DWORD', data };
}

function fill(content: DiskContent): void {
  content.writeValue(dhcp, 'Start', dword(2));
  content.writeValue('SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', 'ProductName', {
    type: 'REG_SZ',
    data: 'Windows',
  });
  content.writeValue('BCD\\Objects\\{x}\\Elements\\12000004', 'Element', { type: 'REG_SZ', data: 'Windows Server' });
  content.appendEvent(started);
  content.writeFile('Windows\\Temp\\a.txt', 'Grüße\r\n');
}

describe.each(generations)('local/windows/disk-content: a mounted Windows disk of generation %s', (generation) => {
  it('holds what was written, for whoever mounts it next, without a flush: a power cut loses nothing', () => {
    const disk = openTemplate(generation);
    fill(mountContent(disk));
    const content = mountContent(disk);
    expect(content.readValue(dhcp.toLowerCase(), 'START')).toEqual(dword(2));
    expect(content.subkeys('BCD\\Objects')).toEqual(['{x}']);
    expect(content.events()).toEqual([started]);
    expect(content.readFile('Windows\\TEMP\\A.txt')).toBe('Grüße\r\n');
  });

  it('looks to the product as a running Windows does: dirty hives with logs, a log in use, and all of it there', async () => {
    const disk = openTemplate(generation);
    fill(mountContent(disk));
    const system = await hiveOf(disk, systemHive);
    expect(system.recovery.state).toBe('recovered');
    const service = await system.findKey(['ControlSet001', 'Services', 'Dhcp']);
    expect(await service?.value('Start')).toMatchObject({ type: 'REG_DWORD', number: 2 });
    const bootStore = await hiveOf(disk, bootStores[generation]);
    expect(bootStore.recovery.state).toBe('recovered');
    const element = await bootStore.findKey(['Objects', '{x}', 'Elements', '12000004']);
    expect(await element?.value('Element')).toMatchObject({ text: 'Windows Server' });
    const log = await eventsOf(disk);
    expect(log).toMatchObject({ isDirty: true, problems: [] });
    expect(log.events).toMatchObject([{ eventId: 7036, parameters: [{ name: 'param1' }, { value: 'running' }] }]);
  });

  it('is clean in all its parts after a flush', async () => {
    const disk = openTemplate(generation);
    const content = mountContent(disk);
    fill(content);
    content.flush();
    for (const path of [systemHive, 'Windows\\System32\\config\\SOFTWARE', bootStores[generation]]) {
      expect((await hiveOf(disk, path)).recovery).toEqual({ state: 'clean' });
    }
    const log = await eventsOf(disk);
    expect({ isDirty: log.isDirty, events: log.events.length }).toEqual({ isDirty: false, events: 1 });
    expect(mountContent(disk).events()).toEqual([started]);
  });

  it('has its dirty hives made clean by the next mount, as Windows does when it loads them', async () => {
    const disk = openTemplate(generation);
    fill(mountContent(disk));
    mountContent(disk);
    expect((await hiveOf(disk, systemHive)).recovery).toEqual({ state: 'clean' });
  });

  it('is read the same without a byte written to it when it is a snapshot', () => {
    const disk = openTemplate(generation);
    fill(mountContent(disk));
    const snapshot = mountContent(disk.copy({ readOnly: true }), { readOnly: true });
    expect(snapshot.readValue(dhcp, 'Start')).toEqual(dword(2));
    expect(snapshot.events()).toEqual([started]);
    expect(() => snapshot.writeValue(dhcp, 'Start', dword(4))).toThrow('read-only');
    expect(() => snapshot.deleteKey(dhcp)).toThrow('read-only');
    expect(() => snapshot.appendEvent(started)).toThrow('read-only');
    expect(() => snapshot.writeFile('a.txt', '')).toThrow('read-only');
    expect(() => snapshot.deleteFile('a.txt')).toThrow('read-only');
    expect(snapshot.readValue(dhcp, 'Start')).toEqual(dword(2));
  });
});

describe('local/windows/disk-content: a disk content', () => {
  it('of a new disk is empty, and stays unwritten until something is changed', () => {
    const disk = openTemplate('V2');
    const before = disk.allocatedBytes;
    const content = mountContent(disk);
    expect(content.hasKey('SYSTEM')).toBe(false);
    expect(content.subkeys('BCD\\Objects')).toEqual([]);
    expect(content.values(dhcp)).toEqual([]);
    expect(content.events()).toEqual([]);
    expect(content.readFile('Windows\\no-such-file')).toBeUndefined();
    content.flush();
    expect(disk.allocatedBytes).toBe(before);
    expect(mountContent(disk.copy({ readOnly: true }), { readOnly: true }).hasKey('SYSTEM')).toBe(false);
  });

  it.each<[string, RegistryData]>([
    ['text', { type: 'REG_SZ', data: 'Größe 漢字' }],
    ['no text', { type: 'REG_SZ', data: '' }],
    ['text with variables', { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\system32' }],
    ['texts', { type: 'REG_MULTI_SZ', data: ['NSI', 'Tdx', 'Afd'] }],
    ['no texts', { type: 'REG_MULTI_SZ', data: [] }],
    ['a number', dword(0xffff_ffff)],
    ['a long number', { type: 'REG_QWORD', data: 0xfedc_ba98_7654_3210n }],
    ['bytes', { type: 'REG_BINARY', data: new Uint8Array([0, 1, 255]) }],
    ['no bytes', { type: 'REG_BINARY', data: new Uint8Array() }],
  ])('gives registry data back as it was written: %s', (_title, data) => {
    const disk = openTemplate('V2');
    mountContent(disk).writeValue('SYSTEM\\Key', '', data);
    const content = mountContent(disk);
    expect(content.readValue('system\\KEY', '')).toEqual(data);
    expect(content.values('SYSTEM\\Key')).toEqual([{ name: '', ...data }]);
  });

  it('deletes values, keys and files; what is not there is fine', () => {
    const disk = openTemplate('V1');
    const content = mountContent(disk);
    fill(content);
    content.writeValue(dhcp, 'Type', dword(32));
    content.deleteValue(dhcp, 'start');
    content.deleteValue(dhcp, 'no such value');
    expect(content.values(dhcp)).toEqual([{ name: 'Type', ...dword(32) }]);
    content.deleteKey('SYSTEM\\ControlSet001');
    content.deleteKey('SYSTEM\\no such key');
    content.deleteFile('windows\\temp\\A.TXT');
    content.deleteFile('windows\\no such file');
    const after = mountContent(disk);
    expect([after.subkeys('SYSTEM'), after.readFile('Windows\\Temp\\a.txt')]).toEqual([[], undefined]);
  });

  it('stamps keys with the guest’s clock', async () => {
    const disk = openTemplate('V2');
    mountContent(disk, { now: () => started.at }).writeValue(dhcp, 'Start', dword(4));
    const key = await (await hiveOf(disk, systemHive)).findKey(['ControlSet001', 'Services', 'Dhcp']);
    expect(key?.lastWritten).toEqual(new Date(started.at));
  });

  it('takes several changes as one write of the log', async () => {
    const disk = openTemplate('V2');
    const content = mountContent(disk);
    content.writeValue(dhcp, 'Start', dword(2));
    content.inOneWrite(() => {
      for (let index = 0; index < 50; index += 1) content.writeValue(`${dhcp}\\k${index}`, 'x', dword(index));
      content.inOneWrite(() => content.deleteKey(`${dhcp}\\k7`));
    });
    expect((await hiveOf(disk, systemHive)).recovery).toMatchObject({ logs: [{ name: 'LOG1', entries: 2 }] });
    expect(mountContent(disk).subkeys(dhcp)).toHaveLength(49);
  });

  it('writes what was changed before a fault, as Windows would', () => {
    const disk = openTemplate('V2');
    const content = mountContent(disk);
    expect(() =>
      content.inOneWrite(() => {
        content.writeValue(dhcp, 'Start', dword(3));
        content.writeValue(dhcp, 'DependOnService', { type: 'REG_MULTI_SZ', data: ['a', ''] });
      }),
    ).toThrow('empty text');
    expect(mountContent(disk).values(dhcp)).toEqual([{ name: 'Start', ...dword(3) }]);
  });

  it('says which hives there are when none is named', () => {
    const content = mountContent(openTemplate('V2'));
    expect(() => content.writeValue('SAM\\x', 'y', dword(1))).toThrow('No hive is named in "SAM\\\\x"');
    expect(content.hasKey('SAM')).toBe(false);
  });
});
