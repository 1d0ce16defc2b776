import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readBody, readFrame } from '../../../src/guest/routes/run-command-frame';
import { hasPwsh, openPwshSession, runPwsh } from '../../support/pwsh-session';

/**
 * Runs the two disk scripts for real, with functions in place of Windows' storage cmdlets (support/fake-storage.ps1) and
 * small programs in place of reg.exe and mountvol.exe. One PowerShell runs all cases but a few. Needs `pwsh` on the path; without it every test here is skipped
 * and says so.
 */
const scripts = join(__dirname, '../../../src/guest/scripts');
const wrapper = join(__dirname, 'support/fake-storage.ps1');
const nonce = '0123456789abcdef0123456789abcdef';
const repairId = '20260102t030405z-0123abcd45';
const sizeBytes = 136_367_308_800;
const isInstalled = hasPwsh();

const whenInstalled = isInstalled ? describe : describe.skip;

const efiSystem = '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}';
const basicData = '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}';
const loader = '{6b3e1f52-0c7d-11ed-9a41-806e6f6e6963}';
const copyGuid = '{11111111-1111-1111-1111-111111111111}';
const windowsGuid = '{22222222-2222-2222-2222-222222222222}';

interface FakeDisk {
  Number: number;
  Location: string;
  Size: number;
  IsBoot: boolean;
  IsSystem: boolean;
  IsOffline: boolean;
  IsReadOnly: boolean;
  OfflineReason: string;
  PartitionStyle: string;
  Guid: string;
  Signature: number;
  staysAsItIs: boolean;
  newGuid: string;
}

interface FakePartition {
  DiskNumber: number;
  PartitionNumber: number;
  GptType: string;
  MbrType: number;
  IsActive: boolean;
  Offset: number;
  Guid: string;
  DriveLetter: string;
  AccessPaths: string[];
  FileSystem: string | null;
  Size: number;
  SizeRemaining: number;
  folder: string;
  refusesFolder: boolean;
}

interface FakeStorage {
  disks: FakeDisk[];
  partitions: FakePartition[];
  pageFiles: { Name: string }[];
  encryptable: { DeviceID: string; ProtectionStatus: number }[] | null;
  drives: { Index: number; SCSILogicalUnit: number }[];
  volumes: { DeviceID: string; DirtyBitSet: boolean | null }[];
}

type Answer = Record<string, unknown> & { kind: string; code?: string; detail?: string };

whenInstalled(
  `guest/scripts/offline-disk.pwsh: in pwsh${isInstalled ? '' : ' (skipped: pwsh is not installed)'}`,
  () => {
    let folder = '';
    let storage: FakeStorage;
    const session = openPwshSession();
    let runCase = session.run;

    beforeEach(() => {
      runCase = session.run;
      folder = mkdtempSync(join(tmpdir(), 'offline-disk-'));
      mkdirSync(join(folder, 'System32'));
      mkdirSync(join(folder, 'hives'));
      for (const name of ['mountvol', 'reg']) {
        copyFileSync(join(__dirname, `support/${name}.sh`), join(folder, 'System32', `${name}.exe`));
      }
      const system = file('volumes/system/EFI/Microsoft/Boot/BCD', 'store');
      file('volumes/system/EFI/Microsoft/Boot/BCD.LOG1', 'log of the store');
      elements(system, loader, '\\Windows');
      windowsOn('windows', 'winload.efi');
      storage = {
        disks: [disk(0, 0, { IsBoot: true, IsSystem: true, PartitionStyle: 'MBR', Signature: 7 }), disk(3, 2, {})],
        partitions: [partition(1, 'system', { GptType: efiSystem, FileSystem: 'FAT32' }), partition(4, 'windows', {})],
        pageFiles: [{ Name: 'D:\\pagefile.sys' }],
        encryptable: null,
        drives: [],
        volumes: [1, 4, 5].map((number) => ({ DeviceID: volumeName(number), DirtyBitSet: false })),
      };
    });

    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    afterAll(async () => {
      await session.close();
    });

    describe('prepare-offline-disk.ps1', () => {
      it('brings the disk online, finds store and Windows, and backs both up before a hive is loaded', async () => {
        const store = contentOf('volumes/system/EFI/Microsoft/Boot/BCD');
        const answer = await prepare();
        expect(answer).toMatchObject({
          kind: 'prepared',
          version: 1,
          nonce,
          diskNumber: 3,
          lun: 2,
          sizeBytes,
          partitionStyle: 'gpt',
          identity: copyGuid,
          wasOnline: false,
          bootStore: mounted(1, 'EFI/Microsoft/Boot/BCD'),
          systemHive: mounted(4, 'Windows/System32/config/SYSTEM'),
          softwareHive: mounted(4, 'Windows/System32/config/SOFTWARE'),
          hivePrefix: `HKLM\\RDPL_${repairId}_`,
          isMarkedDirty: false,
          freeBytes: 50_000_000_000,
        });
        expect(calls()).toEqual(['disk 3 online', 'disk 3 writable', 'reg load with its backup', 'reg unload']);
        expect(answer.backups).toEqual([
          copied(1, 'EFI/Microsoft/Boot/BCD.LOG1', 'log of the store', false),
          copied(1, 'EFI/Microsoft/Boot/BCD', store, false),
          copied(4, 'Windows/System32/config/SYSTEM.LOG1', 'log of SYSTEM', false),
          copied(4, 'Windows/System32/config/SYSTEM', 'hive SYSTEM', false),
        ]);
        expect(loadedHives()).toEqual([]);
      });

      it('takes an MBR disk by its active partition', async () => {
        asMbr();
        expect(await prepare()).toMatchObject({
          kind: 'prepared',
          partitionStyle: 'mbr',
          identity: '5d1c3a7e',
          bootStore: mounted(1, 'Boot/BCD'),
        });
      });

      it('finds its own work when it is called again: one backup, kept, whatever became of the hive since', async () => {
        const first = await prepare();
        file('volumes/windows/Windows/System32/config/SYSTEM', 'changed meanwhile');
        file('volumes/windows/Windows/System32/config/SYSTEM.LOG2', 'made by loading it');
        const second = await prepare();
        expect(second).toMatchObject({ kind: 'prepared', wasOnline: true, systemHive: first.systemHive });
        const hashes = (answer: Answer) => (answer.backups as { sha256: string }[]).map(({ sha256 }) => sha256);
        expect(hashes(second)).toEqual(hashes(first));
        expect((second.backups as { isKept: boolean }[]).every(({ isKept }) => isKept)).toBe(true);
      });

      it('finishes a backup that was cut off, and unloads what a call before it left loaded', async () => {
        file(`volumes/windows/Windows/System32/config/SYSTEM.rdp-lifeline-${repairId}.partial`, 'hive SY');
        writeFileSync(join(folder, 'hives', `RDPL_${repairId}_BOOT`), 'somewhere');
        expect(await prepare()).toMatchObject({ kind: 'prepared' });
        const backup = `volumes/windows/Windows/System32/config/SYSTEM.rdp-lifeline-${repairId}`;
        expect(readFileSync(join(folder, backup), 'utf8')).toBe('hive SYSTEM');
        expect(existsSync(join(folder, `${backup}.partial`))).toBe(false);
        expect(loadedHives()).toEqual([]);
      });

      it('tells that Windows has marked its volume for a check', async () => {
        storage.volumes[1]!.DirtyBitSet = true;
        expect(await prepare()).toMatchObject({ kind: 'prepared', isMarkedDirty: true });
      });

      it('finds the same in a rehearsal, and writes no file of the disk: it loads a copy of the store, and leaves none', async () => {
        const before = filesOf('volumes');
        const answer = await prepare('rehearsal');
        expect(answer).toMatchObject({
          kind: 'prepared',
          diskNumber: 3,
          bootStore: mounted(1, 'EFI/Microsoft/Boot/BCD'),
          systemHive: mounted(4, 'Windows/System32/config/SYSTEM'),
          backups: [],
        });
        expect(filesOf('volumes')).toEqual(before);
        expect(calls()).toEqual([
          'disk 3 online',
          'disk 3 writable',
          'reg load of a copy on this machine',
          'reg unload',
        ]);
        expect(loadedHives()).toEqual([]);
        expect(workFiles()).toEqual([]);
      });

      it('takes away the copy of a store that a rehearsal could not unload, once it lets go', async () => {
        file('volumes/system/EFI/Microsoft/Boot/BCD', 'busy');
        expect(await prepare('rehearsal')).toMatchObject({ kind: 'refused', code: 'hive-not-unloaded' });
        expect(workFiles()).toContain('boot-store');
        writeFileSync(join(folder, 'hives', `RDPL_${repairId}_BOOT`), 'somewhere');
        expect(await release()).toMatchObject({ kind: 'released', notReleased: [] });
        expect(workFiles()).toEqual([]);
      });

      it('mounts by the volume’s name where the partition takes no folder otherwise', async () => {
        storage.partitions[0]!.refusesFolder = true;
        expect(await prepare()).toMatchObject({ kind: 'prepared' });
      });

      it('asks the drives for the LUN where the disk does not say it', async () => {
        storage.disks[1]!.Location = 'Integrated';
        storage.drives = [{ Index: 3, SCSILogicalUnit: 2 }];
        expect(await prepare()).toMatchObject({ kind: 'prepared', diskNumber: 3 });
      });

      it('takes the Windows that the store names where there are several', async () => {
        windowsOn('second', 'winload.efi');
        storage.partitions.push(partition(5, 'second', { Guid: '{33333333-3333-3333-3333-333333333333}' }));
        expect(await prepare()).toMatchObject({ systemHive: mounted(4, 'Windows/System32/config/SYSTEM') });
      });

      it('takes the folder that the store names, if it is a plain name', async () => {
        elements(join(folder, 'volumes/system/EFI/Microsoft/Boot/BCD'), loader, '\\..\\..\\Windows');
        expect(await prepare()).toMatchObject({ systemHive: mounted(4, 'Windows/System32/config/SYSTEM') });
      });

      const hazards: [string, string, () => void][] = [
        ['no disk at that LUN', 'disk-not-found', () => (storage.disks[1]!.Location = location(5))],
        ['a disk of another size', 'wrong-size', () => (storage.disks[1]!.Size += 512)],
        ['two disks that fit', 'several-disks', () => storage.disks.push(disk(4, 2, { Guid: '{44}' }))],
        [
          'no word on which disk is its own',
          'own-disk-unknown',
          () => Object.assign(storage.disks[0]!, { IsBoot: false, IsSystem: false }),
        ],
        ['the machine’s own disk', 'own-disk', () => (storage.disks[1]!.IsBoot = true)],
        ['the disk with the page file', 'temporary-disk', temporary],
        ['a disk without a partition table', 'no-partition-table', () => (storage.disks[1]!.PartitionStyle = 'RAW')],
        [
          'the identity of another disk',
          'identity-collision',
          () => storage.disks.push(disk(4, 5, { Guid: copyGuid })),
        ],
        ['a collision that Windows saw', 'identity-collision', () => (storage.disks[1]!.OfflineReason = 'Collision')],
        ['an identity that Windows changed', 'identity-changed', () => (storage.disks[1]!.newGuid = '{55}')],
        ['a disk that stays offline', 'disk-not-online', () => (storage.disks[1]!.staysAsItIs = true)],
        ['no partition to boot from', 'no-boot-partition', () => (storage.partitions[0]!.GptType = basicData)],
        [
          'a partition that takes no folder',
          'partition-not-reachable',
          () => Object.assign(storage.partitions[0]!, { refusesFolder: true, AccessPaths: [] }),
        ],
        ['no boot store', 'no-boot-store', () => rmSync(join(folder, 'volumes/system/EFI/Microsoft/Boot/BCD'))],
        ['two boot stores', 'several-boot-stores', secondStore],
        [
          'a boot store that cannot be loaded',
          'boot-store-unreadable',
          () => file('volumes/system/EFI/Microsoft/Boot/BCD', 'damaged'),
        ],
        ['BitLocker', 'bitlocker', () => (storage.encryptable = [{ DeviceID: volumeName(4), ProtectionStatus: 2 }])],
        ['a volume without a file system', 'volume-unreadable', () => (storage.partitions[1]!.FileSystem = '')],
        ['no Windows', 'no-windows', () => rmSync(join(folder, 'volumes/windows/Windows/System32/winload.efi'))],
        ['several Windows, none named', 'several-windows', severalUnnamed],
        ['a hibernated Windows', 'hibernated', () => file('volumes/windows/hiberfil.sys', 'HIBR and more')],
        ['a volume whose state is not told', 'volume-state-unknown', () => (storage.volumes[1]!.DirtyBitSet = null)],
        ['a volume that is not among Windows’ own', 'volume-state-unknown', () => (storage.volumes = [])],
        ['too little free space', 'no-free-space', () => (storage.partitions[1]!.SizeRemaining = 209_715_199)],
        ['a link in place of the hive’s folder', 'redirected-path', redirected],
        [
          'a hive that cannot be copied',
          'backup-failed',
          () =>
            mkdirSync(
              join(folder, `volumes/windows/Windows/System32/config/SYSTEM.LOG1.rdp-lifeline-${repairId}.partial`),
            ),
        ],
        ['a hive that stays loaded', 'hive-not-unloaded', () => file('volumes/system/EFI/Microsoft/Boot/BCD', 'busy')],
      ];

      it.each(hazards)(
        'refuses %s as %s, lets go of everything and leaves nothing loaded',
        async (_what, code, arrange) => {
          arrange();
          const answer = await prepare();
          expect(answer).toMatchObject({ kind: 'refused', version: 1, nonce, code });
          expect(answer.detail).toMatch(/^[ -~]{1,300}$/);
          const own = storage.disks.find(({ Number }) => Number === 0);
          expect(own?.IsOffline).toBe(false);
          if (code === 'hive-not-unloaded') return;
          expect(answer.notReleased).toEqual([]);
          expect(loadedHives()).toEqual([]);
          expect(mounts()).toEqual([]);
          if (calls().includes('disk 3 online')) expect(calls().at(-1)).toBe('disk 3 offline');
        },
      );

      it('touches no disk at all before it knows the right one', async () => {
        storage.disks.push(disk(4, 2, { Guid: '{44}' }));
        await prepare();
        expect(calls()).toEqual([]);
      });

      it('answers the same in a `pwsh` of its own, and ends with 0', async () => {
        runCase = runPwsh;
        const answer = await prepare();
        expect(answer).toMatchObject({ kind: 'prepared', systemHive: mounted(4, 'Windows/System32/config/SYSTEM') });
        expect(calls()).toEqual(['disk 3 online', 'disk 3 writable', 'reg load with its backup', 'reg unload']);
      });

      it('takes its values from the command line of a `pwsh -File` of its own, and refuses a wrong one with a status', async () => {
        await takesValuesByFile('prepare-offline-disk.ps1', ['-Purpose', 'rehearsal']);
      });

      it('answers an error of its own as unexpected, with its kind', async () => {
        storage.disks[1]!.Size = 'many' as unknown as number;
        expect(await prepare()).toMatchObject({ kind: 'refused', code: 'unexpected', notReleased: [] });
      });

      it.each([
        ['a nonce that is none', { Nonce: "'; id; '" }],
        ['an id that is none', { RepairId: '..\\..\\x' }],
        ['LUN 0, where the machine’s own disks are', { Lun: '0' }],
        ['LUN 1', { Lun: '1' }],
        ['a LUN with more behind it', { Lun: '2; id' }],
        ['a size that is no number', { SizeBytes: '1e9' }],
        ['a purpose that is none', { Purpose: 'repair; id' }],
      ])('refuses %s and prints no frame', async (_what, given) => {
        const { status, output } = await run('prepare-offline-disk.ps1', given);
        expect(status).not.toBe(0);
        expect(output).not.toContain('##RDPL1');
        expect(calls()).toEqual([]);
      });
    });

    describe('release-offline-disk.ps1', () => {
      it('unloads, flushes, unmounts and takes the disk offline; a second call finds it done', async () => {
        await prepare();
        writeFileSync(join(folder, 'hives', `RDPL_${repairId}_SYSTEM`), 'somewhere');
        const before = calls().length;
        const done = { kind: 'released', nonce, isDiskPresent: true, isDiskOffline: true, notReleased: [] };
        expect(await release()).toMatchObject(done);
        expect(calls().slice(before)).toEqual([
          'reg unload',
          'flush partition 1',
          'flush partition 4',
          'disk 3 offline',
        ]);
        expect(mounts()).toEqual([]);
        expect(loadedHives()).toEqual([]);
        expect(readFileSync(join(folder, 'volumes/windows/Windows/System32/config/SYSTEM'), 'utf8')).toBe(
          'hive SYSTEM',
        );
        expect(await release()).toMatchObject(done);
      });

      it('answers the same in a `pwsh` of its own, and ends with 0', async () => {
        await prepare();
        runCase = runPwsh;
        expect(await release()).toMatchObject({ kind: 'released', nonce, isDiskOffline: true, notReleased: [] });
        expect(calls().slice(-3)).toEqual(['flush partition 1', 'flush partition 4', 'disk 3 offline']);
      });

      it('takes its values from the command line of a `pwsh -File` of its own, and refuses a wrong one with a status', async () => {
        await takesValuesByFile('release-offline-disk.ps1');
      });

      it('is content with a disk that is gone', async () => {
        storage.disks = storage.disks.slice(0, 1);
        expect(await release()).toMatchObject({ isDiskPresent: false, isDiskOffline: false, notReleased: [] });
      });

      it('says what stays loaded, and leaves the disk online then: what is not written yet would be lost', async () => {
        await prepare();
        writeFileSync(join(folder, 'hives', `RDPL_${repairId}_SYSTEM`), 'busy');
        const answer = await release();
        expect(answer).toMatchObject({ isDiskOffline: false });
        expect(answer.notReleased).toMatchObject([{ what: 'hive', name: `HKLM\\RDPL_${repairId}_SYSTEM` }]);
        expect(calls()).not.toContain('disk 3 offline');
      });

      it('leaves hives of others alone', async () => {
        writeFileSync(join(folder, 'hives', 'RDPL_20260102t030405z-ffffffffff_SYSTEM'), 'somewhere');
        await release();
        expect(loadedHives()).toEqual(['RDPL_20260102t030405z-ffffffffff_SYSTEM']);
      });

      it('says that it stays online, and never takes the machine’s own disk', async () => {
        await prepare();
        storage.disks[1]!.staysAsItIs = true;
        expect(await release()).toMatchObject({ isDiskOffline: false, notReleased: [{ what: 'disk' }] });
        storage.disks = [disk(0, 2, { IsBoot: true, PartitionStyle: 'MBR' })];
        expect(await release()).toMatchObject({ isDiskPresent: false });
        expect(storage.disks[0]?.IsOffline).toBe(false);
      });
    });

    function prepare(Purpose?: 'rehearsal'): Promise<Answer> {
      return answerOf('prepare-offline-disk.ps1', Purpose && { Purpose });
    }

    function release(): Promise<Answer> {
      return answerOf('release-offline-disk.ps1');
    }

    async function answerOf(script: string, given: Record<string, string> = {}): Promise<Answer> {
      const { status, output, error } = await run(script, given);
      if (status !== 0) throw new Error(`It ended with ${status}. ${error}`);
      const frame = readFrame(output, nonce);
      if (!frame.ok) throw new Error(`${frame.reason} ${output} ${error}`);
      const body = readBody([frame.part]);
      if (!body.ok) throw new Error(body.reason);
      return body.value as Answer;
    }

    async function run(script: string, given: Record<string, string>) {
      const state = join(folder, 'state.json');
      writeFileSync(state, JSON.stringify(storage));
      const common = { Nonce: nonce, RepairId: repairId, Lun: '2', SizeBytes: String(sizeBytes) };
      const parameters = { ...common, ...(script === 'prepare-offline-disk.ps1' && { Purpose: 'repair' }), ...given };
      const rest = Object.entries(parameters).flatMap(([name, value]) => [name, value]);
      const quoted = rest.map((one) => `'${one.replaceAll("'", "''")}'`).join(',');
      const command = `& '${wrapper}' -Script '${join(scripts, script)}' -State '${state}' -Log '${join(folder, 'calls')}' -Rest ${quoted}`;
      const environment = { ...process.env, SystemRoot: folder };
      const end = await runCase({ command, environment });
      storage = JSON.parse(readFileSync(state, 'utf8')) as FakeStorage;
      return end;
    }

    /** Without functions in place of the storage cmdlets, which this PowerShell does not have: the script says so in its frame. */
    async function takesValuesByFile(name: string, more: string[] = []): Promise<void> {
      const words = ['-Nonce', nonce, '-RepairId', repairId, '-SizeBytes', String(sizeBytes), ...more];
      const one = { file: join(scripts, name), environment: { ...process.env, SystemRoot: folder } };
      const taken = await runPwsh({ ...one, arguments: [...words, '-Lun', '2'] });
      expect(taken.status).toBe(0);
      expect(readFrame(taken.output, nonce)).toMatchObject({ ok: true });
      const refused = await runPwsh({ ...one, arguments: [...words, '-Lun', '1'] });
      expect(refused).toMatchObject({ status: 1, output: '' });
      expect(refused.error).toContain('Lun');
    }

    function file(path: string, content: string): string {
      const whole = join(folder, path);
      mkdirSync(dirname(whole), { recursive: true });
      writeFileSync(whole, content);
      return whole;
    }

    function windowsOn(volume: string, loaderFile: string): void {
      const system32 = `volumes/${volume}/Windows/System32`;
      file(`${system32}/${loaderFile}`, 'loader');
      file(`${system32}/config/SYSTEM`, 'hive SYSTEM');
      file(`${system32}/config/SYSTEM.LOG1`, 'log of SYSTEM');
      file(`${system32}/config/SOFTWARE`, 'hive SOFTWARE');
    }

    /** What the fake reg.exe finds in a store: its default loader, with system root and device. */
    function elements(store: string, id: string, systemRoot: string, device = gptDevice(windowsGuid)): void {
      const manager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
      const rows = [
        [`Objects\\${manager}\\Elements\\23000003`, 'REG_SZ', id],
        [`Objects\\${id}\\Elements\\22000002`, 'REG_SZ', systemRoot],
        [`Objects\\${id}\\Elements\\21000001`, 'REG_BINARY', device],
      ];
      const [first = ''] = readFileSync(store, 'utf8').split('\n');
      writeFileSync(store, [first, ...rows.map((row) => row.join('\t')), ''].join('\n'));
    }

    function disk(number: number, lun: number, given: Partial<FakeDisk>): FakeDisk {
      return {
        Number: number,
        Location: location(lun),
        Size: sizeBytes,
        IsBoot: false,
        IsSystem: false,
        IsOffline: number !== 0,
        IsReadOnly: number !== 0,
        OfflineReason: 'Policy',
        PartitionStyle: 'GPT',
        Guid: copyGuid,
        Signature: 0,
        staysAsItIs: false,
        newGuid: '',
        ...given,
      };
    }

    function partition(number: number, volume: string, given: Partial<FakePartition>): FakePartition {
      const target = join(folder, 'volumes', volume);
      // mountvol knows volumes by their names.
      appendFileSync(join(folder, 'names'), `${volumeName(number)}\t${target}\n`);
      return {
        DiskNumber: 3,
        PartitionNumber: number,
        GptType: basicData,
        MbrType: 0,
        IsActive: false,
        Offset: 1_048_576 * number,
        Guid: windowsGuid,
        DriveLetter: '\0',
        AccessPaths: [volumeName(number)],
        FileSystem: 'NTFS',
        Size: 130_000_000_000,
        SizeRemaining: 50_000_000_000,
        folder: target,
        refusesFolder: false,
        ...given,
      };
    }

    function asMbr(): void {
      Object.assign(storage.disks[0]!, { PartitionStyle: 'GPT', Guid: '{99}' });
      Object.assign(storage.disks[1]!, { PartitionStyle: 'MBR', Guid: null, Signature: 0x5d1c3a7e });
      elements(file('volumes/system/Boot/BCD', 'store'), loader, '\\Windows');
      windowsOn('windows', 'winload.exe');
      Object.assign(storage.partitions[0]!, { IsActive: true, MbrType: 7, GptType: null, FileSystem: 'NTFS' });
      Object.assign(storage.partitions[1]!, { MbrType: 7, GptType: null });
    }

    function temporary(): void {
      storage.partitions[1]!.DriveLetter = 'D';
      storage.disks[1]!.IsOffline = false;
    }

    function secondStore(): void {
      file('volumes/second/EFI/Microsoft/Boot/BCD', 'store');
      storage.partitions.push(partition(5, 'second', { GptType: efiSystem }));
    }

    function severalUnnamed(): void {
      windowsOn('second', 'winload.efi');
      storage.partitions.push(partition(5, 'second', { Guid: '{33333333-3333-3333-3333-333333333333}' }));
      elements(join(folder, 'volumes/system/EFI/Microsoft/Boot/BCD'), loader, '\\Windows', '00'.repeat(88));
    }

    function redirected(): void {
      rmSync(join(folder, 'volumes/windows/Windows/System32/config'), { recursive: true });
      symlinkSync(tmpdir(), join(folder, 'volumes/windows/Windows/System32/config'));
    }

    function mounted(number: number, path: string): string {
      return join(folder, 'Temp/rdp-lifeline', repairId, `p${number}`, path);
    }

    function copied(number: number, path: string, content: string, isKept: boolean) {
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { path: mounted(number, `${path}.rdp-lifeline-${repairId}`), bytes: content.length, sha256, isKept };
    }

    function calls(): string[] {
      const path = join(folder, 'calls');
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    }

    function contentOf(path: string): string {
      return readFileSync(join(folder, path), 'utf8');
    }

    /** Every file below a folder, with its content. */
    function filesOf(path: string): Record<string, string> {
      const entries = readdirSync(join(folder, path), { withFileTypes: true, recursive: true });
      const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
      return Object.fromEntries(paths.map((one) => [one, readFileSync(one, 'utf8')]));
    }

    /** What the scripts have on the machine itself, besides mounted folders. */
    function workFiles(): string[] {
      const path = join(folder, 'Temp/rdp-lifeline', repairId);
      if (!existsSync(path)) return [];
      return readdirSync(path).filter((name) => lstatSync(join(path, name)).isFile());
    }

    function loadedHives(): string[] {
      return readdirSync(join(folder, 'hives'));
    }

    function mounts(): string[] {
      const path = join(folder, 'Temp/rdp-lifeline', repairId);
      if (!existsSync(path)) return [];
      return readdirSync(path).filter((name) => lstatSync(join(path, name)).isSymbolicLink());
    }
  },
);

function location(lun: number): string {
  return `Integrated : Bus 0 : Device 63667 : Function 30747 : Adapter 1 : Port 0 : Target 0 : LUN ${lun}`;
}

function volumeName(number: number): string {
  return `\\\\?\\Volume{00000000-0000-0000-0000-00000000000${number}}\\`;
}

/** A device element that names a partition of a GPT disk. */
function gptDevice(guid: string): string {
  const data = Buffer.alloc(88);
  data.writeUInt32LE(6, 0x10);
  // The fields of this GUID read the same in either byte order.
  Buffer.from(guid.replaceAll(/[{}-]/g, ''), 'hex').copy(data, 0x20);
  return data.toString('hex').toUpperCase();
}
