import { bcdElement, parseBcdEnum } from '../../windows/bcdedit';
import { bootManagerId } from '../../windows/boot-object-id';
import { blanks, isExactText, restOfLine, trimBlanks } from '../../windows/console-text';
import { parsed, unreadable, type Parsed } from '../../windows/parsed';
import { parseRegKeys, parseRegQuery, singleValue } from '../../windows/reg-query';
import { commandLine, outputOf, type GuestCommandResult, type ProgramCall } from '../command';
import type { ReadBack } from '../live-changes/live-change';
import { noUndo, undoBy, type Undo } from '../undo';
import { controlSetName, hiveKey } from '../offline-disk';
import type { OfflineChange, OfflineTarget, OfflineWrite } from './offline-change';

/**
 * What helps a person the next time and cures nothing: Azure's serial console, and a memory dump that a non-maskable interrupt
 * brings. Off unless somebody asked for it. Values:
 * MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-rdp-safe-mode.md, "Repair the VM
 * offline".
 */
export type OfflineOption =
  /** `loader`: `{guid}` of the next boot's loader. */
  { kind: 'enable-serial-console'; loader: string } | { kind: 'enable-crash-dump' };

/** For people. */
export function optionTitle(kind: OfflineOption['kind']): string {
  return kind === 'enable-serial-console' ? 'Switch on the serial console' : 'Switch on memory dumps';
}

const notRead = noUndo('what it was before could not be read');
const notExact = noUndo('what it was before was printed in a code page that is not known');

function undoOf({ value }: ReadBack, { file, arguments: rest }: ProgramCall): Undo {
  return isExactText(String(value)) ? undoBy(file, ...rest) : notExact;
}

function undoOfflineOf({ value }: ReadBack, call: ProgramCall): string | undefined {
  return isExactText(String(value)) ? commandLine(call) : undefined;
}

/** Text of a value that is not there. */
const absent = 'none';

const emsSettingsId = '{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}';

/** The serial console: the boot menu shows itself there, and Windows answers there once it runs. */
export function enableSerialConsole(loader: string, target: OfflineTarget): OfflineChange {
  const element = (object: string, name: string, value: string) => bootElementWrite(target, { object, name, value });
  return {
    kind: 'writes',
    writes: [
      element(bootManagerId, 'displaybootmenu', 'Yes'),
      element(bootManagerId, 'timeout', '5'),
      element(bootManagerId, 'bootems', 'Yes'),
      element(loader, 'ems', 'Yes'),
      element(emsSettingsId, 'emsport', '1'),
      element(emsSettingsId, 'emsbaudrate', '115200'),
    ],
  };
}

/** A complete memory dump, also by the interrupt that Azure can send. */
export function enableCrashDump(target: OfflineTarget): OfflineChange {
  const writes = target.controlSets.flatMap((number) => [
    crashControl(target, number, { name: 'CrashDumpEnabled', type: 'REG_DWORD', data: '1', shown: '0x1' }),
    crashControl(target, number, { name: 'DumpFile', type: 'REG_EXPAND_SZ', data: dumpFile, shown: dumpFile }),
    crashControl(target, number, { name: 'NMICrashDump', type: 'REG_DWORD', data: '1', shown: '0x1' }),
  ]);
  return { kind: 'writes', writes };
}

const dumpFile = String.raw`%SystemRoot%\MEMORY.DMP`;

/** The words are those of an English bcdedit: a recovery VM's image is one. */
function bootElementWrite(
  { disk: { bootStore } }: OfflineTarget,
  { object, name, value }: { object: string; name: string; value: string },
): OfflineWrite {
  const inStore = (...rest: string[]) => ({ file: 'bcdedit.exe', arguments: ['/store', bootStore, ...rest] });
  const back = ({ value }: ReadBack) =>
    value === absent ? ['/deletevalue', object, name] : ['/set', object, name, String(value)];
  return {
    where: `${name} of ${object}`,
    look: inStore('/enum', object, '/v'),
    write: inStore('/set', object, name, value.toLowerCase()),
    there: object.replaceAll(/[{}]/g, String.raw`\$&`),
    right: `^${name}${blanks}${value}${restOfLine}`,
    read: (result) => readElement(result, object, name),
    isWanted: (found) => found === value,
    undoOffline: (before) => undoOfflineOf(before, inStore(...back(before))),
    undo: (before) => (before ? undoOf(before, { file: 'bcdedit.exe', arguments: back(before) }) : notRead),
  };
}

function readElement(result: GuestCommandResult | undefined, object: string, name: string): Parsed<ReadBack> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const objects = parseBcdEnum(output.value);
  if (!objects.ok) return objects;
  const found = objects.value.find(({ id }) => id === object);
  if (!found) return unreadable(`${object} is not in the output`);
  const value = bcdElement(found, name) ?? absent;
  return parsed({ value, text: `${name} = ${value}` });
}

interface CrashValue {
  name: string;
  type: 'REG_DWORD' | 'REG_EXPAND_SZ';
  data: string;
  /** The data as `reg.exe query` prints it. */
  shown: string;
}

function crashControl({ disk }: OfflineTarget, number: number, value: CrashValue): OfflineWrite {
  const below = String.raw`Control\CrashControl`;
  const key = `${hiveKey(disk, 'SYSTEM')}\\${controlSetName(number)}\\${below}`;
  const add = (where: string, data: string) => ({
    file: 'reg.exe',
    arguments: ['add', where, '/v', value.name, '/t', value.type, '/d', data, '/f'],
  });
  const back = (before: ReadBack, where: string) =>
    before.value === absent
      ? { file: 'reg.exe', arguments: ['delete', where, '/v', value.name, '/f'] }
      : add(where, String(before.value));
  const keyOfItself = `HKLM\\SYSTEM\\CurrentControlSet\\${below}`;
  return {
    where: `${value.name} in ${controlSetName(number)}`,
    controlSet: number,
    look: { file: 'reg.exe', arguments: ['query', key] },
    write: add(key, value.data),
    there: String.raw`\\CrashControl${restOfLine}`,
    right: `^${blanks}${value.name}${blanks}${value.type}${blanks}${value.shown.replaceAll(/[\\.%]/g, String.raw`\$&`)}${restOfLine}`,
    read: (result) => readValue(result, value.name),
    isWanted: (found) => found === value.shown,
    undoOffline: (before) => undoOfflineOf(before, back(before, key)),
    undo: (before) => (before ? undoOf(before, back(before, keyOfItself)) : notRead),
  };
}

function readValue(result: GuestCommandResult | undefined, name: string): Parsed<ReadBack> {
  const output = outputOf(result);
  if (!output.ok) return output;
  if (parseRegKeys(output.value).length === 0) return unreadable('the key is not in the output');
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const found = singleValue(values.value, name);
  const value = found.ok ? trimBlanks(found.value.data) : absent;
  return parsed({ value, text: `${name} = ${value}` });
}
