import { blanks, restOfLine } from '../../windows/console-text';
import { parseDword } from '../../windows/reg-query';
import { startTypes, type Change } from '../changes';
import { serviceKey } from '../command';
import { serviceConfiguration } from '../evidence';
import { noUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';
import { registryValueIn } from './registry-value';

/** `sc.exe config` words of the start types. */
const startWords = { automatic: 'auto', 'on demand': 'demand', disabled: 'disabled' } as const;
const wordOf: Record<string, string> = { 0: 'boot', 1: 'system', 2: 'auto', 3: 'demand', 4: 'disabled' };

/** Sets when a service starts; read from the registry, where it is a number. */
export function setStartType({ service, startType }: Extract<Change, { kind: 'set-service-start-type' }>): LiveChange {
  const wanted = startTypes[startType];
  return {
    look: { file: 'reg.exe', arguments: ['query', serviceKey(service), '/v', 'Start'] },
    write: { file: 'sc.exe', arguments: ['config', service, 'start=', startWords[startType]] },
    right: `^${blanks}Start${blanks}REG_DWORD${blanks}0x${wanted.toString(16)}${restOfLine}`,
    read(result) {
      const value = registryValueIn(result, 'Start');
      const number = value.ok ? parseDword(value.value) : value;
      return number.ok ? { ok: true, value: readBack(number.value) } : number;
    },
    known(evidence) {
      const configuration = serviceConfiguration(evidence, service);
      return configuration && readBack(configuration.startType);
    },
    isWanted: (value) => value === wanted,
    undo(before) {
      const word = wordOf[String(before?.value)];
      if (!word) return noUndo('the start type before could not be read; see the snapshot');
      return undoBy('sc.exe', 'config', service, 'start=', word);
    },
  };
}

function readBack(number: number): ReadBack {
  const name = ['boot', 'system', 'automatic', 'on demand', 'disabled'][number] ?? 'unknown';
  return { value: number, text: `Start = ${number} (${name})` };
}
