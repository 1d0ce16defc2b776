import { memorySource } from '../../../src/disk/byte-source';
import type { DiskNeed } from '../../../src/guest/snapshot-disk';
import { alteredSource } from '../../disk/support/altered-source';
import { bytesOf, openDisk, overwrite, readAll, smallDiskWith } from './support/disks';
import { itemOf } from './support/evidence-items';

const needs: DiskNeed[] = [{ kind: 'control-sets' }, { kind: 'windows-installation' }];
const sector = 512;
const [otherStart, windowsStart] = [18432 * sector, 43008 * sector];
const bitLocker = Buffer.from('-FVE-FS-');

describe('guest/snapshot-disk/windows-volume: the volume of Windows', () => {
  it('is the one that osdevice names, though another volume has a Windows too', async () => {
    const reading = await readAll(openDisk('small'), needs);
    expect(itemOf(reading, 'windows-installation').computerName).toBe('SMALL');
    expect(itemOf(reading, 'windows-installation').from).not.toHaveProperty('caution');
  });

  it.each([
    ['BCD.no-osdevice', "the next loader's osdevice can't be followed: it is no partition (device type 0)"],
    ['BCD.short-device', 'the next loader has no osdevice that can be read'],
    ['BCD.mbr-device', "the next loader's osdevice can't be followed: it names a partition of another style (mbr)"],
    [
      'BCD.other-disk',
      "the next loader's osdevice can't be followed: it names disk 00000000-0000-0000-0000-000000000005, and this is 0a1b2c3d-1111-2222-3333-445566778899",
    ],
  ])('is not guessed among several: %s', async (name, because) => {
    expect(await readAll(memorySource(await smallDiskWith(name)), needs)).toEqual({
      kind: 'unreadable',
      code: 'not-readable',
      reason: `there is a Windows on partition 2 and partition 3, and which one boots is not known: ${because}`,
    });
  });

  it('is found by searching where there is only one, which is said', async () => {
    const disk = await smallDiskWith('BCD.no-osdevice');
    disk.fill(0, otherStart, otherStart + sector);
    const item = itemOf(await readAll(memorySource(disk), needs), 'windows-installation');
    expect(item.computerName).toBe('SMALL');
    expect(item.from.caution).toContain("Windows was found by searching the disk's volumes, because the next loader's");
  });

  it("has its directory by the loader's systemroot, unless that is no plausible path", async () => {
    const other = await readAll(memorySource(await smallDiskWith('BCD.other-system-root')), needs);
    expect(itemOf(other, 'control-sets').from.place).toBe(String.raw`\WinOther\System32\config\SYSTEM › Select`);
    expect(itemOf(other, 'unreadable').reason).toBe(String.raw`\WinOther\System32\config\SOFTWARE does not exist`);
    const hostile = await readAll(memorySource(await smallDiskWith('BCD.hostile-system-root')), needs);
    expect(itemOf(hostile, 'control-sets').from.place).toBe(String.raw`\Windows\System32\config\SYSTEM › Select`);
  });

  it('is missed where nothing is Windows', async () => {
    const disk = await smallDiskWith('BCD.no-osdevice');
    disk.fill(0, otherStart, otherStart + sector);
    disk.fill(0, windowsStart, windowsStart + sector);
    expect(await readAll(memorySource(disk), needs)).toEqual({
      kind: 'unreadable',
      code: 'no-windows',
      reason: 'no volume of this disk holds a Windows installation',
    });
  });

  it('is not readable where the partition that osdevice names has no file system', async () => {
    const wiped = alteredSource(openDisk('small'), [{ offset: windowsStart, bytes: Buffer.alloc(sector) }]);
    expect(await readAll(wiped, needs)).toEqual({
      kind: 'unreadable',
      code: 'not-readable',
      reason: 'partition 3, from which the next boot loads Windows, holds no NTFS volume (unknown)',
    });
  });

  it('that BitLocker encrypts is named', async () => {
    const locked = alteredSource(openDisk('small'), [{ offset: windowsStart + 3, bytes: bitLocker }]);
    expect(await readAll(locked, needs)).toEqual({
      kind: 'unreadable',
      code: 'encrypted',
      reason: 'partition 3, from which the next boot loads Windows, is encrypted by BitLocker',
    });
  });

  it('that BitLocker encrypts is named also where the store does not point to it', async () => {
    const disk = await smallDiskWith('BCD.no-osdevice');
    for (const start of [otherStart, windowsStart]) bitLocker.copy(disk, start + 3);
    expect(await readAll(memorySource(disk), needs)).toEqual({
      kind: 'unreadable',
      code: 'encrypted',
      reason: 'partition 2, partition 3: encrypted by BitLocker, and no other Windows is there',
    });
  });

  it('beside another that BitLocker encrypts is read', async () => {
    const locked = alteredSource(openDisk('small'), [{ offset: otherStart + 3, bytes: bitLocker }]);
    expect(itemOf(await readAll(locked, needs), 'windows-installation').computerName).toBe('SMALL');
  });

  it('without its SYSTEM hive is still read for the rest', async () => {
    const disk = await bytesOf(openDisk('small'));
    const from = disk.subarray(windowsStart);
    overwrite(from, Buffer.from('SYSTEM', 'utf16le'), Buffer.from('SYSTEX', 'utf16le'));
    const reading = await readAll(memorySource(disk), [{ kind: 'control-sets' }, { kind: 'pending-servicing' }]);
    expect(itemOf(reading, 'unreadable').reason).toBe(String.raw`\Windows\System32\config\SYSTEM does not exist`);
    expect(itemOf(reading, 'pending-servicing').pendingXml).toBe(false);
  });
});
