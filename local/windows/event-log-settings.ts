/** How the event log service keeps the System log, by the registry of the next boot. */
import type { DiskContent } from './content';
import { controlSetPath, numberOf, textOf } from './service-configuration';

/** https://learn.microsoft.com/windows/win32/eventlog/eventlog-key: `File`, `MaxSize` in bytes, `Retention`. */
export interface EventLogSettings {
  /** From the root of the Windows volume; undefined if the log is on another disk or machine, which is not simulated. */
  file: string | undefined;
  /** Nothing is written. */
  isOff: boolean;
  /** At most so many chunks of 64 KiB. */
  chunks: number;
  /**
   * A full log takes no more records: https://mskb.pkisolutions.com/kb/312571 has what `AutoBackupLogFiles` changes. One that is put
   * aside by itself goes around here instead of going on in a new file: the newest records are where they would be.
   */
  isKept: boolean;
}

const policyKey = 'SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\System';
const usualSize = 20 * 1024 * 1024;
const disabled = 4;

export function eventLogSettings(content: DiskContent): EventLogSettings {
  const set = controlSetPath(content, 'Default');
  const key = `${set}\\Services\\EventLog\\System`;
  const own = (name: string) => content.readValue(key, name);
  const policy = (name: string) => content.readValue(policyKey, name);
  const isOn = (name: string) => {
    const value = policy(name) ?? own(name);
    return Number(numberOf(value) ?? textOf(value) ?? 0) !== 0;
  };
  const kibibytes = numberOf(policy('MaxSize'));
  const size = kibibytes === undefined ? (numberOf(own('MaxSize')) ?? usualSize) : kibibytes * 1024;
  return {
    file: fileOnDisk(textOf(policy('File')) ?? textOf(own('File'))),
    // Source of the session: https://attack.mitre.org/techniques/T1562/002
    isOff:
      numberOf(content.readValue(`${set}\\Services\\EventLog`, 'Start')) === disabled ||
      numberOf(content.readValue(`${set}\\Control\\WMI\\Autologger\\EventLog-System`, 'Start')) === 0,
    chunks: Math.max(1, Math.floor(size / 65_536)),
    isKept: isOn('Retention') && !isOn('AutoBackupLogFiles'),
  };
}

/** The only drive that a simulated Windows has of its own disk is C:. */
function fileOnDisk(file = '%SystemRoot%\\System32\\winevt\\Logs\\System.evtx'): string | undefined {
  const path = file.replace(/^%(?:systemroot|windir)%\\/iu, 'C:\\Windows\\').replace(/^%systemdrive%\\/iu, 'C:\\');
  return /^c:\\./iu.test(path) ? path.slice(3) : undefined;
}
