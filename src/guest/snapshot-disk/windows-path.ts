/**
 * What a path in a Windows' registry means for whoever holds its disk and not the machine: pure. Forms:
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file, https://learn.microsoft.com/dotnet/standard/io/file-path-formats
 */

/** Where a path leads. Paths begin with `\` and count from the root of their volume. */
export type WindowsPath =
  /** Named by the Windows directory or the drive that Windows is on: on the volume of Windows. */
  | { kind: 'windows-volume'; path: string }
  | { kind: 'drive'; letter: string; path: string }
  /** `id`: `{guid}`, lower case, as the mount manager calls the volume. */
  | { kind: 'volume'; id: string; path: string }
  | { kind: 'elsewhere'; code: ElsewhereCode };

/** Why a path leads nowhere on the disk. */
export const elsewhere = {
  network: 'it is on another machine',
  device: 'it names a device, whose number only the running Windows gives',
  variable: 'it has a variable whose value is not on the disk',
  relative: 'it is not a whole path',
  malformed: 'it is no path',
} as const;
export type ElsewhereCode = keyof typeof elsewhere;

/** Longer paths exist; none that an event log is given has them. */
const longestPath = 1000;
/** Characters that no name on a Windows volume has; `:` would name a stream of a file. */
const unfit = /[\p{Cc}<>:"|?*%]/u;

const volumeName = /^volume(\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})(\\.*)$/iu;

/**
 * Reads a path as the registry has it: `%SystemRoot%\…`, `D:\Logs\System.evtx`, `\\server\share\…`, `\\?\…`. `root` is the
 * directory of Windows on its volume, `\Windows`.
 */
export function readWindowsPath(text: string, root: string): WindowsPath {
  const path = text.trim().replaceAll('/', '\\');
  if (path === '' || path.length > longestPath) return { kind: 'elsewhere', code: 'malformed' };
  const variable = /^%([^%\\]+)%(.*)$/u.exec(path);
  if (variable) {
    const [, name = '', rest = ''] = variable;
    const base = { systemroot: root, windir: root, systemdrive: '' }[name.toLowerCase()];
    return base === undefined ? { kind: 'elsewhere', code: 'variable' } : onWindowsVolume(base, rest);
  }
  const native = /^\\systemroot(\\.*)$/iu.exec(path);
  if (native) return onWindowsVolume(root, native[1] ?? '');
  const verbatim = /^\\(?:\\\?|\\\.|\?\?)\\(.*)$/u.exec(path);
  if (verbatim) return readVerbatim(verbatim[1] ?? '');
  if (path.startsWith('\\\\')) return { kind: 'elsewhere', code: 'network' };
  if (/^\\device\\/iu.test(path)) return { kind: 'elsewhere', code: 'device' };
  return readDrive(path);
}

/** What stands behind `\\?\`, `\\.\` and `\??\`. */
function readVerbatim(rest: string): WindowsPath {
  const volume = volumeName.exec(rest);
  if (volume) {
    const [, id = '', path = ''] = volume;
    return placed(path, (told) => ({ kind: 'volume', id: id.toLowerCase(), path: told }));
  }
  if (/^unc\\/iu.test(rest)) return { kind: 'elsewhere', code: 'network' };
  return /^[a-z]:/iu.test(rest) ? readDrive(rest) : { kind: 'elsewhere', code: 'device' };
}

function readDrive(path: string): WindowsPath {
  const drive = /^([a-z]):(\\.*)$/iu.exec(path);
  if (!drive) return { kind: 'elsewhere', code: 'relative' };
  const [, letter = '', rest = ''] = drive;
  return placed(rest, (told) => ({ kind: 'drive', letter: letter.toUpperCase(), path: told }));
}

function onWindowsVolume(base: string, rest: string): WindowsPath {
  if (!rest.startsWith('\\')) return { kind: 'elsewhere', code: 'malformed' };
  return placed(base + rest, (path) => ({ kind: 'windows-volume', path }));
}

/** `.` and `..` taken out, as Windows does before it opens a file; nothing leads above the root. */
function placed(path: string, make: (path: string) => WindowsPath): WindowsPath {
  const names: string[] = [];
  for (const name of path.split('\\')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  if (names.length === 0 || names.some((name) => unfit.test(name))) return { kind: 'elsewhere', code: 'malformed' };
  return make(`\\${names.join('\\')}`);
}
