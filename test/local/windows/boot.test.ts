import {
  bootBoolean,
  bootInteger,
  bootObjectList,
  objectTypes,
  readBootElement,
  wellKnownObjects,
  writeBootElement,
  writeBootObject,
} from '../../../local/windows/boot-store';
import type { DiskContent } from '../../../local/windows/content';
import { installedLoaderId } from '../../../local/windows/default-boot-store';
import { createWindowsGuest } from '../../../local/windows/guest';
import { BOOTED_AT, guestOn, installedDisk, LATER } from './support/running-guest';

const secondLoader = '{11111111-2222-3333-4444-555555555555}';
const safeBoot = 0x25000080;
const { bootmgr } = wellKnownObjects;

/** A second Windows loader on the same disk, which starts in safe mode. */
function addSafeLoader(disk: DiskContent): void {
  writeBootObject(disk, secondLoader, objectTypes.windowsLoader);
  writeBootElement(disk, secondLoader, 0x12000002, { type: 'REG_SZ', data: '\\Windows\\system32\\winload.efi' });
  writeBootElement(disk, secondLoader, safeBoot, bootInteger(0));
}

function boot(disk: DiskContent) {
  const guest = guestOn(disk);
  guest.boot(BOOTED_AT);
  return guest;
}

describe('local/windows/boot: the boot manager', () => {
  it('takes its default, whatever another loader says', () => {
    const disk = installedDisk();
    addSafeLoader(disk);
    const guest = boot(disk);
    expect(guest.bootLoader()).toBe(installedLoaderId);
    expect(guest.safeMode()).toBeUndefined();
  });

  it('takes a boot sequence before its default, once', () => {
    const disk = installedDisk();
    addSafeLoader(disk);
    writeBootElement(disk, bootmgr, 0x24000002, { type: 'REG_MULTI_SZ', data: [secondLoader] });
    const guest = boot(disk);
    expect(guest.bootLoader()).toBe(secondLoader);
    expect(guest.safeMode()).toBe('Minimal');
    expect(readBootElement(disk, bootmgr, 0x24000002)).toBeUndefined();
    guest.shutDown(LATER);
    guest.boot(LATER + 1000);
    expect(guest.bootLoader()).toBe(installedLoaderId);
  });

  it('passes over a boot sequence that names nothing', () => {
    const disk = installedDisk();
    writeBootElement(disk, bootmgr, 0x24000002, { type: 'REG_MULTI_SZ', data: [secondLoader] });
    expect(boot(disk).bootLoader()).toBe(installedLoaderId);
  });

  it('takes the only loader when it has no default', () => {
    const disk = installedDisk();
    disk.deleteKey(`BCD\\Objects\\${bootmgr}\\Elements\\23000003`);
    expect(boot(disk).bootLoader()).toBe(installedLoaderId);
  });

  it('takes the first of its menu when it has several loaders and no default', () => {
    const disk = installedDisk();
    addSafeLoader(disk);
    disk.deleteKey(`BCD\\Objects\\${bootmgr}\\Elements\\23000003`);
    writeBootElement(disk, bootmgr, 0x24000001, { type: 'REG_MULTI_SZ', data: [secondLoader, installedLoaderId] });
    expect(boot(disk).bootLoader()).toBe(secondLoader);
  });

  it('boots the BIOS form of a disk as well', () => {
    const disk = installedDisk({ generation: 'V1' });
    expect(readBootElement(disk, installedLoaderId, 0x12000002)).toMatchObject({
      data: '\\Windows\\system32\\winload.exe',
    });
    expect(boot(disk).isAgentAlive(LATER)).toBe(true);
  });
});

describe('local/windows/boot: a disk that does not boot', () => {
  it.each<[string, number, (disk: DiskContent) => void]>([
    [
      'no boot store',
      0xc000000f,
      (disk) => {
        disk.deleteKey('BCD\\Objects');
      },
    ],
    [
      'a default that names no loader',
      0xc0000034,
      (disk) => {
        writeBootElement(disk, bootmgr, 0x23000003, { type: 'REG_SZ', data: secondLoader });
      },
    ],
    [
      'no loader at all',
      0xc0000034,
      (disk) => {
        disk.deleteKey(`BCD\\Objects\\${installedLoaderId}`);
      },
    ],
    [
      'a loader without a path',
      0xc0000034,
      (disk) => {
        disk.deleteKey(`BCD\\Objects\\${installedLoaderId}\\Elements\\12000002`);
      },
    ],
    [
      'no control set',
      0xc000014c,
      (disk) => {
        disk.deleteKey('SYSTEM\\ControlSet001');
      },
    ],
  ])('with %s stops at the boot manager', (_what, code, damage) => {
    const disk = installedDisk();
    damage(disk);
    const guest = boot(disk);
    expect(guest.bootFailure()?.code).toBe(code);
    expect(guest.bootFailure()?.text).toMatch(/missing/);
    expect(guest.bootedAt()).toBeUndefined();
    expect(guest.isAgentAlive(LATER)).toBe(false);
    expect(guest.addresses(LATER)).toEqual([]);
    expect(disk.events()).toEqual([]);
  });

  it('that cannot be mounted says what is wrong with it', () => {
    const guest = createWindowsGuest({
      mount: () => {
        throw new Error('The disk has no partition table.');
      },
      address: '10.0.0.4',
    });
    guest.boot(BOOTED_AT);
    expect(guest.bootFailure()?.reason).toBe('The disk has no partition table.');
    expect(guest.bootedAt()).toBeUndefined();
  });

  it('boots once it is mended', () => {
    const disk = installedDisk();
    writeBootElement(disk, bootmgr, 0x23000003, { type: 'REG_SZ', data: secondLoader });
    const guest = boot(disk);
    writeBootElement(disk, bootmgr, 0x23000003, { type: 'REG_SZ', data: installedLoaderId });
    guest.boot(LATER);
    expect(guest.bootFailure()).toBeUndefined();
    expect(guest.bootedAt()).toBe(LATER);
  });
});

describe('local/windows/boot: the control set', () => {
  it('is the one that Select names as the default, with its own settings', () => {
    const disk = installedDisk({ hasOlderControlSet: true });
    const dhcp = 'SYSTEM\\ControlSet002\\Services\\Dhcp';
    disk.writeValue(dhcp, 'Start', { type: 'REG_DWORD', data: 4 });
    disk.writeValue('SYSTEM\\Select', 'Default', { type: 'REG_DWORD', data: 2 });
    const guest = boot(disk);
    expect(guest.controlSet()).toBe('SYSTEM\\ControlSet002');
    expect(disk.readValue('SYSTEM\\Select', 'Current')).toMatchObject({ data: 2 });
    expect(guest.addresses(LATER)).toEqual([]);
    expect(disk.readValue('SYSTEM\\ControlSet001\\Services\\Dhcp', 'Start')).toMatchObject({ data: 2 });
  });
});

describe('local/windows/boot: the device of a loader', () => {
  it('names the partition and the disk of a GPT disk', () => {
    const disk = installedDisk({
      disk: {
        style: 'gpt',
        diskId: '{00112233-4455-6677-8899-aabbccddeeff}',
        systemPartitionId: '{01020304-0506-0708-090a-0b0c0d0e0f10}',
        windowsPartitionId: '{a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6}',
      },
    });
    const device = readBootElement(disk, installedLoaderId, 0x21000001);
    const bytes = device?.type === 'REG_BINARY' ? Buffer.from(device.data) : Buffer.alloc(0);
    expect(bytes).toHaveLength(88);
    expect(bytes.subarray(32, 48).toString('hex')).toBe('a4a3a2a1b2b1c2c1d1d2e1e2e3e4e5e6');
    expect(bytes.subarray(48, 72).toString('hex')).toBe('0000000000000000' + '33221100554477668899aabbccddeeff');
  });

  it('names the offset and the signature of an MBR disk', () => {
    const disk = installedDisk({ generation: 'V1' });
    const device = readBootElement(disk, bootmgr, 0x11000001);
    const bytes = device?.type === 'REG_BINARY' ? Buffer.from(device.data) : Buffer.alloc(0);
    expect(bytes.readBigUInt64LE(32)).toBe(1_048_576n);
    expect(bytes.readUInt32LE(52)).toBe(1);
    expect(bytes.readUInt32LE(56)).toBe(0x5d1c3a7e);
  });
});

describe('local/windows/boot: what the last boot was', () => {
  it.each([
    [undefined, false, ' NOEXECUTE=OPTOUT'],
    [0, false, ' NOEXECUTE=OPTOUT  SAFEBOOT:MINIMAL'],
    [1, true, ' NOEXECUTE=OPTOUT  SAFEBOOT:NETWORK(ALTERNATESHELL)'],
    [2, false, ' NOEXECUTE=OPTOUT  SAFEBOOT:DSREPAIR'],
    [7, false, ' NOEXECUTE=OPTOUT'],
  ])('safeboot %p, command prompt %p: stands in SystemStartOptions', (value, shell, options) => {
    const disk = installedDisk();
    if (value !== undefined) writeBootElement(disk, installedLoaderId, safeBoot, bootInteger(value));
    if (shell) writeBootElement(disk, installedLoaderId, 0x26000081, bootBoolean(true));
    boot(disk);
    expect(disk.readValue('SYSTEM\\ControlSet001\\Control', 'SystemStartOptions')).toMatchObject({ data: options });
  });

  it('leaves the boot manager with its one loader in the menu', () => {
    expect(bootObjectList(installedDisk(), bootmgr, 0x24000001)).toEqual([installedLoaderId]);
  });
});
