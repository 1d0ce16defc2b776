import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptRunner } from '../../../local/windows/agent';
import { bcdedit } from '../../../local/windows/commands/bcdedit';
import { installedBytes, LATER, run } from './support/running-guest';
import { recoveryVm } from '../../guest/recovery-vm/support/recovery-guest';

function scriptNamed(name: string): string {
  return readFileSync(join(__dirname, '../../../src/guest/scripts', name), 'utf8').replaceAll('\r\n', '\n');
}

describe('local/windows/offline-disk-scripts: the twins of the disk scripts', () => {
  // The scripts that local/windows/offline-disk-scripts.ts was last held against. Compare them before you change this.
  it.each([
    ['prepare-offline-disk.ps1', 'f56a68789b46c35b5aec69f08f309b447e7215a08a8d9a99879b61e0308e15cd'],
    ['release-offline-disk.ps1', '225963930ad40a4ef405c5ec6a49ddc935b580d2c38fc86d1eed7573d8f40963'],
  ])('are read again by whoever changes %s: the two must do the same', (name, hash) => {
    expect(createHash('sha256').update(scriptNamed(name)).digest('hex')).toBe(hash);
  });

  it.each([
    [{ Lun: '1' }, /parameter 'Lun'/],
    [{ RepairId: '..' }, /parameter 'RepairId'/],
    [{ SizeBytes: '0' }, /parameter 'SizeBytes'/],
    [{ Part: '1' }, /parameter name 'Part'/],
  ])('are refused by PowerShell with %p', async (given, message) => {
    const { guest } = recoveryVm(installedBytes(), 'V1');
    const parameters = {
      Nonce: 'a'.repeat(32),
      RepairId: '20260102t030405z-0123abcd45',
      Lun: '2',
      SizeBytes: '1000000000',
    };
    const host = { guest, pause: () => Promise.resolve() };
    for (const name of ['prepare-offline-disk.ps1', 'release-offline-disk.ps1']) {
      const end = await createScriptRunner()(host, scriptNamed(name), { ...parameters, ...given });
      expect(end).toMatchObject({ exitCode: 1, output: '' });
      expect(end.error).toMatch(message);
    }
  });
});

describe('local/windows/offline-disk-scripts: a disk that is attached to a simulated Windows', () => {
  it('comes online by itself under the policy of Azure’s images, and stays offline under another', async () => {
    const views = (policy?: number) => {
      const vm = recoveryVm(installedBytes({ generation: 'V2' }), 'V1');
      if (policy !== undefined) {
        const key = 'SYSTEM\\ControlSet001\\Services\\partmgr\\Parameters';
        vm.guest.content.writeValue(key, 'SanPolicy', { type: 'REG_DWORD', data: policy });
      }
      return vm.guest.attachedDisks()?.disks();
    };
    expect(views()).toMatchObject([{ isOwn: true }, { lun: 2, isOffline: false, isReadOnly: false, style: 'gpt' }]);
    expect(views(2)).toMatchObject([{ isOwn: true }, { isOffline: true, isReadOnly: true, offlineReason: 'Policy' }]);
    await Promise.resolve();
  });

  it('has hives that reg.exe loads, changes and unloads, in the words of the machine’s language', async () => {
    const vm = recoveryVm(installedBytes({ generation: 'V2', computerName: 'PATIENT' }), 'V1');
    const disk = await vm.prepared();
    const key = 'HKLM\\OFFLINE';
    const name = `${key}\\ControlSet001\\Control\\ComputerName\\ComputerName`;
    expect(run(vm.guest, 'reg.exe', ['load', key, disk.systemHive])).toEqual({
      exitCode: 0,
      stdout: 'The operation completed successfully.\r\n',
      stderr: '',
    });
    expect(run(vm.guest, 'reg.exe', ['load', key, disk.systemHive])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^ERROR: The process cannot access the file/) as unknown,
    });
    expect(run(vm.guest, 'reg.exe', ['query', 'HKLM']).stdout).toContain('HKEY_LOCAL_MACHINE\\OFFLINE\r\n');
    expect(run(vm.guest, 'reg.exe', ['query', name]).stdout).toContain('PATIENT');
    expect(run(vm.guest, 'reg.exe', ['add', name, '/v', 'New', '/t', 'REG_SZ', '/d', 'x', '/f']).exitCode).toBe(0);
    expect(run(vm.guest, 'reg.exe', ['query', name, '/v', 'New']).stdout).toContain('    New    REG_SZ    x');
    expect(run(vm.guest, 'reg.exe', ['unload', key]).exitCode).toBe(0);
    expect(run(vm.guest, 'reg.exe', ['unload', key]).stderr).toContain('The parameter is incorrect.');
    expect(run(vm.guest, 'reg.exe', ['query', key]).exitCode).toBe(1);
    expect(run(vm.guest, 'reg.exe', ['add', 'HKLM\\SYSTEM', '/v', 'x']).exitCode).toBe(1);
    expect(vm.guest.computerName()).toBe('RECOVERY');
  });

  it('has a boot store that bcdedit reads by its file, without {current}', async () => {
    const vm = recoveryVm(installedBytes({ generation: 'V2' }), 'V1');
    const disk = await vm.prepared();
    const ask = (...rest: string[]) => bcdedit(['/store', ...rest], { guest: vm.guest, at: LATER });
    expect(ask(disk.bootStore, '/enum', '{default}', '/v').stdout).toContain('winload.efi');
    expect(ask(disk.bootStore, '/enum', '{current}').exitCode).toBe(1);
    expect(ask('C:\\nowhere\\BCD', '/enum')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('could not be opened') as unknown,
    });
    const own = bcdedit(['/enum', '{default}', '/v'], { guest: vm.guest, at: LATER });
    expect(own.stdout).toContain('winload.exe');
  });
});
