import { blanks, isExactText } from '../../windows/console-text';
import { commandLine } from '../command';
import type { LiveChange, ReadBack } from '../live-changes/live-change';
import { builtInNameOf } from '../live-changes/service-account';
import { controlSetName, hiveKey } from '../offline-disk';
import type { OfflineChange, OfflineTarget, OfflineWrite } from './offline-change';

/** One value of a service, and how its data is said to `reg.exe add`. */
export interface ServiceValue {
  service: string;
  name: 'Start' | 'Type' | 'ObjectName';
  type: 'REG_DWORD' | 'REG_SZ';
  data: string;
}

/**
 * A service's value in each control set that counts. What is right, how it is read and how it is undone in a running
 * Windows is the live change's. Only a value that is there is written: `reg.exe add` would make a service otherwise.
 */
export function serviceValueChange(live: LiveChange, value: ServiceValue, target: OfflineTarget): OfflineChange {
  const writes = target.controlSets.map((number): OfflineWrite => {
    const key = `${hiveKey(target.disk, 'SYSTEM')}\\${controlSetName(number)}\\Services\\${value.service}`;
    const add = (data: string) => ({
      file: 'reg.exe',
      arguments: ['add', key, '/v', value.name, '/t', value.type, '/d', data, '/f'],
    });
    return {
      where: controlSetName(number),
      controlSet: number,
      look: { file: 'reg.exe', arguments: ['query', key, '/v', value.name] },
      write: add(value.data),
      there: String.raw`^${blanks}${value.name}${blanks}${value.type}[ \t\r]`,
      right: live.right,
      read: (result) => live.read(result),
      isWanted: (found) => live.isWanted(found),
      undo: (before) => live.undo(before),
      undoOffline: (before: ReadBack) => {
        const found = String(before.value);
        const back = value.name === 'ObjectName' ? (builtInNameOf(found) ?? found) : found;
        return isExactText(back) ? commandLine(add(back)) : undefined;
      },
    };
  });
  return { kind: 'writes', writes };
}
