import fc from 'fast-check';
import { readWindowsPath } from '../../../src/guest/snapshot-disk/windows-path';

const root = String.raw`\Windows`;
const log = String.raw`\Windows\System32\winevt\Logs\System.evtx`;
const raw = String.raw;

describe('guest/snapshot-disk/windows-path: a path of the registry', () => {
  it.each([
    [raw`%SystemRoot%\System32\winevt\Logs\System.evtx`, { kind: 'windows-volume', path: log }],
    [
      raw`%SYSTEMROOT%\system32\winevt\Logs\System.evtx`,
      { kind: 'windows-volume', path: raw`\Windows\system32\winevt\Logs\System.evtx` },
    ],
    [raw`%windir%\x.evtx`, { kind: 'windows-volume', path: raw`\Windows\x.evtx` }],
    [raw`%SystemDrive%\Logs\System.evtx`, { kind: 'windows-volume', path: raw`\Logs\System.evtx` }],
    [raw`\SystemRoot\System32\x.evtx`, { kind: 'windows-volume', path: raw`\Windows\System32\x.evtx` }],
    [raw`C:\Logs\System.evtx`, { kind: 'drive', letter: 'C', path: raw`\Logs\System.evtx` }],
    [raw`d:/Logs/./old/../System.evtx `, { kind: 'drive', letter: 'D', path: raw`\Logs\System.evtx` }],
    [raw`\\?\E:\System.evtx`, { kind: 'drive', letter: 'E', path: raw`\System.evtx` }],
    [raw`\??\F:\System.evtx`, { kind: 'drive', letter: 'F', path: raw`\System.evtx` }],
    [
      raw`\\?\Volume{656B1715-ecf6-11df-92e6-806e6f6e6963}\System.evtx`,
      { kind: 'volume', id: '{656b1715-ecf6-11df-92e6-806e6f6e6963}', path: raw`\System.evtx` },
    ],
  ])('that leads somewhere is followed: %s', (text, expected) => {
    expect(readWindowsPath(text, root)).toEqual(expected);
  });

  it.each([
    [raw`\\logs.contoso.com\vm\System.evtx`, 'network'],
    [raw`\\?\UNC\logs\vm\System.evtx`, 'network'],
    [raw`\Device\HarddiskVolume4\System.evtx`, 'device'],
    [raw`\\.\PhysicalDrive1`, 'device'],
    [raw`%ProgramData%\System.evtx`, 'variable'],
    [raw`%LOGS%\System.evtx`, 'variable'],
    ['System.evtx', 'relative'],
    [raw`Logs\System.evtx`, 'relative'],
    ['D:System.evtx', 'relative'],
    ['', 'malformed'],
    ['  ', 'malformed'],
    [raw`C:\ `, 'malformed'],
    [raw`%SystemRoot%`, 'malformed'],
    [raw`C:\Logs\System.evtx:stream`, 'malformed'],
    [raw`C:\%x%\System.evtx`, 'malformed'],
    [`C:\\${'a'.repeat(2000)}`, 'malformed'],
  ])('that leads nowhere on the disk says why: %s', (text, code) => {
    expect(readWindowsPath(text, root)).toEqual({ kind: 'elsewhere', code });
  });

  it('never leads out of its volume, whatever it says', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', 'Logs', '%SystemRoot%', 'C:', '', '?', 'UNC'),
      fc.string({ maxLength: 6 }),
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('\\')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const found = readWindowsPath(given, root);
        if (found.kind === 'elsewhere') return;
        expect(found.path.startsWith('\\')).toBe(true);
        expect(found.path.split('\\').slice(1)).not.toEqual(expect.arrayContaining(['..']));
        expect(
          found.path
            .split('\\')
            .slice(1)
            .every((name) => name !== '' && name !== '.'),
        ).toBe(true);
      }),
    );
  });
});
