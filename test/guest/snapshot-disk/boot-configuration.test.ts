import { memorySource } from '../../../src/disk/byte-source';
import type { DiskNeed, DiskReading } from '../../../src/guest/snapshot-disk';
import { bytesOf, openDisk, overwrite, readAll, smallDiskWith } from './support/disks';
import { itemOf } from './support/evidence-items';

const first = '{a1111111-0000-11ee-8000-000000000001}';
const second = '{a2222222-0000-11ee-8000-000000000002}';

const need: DiskNeed = { kind: 'boot-configuration' };

/** What is read of the small disk with this store. */
async function readStore(name: string): Promise<DiskReading> {
  return readAll(memorySource(await smallDiskWith(name)), [need]);
}

describe('guest/snapshot-disk/boot-configuration: which loader the next boot takes', () => {
  it.each([
    ['BCD.no-default', 'no default is set'],
    ['BCD.default-names-nothing', 'the default {afffffff-0000-11ee-8000-00000000000f} is no Windows loader of it'],
    ['BCD.default-is-no-guid', String.raw`the default ..\..\x is no Windows loader of it`],
    ['BCD.no-boot-manager', 'the store has no boot manager object; no default is set'],
  ])('is the only one beside Windows RE for %s', async (name, caution) => {
    const item = itemOf(await readStore(name), 'boot-configuration');
    expect(item).toMatchObject({ next: { id: first }, chosenBy: 'only-loader' });
    expect(item.from.caution).toContain(caution);
  });

  it('is not said where nothing tells it apart from others', async () => {
    const disk = await smallDiskWith('BCD.default-names-nothing-of-two');
    removeOtherWindows(disk);
    expect(itemOf(await readAll(memorySource(disk), [need]), 'unreadable').reason).toBe(
      'the boot store does not say which of 2 loaders is next: ' +
        'the default {afffffff-0000-11ee-8000-00000000000f} is no Windows loader of it',
    );
  });

  it.each([
    ['BCD.no-loaders', 'the boot store does not say which of 0 loaders is next'],
    ['BCD.no-objects', 'it is a hive without boot objects: no boot store'],
  ])('is not said by a store without loaders or objects: %s', async (name, reason) => {
    const disk = await smallDiskWith(name);
    removeOtherWindows(disk);
    expect(itemOf(await readAll(memorySource(disk), [need]), 'unreadable').reason).toContain(reason);
  });

  it('is the default after a one-time sequence that begins with another program', async () => {
    const item = itemOf(await readStore('BCD.sequence-of-memory-test'), 'boot-configuration');
    expect(item).toMatchObject({ next: { id: first }, chosenBy: 'default' });
    expect(item.from.caution).toContain(
      'the one-time boot sequence begins with {b2721d73-1db4-4c62-bf78-c548a880142d}, which is no Windows loader',
    );
  });
});

describe('guest/snapshot-disk/boot-configuration: safeboot', () => {
  it('is read in other lengths and types too', async () => {
    expect(itemOf(await readStore('BCD.safeboot-dword'), 'boot-configuration').next.safeboot).toBe('DsRepair');
  });

  it('is told as its number where Windows defines none', async () => {
    expect(itemOf(await readStore('BCD.safeboot-undefined'), 'boot-configuration').next.safeboot).toBe(7);
  });

  it.each([
    ['BCD.safeboot-too-long', 9],
    ['BCD.safeboot-empty', 0],
  ])('is not guessed from data that is no number: %s', async (name, bytes) => {
    const disk = await smallDiskWith(name);
    removeOtherWindows(disk);
    const { reason } = itemOf(await readAll(memorySource(disk), [need]), 'unreadable');
    expect(reason).toBe(`damaged: a number of ${bytes} bytes in boot object ${first}`);
  });

  it('is found where a loader inherits it, and it is said from where', async () => {
    const item = itemOf(await readStore('BCD.inherited-safeboot'), 'boot-configuration');
    expect(item.next.safebootSetIn).toBe('{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}');
    expect(item.next.safeboot).toBe('Network');
    expect(item.from.caution).toContain(
      `safeboot is not set in ${first} itself but in {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}, from which it inherits`,
    );
  });

  it('is absent where loaders inherit from each other in a circle', async () => {
    const item = itemOf(await readStore('BCD.inheritance-loop'), 'boot-configuration');
    expect(item.next).not.toHaveProperty('safeboot');
    expect(item.others.map(({ id }) => id)).toEqual([second]);
  });
});

describe('guest/snapshot-disk/boot-configuration: a hostile or damaged boot store', () => {
  it('has its texts cut and made printable', async () => {
    const { next } = itemOf(await readStore('BCD.hostile-description'), 'boot-configuration');
    expect(next.description).toMatch(/^\ufffd\[2J\ufffd\ufffd\ufffd<script>A+…$/u);
    expect(next.description).toHaveLength(200);
    expect(next.path).toHaveLength(200);
  });

  it('does not lose the next loader over another that is damaged', async () => {
    const item = itemOf(await readStore('BCD.other-is-damaged'), 'boot-configuration');
    expect(item).toMatchObject({ next: { id: first }, others: [] });
    expect(item.from.caution).toContain(`the loader ${second} could not be read (damaged: a number of 9 bytes`);
  });

  it('tells a bounded number of loaders and how many more there are', async () => {
    const item = itemOf(await readStore('BCD.many-loaders'), 'boot-configuration');
    expect(item.others).toHaveLength(32);
    expect(item.from.caution).toContain('8 further loaders are not told');
  });
});

describe('guest/snapshot-disk/boot-configuration: which store it is', () => {
  it('is the one of the firmware, and the other is named', async () => {
    const item = itemOf(await readAll(openDisk('small'), [need]), 'boot-configuration');
    expect(item.firmware).toBe('uefi');
    expect(item.from.caution).toBe(
      String.raw`partition 3 (not active) \Boot\BCD is there too and is not what this machine boots by`,
    );
  });

  it('is not replaced by the other where it is gone', async () => {
    const disk = await bytesOf(openDisk('small'));
    removeStore(disk);
    removeOtherWindows(disk);
    const reading = await readAll(memorySource(disk), [need, { kind: 'control-sets' }]);
    expect(itemOf(reading, 'unreadable').reason).toBe(
      String.raw`this GPT disk has no boot store that can be read (partition 1 (EFI system partition) ` +
        String.raw`\EFI\Microsoft\Boot\BCD: \EFI\Microsoft\Boot\BCD does not exist)`,
    );
    expect(itemOf(reading, 'control-sets').next).toBe(1);
  });
});

/** Deletes the store's entry in its FAT directory. */
function removeStore(disk: Buffer): void {
  overwrite(disk, Buffer.from('BCD        '), Buffer.from('\xe5CD        ', 'latin1'));
}

/** Makes partition 2, which has a Windows too, a file system that nobody knows. */
function removeOtherWindows(disk: Buffer): void {
  disk.fill(0, 18432 * 512, 18433 * 512);
}
