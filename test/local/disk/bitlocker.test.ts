import { randomBytes } from 'node:crypto';
import { encryptVolume, unlockDisk } from '../../../local/disk/bitlocker';
import { createSparseDisk } from '../../../local/disk/sparse-disk';
import { memorySource } from '../../../src/disk/byte-source';
import { openVolume } from '../../../src/disk/volumes/open-volume';

const place = { start: 8192, size: 65_536 };
const key = randomBytes(32);

describe('local/disk/bitlocker', () => {
  it('keeps what is around the volume, and shows of the volume only its signature', async () => {
    const { disk } = encryptedDisk();
    expect(disk.read(0, 6).toString()).toBe('before');
    expect(disk.read(place.start + place.size, 5).toString()).toBe('after');
    const raw = disk.read(place.start, place.size);
    expect(raw.includes('NTFS    ')).toBe(false);
    expect(raw.includes('content')).toBe(false);
    expect(await openVolume(memorySource(raw))).toMatchObject({ kind: 'bitlocker' });
  });

  it('reads back everything with the key, its boot sector too, at any place and across the volume’s edges', () => {
    const { disk, plain } = encryptedDisk();
    const unlocked = unlockDisk(disk, place, key);
    for (const [offset, length] of [
      [0, disk.size],
      [place.start - 3, 9],
      [place.start + 700, 5],
      [place.start + place.size - 4, 8],
    ] as const) {
      expect(unlocked.read(offset, length).equals(plain.read(offset, length))).toBe(true);
    }
  });

  it('writes encrypted, and reads what was written', () => {
    const { disk } = encryptedDisk();
    const unlocked = unlockDisk(disk, place, key);
    unlocked.write(place.start + 1000, Buffer.from('written in plain'));
    unlocked.write(place.start + 20_000, Buffer.alloc(2_000, 7));
    expect(unlocked.read(place.start + 1000, 16).toString()).toBe('written in plain');
    expect(unlocked.read(place.start + 20_000, 2_000)).toEqual(Buffer.alloc(2_000, 7));
    expect(disk.read(place.start, place.size).includes('written')).toBe(false);
  });

  it('gives nothing to another key', () => {
    const { disk, plain } = encryptedDisk();
    const stranger = unlockDisk(disk, place, randomBytes(32));
    expect(stranger.read(place.start + 1024, 512)).not.toEqual(plain.read(place.start + 1024, 512));
  });
});

/** A disk with a small volume: a boot sector with its copy at the end, and some content. */
function encryptedDisk() {
  const disk = createSparseDisk(262_144);
  const boot = Buffer.alloc(512);
  boot.write('NTFS    ', 3);
  disk.write(0, Buffer.from('before'));
  disk.write(place.start, boot);
  disk.write(place.start + 1024, Buffer.from('content'.repeat(100)));
  disk.write(place.start + place.size - 512, boot);
  disk.write(place.start + place.size, Buffer.from('after'));
  const plain = disk.copy({ readOnly: true });
  encryptVolume(disk, place, { key, ranges: disk.allocatedRanges() });
  return { disk, plain };
}
