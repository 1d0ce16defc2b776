import { commandLine, type GuestCommandResult } from '../../src/guest/command';
import { readNeeds, renderNeeds, type LiveNeed } from '../../src/guest/live';
import { inCodePage } from '../support/code-pages';
import { bcdBlock, bcdRow, bcdWords } from '../windows/support/words';
import { answerOf, ended } from './support/answers';

const configuration: LiveNeed = { kind: 'boot-configuration' };
const mode: LiveNeed = { kind: 'boot-mode' };
const first = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
const second = '{d1a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
const safeBoot = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot`;

describe('guest/live-boot: commands', () => {
  it('only enumerate, and ask for every object by its GUID', () => {
    expect(renderNeeds([configuration, mode]).map(commandLine)).toEqual([
      'bcdedit.exe /enum {bootmgr} /v',
      'bcdedit.exe /enum osloader /v',
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot`,
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot\Option /v OptionValue`,
    ]);
  });
});

describe('guest/live-boot: configuration', () => {
  it('takes the boot manager’s default', () => {
    const evidence = read(manager(`default                 ${second}`), loaders([first, 'Minimal'], [second]));
    expect(evidence).toMatchObject({
      chosenBy: 'default',
      next: { id: second, safeboot: undefined, alternateShell: false },
      others: [{ id: first, safeboot: 'Minimal' }],
    });
  });

  it('takes a one-time sequence before the default', () => {
    const store = manager(`default                 ${second}`, `bootsequence            ${first}`);
    expect(read(store, loaders([first, 'Network'], [second]))).toMatchObject({
      chosenBy: 'bootsequence',
      next: { id: first, safeboot: 'Network' },
    });
  });

  it('takes the only loader where the manager names none', () => {
    expect(read(manager('timeout                 30'), loaders([first, 'DsRepair']))).toMatchObject({
      chosenBy: 'only-loader',
      next: { safeboot: 'DsRepair' },
    });
  });

  it('does not guess among several (hazard: the wrong loader is changed)', () => {
    expect(read(manager('timeout                 30'), loaders([first], [second]))).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('is not said') as string,
    });
  });

  it('does not take the only loader where the default is something else (hazard: another system comes next)', () => {
    const other = 'default                 {b2721d73-1db4-4c62-bf78-c548a880142d}';
    expect(read(manager(other), loaders([first]))).toMatchObject({
      kind: 'unreadable',
      reason: 'the default of the boot manager is no Windows loader',
    });
    expect(read(manager(other, `bootsequence            ${first}`), loaders([first]))).toMatchObject({
      chosenBy: 'bootsequence',
    });
  });

  it('passes over a one-time sequence that is no Windows loader: it is gone after one start', () => {
    const memoryTest = 'bootsequence            {b2721d73-1db4-4c62-bf78-c548a880142d}';
    expect(read(manager(memoryTest, `default                 ${first}`), loaders([first]))).toMatchObject({
      chosenBy: 'default',
      next: { id: first },
    });
  });

  it.each(bcdWords)(
    'is read in $language (code page $codePage)',
    ({ codePage, identifier, manager: heading, loader }) => {
      const managerText = bcdBlock({ codePage, heading, identifier }, '{9dea862c-5cdd-4e70-acc1-f32b344d4795}', [
        bcdRow('default', first),
      ]);
      const rows = [bcdRow('description', inCodePage(loader, codePage)), bcdRow('safeboot', 'Minimal')];
      const loaderText = bcdBlock({ codePage, heading: loader, identifier }, first, rows);
      expect(read(managerText, loaderText)).toMatchObject({
        chosenBy: 'default',
        next: { id: first, safeboot: 'Minimal' },
      });
    },
  );

  it('tells a value that it does not know as a number', () => {
    expect(read(manager(`default                 ${first}`), loaders([first, '9']))).toMatchObject({
      next: { safeboot: 9 },
    });
    expect(read(manager(`default                 ${first}`), loaders([first, 'Mystère']))).toMatchObject({
      next: { safeboot: -1 },
    });
  });

  it.each(['-0', '+1', '1e3', '0x'])('takes no other text for a number: %s', (printed) => {
    expect(read(manager(`default                 ${first}`), loaders([first, printed]))).toMatchObject({
      next: { safeboot: -1 },
    });
  });

  it('is unreadable when bcdedit fails or prints an error', () => {
    const loader = ended('boot-loaders', loaders([first]));
    expect(readAll(configuration, ended('boot-manager', 'x', 1), loader)).toMatchObject({
      kind: 'unreadable',
      reason: 'the command ended with exit code 1',
    });
    expect(readAll(configuration, ended('boot-manager', 'Access is denied.'), loader)).toMatchObject({
      kind: 'unreadable',
    });
  });
});

describe('guest/live-boot: mode', () => {
  const list = (...keys: string[]) =>
    ended('safe-boot', ['', safeBoot, '    AlternateShell    REG_SZ    cmd.exe', '', ...keys, ''].join('\r\n'));
  const option = (value: string) =>
    ended('safe-boot-option', ['', `${safeBoot}\\Option`, `    OptionValue    REG_DWORD    ${value}`, ''].join('\r\n'));
  const missing = ended('safe-boot-option', 'ERREUR : clé introuvable', 1);

  it('is normal when the volatile key is not there', () => {
    expect(readAll(mode, list(`${safeBoot}\\Minimal`, `${safeBoot}\\Network`), missing)).toMatchObject({
      mode: 'normal',
    });
  });

  it.each([
    ['0x1', 'Minimal'],
    ['0x2', 'Network'],
    ['0x3', 'DsRepair'],
    ['0x7', 'safe'],
  ])('is told by OptionValue %s as %s', (value, expected) => {
    expect(readAll(mode, list(`${safeBoot}\\Option`), option(value))).toMatchObject({ mode: expected });
  });

  it('is normal whatever other key ends in the same bytes', () => {
    // 932: the second byte of ソ is a backslash.
    expect(
      readAll(mode, list(`${safeBoot}\\Minimal\\${inCodePage('ソ', 932)}safeboot\\option`), missing),
    ).toMatchObject({
      mode: 'normal',
    });
  });

  it('is some safe mode when the value cannot be read', () => {
    expect(readAll(mode, list(`${safeBoot}\\Option`), missing)).toMatchObject({ mode: 'safe' });
  });
});

function read(managerText: string, loadersText: string) {
  return readAll(configuration, ended('boot-manager', managerText), ended('boot-loaders', loadersText));
}

function readAll(need: LiveNeed, ...results: GuestCommandResult[]) {
  return readNeeds([need], answerOf(...results), 'run-command')[0];
}

function manager(...rows: string[]): string {
  const head = ['', 'Gestionnaire de démarrage Windows', '---------------------------------'];
  return [...head, 'identificateur          {9dea862c-5cdd-4e70-acc1-f32b344d4795}', ...rows, ''].join('\r\n');
}

function loaders(...given: [id: string, safeboot?: string][]): string {
  return given
    .flatMap(([id, safeboot]) => [
      '',
      'Windows-Startladeprogramm',
      '-------------------------',
      `Bezeichner              ${id}`,
      'path                    \\windows\\system32\\winload.efi',
      ...(safeboot === undefined ? [] : [`safeboot                ${safeboot}`]),
    ])
    .join('\r\n');
}
