import { builtInNames, builtInSid } from '../windows/accounts';
import { isExactText } from '../windows/console-text';
import type { Evidence, Provenance, Source } from './evidence';

/**
 * Where two sources say different things about the same. Nothing is decided here: the freshest source is believed, and
 * people are shown both. On a running machine the disk may lag behind; on a disk that was put under the VM, or after a
 * change that is not in effect yet, the difference is the finding.
 */

/** One thing on which sources differ, with what each says. */
export interface Contradiction {
  /** What it is about, in words. */
  about: string;
  /** The freshest source first. */
  statements: { source: Source; says: string; from: Provenance }[];
}

/** Every contradiction in evidence that is in the order of freshness. Facts of one source never contradict each other. */
export function contradictionsIn(evidence: Evidence[]): Contradiction[] {
  const statements = evidence.flatMap((item) =>
    statementsOf(item).map((statement) => ({ ...statement, source: item.from.source, from: item.from })),
  );
  const subjects = [...new Set(statements.map(({ about }) => about))];
  return subjects.flatMap((about) => {
    const group = statements.filter((statement) => statement.about === about);
    const firstOf = new Map(group.toReversed().map(({ source, says, from }) => [source, { source, says, from }]));
    const perSource = [...firstOf.values()].reverse();
    return new Set(perSource.map(({ says }) => says)).size < 2 ? [] : [{ about, statements: perSource }];
  });
}

/** What an item of evidence says, in a form in which two sources can be compared. */
function statementsOf(item: Evidence): { about: string; says: string }[] {
  switch (item.kind) {
    case 'service-configuration':
      return [
        { about: `the start type of the service ${item.service}`, says: String(item.startType) },
        ...said(`the type of the service ${item.service}`, item.type),
        ...said(`the account of the service ${item.service}`, item.account && accountInWords(item.account)),
      ];
    case 'boot-configuration':
      return [
        { about: 'the safe-boot flag of the next boot', says: String(item.next.safeboot ?? 'none') },
        // An alias such as {current} names an object without saying which.
        ...(/^\{[0-9a-f-]{36}\}$/.test(item.next.id) ? [{ about: 'the next boot’s loader', says: item.next.id }] : []),
      ];
    case 'boot-mode':
      return [{ about: 'whether Windows runs in safe mode', says: item.mode === 'normal' ? 'no' : 'yes' }];
    case 'remote-desktop':
    case 'rdp-listener':
      return [{ about: 'the Remote Desktop port', says: String(item.port) }];
    default:
      return [];
  }
}

/** By the SID, where there is one. A disk has a name in Unicode, a tool prints it in some code page: those are not compared. */
function accountInWords(account: string): string {
  const sid = builtInSid(account);
  if (sid !== undefined) return builtInNames[sid].toLowerCase();
  return isExactText(account) ? account.toLowerCase() : 'a name that is not plain ASCII';
}

function said(about: string, value: number | string | undefined): { about: string; says: string }[] {
  return value === undefined ? [] : [{ about, says: String(value) }];
}
