import { bootNumber } from '../../../local/windows/boot-store';
import { installedLoaderId } from '../../../local/windows/default-boot-store';
import { run, runningGuest } from './support/running-guest';

const bootManagerId = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
const success = 'The operation completed successfully.\r\n';

function bcdedit(guest: ReturnType<typeof runningGuest>, ...commandLine: string[]) {
  return run(guest, 'bcdedit.exe', commandLine);
}

function safeBootOf(guest: ReturnType<typeof runningGuest>) {
  return bootNumber(guest.content, installedLoaderId, 0x25000080);
}

describe('local/windows/bcdedit: bcdedit /enum', () => {
  it('shows the boot manager and the loaders of its menu, with the names that Windows has for them', () => {
    const guest = runningGuest();
    expect(bcdedit(guest, '/set', 'safeboot', 'network').stdout).toBe(success);
    const { exitCode, stdout } = bcdedit(guest);
    expect(exitCode).toBe(0);
    expect(stdout.split('\r\n')).toEqual([
      '',
      'Windows Boot Manager',
      '--------------------',
      'identifier              {bootmgr}',
      'device                  partition=\\Device\\HarddiskVolume1',
      'path                    \\EFI\\Microsoft\\Boot\\bootmgfw.efi',
      'description             Windows Boot Manager',
      'locale                  en-US',
      'inherit                 {globalsettings}',
      'bootems                 Yes',
      'default                 {current}',
      expect.stringMatching(/^resumeobject {12}\{[0-9a-f-]{36}\}$/),
      'displayorder            {current}',
      'toolsdisplayorder       {memdiag}',
      'timeout                 5',
      'displaybootmenu         Yes',
      '',
      'Windows Boot Loader',
      '-------------------',
      'identifier              {current}',
      'device                  partition=C:',
      'path                    \\Windows\\system32\\winload.efi',
      'description             Windows Server',
      'locale                  en-US',
      'inherit                 {bootloadersettings}',
      'recoveryenabled         No',
      'isolatedcontext         Yes',
      'allowedinmemorysettings 0x15000075',
      'osdevice                partition=C:',
      'systemroot              \\Windows',
      expect.stringMatching(/^resumeobject /),
      'nx                      OptOut',
      'safeboot                Network',
      'bootmenupolicy          Standard',
      'ems                     Yes',
      '',
    ]);
  });

  it('with /v shows every id as it is, wherever the option stands', () => {
    const guest = runningGuest();
    const before = bcdedit(guest, '/v', '/enum', '{bootmgr}').stdout;
    expect(bcdedit(guest, '/enum', '{bootmgr}', '/v').stdout).toBe(before);
    expect(before).toContain(`identifier              ${bootManagerId}\r\n`);
    expect(before).toContain(`default                 ${installedLoaderId}\r\n`);
    expect(before).not.toContain('{current}');
  });

  it('osloader shows the loaders only, all shows every object, several values below each other', () => {
    const guest = runningGuest();
    const loaders = bcdedit(guest, '/enum', 'osloader').stdout;
    expect(loaders.match(/^-+\r$/gm)).toHaveLength(1);
    const all = bcdedit(guest, '/enum', 'ALL').stdout;
    expect(all.match(/^-+\r$/gm)).toHaveLength(11);
    expect(all).toContain(
      'inherit                 {dbgsettings}\r\n                        {emssettings}\r\n                        {badmemory}\r\n',
    );
    expect(all).toContain('filepath                \\hiberfil.sys\r\n');
  });

  it('shows an element that it has no name for by its number', () => {
    const guest = runningGuest();
    expect(bcdedit(guest, '/set', '{current}', 'custom:250000fe', '3').exitCode).toBe(0);
    expect(bcdedit(guest, '/enum', '{current}').stdout).toContain('custom:250000fe         3\r\n');
  });

  it('knows the default loader by GUID, {default} and {current} alike', () => {
    const guest = runningGuest();
    const byId = bcdedit(guest, '/enum', installedLoaderId.toUpperCase()).stdout;
    expect(byId).toContain('Windows Boot Loader');
    expect(bcdedit(guest, '/enum', '{default}').stdout).toBe(byId);
    expect(bcdedit(guest, '/enum', '{current}').stdout).toBe(byId);
  });
});

describe('local/windows/bcdedit: bcdedit /set and /deletevalue', () => {
  it.each([
    ['minimal', 0],
    ['Network', 1],
    ['DSREPAIR', 2],
  ])('write safeboot %s as %i and take it away', (word, number) => {
    const guest = runningGuest();
    expect(bcdedit(guest, '/set', '{default}', 'safeboot', word)).toEqual({ exitCode: 0, stdout: success, stderr: '' });
    expect(safeBootOf(guest)).toBe(number);
    expect(bcdedit(guest, '/deletevalue', installedLoaderId, 'safeboot').stdout).toBe(success);
    expect(safeBootOf(guest)).toBeUndefined();
  });

  it('say what was wrong on the standard output, with exit code 1, and change nothing', () => {
    const guest = runningGuest();
    const before = bcdedit(guest, '/enum', 'all').stdout;
    const refusals: [string[], string][] = [
      [['/deletevalue', '{current}', 'safeboot'], 'Element not found.'],
      [['/set', '{current}', 'safeboot', 'sometimes'], 'not valid as specified'],
      [['/set', '{current}', 'safeboot'], 'command line specified is not valid'],
      [['/set', '{current}', 'noSuchElement', '1'], 'not recognized'],
      [['/set', '{bootmgr}', 'safeboot', 'minimal'], 'not recognized'],
      [['/set', '{11111111-2222-3333-4444-555555555555}', 'safeboot', 'minimal'], 'reference the specified entry'],
      [['/set', '{current}', 'ems', 'perhaps'], 'not valid as specified'],
      [['/set', '{bootmgr}', 'default', '{nobody}'], 'not valid as specified'],
      [['/enum', 'everything'], 'command line specified is not valid'],
      [['/frobnicate'], 'command line specified is not valid'],
    ];
    for (const [commandLine, text] of refusals) {
      const result = bcdedit(guest, ...commandLine);
      expect([commandLine, result.exitCode, result.stderr]).toEqual([commandLine, 1, '']);
      expect(result.stdout).toContain(text);
    }
    expect(bcdedit(guest, '/enum', 'all').stdout).toBe(before);
  });

  it('write texts, booleans, numbers and objects as their element keeps them', () => {
    const guest = runningGuest();
    bcdedit(guest, '/set', '{current}', 'description', 'Mine');
    bcdedit(guest, '/set', '{current}', 'safebootalternateshell', 'on');
    bcdedit(guest, '/set', '{bootmgr}', 'timeout', '0x1e');
    bcdedit(guest, '/set', '{bootmgr}', 'bootsequence', '{current}');
    const shown = bcdedit(guest).stdout;
    expect(shown).toContain('description             Mine\r\n');
    expect(shown).toContain('safebootalternateshell  Yes\r\n');
    expect(shown).toContain('timeout                 30\r\n');
    expect(shown).toContain('bootsequence            {current}\r\n');
  });

  it('say that there is no store when there is none', () => {
    const guest = runningGuest();
    guest.content.deleteKey('BCD\\Objects');
    const result = bcdedit(guest);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('store could not be opened');
  });
});
