import { nothingToUndo, undoBy } from '../../../src/guest/undo';
import fc from 'fast-check';
import { changeName, type Change } from '../../../src/guest/changes';
import { commandLine } from '../../../src/guest/command';
import { readChange, renderChange, renderChanges, stateBefore, undoOf } from '../../../src/guest/live-changes';
import { bootConfigurationOf, bootModeOf } from '../../signatures/support/evidence';
import { inCodePage } from '../../support/code-pages';
import { bcdBlock, bcdRow, bcdWords } from '../../windows/support/words';
import { answerOf, ended, leftOut } from '../support/answers';

const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
const settings = '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}';
const flag: Change = { kind: 'delete-boot-element', object, element: 'safeboot' };
const shell: Change = { kind: 'delete-boot-element', object, element: 'safebootalternateshell' };
const restart: Change = { kind: 'restart-from-safe-mode', delaySeconds: 60 };
const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot`;
const refusal = 'Fehler beim Löschen.\r\nElement nicht gefunden.\r\n';

function enumeration(rows: string[], id = object): string {
  const loader = [`Bezeichner              ${id}`, 'path                    \\Windows\\system32\\winload.efi'];
  return ['', 'Windows-Startladeprogramm', '-------------------------', ...loader, ...rows, ''].join('\r\n');
}

const flagged = enumeration(['safeboot                Minimal', 'safebootalternateshell  Yes']);
const onlyShell = enumeration(['safebootalternateshell  Ja']);
const clean = enumeration([]);

function safeBootKeys(...names: string[]): string {
  return ['', key, '    AlternateShell    REG_SZ    cmd.exe', '', ...names.map((name) => `${key}\\${name}`), ''].join(
    '\r\n',
  );
}

/** The script matches with .NET's Multiline, where a carriage return is an ordinary blank character. */
function isLeftAlone(change: Change, output: string): boolean {
  const { matches } = renderChange(change)[1]?.unless ?? { matches: '' };
  return new RegExp(matches, 'm').test(output.replaceAll('\r\n', ' \n'));
}

/** What the script in the guest matches: .NET's ASCII has a question mark for each byte above 127. */
function asAscii(output: string): string {
  return output.replace(/[\u0080-\u00ff]/g, '?');
}

describe('guest/live-changes/boot: elements', () => {
  it('are enumerated, deleted by the object’s own id, and enumerated again', () => {
    expect(renderChange(flag).map(commandLine)).toEqual([
      `bcdedit.exe /enum ${object} /v`,
      `bcdedit.exe /deletevalue ${object} safeboot`,
      `bcdedit.exe /enum ${object} /v`,
    ]);
  });

  it.each([
    ['the flag', flag, flagged, false],
    ['the flag beside the other element', flag, onlyShell, true],
    ['the other element', shell, onlyShell, false],
    ['the flag that is not there', flag, clean, true],
    ['an object that is not shown', flag, enumeration([], settings), false],
    ['a store that cannot be opened', flag, 'The boot configuration data store could not be opened.\r\n', false],
    ['nothing', flag, '', false],
  ])('are left alone only if the enumeration shows the object without them: %s', (_what, change, output, expected) => {
    expect(isLeftAlone(change, output)).toBe(expected);
  });

  it('are gone when the enumeration says so, with the value before and the way back', () => {
    expect(read(flag, flagged, ended('write', ''), onlyShell)).toMatchObject({
      outcome: 'changed',
      before: 'safeboot = Minimal',
      after: 'safeboot = none',
      undo: undoBy('bcdedit.exe', '/set', object, 'safeboot', 'minimal'),
    });
    expect(read(shell, flagged, ended('write', ''), clean)).toMatchObject({
      outcome: 'changed',
      undo: undoBy('bcdedit.exe', '/set', object, 'safebootalternateshell', 'yes'),
    });
  });

  it('count as right when deleting failed and the enumeration does not show them, in any language', () => {
    expect(read(flag, flagged, ended('write', refusal, 1), clean)).toMatchObject({ outcome: 'right-already' });
  });

  it('are told as failed when the enumeration still shows them, whatever bcdedit said', () => {
    expect(read(flag, flagged, ended('write', refusal, 1), flagged)).toMatchObject({ outcome: 'failed', code: 1 });
    expect(read(flag, flagged, ended('write', ''), flagged)).toMatchObject({ outcome: 'failed' });
  });

  it('are told as failed when the store cannot be enumerated again: that is not "gone"', () => {
    for (const after of ['', 'Access is denied.\r\n', enumeration([], settings)]) {
      expect(read(flag, flagged, ended('write', ''), after)).toMatchObject({ outcome: 'failed' });
    }
  });

  it.each(bcdWords)('are gone in $language (code page $codePage) when they are, with their way back', (words) => {
    const { codePage, identifier, loader: heading } = words;
    const store = (...rows: string[]) =>
      bcdBlock({ codePage, heading, identifier }, object, [
        bcdRow('description', inCodePage(`${heading} ${identifier}`, codePage)),
        bcdRow('inherit', settings),
        ...rows,
      ]);
    const [before, after] = [store(bcdRow('safeboot', 'Minimal')), store()];
    expect(isLeftAlone(flag, asAscii(before))).toBe(false);
    expect(isLeftAlone(flag, asAscii(after))).toBe(true);
    expect(read(flag, before, ended('write', ''), after)).toMatchObject({
      outcome: 'changed',
      before: 'safeboot = Minimal',
      undo: undoBy('bcdedit.exe', '/set', object, 'safeboot', 'minimal'),
    });
  });

  it('are not told as gone when they are there without a value, or with a word that is not known', () => {
    for (const row of ['safeboot', 'safeboot                ', 'safeboot                \u008c\u00a8\u00ad']) {
      expect(isLeftAlone(flag, enumeration([row]))).toBe(false);
      expect(read(flag, enumeration([row]), ended('write', ''), clean)).toMatchObject({
        outcome: 'changed',
        undo: { kind: 'impossible' },
      });
      expect(read(flag, flagged, ended('write', ''), enumeration([row]))).toMatchObject({ outcome: 'failed' });
    }
  });

  it('know the value before from the loader itself, or from where it inherits the flag', () => {
    const own = [bootConfigurationOf({ id: object, safeboot: 'Network' })];
    expect(undoOf(flag, stateBefore(flag, own))).toEqual(undoBy('bcdedit.exe', '/set', object, 'safeboot', 'network'));
    const inherited = [bootConfigurationOf({ id: object, safeboot: 'Minimal', safebootSetIn: settings })];
    expect(stateBefore(flag, inherited)).toBeUndefined();
    expect(stateBefore({ ...flag, object: settings }, inherited)).toMatchObject({ value: 'Minimal' });
    expect(undoOf(flag, undefined)).toMatchObject({ kind: 'impossible' });
    expect(undoOf(shell, stateBefore(shell, own))).toEqual(nothingToUndo('it was not there'));
  });

  it('never throw, and are never "gone" unless the object was shown, whatever the guest prints', () => {
    const output = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(flagged, clean, onlyShell));
    fc.assert(
      fc.property(output, output, fc.constantFrom(0, 1, -1), (before, after, code) => {
        const { outcome } = read(flag, before, ended('write', before, code), after);
        if (!after.includes(object)) expect(outcome).toBe('failed');
      }),
    );
  });
});

describe('guest/live-changes/boot: restart', () => {
  it('looks at how Windows runs, asks for a restart with a delay, and does not look again: it is still to come', () => {
    expect(renderChange(restart).map(commandLine)).toEqual([
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot`,
      'shutdown.exe /r /t 60',
    ]);
  });

  it.each([
    ['safe mode', safeBootKeys('Minimal', 'Network', 'Option'), false],
    ['safe mode, the key first', safeBootKeys('Option', 'Minimal', 'Network'), false],
    ['a normal run', safeBootKeys('Minimal', 'Network'), true],
    ['an error', 'ERROR: The system was unable to find the specified registry key or value.\r\n', false],
    ['nothing', '', false],
  ])('is left out only in a Windows that is seen to run normally: %s', (_what, output, expected) => {
    expect(isLeftAlone(restart, output)).toBe(expected);
  });

  it('is told as to come, and cannot be taken back', () => {
    const answer = answerOf(
      ended('restart-from-safe-mode:before', safeBootKeys('Minimal', 'Option')),
      ended('restart-from-safe-mode:write', ''),
    );
    expect(readChange(restart, answer)).toMatchObject({
      outcome: 'changed',
      before: 'it runs in safe mode',
      after: 'a restart is to come 60 s later',
      undo: nothingToUndo('a restart cannot be taken back'),
    });
  });

  it.each([
    [1115, 'changed'],
    [1190, 'changed'],
    [5, 'failed'],
  ])('takes the Windows error %d as %s: a restart that is under way needs no second', (code, outcome) => {
    const write = ended('restart-from-safe-mode:write', '', code);
    expect(readChange(restart, answerOf(write))).toMatchObject({ outcome });
  });

  it('is right already when it was left out', () => {
    const answer = answerOf(
      ended('restart-from-safe-mode:before', safeBootKeys('Minimal')),
      leftOut('restart-from-safe-mode:write'),
    );
    expect(readChange(restart, answer)).toMatchObject({ outcome: 'right-already', before: 'it runs normally' });
  });

  it('is asked for only where the boot store has lost its flags (hazard: a downtime back into safe mode)', () => {
    const write = renderChanges([flag, restart]).find(({ file }) => file === 'shutdown.exe');
    expect(write?.onlyIf).toEqual([
      { id: `${changeName(flag)}:after`, matches: renderChange(flag)[1]?.unless?.matches },
    ]);
    expect(renderChanges([restart])).toEqual(renderChange(restart));
    const answer = answerOf(
      ended('restart-from-safe-mode:before', safeBootKeys('Minimal', 'Option')),
      leftOut('restart-from-safe-mode:write'),
    );
    expect(readChange(restart, answer)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('still flagged') as string,
    });
  });

  it('knows from the evidence how Windows ran', () => {
    expect(stateBefore(restart, [bootModeOf('Network')])).toMatchObject({ value: 'safe' });
    expect(stateBefore(restart, [bootModeOf('normal')])).toMatchObject({ value: 'normal' });
    expect(stateBefore(restart, [])).toBeUndefined();
  });
});

function read(change: Change, before: string, write: ReturnType<typeof ended>, after: string) {
  const [first = '', second = '', third = ''] = renderChange(change).map(({ id }) => id);
  return readChange(change, answerOf(ended(first, before), { ...write, id: second }, ended(third, after)));
}
