import { builtInAccounts, builtInNames, builtInPattern, builtInSid, isSameAccount } from '../../windows/accounts';
import { blanks, isExactText, restOfLine, trimBlanks } from '../../windows/console-text';
import { localService, type Change } from '../changes';
import { serviceKey } from '../command';
import { serviceConfiguration } from '../evidence';
import { noUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';
import { registryValueIn } from './registry-value';

/**
 * Sets the account that a service runs as. Windows writes it in English; by another name of the same account nothing is to
 * be written. sc.exe is called without a shell, so the blank in the name needs no quotes of ours.
 */
export function setServiceAccount({ service, account }: Extract<Change, { kind: 'set-service-account' }>): LiveChange {
  return {
    look: { file: 'reg.exe', arguments: ['query', serviceKey(service), '/v', 'ObjectName'] },
    write: { file: 'sc.exe', arguments: ['config', service, 'obj=', account] },
    right: `^${blanks}ObjectName${blanks}REG_SZ${blanks}${builtInPattern(sidOf[account])}${restOfLine}`,
    read(result) {
      const value = registryValueIn(result, 'ObjectName');
      return value.ok ? { ok: true, value: readBack(trimBlanks(value.value.data)) } : value;
    },
    known(evidence) {
      const found = serviceConfiguration(evidence, service)?.account;
      return found === undefined ? undefined : readBack(found);
    },
    isWanted: (value) => isSameAccount(String(value), account),
    undo(before) {
      if (before === undefined) return noUndo('the account before could not be read; see the snapshot');
      const found = String(before.value);
      const name = builtInNameOf(found);
      // Only the accounts of Windows itself need no password, so that one command puts them back.
      return name === undefined
        ? noUndo(`it needs the password of ${found}`)
        : undoBy('sc.exe', 'config', service, 'obj=', name);
    },
  };
}

function readBack(account: string): ReadBack {
  return { value: account, text: `account ${account}` };
}

const sidOf = { [localService]: builtInAccounts.localService } as const;

/**
 * The name by which a command gives an account of Windows itself back: its own, or where that is not known as text, the
 * English one, which is right in every language. Undefined for another account.
 */
export function builtInNameOf(account: string): string | undefined {
  const sid = builtInSid(account);
  if (sid === undefined) return undefined;
  return isExactText(account) ? account : builtInNames[sid];
}
