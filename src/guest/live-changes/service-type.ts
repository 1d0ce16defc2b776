import { blanks, restOfLine } from '../../windows/console-text';
import { parseDword } from '../../windows/reg-query';
import { serviceTypes, type Change } from '../changes';
import { serviceKey } from '../command';
import { serviceConfiguration } from '../evidence';
import { noUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';
import { registryValueIn } from './registry-value';

const wordOf: Record<string, string> = { 16: 'own', 32: 'share' };

/** Gives a service a process of its own, so that no neighbour takes it down; the type before is the way back. */
export function setServiceType({ service, type }: Extract<Change, { kind: 'set-service-type' }>): LiveChange {
  const wanted = serviceTypes[type];
  return {
    look: { file: 'reg.exe', arguments: ['query', serviceKey(service), '/v', 'Type'] },
    write: { file: 'sc.exe', arguments: ['config', service, 'type=', type] },
    right: `^${blanks}Type${blanks}REG_DWORD${blanks}0x${wanted.toString(16)}${restOfLine}`,
    read(result) {
      const value = registryValueIn(result, 'Type');
      const number = value.ok ? parseDword(value.value) : value;
      return number.ok ? { ok: true, value: readBack(number.value) } : number;
    },
    known(evidence) {
      const found = serviceConfiguration(evidence, service)?.type;
      return found === undefined ? undefined : readBack(found);
    },
    isWanted: (value) => value === wanted,
    undo(before) {
      const word = wordOf[String(before?.value)];
      if (!word) return noUndo('the type before could not be read; see the snapshot');
      return undoBy('sc.exe', 'config', service, 'type=', word);
    },
  };
}

function readBack(type: number): ReadBack {
  return { value: type, text: `Type = 0x${type.toString(16)} (${wordOf[type] ?? 'other'})` };
}
