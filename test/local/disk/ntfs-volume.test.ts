import { openTemplate } from '../../../local/disk/open-template';
import { openWindowsDisk } from '../../../local/disk/open-volumes';
import { findPartitions } from '../../../local/disk/partitions';
import { openNtfsVolume } from '../../../local/disk/ntfs/open-ntfs-volume';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import {
  directoryOfMany,
  expectEveryFile,
  expectMirror,
  expectToBeSoundForTools,
  productReader,
  windowsOf,
  WINDOWS,
  type DirectoryOfMany,
} from './support/directory-of-many';
import { content } from './support/model';
import { areInstalled, run, withFileOf } from './support/readers-of-others';

const MIB = 1024 ** 2;
const NOW = Date.UTC(2024, 4, 6, 7, 8, 9, 123);
/** Of generation 1. */
const SYSTEM = { start: MIB, size: 500 * MIB };

const itWithTools = areInstalled('ntfsresize', 'ntfs-3g.probe', 'ntfsls', 'ntfsinfo') ? it : it.skip;

function expectUnchanged(disk: SparseDisk, before: SparseDisk): void {
  expect(disk.allocatedRanges()).toEqual(before.allocatedRanges());
  for (const { offset, length } of before.allocatedRanges())
    expect(disk.read(offset, length).equals(before.read(offset, length))).toBe(true);
}

describe('local/disk/ntfs-volume: a directory of some hundred files', () => {
  let many: DirectoryOfMany;

  beforeAll(() => {
    many = directoryOfMany(400);
  });

  it('has every one of them, for us and for the product’s reader', () => expectEveryFile(many));

  it('made the table of files longer, with its first records repeated in the mirror', () => {
    expectMirror(many);
  });

  itWithTools('is sound for ntfsls and ntfsresize, and so is the volume once they are gone', () => {
    expectToBeSoundForTools(many);
  });
});

describe('local/disk/ntfs-volume: what a file’s directory says of it', () => {
  it('is what the file says: times of the given clock, and sizes', async () => {
    const disk = openTemplate('V1');
    const windows = windowsOf(disk);
    windows.writeFile('Windows\\Temp\\a.log', content(100, 1));
    windows.writeAt('Windows\\Temp\\a.log', 9000, content(10, 2));
    const reader = await productReader(disk);
    const entry = (await reader.listDirectory('\\Windows\\Temp')).find(({ name }) => name === 'a.log');
    expect(entry).toEqual({ name: 'a.log', isDirectory: false, size: 9010, modified: new Date(NOW) });
    expect(await reader.openFile('\\Windows\\Temp\\a.log')).toMatchObject({ size: 9010, modified: new Date(NOW) });
    const directory = (await reader.listDirectory('\\Windows')).find(({ name }) => name === 'Temp');
    expect(directory?.modified).toEqual(new Date(NOW));
  });

  it('reads as zeros between the old end of a file and what is written behind it', () => {
    const windows = windowsOf(openTemplate('V1'));
    windows.writeFile('hole.bin', Buffer.from('start'));
    windows.writeAt('hole.bin', 100_000, Buffer.from('end'));
    const bytes = windows.readFile('hole.bin') ?? Buffer.alloc(0);
    expect([bytes.length, bytes.toString('latin1', 0, 5), bytes.toString('latin1', 100_000)]).toEqual([
      100_003,
      'start',
      'end',
    ]);
    expect(bytes.subarray(5, 100_000).equals(Buffer.alloc(99_995))).toBe(true);
  });
});

describe('local/disk/ntfs-volume: a running Windows', () => {
  const states = [
    { title: 'a started one', marks: [true], logFile: 'unclean', probe: 15 },
    { title: 'one that was shut down', marks: [true, false], logFile: 'clean', probe: 0 },
    { title: 'one that was started again', marks: [true, false, true], logFile: 'unclean', probe: 15 },
  ];

  it.each(states)('is seen from its log file: $title', async ({ marks, logFile }) => {
    const disk = openTemplate('V1');
    for (const isMounted of marks) openWindowsDisk(disk).markMounted(isMounted);
    expect(await (await productReader(disk)).readState()).toMatchObject({ logFile, isMarkedDirty: false });
  });

  it('that marked its volume for a check is believed, whatever its log file says', async () => {
    const disk = openTemplate('V1');
    const { windows } = openWindowsDisk(disk);
    expect(windows.isMarkedDirty()).toBe(false);
    windows.markDirty();
    expect(windows.isMarkedDirty()).toBe(true);
    expect(await (await productReader(disk)).readState()).toMatchObject({ isMarkedDirty: true });
  });

  itWithTools.each(states)('is seen by ntfs-3g’s probe on both volumes: $title', ({ marks, probe }) => {
    const disk = openTemplate('V1');
    for (const isMounted of marks) openWindowsDisk(disk).markMounted(isMounted);
    for (const place of [WINDOWS, SYSTEM])
      withFileOf(disk, place, (image) => {
        expect(run('ntfs-3g.probe', '--readwrite', image).exitCode).toBe(probe);
      });
  });
});

describe('local/disk/ntfs-volume: what cannot be done', () => {
  it('leaves the disk as it was: a full volume', () => {
    const disk = openTemplate('V1');
    const { system } = openWindowsDisk(disk);
    system.writeFile('Boot\\some.bin', content(5000, 1));
    const before = disk.copy();
    expect(() => {
      system.writeAt('Boot\\some.bin', 600 * MIB, Buffer.of(1));
    }).toThrow('The volume is full');
    expectUnchanged(disk, before);
    expect(system.readFile('Boot\\some.bin')?.equals(content(5000, 1))).toBe(true);
  });

  it('leaves the disk as it was: a file in more pieces than its record has room for', async () => {
    const disk = openTemplate('V1');
    const windows = windowsOf(disk);
    windows.writeFile('one.bin', Buffer.alloc(0));
    windows.writeFile('two.bin', Buffer.alloc(0));
    let pieces = 0;
    let before = disk.copy();
    expect(() => {
      for (; pieces < 1000; pieces += 1) {
        before = disk.copy();
        windows.writeAt('one.bin', pieces * 4096, Buffer.alloc(4096, pieces));
        windows.writeAt('two.bin', pieces * 4096, Buffer.alloc(4096, pieces));
      }
    }).toThrow('is full (names or pieces of the file)');
    expect(pieces).toBeGreaterThan(100);
    expectUnchanged(disk, before);
    const expected = Buffer.concat(Array.from({ length: pieces }, (_, piece) => Buffer.alloc(4096, piece)));
    const { source, size } = await (await productReader(disk)).openFile('\\one.bin');
    expect((await source.read(0, size)).equals(expected)).toBe(true);
  });

  it('leaves the disk as it was: a torn record on the way', () => {
    const disk = openTemplate('V1');
    const windows = windowsOf(disk);
    windows.writeFile('torn.bin', content(5000, 1));
    const { store } = findPartitions(disk).windows;
    const table = Number(store.read(48, 8).readBigUInt64LE(0)) * 4096;
    const root = table + 5 * 1024;
    store.write(root + 510, Buffer.of(0xee, 0xee));
    const before = disk.copy();
    expect(() => {
      openNtfsVolume(store).writeFile('new.bin', content(10, 1));
    }).toThrow('torn');
    expectUnchanged(disk, before);
  });

  it('is said: the volume’s own files, which a path must not reach', () => {
    const windows = windowsOf(openTemplate('V1'));
    for (const path of ['$MFT', '$LogFile', '$Extend\\a'])
      expect(() => {
        windows.writeFile(path, content(10, 1));
      }).toThrow('belongs to the volume itself');
    expect(windows.list('')).not.toContain('$MFT');
  });

  it('is said: a snapshot, a missing directory, a directory where a file was meant, a name that Windows refuses', () => {
    const disk = openTemplate('V2');
    const attempts = (readOnly: boolean) => openWindowsDisk(disk.copy({ readOnly }));
    for (const which of ['windows', 'system'] as const) {
      const directory = which === 'windows' ? 'Windows\\Temp' : 'EFI\\Boot';
      const write = (path: string, readOnly = false) => {
        attempts(readOnly)[which].writeFile(path, content(10, 1));
      };
      expect(() => {
        write(`${directory}\\a`, true);
      }).toThrow('read-only');
      expect(() => {
        write(`${directory}\\missing\\a`);
      }).toThrow('there is no directory');
      expect(() => {
        write(directory);
      }).toThrow('is a directory');
      expect(() => {
        attempts(false)[which].deleteFile(directory);
      }).toThrow('is a directory');
      expect(() => {
        write(`${directory}\\what?`);
      }).toThrow('does not allow the name "what?"');
      expect(() => {
        attempts(false)[which].writeAt(`${directory}\\none`, 0, Buffer.of(1));
      }).toThrow('no such file');
      const opened = attempts(false)[which];
      opened.writeFile(`${directory}\\file`, content(10, 1));
      expect(() => {
        opened.makeDirectory(`${directory}\\file\\below`);
      }).toThrow('is a file');
      expect([opened.readFile(`${directory}\\none`), opened.list(`${directory}\\none`)]).toEqual([
        undefined,
        undefined,
      ]);
      opened.deleteFile(`${directory}\\none`);
    }
  });
});
