import { builtInNames, builtInSid } from '../windows/accounts';
import { isExactText } from '../windows/console-text';
import { isOneBoot } from './boot-age';
import type { Disbelief, Evidence, Provenance, Source } from './evidence';

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

/**
 * Every contradiction in evidence that is in the order of freshness. Facts of one source never contradict each other, and neither
 * do facts of two boots: Windows was restarted between them.
 */
export function contradictionsIn(evidence: Evidence[]): Contradiction[] {
  const older = olderBoots(evidence).map(({ item }) => item);
  const statements = evidence
    .filter((item) => !older.some((one) => one === item))
    .flatMap((item) =>
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

/**
 * What the evidence tells and was not believed, each with what stands against it: what a source says of itself, and what it tells of a
 * boot that was not the last.
 */
export function disbelievedIn(evidence: Evidence[]): Disbelief[] {
  const told = [
    ...evidence.flatMap(({ from }) => from.disbelieved ?? []),
    ...olderBoots(evidence).map(({ item, last }): Disbelief => ({
      code: 'older-than-boot',
      told: bootFact(item),
      by: bootFact(last),
    })),
  ];
  return [...new Map(told.map((one) => [JSON.stringify(one), one])).values()];
}

type KnownBoot = Extract<Evidence, { kind: 'boot-mode' }> & { bootedAt: string };

/** Boots that are told of and that another source knows to have been followed by a later one. */
function olderBoots(evidence: Evidence[]): { item: KnownBoot; last: KnownBoot }[] {
  const boots = evidence
    .filter((item) => item.kind === 'boot-mode')
    .filter((item): item is KnownBoot => !Number.isNaN(Date.parse(item.bootedAt ?? '')));
  const [last] = boots.toSorted((one, other) => Date.parse(other.bootedAt) - Date.parse(one.bootedAt));
  if (!last) return [];
  return boots
    .filter(({ bootedAt }) => !isOneBoot(Date.parse(bootedAt), Date.parse(last.bootedAt)))
    .map((item) => ({ item, last }));
}

function bootFact({ mode, bootedAt, from }: KnownBoot): Disbelief['told'] {
  const says = `the last boot was ${mode === 'normal' ? 'normal' : 'into safe mode'} (${from.source})`;
  return { says, place: from.place, at: bootedAt };
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
