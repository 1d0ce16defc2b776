/**
 * What Windows writes into the System log when it starts and when it goes down. Fields, types and order: a real log
 * (omerbenamram/evtx:samples/system.evtx, Windows 10), except where a source is named.
 */
import { toFileTime } from '../disk/file-time';
import { safeModes, type BootChoice } from './boot-manager';
import type { DiskContent, EventDatum, EventRecord } from './content';
import { windowsVersion } from './default-content';
import { numberOf } from './service-configuration';
import { localSystemSid, type LogContext } from './system-log';

/** Says "the last shutdown was not a clean one" while Windows runs, and is cleared when it goes down. */
const reliability = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Reliability';

/** Classic event sources have qualifiers and no GUID, the kernel's have a GUID and no qualifiers. */
const eventLog = { provider: 'EventLog', providerGuid: '', eventSourceName: '', qualifiers: 32768 };
const kernel = (name: string, providerGuid: string) => ({
  provider: `Microsoft-Windows-Kernel-${name}`,
  providerGuid,
  eventSourceName: '',
  qualifiers: 0,
  userSid: localSystemSid,
});
const kernelGeneral = kernel('General', '{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}');
const kernelBoot = kernel('Boot', '{15ca44ff-4d7a-4baa-bba5-0998955e531e}');
const kernelPower = kernel('Power', '{331c3b3a-2005-44c2-ac5e-77220c37d6b4}');

type Source = Pick<EventRecord, 'provider' | 'providerGuid' | 'eventSourceName' | 'qualifiers' | 'userSid'>;

/** Writes the records of a start: unclean end of the last run if there was one, versions, boot mode, load options. */
export function recordBoot(log: LogContext, at: number, choice: BootChoice): void {
  const wasUnclean = isMarkedRunning(log.content);
  if (wasUnclean) recordUncleanShutdown(log, at);
  markRunning(log.content, true);
  const { build, updateRevision } = windowsVersion;
  append(log, at, eventLog, 6009, unnamed('10.00.', String(build), '', 'Multiprocessor Free', '0'));
  append(log, at, eventLog, 6005, []);
  // BootMode 0 is a normal boot, 1 to 3 are the safe modes: https://knowledge.broadcom.com/external/article/161964 ;
  // assumed: in the order in which the kernel counts them.
  const bootMode = choice.safeMode ? safeModes.indexOf(choice.safeMode) + 1 : 0;
  append(log, at, kernelGeneral, 12, [
    { name: 'MajorVersion', type: 'uint32', value: 10 },
    { name: 'MinorVersion', type: 'uint32', value: 0 },
    { name: 'BuildVersion', type: 'uint32', value: build },
    { name: 'QfeVersion', type: 'uint32', value: updateRevision },
    { name: 'ServiceVersion', type: 'uint16', value: 0 },
    { name: 'BootMode', type: 'uint32', value: bootMode },
    { name: 'StartTime', type: 'filetime', value: at },
  ]);
  append(log, at, kernelBoot, 27, [
    { name: 'BootType', type: 'uint32', value: 0 },
    { name: 'LoadOptions', type: 'string', value: choice.loadOptions },
  ]);
  if (wasUnclean) recordPowerLoss(log, at);
}

/**
 * What the kernel leaves in the registry at every boot, whatever the log does: it makes the volatile link `CurrentControlSet`, which
 * renews the hive's root (reactos/reactos:ntoskrnl/config/cmsysini.c, cmparse.c), and counts the boot. Times as in the SYSTEM
 * hive of mkorman90/regipy.
 */
export function countBoot(content: DiskContent, controlSet: string, at: number): void {
  const key = `${controlSet}\\Control\\Session Manager\\Memory Management\\PrefetchParameters`;
  const bootId = (numberOf(content.readValue(key, 'BootId')) ?? 0) + 1;
  content.renewKey('SYSTEM', at);
  content.writeValue(key, 'BootId', { type: 'REG_DWORD', data: bootId }, at);
}

/** `ShutdownTime`, which only a clean shutdown writes: https://4n6post.com/2023/03/registry-computer-restarts-shutdown.html. */
export function writeShutdownTime(content: DiskContent, controlSet: string, at: number): void {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(toFileTime(at));
  content.writeValue(`${controlSet}\\Control\\Windows`, 'ShutdownTime', { type: 'REG_BINARY', data }, at);
}

/** Writes the records of a clean shutdown, and takes the mark of a running Windows away. */
export function recordShutdown(log: LogContext, at: number): void {
  append(log, at, eventLog, 6006, []);
  append(log, at, { ...kernelGeneral, userSid: undefined }, 13, [{ name: 'StopTime', type: 'filetime', value: at }]);
  markRunning(log.content, false);
}

/** The word of event 1074 for a restart; German and French are assumed. */
const restartWords = {
  'en-US': 'restart',
  'de-DE': 'Neu starten',
  'fr-FR': 'redémarrer',
  'ru-RU': 'перезагрузка',
  'zh-CN': '重新启动',
} as const;
const powerOffWords = {
  'en-US': 'power off',
  'de-DE': 'Ausschalten',
  'fr-FR': 'mettre hors tension',
  'ru-RU': 'выключение питания',
  'zh-CN': '关闭电源',
} as const;

/** Event 1074 of User32: who asked for a restart or a shutdown, by `shutdown.exe`. */
export function recordShutdownRequest(log: LogContext, at: number, kind: 'restart' | 'shutdown'): void {
  const words = kind === 'restart' ? restartWords : powerOffWords;
  const user32 = {
    provider: 'User32',
    providerGuid: '{b0aa8734-56f7-41cc-b2f4-de228e98b946}',
    eventSourceName: 'User32',
    qualifiers: 32768,
    userSid: localSystemSid,
  };
  const values = [
    `C:\\Windows\\system32\\shutdown.exe (${log.computerName})`,
    log.computerName,
    'No title for this reason could be found',
    '0x800000ff',
    words[log.language],
    '',
    'NT AUTHORITY\\SYSTEM',
  ];
  const data = values.map((value, index): EventDatum => ({ name: `param${index + 1}`, type: 'string', value }));
  append(log, at, user32, 1074, data);
}

/**
 * Event 6008: time and date of the last sign of life. assumed: that of the last record; Windows keeps a stamp of its
 * own. Form: a public record of an American machine.
 */
function recordUncleanShutdown(log: LogContext, at: number): void {
  const lastSeen = new Date(log.content.events().at(-1)?.at ?? at);
  const inUtc = { timeZone: 'UTC' };
  const time = lastSeen.toLocaleTimeString(log.language, inUtc);
  const date = lastSeen.toLocaleDateString(log.language, inUtc);
  append(log, at, eventLog, 6008, unnamed(time, date, '', '', '', '', ''), 2);
}

/** Event 41: rebooted without a clean shutdown. Of its fields those that a record here can hold; all are 0. */
function recordPowerLoss(log: LogContext, at: number): void {
  const names = ['BugcheckCode', 'SleepInProgress', 'BootAppStatus'];
  const data = names.map((name): EventDatum => ({ name, type: 'uint32', value: 0 }));
  append(log, at, kernelPower, 41, data, 1);
}

function append(
  { content, computerName }: LogContext,
  at: number,
  source: Source,
  eventId: number,
  data: readonly EventDatum[],
  level = 4,
): void {
  content.appendEvent({ ...source, eventId, level, at, computer: computerName, data });
}

/** The event log's own records have values without names. */
function unnamed(...values: string[]): EventDatum[] {
  return values.map((value) => ({ name: '', type: 'string', value }));
}

function isMarkedRunning(content: DiskContent): boolean {
  return numberOf(content.readValue(reliability, 'DirtyShutdown')) === 1;
}

function markRunning(content: DiskContent, isRunning: boolean): void {
  content.writeValue(reliability, 'DirtyShutdown', { type: 'REG_DWORD', data: isRunning ? 1 : 0 });
}
