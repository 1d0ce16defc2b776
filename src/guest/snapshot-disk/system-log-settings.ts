import type { WeighedFact } from '../evidence';
import type { Key } from '../../disk/registry/key';
import { plainText } from '../plain-text';
import { keyBelow, numberIn, textIn, type CurrentHive } from './current-hive';
import { attemptHere, reasonOf, weighed } from './finding';
import { keyPlace, type ControlSet, type Windows } from './windows';

/**
 * What the registry says of the System log: where it is, whether it is written, and what happens when it is full. A policy comes
 * before the log's own key. Sources: https://learn.microsoft.com/windows/win32/eventlog/eventlog-key (`File`, `Retention`,
 * `MaxSize` in bytes, and the default path), https://mskb.pkisolutions.com/kb/312571 (`AutoBackupLogFiles`),
 * EventLog.admx for the policies (`File`; `Retention` and `AutoBackupLogFiles` as the text `1`; `MaxSize` in KiB).
 */
export interface SystemLogSettings {
  /** `File`, as it stands; undefined if nothing says it, and the log is at its default path. */
  file?: { text: string; fact: WeighedFact };
  /** Why it is not written. */
  off?: WeighedFact;
  /** Set if a full log takes no more records: nothing is written over, and it is not put aside by itself. */
  retains?: WeighedFact;
  /** In bytes. */
  maxSize: number;
  cautions: string[];
}

const logKey = ['Services', 'EventLog', 'System'];
const serviceKey = ['Services', 'EventLog'];
const policyKey = ['Policies', 'Microsoft', 'Windows', 'EventLog', 'System'];
/** assumed: that the channel of a classic log is switched here, too; wevtutil keeps what it is told of the others here. */
const channelKey = ['Microsoft', 'Windows', 'CurrentVersion', 'WINEVT', 'Channels', 'System'];
/**
 * The session that carries the kernel's records to this log; with `Start` 0 it is not started at boot, and the log stays silent:
 * https://attack.mitre.org/techniques/T1562/002
 */
const sessionKey = ['Control', 'WMI', 'Autologger', 'EventLog-System'];
/** assumed: no document; where this key exists the event log service takes Windows for a Windows PE, and writes nothing. */
const windowsPeKey = ['Control', 'MiniNt'];

const disabled = 4;
/** 20 MiB, the System log's size unless something says otherwise (eventlog-key, as above). */
const usualSize = 20 * 1024 * 1024;
const longestPath = 300;

interface Setting {
  says: string;
  key: Key;
  place: string;
}

/**
 * Reads them from the control set that the last boot took, because that is what the log was written by. A registry that can't be read
 * leaves the default, and says so. Throws an UnreadableError only for what concerns the disk as a whole.
 */
export async function readSystemLogSettings(windows: Windows): Promise<SystemLogSettings> {
  const settings = await attemptHere(settingsBy(windows));
  if (settings.ok) return settings.value;
  const unknown = `where the registry has the System log is not known (${reasonOf(settings.error)}): its default path was read`;
  return { maxSize: usualSize, cautions: [unknown] };
}

async function settingsBy(windows: Windows): Promise<SystemLogSettings> {
  const set = await lastOrNextSet(windows);
  const own = await keyIn(set, logKey);
  const policy = await attemptHere(softwareKey(windows, policyKey));
  const policyValues = policy.ok ? policy.value : undefined;
  const file = (await fileOf(policyValues)) ?? (await fileOf(own));
  const off = (await offBySystem(set)) ?? (await offByChannel(windows));
  const retains = await retention(own, policyValues);
  const unread = policy.ok
    ? []
    : [`whether a group policy moves the System log was not read (${reasonOf(policy.error)})`];
  return {
    ...(file ? { file } : {}),
    ...(off ? { off } : {}),
    ...(retains ? { retains } : {}),
    maxSize: await maxSizeOf(own, policyValues),
    cautions: unread,
  };
}

/** The control set that Windows runs by; that of the next boot where the registry does not say it, or has lost it. */
async function lastOrNextSet(windows: Windows): Promise<ControlSet> {
  const last = await attemptHere(windows.lastControlSet());
  return last.ok && last.value.key ? { ...last.value, key: last.value.key } : windows.controlSet();
}

interface PlacedKey {
  key: Key | undefined;
  place: string;
}

async function keyIn({ key, name, hive }: ControlSet, path: readonly string[]): Promise<PlacedKey> {
  return { key: await keyBelow(key, path), place: keyPlace(hive, [name, ...path]) };
}

async function softwareKey(windows: Windows, path: readonly string[]): Promise<PlacedKey> {
  const software: CurrentHive = await windows.software();
  return { key: await software.hive.findKey(path), place: keyPlace(software, path) };
}

function factOf({ says, key, place }: Setting): WeighedFact {
  return weighed({ says, place, at: key.lastWritten });
}

async function fileOf(placed: PlacedKey | undefined): Promise<SystemLogSettings['file']> {
  const text = await textIn(placed?.key, 'File');
  if (!placed?.key || text === undefined) return undefined;
  const says = `the System log is ${plainText(text, longestPath)}`;
  return { text, fact: factOf({ says, key: placed.key, place: `${placed.place} › File` }) };
}

/** What in the SYSTEM hive keeps the log from being written. */
async function offBySystem(set: ControlSet): Promise<WeighedFact | undefined> {
  const service = await keyIn(set, serviceKey);
  if (service.key && (await numberIn(service.key, 'Start')) === disabled) {
    return factOf({ says: 'the event log service is disabled', key: service.key, place: `${service.place} › Start` });
  }
  const session = await keyIn(set, sessionKey);
  if (session.key && (await numberIn(session.key, 'Start')) === 0) {
    return factOf({ says: 'the log’s session is not started', key: session.key, place: `${session.place} › Start` });
  }
  const windowsPe = await keyIn(set, windowsPeKey);
  if (!windowsPe.key) return undefined;
  return factOf({ says: 'Windows is marked as a Windows PE', key: windowsPe.key, place: windowsPe.place });
}

async function offByChannel(windows: Windows): Promise<WeighedFact | undefined> {
  const channel = await attemptHere(softwareKey(windows, channelKey));
  if (!channel.ok || !channel.value.key || (await numberIn(channel.value.key, 'Enabled')) !== 0) return undefined;
  const { key, place } = channel.value;
  return factOf({ says: 'the log’s channel is disabled', key, place: `${place} › Enabled` });
}

/** Undefined where a full log goes on. Each of the two values is the policy's, if that has it. */
async function retention(own: PlacedKey, policy: PlacedKey | undefined): Promise<WeighedFact | undefined> {
  const byPolicy = policy && (await switchIn(policy.key, 'Retention'));
  const keeps = byPolicy ?? (await switchIn(own.key, 'Retention')) ?? false;
  const putsAside =
    (policy && (await switchIn(policy.key, 'AutoBackupLogFiles'))) ??
    (await switchIn(own.key, 'AutoBackupLogFiles')) ??
    false;
  const decided = byPolicy === undefined ? own : policy;
  if (!keeps || putsAside || !decided?.key) return undefined;
  const says = 'a full log takes no more records';
  return factOf({ says, key: decided.key, place: `${decided.place} › Retention` });
}

/** A number that is not 0 or, as a policy writes it, the text of one. */
async function switchIn(key: Key | undefined, name: string): Promise<boolean | undefined> {
  const number = await numberIn(key, name);
  if (number !== undefined) return number !== 0;
  const text = await textIn(key, name);
  return text === undefined || !/^\d{1,10}$/u.test(text) ? undefined : Number(text) !== 0;
}

async function maxSizeOf(own: PlacedKey, policy: PlacedKey | undefined): Promise<number> {
  const kibibytes = await numberIn(policy?.key, 'MaxSize');
  return kibibytes === undefined ? ((await numberIn(own.key, 'MaxSize')) ?? usualSize) : kibibytes * 1024;
}
