import { parsed, unreadable, type Parsed } from '../../windows/parsed';
import { changeName, changeTitle, type Change } from '../changes';
import {
  nativeCommand,
  outputOf,
  resultOf,
  type EarlierOutput,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from '../command';
import type { ReadBack } from '../live-changes/live-change';
import { allOf, type Undo } from '../undo';
import { controlSetName, hasKey, loadHive, unloadHive } from '../offline-disk';
import { deleteBootElementOffline } from './boot-element';
import type { OfflineChange, OfflineTarget, OfflineWrite } from './offline-change';
import { enableCrashDump, enableSerialConsole, optionTitle, type OfflineOption } from './options';
import { setServiceAccountOffline, setServiceTypeOffline, setStartTypeOffline } from './service-values';

/**
 * Renders changes into native command lines for a recovery VM that has the patient's disk, and reads what became of them.
 * The same changes as in `live-changes/`; what is rendered here is all that we ever write on an attached disk.
 */

/** What can be done on an attached disk: a cure's changes, and what somebody asked for besides. */
export type OfflineDeed = Change | OfflineOption;

/** What became of a deed. `undo` is for the Windows that runs from the disk, `undoOffline` for the attached disk itself. */
export type OfflineResult = {
  /** Stable name within a repair. */
  change: string;
  title: string;
} & (
  | { outcome: 'changed'; before: string; after: string; undo: Undo; undoOffline: string[] }
  | { outcome: 'right-already'; before: string }
  /** Nothing was to be written; verification of the running Windows tells whether it came true. */
  | { outcome: 'comes-with-boot'; reason: string }
  | { outcome: 'failed'; before: string; code?: number; reason: string; undo: Undo; undoOffline: string[] }
);

function offlineChangeOf(deed: OfflineDeed, target: OfflineTarget): OfflineChange {
  switch (deed.kind) {
    case 'set-service-start-type':
      return setStartTypeOffline(deed, target);
    case 'set-service-account':
      return setServiceAccountOffline(deed, target);
    case 'set-service-type':
      return setServiceTypeOffline(deed, target);
    case 'delete-boot-element':
      return deleteBootElementOffline(deed, target);
    case 'start-service':
      return { kind: 'comes-with-boot', reason: 'Windows starts it when it boots from this disk.' };
    case 'stop-service':
      return { kind: 'comes-with-boot', reason: 'It does not run: Windows is off.' };
    case 'restart-from-safe-mode':
      return { kind: 'comes-with-boot', reason: 'Windows boots when it is started with this disk.' };
    case 'enable-serial-console':
      return enableSerialConsole(deed.loader, target);
    case 'enable-crash-dump':
      return enableCrashDump(target);
  }
}

/** The stable name of a deed within a repair. */
export function deedName(deed: OfflineDeed): string {
  return isOption(deed) ? deed.kind : changeName(deed);
}

function deedTitle(deed: OfflineDeed): string {
  return isOption(deed) ? optionTitle(deed.kind) : changeTitle(deed);
}

function isOption(deed: OfflineDeed): deed is OfflineOption {
  return deed.kind === 'enable-serial-console' || deed.kind === 'enable-crash-dump';
}

/**
 * The run that makes these changes, in order: the SYSTEM hive is loaded if one of them needs it, each value looked at,
 * written unless it is right, looked at again, and the hive unloaded last. Where the hive cannot be loaded nothing is
 * written, in the boot store neither.
 */
export function renderOfflineChanges(deeds: readonly OfflineDeed[], target: OfflineTarget): GuestCommand[] {
  const needsHive = writesOf(deeds, target).some(({ controlSet }) => controlSet !== undefined);
  const commands = deeds.flatMap((deed) => renderDeed(deed, target, needsHive));
  if (!needsHive) return commands;
  return [...loadHive(target.disk, 'SYSTEM'), ...commands, unloadHive(target.disk, 'SYSTEM')];
}

/** Whether there is anything to write on the disk; if not, no run is needed. */
export function hasOfflineWrites(deeds: readonly OfflineDeed[], target: OfflineTarget): boolean {
  return writesOf(deeds, target).length > 0;
}

function writesOf(deeds: readonly OfflineDeed[], target: OfflineTarget): OfflineWrite[] {
  return deeds.flatMap((deed) => {
    const change = offlineChangeOf(deed, target);
    return change.kind === 'writes' ? change.writes : [];
  });
}

function renderDeed(deed: OfflineDeed, target: OfflineTarget, needsHive: boolean): GuestCommand[] {
  const change = offlineChangeOf(deed, target);
  if (change.kind === 'comes-with-boot') return [];
  return change.writes.flatMap((write) => {
    const id = idOf(deed, write);
    const loaded: EarlierOutput[] = needsHive
      ? [
          write.controlSet === undefined
            ? hasKey('SYSTEM', 'Select')
            : hasKey('SYSTEM', controlSetName(write.controlSet)),
        ]
      : [];
    const look = (when: string): GuestCommand => {
      const command = nativeCommand(`${id}:${when}`, write.look.file, ...write.look.arguments);
      return loaded.length > 0 ? { ...command, onlyIf: loaded } : command;
    };
    const before = look('before');
    return [
      before,
      {
        ...nativeCommand(`${id}:write`, write.write.file, ...write.write.arguments),
        onlyIf: [...loaded, { id: before.id, matches: write.there }],
        unless: { id: before.id, matches: write.right },
      },
      look('after'),
    ];
  });
}

function idOf(deed: OfflineDeed, { where }: OfflineWrite): string {
  return `${deedName(deed)} · ${where}`;
}

/** What became of a deed, from the answers to its run. */
export function readOfflineChange(deed: OfflineDeed, target: OfflineTarget, answer: GuestAnswer): OfflineResult {
  const about = { change: deedName(deed), title: deedTitle(deed) };
  const change = offlineChangeOf(deed, target);
  if (change.kind === 'comes-with-boot') return { ...about, outcome: 'comes-with-boot', reason: change.reason };
  const values = change.writes.map((write) => readWrite(deed, write, answer));
  const before = inWords(change.writes, values, (value) => value.before);
  const failure = values.find(({ failed }) => failed !== undefined)?.failed;
  const touched = values.filter(({ isTouched }) => isTouched);
  const ways = {
    undo: allOf(touched.map(({ undo }) => undo)),
    undoOffline: touched.flatMap(({ undoOffline }) => undoOffline ?? []),
  };
  if (failure) return { ...about, outcome: 'failed', before, ...failure, ...ways };
  if (touched.length === 0) return { ...about, outcome: 'right-already', before };
  return {
    ...about,
    outcome: 'changed',
    before,
    after: inWords(change.writes, values, (value) => value.after),
    ...ways,
  };
}

/** What became of one value. */
interface ValueResult {
  before: string;
  after: string;
  /** It was written, or may have been. */
  isTouched: boolean;
  failed?: { code?: number; reason: string };
  undo: Undo;
  undoOffline: string | undefined;
}

function readWrite(deed: OfflineDeed, write: OfflineWrite, answer: GuestAnswer): ValueResult {
  const id = idOf(deed, write);
  const looked = write.read(resultOf(answer, `${id}:before`));
  const before = looked.ok ? looked.value : undefined;
  const done = resultOf(answer, `${id}:write`);
  const after = write.read(resultOf(answer, `${id}:after`));
  const isTouched = done?.kind === 'ended' || done?.kind === 'timed-out';
  return {
    before: looked.ok ? looked.value.text : `unreadable: ${looked.reason}`,
    after: after.ok ? after.value.text : `unreadable: ${after.reason}`,
    isTouched,
    ...failureOf(write, { before: looked, done, after, isTouched }),
    undo: write.undo(before),
    undoOffline: before && write.undoOffline(before),
  };
}

interface Read {
  before: Parsed<ReadBack>;
  done: GuestCommandResult | undefined;
  after: Parsed<ReadBack>;
  isTouched: boolean;
}

/** What is read last decides, on a value that was left out as well: that it was left out says nothing of the value. */
function failureOf(write: OfflineWrite, { before, done, after, isTouched }: Read): Pick<ValueResult, 'failed'> {
  if (!isTouched && !before.ok) return { failed: { reason: `${write.where}: ${before.reason}` } };
  if (!after.ok) return { failed: { reason: `${write.where}, read again: ${after.reason}` } };
  if (write.isWanted(after.value.value)) return {};
  const written = writtenOf(done);
  if (!written.ok) return { failed: { reason: `${write.where}: ${written.reason}`, ...codeOf(done) } };
  return { failed: { reason: `${write.where}: read again, it is still ${after.value.text}` } };
}

function writtenOf(done: GuestCommandResult | undefined): Parsed<true> {
  const output = outputOf(done);
  return output.ok ? parsed(true) : unreadable(output.reason);
}

function codeOf(done: GuestCommandResult | undefined): { code?: number } {
  return done?.kind === 'ended' && done.exitCode !== 0 ? { code: done.exitCode } : {};
}

/** One value as it is; several with where each stands. */
function inWords(writes: OfflineWrite[], values: ValueResult[], text: (value: ValueResult) => string): string {
  const texts = values.map(text);
  const [first = ''] = texts;
  if (new Set(texts).size === 1) return first;
  return writes.map(({ where }, index) => `${where}: ${texts[index] ?? ''}`).join('; ');
}
