import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { commandLine, type GuestAnswer, type GuestCommand, type GuestCommandResult } from '../../src/guest/command';
import {
  disbeliefs,
  safeBootModes,
  securedKeys,
  sources,
  type DisbeliefCode,
  type Evidence,
  type Need,
} from '../../src/guest/evidence';
import { evidenceItem } from '../../src/guest/evidence-schemas';
import { canReadLive, readNeeds, renderNeeds } from '../../src/guest/live';
import { canReadOffline, readOfflineLook, renderOfflineLook } from '../../src/guest/offline';
import type { OfflineDisk } from '../../src/guest/offline-disk';
import { asPrinted, transcript } from '../support/transcript';
import { listenersOutput, registryOutput } from './support/answers';
import { openDisk, readAll, smallDiskWith } from './snapshot-disk/support/disks';
import { memorySource } from '../../src/disk/byte-source';

/** As it comes back from a document. */
function kept(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function expectToSurvive(evidence: readonly Evidence[]): void {
  for (const item of evidence) expect(evidenceItem.parse(kept(item))).toEqual(item);
}

const text = fc.string({ unit: 'binary', maxLength: 30 });
const count = fc.nat();
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const safeboot = maybe(fc.oneof(fc.constantFrom(...safeBootModes), fc.integer()));
const weighed = fc.record({ says: text, place: text, at: maybe(text) });
const disbelief = fc.record({
  code: fc.constantFrom(...(Object.keys(disbeliefs) as DisbeliefCode[])),
  told: weighed,
  by: weighed,
});
const from = fc.record({
  source: fc.constantFrom(...sources),
  place: text,
  readAt: text,
  asOf: maybe(text),
  lastWritten: maybe(text),
  caution: maybe(text),
  disbelieved: maybe(fc.array(disbelief, { maxLength: 3 })),
});
const loader = fc.record({
  ...{ id: text, description: maybe(text), path: maybe(text), safeboot, safebootSetIn: maybe(text) },
  alternateShell: fc.boolean(),
});

/** Every need that there is; a kind that is added and forgotten here does not compile. */
const needs: { [Kind in Need['kind']]: fc.Arbitrary<Extract<Need, { kind: Kind }>> } = {
  'service-configuration': fc.record({ kind: fc.constant('service-configuration'), service: text }),
  'service-status': fc.record({ kind: fc.constant('service-status'), service: text }),
  'service-events': fc.record({ kind: fc.constant('service-events'), service: text }),
  'service-security': fc.record({ kind: fc.constant('service-security'), service: text }),
  'service-group': fc.record({ kind: fc.constant('service-group'), group: text }),
  'key-security': fc.record({ kind: fc.constant('key-security'), key: fc.constantFrom(...securedKeys) }),
  'rdp-listener': fc.record({ kind: fc.constant('rdp-listener') }),
  'boot-configuration': fc.record({ kind: fc.constant('boot-configuration') }),
  'boot-mode': fc.record({ kind: fc.constant('boot-mode') }),
  'boot-object': fc.record({ kind: fc.constant('boot-object'), object: text }),
  'control-sets': fc.record({ kind: fc.constant('control-sets') }),
  'network-addressing': fc.record({ kind: fc.constant('network-addressing') }),
  'remote-desktop': fc.record({ kind: fc.constant('remote-desktop') }),
  'pending-servicing': fc.record({ kind: fc.constant('pending-servicing') }),
  'windows-installation': fc.record({ kind: fc.constant('windows-installation') }),
  'volume-state': fc.record({ kind: fc.constant('volume-state') }),
};

/** Every kind of evidence with every field; likewise. */
const kinds: { [Kind in Evidence['kind']]: fc.Arbitrary<Extract<Evidence, { kind: Kind }>> } = {
  'service-configuration': fc.record({
    ...{ kind: fc.constant('service-configuration'), service: text, startType: count, type: maybe(count) },
    ...{ account: maybe(text), imagePath: maybe(text), dependsOn: maybe(fc.array(text)), from },
  }),
  'service-status': fc.record({
    ...{ kind: fc.constant('service-status'), service: text, state: count, type: count, win32ExitCode: count, from },
  }),
  'service-events': fc.record({
    ...{ kind: fc.constant('service-events'), service: text, since: text, until: text, isCut: fc.boolean(), from },
    events: fc.array(
      fc.record({
        ...{ eventId: count, at: text, code: maybe(count), userSid: maybe(text) },
        startTypes: maybe(fc.record({ before: text, after: text })),
      }),
    ),
  }),
  'service-security': fc.record({
    ...{ kind: fc.constant('service-security'), service: text, descriptor: text, sid: text, from },
  }),
  'service-group': fc.record({ kind: fc.constant('service-group'), group: text, services: fc.array(text), from }),
  'key-security': fc.record({
    ...{ kind: fc.constant('key-security'), key: fc.constantFrom(...securedKeys), descriptor: text, from },
  }),
  'rdp-listener': fc.record({ kind: fc.constant('rdp-listener'), port: count, listening: fc.boolean(), from }),
  'boot-configuration': fc.record({
    ...{ kind: fc.constant('boot-configuration'), next: loader, others: fc.array(loader, { maxLength: 3 }), from },
    chosenBy: fc.constantFrom('bootsequence', 'default', 'only-loader'),
    firmware: maybe(fc.constantFrom('bios', 'uefi')),
  }),
  'boot-mode': fc.record({
    ...{ kind: fc.constant('boot-mode'), bootedAt: maybe(text), from },
    mode: fc.constantFrom('normal', 'safe', ...safeBootModes),
  }),
  'boot-object': fc.record({
    ...{ kind: fc.constant('boot-object'), object: text, safeboot, alternateShell: fc.boolean(), from },
  }),
  'control-sets': fc.record({
    ...{ kind: fc.constant('control-sets'), next: count, current: count, failed: count, lastKnownGood: count },
    ...{ present: fc.array(count), from },
  }),
  'network-addressing': fc.record({
    ...{ kind: fc.constant('network-addressing'), from },
    adapters: fc.array(
      fc.record({ id: text, dhcp: fc.boolean(), addresses: fc.array(text), leasedAddress: maybe(text) }),
      { maxLength: 3 },
    ),
  }),
  'remote-desktop': fc.record({
    ...{ kind: fc.constant('remote-desktop'), enabled: fc.boolean(), byPolicy: fc.boolean(), port: count, from },
    listenerEnabled: fc.boolean(),
  }),
  'pending-servicing': fc.record({
    ...{ kind: fc.constant('pending-servicing'), pendingXml: fc.boolean(), packagesPending: fc.boolean(), from },
    ...{ rebootPending: fc.boolean(), rebootInProgress: fc.boolean() },
  }),
  'windows-installation': fc.record({
    ...{ kind: fc.constant('windows-installation'), computerName: text, productName: text, build: text, from },
    isDomainController: fc.boolean(),
  }),
  'volume-state': fc.record({
    ...{ kind: fc.constant('volume-state'), partitionStyle: fc.constantFrom('gpt', 'mbr'), fileSystem: text, from },
    ...{ isMarkedDirty: fc.boolean(), isHibernated: fc.boolean(), metadataMayBeStale: fc.boolean() },
  }),
  unreadable: fc.record({
    ...{ kind: fc.constant('unreadable'), need: fc.oneof(...Object.values(needs)), reason: text, from },
  }),
};

type Json = string | number | boolean | null | Json[] | { [field: string]: Json };
type Path = (string | number)[];

/** Where something stands in a document. */
function placesIn(value: Json, is: (value: Json) => boolean, path: Path = []): Path[] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) =>
          placesIn(one, is, [...path, Array.isArray(value) ? Number(name) : name]),
        )
      : [];
  return is(value) ? [path, ...below] : below;
}

function altered(value: Json, [first, ...rest]: Path, alter: (value: Json) => Json): Json {
  if (first === undefined) return alter(value);
  const copy = structuredClone(value) as Record<string | number, Json>;
  copy[first] = altered(copy[first] ?? null, rest, alter);
  return copy;
}

const isLeaf = (value: Json) => typeof value !== 'object' || value === null;
const isRecord = (value: Json) => !isLeaf(value) && !Array.isArray(value);

describe.each(Object.entries(kinds))('guest/evidence-schemas: %s', (_kind, arbitrary: fc.Arbitrary<Evidence>) => {
  it('comes back from a document as it was', () => {
    fc.assert(
      fc.property(arbitrary, (item) => {
        expectToSurvive([item]);
      }),
    );
  });

  it('is not taken where a field is of another kind, and the field is named', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (item, pick) => {
        const json = kept(item) as Json;
        const places = placesIn(json, isLeaf);
        const place = places[pick % places.length] ?? [];
        const { success, error } = evidenceItem.safeParse(altered(json, place, (value) => [value]));
        expect(success).toBe(false);
        const named = error?.issues.map(({ path }) => path) ?? [];
        expect(named).toContainEqual(place);
      }),
    );
  });

  it('is not taken where a field is missing that it always has, or there is one that we do not write', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (item, pick) => {
        const json = kept(item) as Json;
        const places = placesIn(json, isRecord);
        const place = places[pick % places.length] ?? [];
        const more = altered(json, place, (value) => ({ ...(value as object), instruction: 'x' }));
        expect(evidenceItem.safeParse(more).success).toBe(false);
        for (const field of ['kind', 'from']) {
          const less = Object.fromEntries(Object.entries(json as object).filter(([name]) => name !== field));
          expect(evidenceItem.safeParse(less).success).toBe(false);
        }
      }),
    );
  });
});

const safeLoader = '{6b3e1f52-0c7d-11ed-9a41-806e6f6e6963}';

// What Windows prints, one command's output each: that of the sessions by command line, and the single ones.
const names = (folder: string) =>
  readdirSync(join(__dirname, '../../fixtures/transcripts', folder))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => join(folder, name.replace(/\.txt$/, '')));
const singles = names('.').map(transcript);
const sessions = names('sessions').map(
  (name) =>
    new Map(
      [...transcript(name).matchAll(/^> (.+)\n([^]*?)\n= (\d+)$/gm)].map(([, line = '', output = '', exitCode]) => [
        line,
        { output, exitCode: Number(exitCode) },
      ]),
    ),
);

/** What no session has, as Windows prints it. */
const further = new Map([
  ['rdp-port', registryOutput(3389, 'PortNumber')],
  ['tcp-listeners', listenersOutput(135, 3389)],
  ...['Dhcp', 'TermService'].flatMap((service): [string, string][] => [
    [`descriptor:${service}`, transcript('sc-sdshow-dhcp')],
    [`sid:${service}`, transcript('sc-showsid-en')],
  ]),
  [`permissions:${securedKeys[0]}`, transcript('get-acl-sddl')],
  ['group:LocalServiceNetworkRestricted', transcript('reg-query-svchost-group')],
  ...Object.entries({
    ProductName: 'Windows Server 2019 Datacenter',
    CurrentBuildNumber: '17763',
    ProductType: 'ServerNT',
  }).map(([name, value]): [string, string] => [
    `windows:${name}`,
    `\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\n    ${name}    REG_SZ    ${value}\n\n`,
  ]),
  [
    `boot-object:${safeLoader}`,
    `\nWindows Boot Loader\n-------------------\nidentifier              ${safeLoader}\nsafeboot                7\n\n`,
  ],
]);

/** What a hostile or a broken guest may print in the place of a number or a word. */
const oddities = fc.oneof(
  fc.constantFrom('-0', '-1', '0x', '0xffffffff', '0xffffffffffffffff', '1e999', '1e30', 'NaN', '99999999999999999999'),
  fc.constantFrom('', ' ', '\0', '"', '{', '}', ':', '__proto__', 'constructor', '\u00ff', 'Minimal', 'yes', '%%1058'),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
);

/** Some output with some of its words, or of its lines, changed. */
function spoilt(output: string): fc.Arbitrary<string> {
  const change = fc.record({ at: fc.nat(), odd: oddities, isLine: fc.boolean() });
  return fc.array(change, { maxLength: 4 }).map((changes) =>
    changes.reduce((printed, { at, odd, isLine }) => {
      const words = printed.split(isLine ? '\n' : /(?<=\s)(?=\S)|(?<=\S)(?=\s)/);
      return words.with(at % words.length, odd).join(isLine ? '\n' : '');
    }, output),
  );
}

/** An answer to these commands: mostly what a session has for each, changed here and there. */
function answers(commands: GuestCommand[]): fc.Arbitrary<GuestAnswer> {
  const results = commands.map((command): fc.Arbitrary<GuestCommandResult> => {
    const { id } = command;
    const line = commandLine(command);
    const more = further.get(id);
    const usual = [
      ...sessions.flatMap((session) => session.get(line) ?? []),
      ...(more === undefined ? [] : [{ output: more.replaceAll('\r', ''), exitCode: 0 }]),
    ];
    const printed = fc.constantFrom(...(usual.length > 0 ? usual : singles.map((output) => ({ output, exitCode: 0 }))));
    const other = fc.constantFrom(...singles).map((output) => ({ output, exitCode: 0 }));
    const ended = fc
      .oneof({ arbitrary: printed, weight: 8 }, { arbitrary: other, weight: 1 })
      .chain(({ output, exitCode }) =>
        fc.record({
          id: fc.constant(id),
          kind: fc.constant('ended' as const),
          exitCode: fc.oneof({ arbitrary: fc.constant(exitCode), weight: 8 }, fc.constantFrom(0, 1, 1060)),
          // As it is in one of two: a fact of several outputs is read too.
          output: fc.oneof(fc.constant(output), spoilt(output)).map((spoiled) => asPrinted(spoiled)),
          error: fc.constant(''),
        }),
      );
    const none = fc.constantFrom<GuestCommandResult>(
      { id, kind: 'left-out' },
      { id, kind: 'timed-out', output: '' },
      { id, kind: 'not-started', reason: 'x' },
    );
    return fc.oneof({ arbitrary: ended, weight: 20 }, { arbitrary: none, weight: 1 });
  });
  return fc.record({
    startedAt: fc.oneof(fc.constant('2026-03-01T09:01:00.0000000Z'), fc.string({ maxLength: 40 })),
    bootedAt: maybe(fc.string({ maxLength: 40 })),
    computerName: fc.string({ maxLength: 256 }),
    results: fc.tuple(...results),
  });
}

const everyNeed: Need[] = [
  ...['Dhcp', 'TermService'].flatMap((service): Need[] => [
    { kind: 'service-configuration', service },
    { kind: 'service-status', service },
    { kind: 'service-events', service },
    { kind: 'service-security', service },
  ]),
  { kind: 'service-group', group: 'LocalServiceNetworkRestricted' },
  { kind: 'key-security', key: securedKeys[0] },
  ...['rdp-listener', 'boot-configuration', 'boot-mode', 'control-sets', 'windows-installation'].map(
    (kind) => ({ kind }) as Need,
  ),
  { kind: 'boot-object', object: safeLoader },
];
const folder = 'C:\\Windows\\Temp\\rdp-lifeline\\20260102t030405z-0123abcd45';
const disk: OfflineDisk = {
  partitionStyle: 'gpt',
  bootStore: `${folder}\\p2\\EFI\\Microsoft\\Boot\\BCD`,
  systemHive: `${folder}\\p4\\Windows\\System32\\config\\SYSTEM`,
  softwareHive: `${folder}\\p4\\Windows\\System32\\config\\SOFTWARE`,
  hivePrefix: 'HKLM\\RDPL_20260102t030405z-0123abcd45_',
};

describe('guest/evidence-schemas: what our parsers make', () => {
  it('of a running guest comes back as it was, whatever the guest prints', () => {
    const live = everyNeed.filter(canReadLive);
    const made = new Set<string>();
    fc.assert(
      fc.property(answers(renderNeeds(live)), (answer) => {
        const evidence = readNeeds(live, answer, 'run-command');
        for (const { kind } of evidence) made.add(kind);
        expectToSurvive(evidence);
      }),
      { numRuns: 300 },
    );
    // The outputs are not so odd that nothing is read of them.
    expect([...made].sort()).toEqual([...new Set([...live.map(({ kind }) => kind), 'unreadable'])].sort());
  });

  it('of an attached disk comes back as it was, whatever the recovery VM prints', () => {
    const offline = everyNeed.filter(canReadOffline);
    fc.assert(
      fc.property(answers(renderOfflineLook(disk, offline)), (answer) => {
        expectToSurvive(readOfflineLook(disk, offline, answer).evidence);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['gen1', 'gen2', 'small'] as const)('of the snapshot %s comes back as it was', async (name) => {
    const reading = await readAll(openDisk(name));
    expect(reading.kind).toBe('read');
    if (reading.kind === 'read') expectToSurvive(reading.evidence);
  });

  it('of a disk with another store or hive comes back as it was', async () => {
    const reading = await readAll(memorySource(await smallDiskWith('BCD')));
    expect(reading.kind).toBe('read');
    if (reading.kind === 'read') expectToSurvive(reading.evidence);
  });
});
