import { undoBy } from '../../src/guest/undo';
import fc from 'fast-check';
import type { Change } from '../../src/guest/changes';
import type { GuestAnswer, GuestCommandResult } from '../../src/guest/command';
import { canReadOffline, readOfflineLook, renderOfflineLook, type OfflineNeed } from '../../src/guest/offline';
import { hasOfflineWrites, readOfflineChange, renderOfflineChanges } from '../../src/guest/offline-changes';
import type { OfflineDisk } from '../../src/guest/offline-disk';
import { signatures } from '../../src/signatures';
import { diagnosisNeeds } from '../../src/signatures/diagnose';
import { answerOf, ended, leftOut } from './support/answers';

const folder = 'C:\\Windows\\Temp\\rdp-lifeline\\20260102t030405z-0123abcd45';
const disk: OfflineDisk = {
  partitionStyle: 'gpt',
  bootStore: `${folder}\\p2\\EFI\\Microsoft\\Boot\\BCD`,
  systemHive: `${folder}\\p4\\Windows\\System32\\config\\SYSTEM`,
  softwareHive: `${folder}\\p4\\Windows\\System32\\config\\SOFTWARE`,
  hivePrefix: 'HKLM\\RDPL_20260102t030405z-0123abcd45_',
};
const target = { disk, controlSets: [1, 2] };
const needs = diagnosisNeeds(signatures).filter(canReadOffline);
const startType: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };
const noSafeMode: Change = {
  kind: 'delete-boot-element',
  object: '{6b3e1f52-0c7d-11ed-9a41-806e6f6e6963}',
  element: 'safeboot',
};
const every: Change[] = [
  noSafeMode,
  startType,
  { kind: 'set-service-account', service: 'Dhcp', account: 'NT AUTHORITY\\LocalService' },
  { kind: 'set-service-type', service: 'Dhcp', type: 'own' },
];

describe('guest/offline: a run on an attached disk', () => {
  it.each([
    ['that looks', renderOfflineLook(disk, needs)],
    ['that changes', renderOfflineChanges(every, target)],
  ])('%s names the disk’s own store and keys in every command, and never the recovery VM’s', (_what, commands) => {
    expect(commands.length).toBeGreaterThan(5);
    for (const {
      file,
      arguments: [first = '', second = ''],
    } of commands) {
      if (file === 'bcdedit.exe') expect([first, second]).toEqual(['/store', disk.bootStore]);
      else expect([file, second.startsWith(disk.hivePrefix)]).toEqual(['reg.exe', true]);
    }
  });

  it('that looks writes nothing', () => {
    const verbs = renderOfflineLook(disk, needs).map(({ file, arguments: rest }) =>
      file === 'reg.exe' ? rest[0] : rest[2],
    );
    expect([...new Set(verbs)].sort()).toEqual(['/enum', 'load', 'query', 'unload']);
  });

  it('unloads last, whatever came before', () => {
    for (const commands of [renderOfflineLook(disk, needs), renderOfflineChanges(every, target)]) {
      const last = commands.at(-1);
      expect([last?.arguments[0], last?.unless, last?.onlyIf]).toEqual(['unload', undefined, undefined]);
      const loads = commands.filter(({ arguments: [verb] }) => verb === 'load').length;
      expect(commands.filter(({ arguments: [verb] }) => verb === 'unload')).toHaveLength(loads);
    }
  });

  it('writes only where the hive is loaded, the value is there and is not right', () => {
    const writes = renderOfflineChanges(every, target).filter(
      ({ arguments: rest }) => rest.includes('add') || rest.includes('/deletevalue'),
    );
    expect(writes).toHaveLength(1 + 3 * 2);
    for (const { onlyIf = [], unless } of writes) {
      expect(onlyIf.map(({ id }) => id)[0]).toBe('hive-keys:SYSTEM');
      expect(onlyIf).toHaveLength(2);
      expect(unless?.id).toBe(onlyIf[1]?.id);
    }
  });

  it('loads no hive for the boot store alone', () => {
    expect(renderOfflineChanges([noSafeMode], target).every(({ file }) => file === 'bcdedit.exe')).toBe(true);
  });

  it('has ids of its own for each command, and not more than an answer may hold', () => {
    for (const commands of [renderOfflineLook(disk, needs), renderOfflineChanges(every, target)]) {
      expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
      expect(commands.length).toBeLessThanOrEqual(200);
    }
  });
});

describe('guest/offline: what a cure asks for and a disk has no place for', () => {
  it.each<[Change]>([
    [{ kind: 'start-service', service: 'Dhcp' }],
    [{ kind: 'stop-service', service: 'Dhcp' }],
    [{ kind: 'restart-from-safe-mode', delaySeconds: 60 }],
  ])('comes with the boot and is not called done: $kind', (change) => {
    expect(renderOfflineChanges([change], target)).toEqual([]);
    expect(hasOfflineWrites([change], target)).toBe(false);
    expect(readOfflineChange(change, target, answerOf())).toMatchObject({ outcome: 'comes-with-boot' });
  });
});

describe('guest/offline: what is printed in a code page that is not known', () => {
  const one = { disk, controlSets: [1] };
  const text = (name: string, data: string, type = 'REG_SZ') =>
    `\r\nHKEY_LOCAL_MACHINE\\RDPL_x_SYSTEM\\ControlSet001\\Services\\Dhcp\r\n    ${name}    ${type}    ${data}\r\n\r\n`;
  const account: Change = { kind: 'set-service-account', service: 'Dhcp', account: 'NT AUTHORITY\\LocalService' };

  it.each([
    ['NT AUTHORITY\\Network Service', ['"NT AUTHORITY\\Network Service"']],
    ['NT-AUTORIT\u008eT\\NETZWERKDIENST', ['"NT AUTHORITY\\NetworkService"']],
    ['CORP\\svc', ['CORP\\svc']],
    // What would be written back is another name.
    ['CORP\\\u0088\u00a2\u00a0\u00ad', []],
    ['CORP\\????', []],
  ])('the account %s is put back as %j on the disk', (before, expected) => {
    const id = 'set-service-account:Dhcp · ControlSet001';
    const answer = answerOf(
      ended(`${id}:before`, text('ObjectName', before)),
      ended(`${id}:write`, ''),
      ended(`${id}:after`, text('ObjectName', 'NT AUTHORITY\\LocalService')),
    );
    const result = readOfflineChange(account, one, answer);
    const key = `${disk.hivePrefix}SYSTEM\\ControlSet001\\Services\\Dhcp`;
    expect(result).toMatchObject({
      outcome: 'changed',
      undoOffline: expected.map((name) => `reg.exe add ${key} /v ObjectName /t REG_SZ /d ${name} /f`),
    });
  });

  it('the place of a dump is put back only if each of its letters is known', () => {
    const before = (data: string) => {
      const id = 'enable-crash-dump · DumpFile in ControlSet001';
      const key = String.raw`HKEY_LOCAL_MACHINE\RDPL_x_SYSTEM\ControlSet001\Control\CrashControl`;
      const shown = (value: string) => `\r\n${key}\r\n    DumpFile    REG_EXPAND_SZ    ${value}\r\n\r\n`;
      const answer = answerOf(
        ended(`${id}:before`, shown(data)),
        ended(`${id}:write`, ''),
        ended(`${id}:after`, shown('%SystemRoot%\\MEMORY.DMP')),
      );
      return readOfflineChange({ kind: 'enable-crash-dump' }, one, answer);
    };
    expect(before('D:\\dumps\\a.dmp')).toMatchObject({ undo: { kind: 'commands' }, undoOffline: [expect.any(String)] });
    expect(before('D:\\\u0084\u00a0\u00ac\u00af\\a.dmp')).toMatchObject({
      undo: { kind: 'impossible' },
      undoOffline: [],
    });
  });

  it('a key whose name ends in the same bytes is no control set', () => {
    const root = 'HKEY_LOCAL_MACHINE\\RDPL_x_SYSTEM';
    // 932: ソ is 83 5C, and 5C is a backslash.
    const keys = [`${root}\\ControlSet001`, `${root}\\Select`, `${root}\\\u0083\\ControlSet005`];
    const select = `\r\n${root}\\Select\r\n    Current    REG_DWORD    0x1\r\n    Default    REG_DWORD    0x1\r\n`;
    const look = readOfflineLook(
      disk,
      [{ kind: 'control-sets' }],
      answerOf(ended('hive-keys:SYSTEM', ['', ...keys, ''].join('\r\n')), ended('select', select)),
    );
    expect(look.evidence).toMatchObject([{ kind: 'control-sets', present: [1] }]);
    const { matches = '' } =
      renderOfflineLook(disk, needs)
        .flatMap(({ onlyIf = [] }) => onlyIf)
        .find((one) => one.matches.includes('ControlSet005')) ?? {};
    expect(new RegExp(matches, 'm').test(`\r\n${root}\\?\\ControlSet005 \n`)).toBe(false);
    expect(new RegExp(matches, 'm').test(`\r\n${root}\\ControlSet005 \n`)).toBe(true);
  });
});

describe('guest/offline: what became of a change', () => {
  const id = 'set-service-start-type:Dhcp · ControlSet001';
  const one = { disk, controlSets: [1] };
  const shown = (value: number) =>
    `\r\nHKEY_LOCAL_MACHINE\\RDPL_x_SYSTEM\\ControlSet001\\Services\\Dhcp\r\n    Start    REG_DWORD    0x${value}\r\n\r\n`;
  const outcomeOf = (...results: GuestCommandResult[]) => readOfflineChange(startType, one, answerOf(...results));

  it('is changed if it is read so', () => {
    expect(
      outcomeOf(ended(`${id}:before`, shown(4)), ended(`${id}:write`, ''), ended(`${id}:after`, shown(2))),
    ).toEqual({
      change: 'set-service-start-type:Dhcp',
      title: 'Set the start type of the service Dhcp to automatic',
      outcome: 'changed',
      before: 'Start = 4 (disabled)',
      after: 'Start = 2 (automatic)',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
      undoOffline: [
        `reg.exe add ${disk.hivePrefix}SYSTEM\\ControlSet001\\Services\\Dhcp /v Start /t REG_DWORD /d 4 /f`,
      ],
    });
  });

  it('is right already if it is read so, before and after', () => {
    expect(
      outcomeOf(ended(`${id}:before`, shown(2)), leftOut(`${id}:write`), ended(`${id}:after`, shown(2))),
    ).toMatchObject({
      outcome: 'right-already',
    });
  });

  // That a command was left out says nothing of the value: it is what a hive that is not loaded gives.
  it.each<[string, GuestCommandResult[]]>([
    ['everything was left out', ['before', 'write', 'after'].map((when) => leftOut(`${id}:${when}`))],
    ['nothing was answered', []],
    ['it was written and not read again', [ended(`${id}:before`, shown(4)), ended(`${id}:write`, '')]],
    [
      'it is read as before',
      [ended(`${id}:before`, shown(4)), ended(`${id}:write`, ''), ended(`${id}:after`, shown(4))],
    ],
    [
      'the write was left out and it is wrong',
      [ended(`${id}:before`, shown(4)), leftOut(`${id}:write`), ended(`${id}:after`, shown(4))],
    ],
    [
      'the write failed',
      [ended(`${id}:before`, shown(4)), ended(`${id}:write`, '', 1), ended(`${id}:after`, shown(4))],
    ],
  ])('is failed where %s', (_what, results) => {
    expect(outcomeOf(...results)).toMatchObject({ outcome: 'failed' });
  });

  it('names the exit code of a write that failed', () => {
    expect(
      outcomeOf(ended(`${id}:before`, shown(4)), ended(`${id}:write`, '', 1), ended(`${id}:after`, shown(4))),
    ).toMatchObject({ code: 1, undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled') });
  });
});

describe('guest/offline: hostile answers', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      `##RDPL1 ${'a'.repeat(32)} 1/1 4 ${'b'.repeat(64)}##AAAA##END ${'a'.repeat(32)}##`,
      'HKEY_LOCAL_MACHINE\\RDPL_x_SYSTEM\\Select\r\n    Default    REG_DWORD    0xffffffff\r\n',
      'HKEY_LOCAL_MACHINE\\x\\ControlSet001\r\nHKEY_LOCAL_MACHINE\\x\\Select\r\n',
      'x'.repeat(50_000),
    ),
  );
  const commands = [...renderOfflineLook(disk, needs), ...renderOfflineChanges(every, target)];
  const answers: fc.Arbitrary<GuestAnswer> = fc
    .array(
      fc.record({
        id: fc.constantFrom(...commands.map(({ id }) => id)),
        output: text,
        exitCode: fc.constantFrom(0, 1),
      }),
    )
    .map((results) => answerOf(...results.map(({ id, output, exitCode }) => ended(id, output, exitCode))));

  it('give one item for each need, and control sets that were looked at', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const look = readOfflineLook(disk, needs satisfies OfflineNeed[], answer);
        expect(look.evidence).toHaveLength(needs.length);
        expect(look.evidence.every(({ from }) => from.source === 'recovery-vm')).toBe(true);
        if (look.controlSets.ok) {
          expect(look.controlSets.value.every((number) => number >= 1 && number <= 9)).toBe(true);
        }
      }),
    );
  });

  it('never pass for a change that was made', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        for (const change of every) expect(readOfflineChange(change, target, answer).outcome).toBe('failed');
      }),
    );
  });
});
