import type { Change } from '../changes';
import { serviceKey } from '../command';
import { serviceConfiguration } from '../evidence';
import { noUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';
import { registryValueIn } from './registry-value';

/** Accounts that need no password, so that one command puts them back. */
const builtIn = /^(?:LocalSystem|NT AUTHORITY\\(?:LocalService|NetworkService|SYSTEM))$/i;

/**
 * Sets the account that a service runs as. The name in the registry is not translated where Windows wrote it itself;
 * sc.exe is called without a shell, so the blank in the name needs no quotes of ours.
 */
export function setServiceAccount({ service, account }: Extract<Change, { kind: 'set-service-account' }>): LiveChange {
  return {
    look: { file: 'reg.exe', arguments: ['query', serviceKey(service), '/v', 'ObjectName'] },
    write: { file: 'sc.exe', arguments: ['config', service, 'obj=', account] },
    right: String.raw`^\s+ObjectName\s+REG_SZ\s+${inAnyCase(account)}\s*$`,
    read(result) {
      const value = registryValueIn(result, 'ObjectName');
      return value.ok ? { ok: true, value: readBack(value.value.data.trim()) } : value;
    },
    known(evidence) {
      const found = serviceConfiguration(evidence, service)?.account;
      return found === undefined ? undefined : readBack(found);
    },
    isWanted: (value) => String(value).toLowerCase() === account.toLowerCase(),
    undo(before) {
      if (before === undefined) return noUndo('the account before could not be read; see the snapshot');
      const found = String(before.value);
      if (!builtIn.test(found)) return noUndo(`it needs the password of ${found}`);
      return undoBy('sc.exe', 'config', service, 'obj=', found);
    },
  };
}

function readBack(account: string): ReadBack {
  return { value: account, text: `account ${account}` };
}

/** A pattern that JavaScript and .NET read alike, whatever the case: neither flag is at hand. */
function inAnyCase(text: string): string {
  return Array.from(text, (sign) => {
    if (/[a-z]/i.test(sign)) return `[${sign.toUpperCase()}${sign.toLowerCase()}]`;
    return sign === '\\' ? String.raw`\\` : sign;
  }).join('');
}
