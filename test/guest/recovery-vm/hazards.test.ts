import { nothingToUndo, undoBy } from '../../../src/guest/undo';
import { encryptVolume } from '../../../local/disk/bitlocker';
import { openWindowsDisk } from '../../../local/disk/open-volumes';
import { findPartitions } from '../../../local/disk/partitions';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { mountContent } from '../../../local/windows/disk-content';
import { workLeftIn } from '../../../local/windows/offline-disk-scripts';
import { factOf, serviceConfiguration } from '../../../src/guest/evidence';
import type { OfflineResult } from '../../../src/guest/offline-changes';
import { isReleased, type PreparedDisk } from '../../../src/guest/routes/recovery-vm-answers';
import { bootManagerId } from '../../../src/windows/boot-object-id';
import { run } from '../../local/windows/support/running-guest';
import { automatic, brokenCopy, change, config, disabled, loader, look, stateOf } from './support/broken-copy';
import { countPauses, dieAt, pauses } from './support/dying-recovery-vm';
import { guestFrom, hashOf, startedAt } from './support/patient';
import { copyLun, recoveryVm, repairId, type RecoveryVm } from './support/recovery-guest';

/** What can go wrong on a recovery VM, each by its name. Bytes are compared, so that "nothing was done" means nothing. */

describe.each(['V1', 'V2'] as const)('guest/recovery-vm/hazards: a disk that must not be taken (%s)', (generation) => {
  const other = generation === 'V1' ? 'V2' : 'V1';

  it.each<[string, string, (vm: RecoveryVm, copy: SparseDisk) => void, object]>([
    ['no disk at the LUN', 'disk-not-found', (vm) => (vm.attached.length = 0), {}],
    ['the disk at another LUN', 'disk-not-found', (vm, copy) => vm.attached.splice(0, 1, { lun: 3, bytes: copy }), {}],
    ['a disk of another size', 'wrong-size', () => undefined, { sizeBytes: 34_359_738_368 }],
    ['two candidates', 'several-disks', (vm, copy) => vm.attached.push({ lun: copyLun, bytes: copy.copy() }), {}],
    [
      'the identity of another attached disk',
      'identity-collision',
      (vm, copy) => vm.attached.push({ lun: 5, bytes: copy.copy() }),
      {},
    ],
  ])('%s: %s, and not a byte is written', async (_what, code, arrange, given) => {
    const copy = brokenCopy(generation);
    const vm = recoveryVm(copy, other);
    vm.guest.content.writeValue('SYSTEM\\ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy', {
      type: 'REG_DWORD',
      data: 2,
    });
    const before = hashOf(copy);
    arrange(vm, copy);
    expect(await vm.prepare('prepare', given)).toMatchObject({ kind: 'refused', code, notReleased: [] });
    expect(hashOf(copy)).toBe(before);
    expect(workLeftIn(vm.guest)).toEqual([]);
  });

  it('the identity of the recovery VM’s own disk, from the same image: Windows keeps it offline, and so do we', async () => {
    const copy = brokenCopy(generation);
    const before = hashOf(copy);
    const vm = recoveryVm(copy, generation);
    expect(await vm.prepare()).toMatchObject({ kind: 'refused', code: 'identity-collision' });
    expect(
      vm.guest
        .attachedDisks()
        ?.disks()
        .find(({ isOwn }) => !isOwn),
    ).toMatchObject({
      isOffline: true,
      offlineReason: 'Collision',
    });
    expect(hashOf(copy)).toBe(before);
  });

  it('the recovery VM’s own disk: its LUN is none that the script takes', async () => {
    const vm = recoveryVm(brokenCopy(generation), other);
    await expect(vm.prepare('prepare', { lun: 0 })).rejects.toThrow(/Lun/);
  });

  it.each<[string, string, (copy: SparseDisk) => void]>([
    ['no boot store', 'no-boot-store', (copy) => openWindowsDisk(copy).system.deleteFile(storePath(copy))],
    ['a damaged boot store', 'boot-store-unreadable', (copy) => damage(copy, 'store')],
    ['no registry', 'no-windows', (copy) => openWindowsDisk(copy).windows.deleteFile(`${config}\\SYSTEM`)],
    ['no loader', 'no-windows', deleteLoader],
    ['BitLocker', 'volume-unreadable', encrypt],
    ['no free space', 'no-free-space', fill],
    [
      'hibernation',
      'hibernated',
      (copy) => openWindowsDisk(copy).windows.writeFile('hiberfil.sys', Buffer.from('HIBR')),
    ],
  ])('%s: %s, offline again, with nothing loaded or changed', async (what, code, arrange) => {
    const copy = brokenCopy(generation);
    arrange(copy);
    const vm = recoveryVm(copy, other);
    expect(await vm.prepare()).toMatchObject({ kind: 'refused', code, notReleased: [] });
    expect(
      vm.guest
        .attachedDisks()
        ?.disks()
        .find(({ isOwn }) => !isOwn)?.isOffline,
    ).toBe(true);
    expect(workLeftIn(vm.guest)).toEqual([]);
    if (['no-free-space', 'hibernated'].includes(code) || what === 'no loader') {
      expect(stateOf(copy)).toEqual({ first: disabled, second: automatic, safeboot: true });
    }
  });
});

describe('guest/recovery-vm/hazards: a hive that cannot be loaded', () => {
  it.each<[string, (copy: SparseDisk, vm: RecoveryVm, disk: PreparedDisk) => void]>([
    ['because it is damaged', (copy) => damage(copy, 'SYSTEM')],
    [
      'because somebody else has it',
      (_copy, vm, disk) => {
        const disks = vm.guest.attachedDisks();
        const file = disks?.resolve(disk.systemHive);
        if (file) disks?.hives.load('OTHER', file);
      },
    ],
  ])('%s: everything else is left out, the boot store too', async (_why, arrange) => {
    const copy = brokenCopy();
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    arrange(copy, vm, disk);
    const looked = await look(vm, disk);
    expect(looked.controlSets.ok).toBe(false);
    expect(serviceConfiguration(looked.evidence, 'Dhcp')).toBeUndefined();
    expect(factOf(looked.evidence, 'boot-configuration')?.next.safeboot).toBe('Minimal');

    const results = await change(vm, disk);
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(results.map((result) => ('undo' in result ? result.undo : ''))).toEqual(
      Array(2).fill(nothingToUndo('nothing was written')),
    );
    expect(openWindowsDisk(copy).system.readFile(storePath(copy))).toBeDefined();
    expect((await look(vm, disk, 'look-2')).evidence).toEqual(expect.arrayContaining([flagged]));
  });

  const flagged: unknown = expect.objectContaining({
    kind: 'boot-configuration',
    next: expect.objectContaining({ safeboot: 'Minimal' }) as unknown,
  });
});

describe('guest/recovery-vm/hazards: a hive that stays loaded', () => {
  it('is told by the run that loaded it and by the release, which leaves the disk online then', async () => {
    const copy = brokenCopy();
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    vm.guest.attachedDisks()?.hives.holdOpen(`RDPL_${repairId}_SYSTEM`);
    expect((await look(vm, disk)).leftLoaded).toEqual([`HKLM\\RDPL_${repairId}_SYSTEM`]);
    const released = await vm.release();
    expect(isReleased(released)).toBe(false);
    expect(released).toMatchObject({ isDiskOffline: false, notReleased: [{ what: 'hive' }] });
    // The way out is a restart of the recovery VM.
    vm.guest.powerOff();
    vm.guest.boot(startedAt);
    expect(isReleased(await vm.release('release-2'))).toBe(true);
  });
});

describe('guest/recovery-vm/hazards: control sets', () => {
  it('are those that Select names: LastKnownGood stays as it is', async () => {
    const copy = brokenCopy();
    setSelect(copy, {}, { ControlSet002: 4 });
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    expect((await look(vm, disk)).controlSets).toEqual({ ok: true, value: [1] });
    await change(vm, disk);
    await vm.release();
    expect(stateOf(copy)).toEqual({ first: automatic, second: disabled, safeboot: false });
  });

  it('are both where the next boot takes another than the last one did', async () => {
    const copy = brokenCopy();
    setSelect(copy, { Default: 2 }, { ControlSet002: 4 });
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    const looked = await look(vm, disk);
    expect(looked.controlSets).toEqual({ ok: true, value: [2, 1] });
    expect(serviceConfiguration(looked.evidence, 'Dhcp')?.from.place).toContain('ControlSet002');
    const [, result] = await change(vm, disk, { controlSets: [2, 1] });
    expect(result).toMatchObject({
      outcome: 'changed',
      before: 'Start = 4 (disabled)',
      after: 'Start = 2 (automatic)',
    });
    await vm.release();
    expect(stateOf(copy)).toMatchObject({ first: automatic, second: automatic });
  });

  it('that Select names and that are not there: nothing can be read or written, and none is made', async () => {
    const copy = brokenCopy();
    setSelect(copy, { Default: 3 });
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    const looked = await look(vm, disk);
    expect(looked.controlSets).toEqual({
      ok: false,
      reason: 'Select\\Default is 3, and there is no such control set',
    });
    const results = await change(vm, disk, { controlSets: [3] });
    expect(results[1]).toMatchObject({ outcome: 'failed' });
    await vm.release();
    expect(mountContent(copy, { readOnly: true }).hasKey('SYSTEM\\ControlSet003')).toBe(false);
  });

  it('without the service: it is not made', async () => {
    const copy = brokenCopy();
    const content = mountContent(copy);
    content.deleteKey('SYSTEM\\ControlSet001\\Services\\Dhcp');
    content.flush();
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    expect((await change(vm, disk))[1]).toMatchObject({ outcome: 'failed' });
    await vm.release();
    expect(mountContent(copy, { readOnly: true }).hasKey('SYSTEM\\ControlSet001\\Services\\Dhcp')).toBe(false);
  });
});

describe('guest/recovery-vm/hazards: what was changed on the copy', () => {
  it('is left alone the second time, and can be undone on the disk', async () => {
    const copy = brokenCopy();
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    const results = await change(vm, disk);
    expect(results).toMatchObject([
      {
        outcome: 'changed',
        before: 'safeboot = Minimal',
        undo: undoBy('bcdedit.exe', '/set', loader, 'safeboot', 'minimal'),
      },
      {
        outcome: 'changed',
        before: 'Start = 4 (disabled)',
        undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
      },
    ]);
    const second = await change(vm, disk, { name: 'change-2' });
    expect(second.map(({ outcome }) => outcome)).toEqual(['right-already', 'right-already']);
    await undoOn(vm, disk, results);
    await vm.release();
    expect(stateOf(copy)).toEqual({ first: disabled, second: automatic, safeboot: true });
  });

  it('can be undone in the Windows that runs from it', async () => {
    const copy = brokenCopy();
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    const results = await change(vm, disk);
    await vm.release();
    vm.attached.length = 0;
    const patient = guestFrom(copy);
    patient.boot(startedAt);
    for (const result of results) {
      const lines = 'undo' in result && result.undo.kind === 'commands' ? result.undo.commandLines : [];
      expect(lines).toHaveLength(1);
      for (const line of lines) expect(run(patient, line.file, line.arguments, startedAt + 60_000).exitCode).toBe(0);
    }
    patient.shutDown(startedAt + 60_000);
    expect(stateOf(copy)).toEqual({ first: disabled, second: automatic, safeboot: true });
  });

  it('may be what helps a person the next time, if somebody asked for it, and has its way back', async () => {
    const copy = brokenCopy();
    const content = mountContent(copy);
    // The image has it on: somebody switched it off.
    for (const element of ['16000020', '25000004', '26000020']) {
      content.deleteKey(`BCD\\Objects\\${bootManagerId}\\Elements\\${element}`);
    }
    content.writeValue(`BCD\\Objects\\${loader}\\Elements\\260000b0`, 'Element', {
      type: 'REG_BINARY',
      data: Buffer.from([0]),
    });
    content.flush();
    const before = optionsOn(copy);
    const vm = recoveryVm(copy, 'V1');
    const disk = await vm.prepared();
    const options = [{ kind: 'enable-serial-console', loader }, { kind: 'enable-crash-dump' }] as const;
    const results = await change(vm, disk, { changes: options });
    expect(results.map(({ outcome }) => outcome)).toEqual(['changed', 'changed']);
    expect(results[1]).toMatchObject({
      before: expect.stringContaining('CrashDumpEnabled in ControlSet001: CrashDumpEnabled = 0x2') as unknown,
    });
    const again = await change(vm, disk, { changes: options, name: 'change-2' });
    expect(again.map(({ outcome }) => outcome)).toEqual(['right-already', 'right-already']);
    await vm.release();
    expect(optionsOn(copy)).toEqual({
      manager: { bootems: 1, timeout: 5, displaybootmenu: 1 },
      ems: 1,
      dump: [1, '%SystemRoot%\\MEMORY.DMP', 1],
    });

    await undoOn(vm, await vm.prepared('prepare-2'), results);
    await vm.release('release-2');
    expect(optionsOn(copy)).toEqual(before);
  });

  /** Runs the commands that undo on the disk, as a person would with the hive loaded. */
  async function undoOn(vm: RecoveryVm, disk: PreparedDisk, results: OfflineResult[]): Promise<void> {
    const undo = results.flatMap((result) => ('undoOffline' in result ? result.undoOffline : []));
    const hive = `HKLM\\RDPL_${repairId}_SYSTEM`;
    const lines = [`reg.exe load ${hive} ${disk.systemHive}`, ...undo, `reg.exe unload ${hive}`];
    const commands = lines.map((line, index) => {
      const [file = '', ...rest] = line.split(' ');
      return { id: String(index), file, arguments: rest, timeoutSeconds: 20 };
    });
    const answer = await vm.commands('undo', commands);
    const ends = answer.results.map((result) => (result.kind === 'ended' ? result.exitCode : result.kind));
    expect(ends).toEqual(lines.map(() => 0));
  }
});

function optionsOn(copy: SparseDisk) {
  const content = mountContent(copy.copy(), { readOnly: true });
  const number = (object: string, element: string) => {
    const data = content.readValue(`BCD\\Objects\\${object}\\Elements\\${element}`, 'Element');
    return data?.type === 'REG_BINARY' ? data.data[0] : undefined;
  };
  const dump = (name: string) => content.readValue('SYSTEM\\ControlSet001\\Control\\CrashControl', name)?.data;
  return {
    manager: {
      bootems: number(bootManagerId, '16000020'),
      timeout: number(bootManagerId, '25000004'),
      displaybootmenu: number(bootManagerId, '26000020'),
    },
    ems: number(loader, '260000b0'),
    dump: [dump('CrashDumpEnabled'), dump('DumpFile'), dump('NMICrashDump')],
  };
}

describe('guest/recovery-vm/hazards: a recovery VM that dies', () => {
  it('has so many points at which it may: hazards.full.test.ts has them all', async () => {
    expect(await countPauses()).toBe(pauses);
  });

  it.each([1, Math.ceil(pauses / 2), pauses])(
    'in the middle of a run too: begun again it comes to the same, with one backup, nothing loaded, offline (point %i)',
    dieAt,
  );
});

function storePath(copy: SparseDisk): string {
  return openWindowsDisk(copy).style === 'gpt' ? 'EFI\\Microsoft\\Boot\\BCD' : 'Boot\\BCD';
}

function damage(copy: SparseDisk, what: 'store' | 'SYSTEM'): void {
  const { system, windows } = openWindowsDisk(copy);
  const [volume, path] =
    what === 'store' ? ([system, storePath(copy)] as const) : ([windows, `${config}\\SYSTEM`] as const);
  volume.writeAt(path, 0, Buffer.alloc(8192, 0x5a));
}

function deleteLoader(copy: SparseDisk): void {
  const { style, windows } = openWindowsDisk(copy);
  windows.deleteFile(`Windows\\System32\\winload.${style === 'gpt' ? 'efi' : 'exe'}`);
}

function encrypt(copy: SparseDisk): void {
  const { start, size } = findPartitions(copy).windows;
  encryptVolume(
    copy,
    { start, size },
    { key: Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), ranges: copy.allocatedRanges() },
  );
}

/** Leaves 100 MiB. */
function fill(copy: SparseDisk): void {
  openWindowsDisk(copy).windows.fill(100 * 1024 * 1024);
}

function setSelect(copy: SparseDisk, select: Record<string, number>, dhcpStart: Record<string, number> = {}): void {
  const content = mountContent(copy);
  for (const [name, data] of Object.entries(select)) {
    content.writeValue('SYSTEM\\Select', name, { type: 'REG_DWORD', data });
  }
  for (const [set, data] of Object.entries(dhcpStart)) {
    content.writeValue(`SYSTEM\\${set}\\Services\\Dhcp`, 'Start', { type: 'REG_DWORD', data });
  }
  content.flush();
}
