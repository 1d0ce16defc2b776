/**
 * A volume whose bytes are of no use without a key, as BitLocker leaves it. What a reader of the raw disk meets is as on a
 * real one: the signature `-FVE-FS-` where NTFS has its name, and AES-XTS over everything else. The rest of BitLocker's
 * format (metadata blocks, key protectors) is not here: whoever has the key is the simulated machine itself, as with a TPM.
 * https://github.com/libyal/libbde/blob/main/documentation/BitLocker%20Drive%20Encryption%20(BDE)%20format.asciidoc
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { demandWithin, type ByteStore } from './byte-store';

/** Where the volume lies on its disk, in bytes. */
export interface VolumePlace {
  start: number;
  size: number;
}

/** 32 bytes: two keys of AES-128, as XTS takes them. */
export type VolumeKey = Buffer;

const SECTOR = 512;
/** What is encrypted as one. BitLocker takes sectors; larger pieces are quicker and read no differently. */
const UNIT = 4096;

/** Encrypts what is on the volume; from then on it is read through `unlockDisk`. `ranges`: where the disk holds anything. */
export function encryptVolume(
  disk: ByteStore,
  { start, size }: VolumePlace,
  { key, ranges }: { key: VolumeKey; ranges: { offset: number; length: number }[] },
): void {
  for (const range of ranges) {
    const from = Math.max(start + Math.floor((range.offset - start) / UNIT) * UNIT, start);
    const to = Math.min(start + Math.ceil((range.offset + range.length - start) / UNIT) * UNIT, start + size);
    if (from >= to) continue;
    const plain = disk.read(from, to - from);
    disk.write(
      from,
      eachUnit(plain, (from - start) / UNIT, (unit, number) => encrypted(key, unit, number)),
    );
  }
  disk.write(start, bitLockerHeader());
}

/**
 * The disk as the machine that holds the key sees it: reads and writes on the volume are decrypted and encrypted. NTFS keeps
 * a copy of its boot sector in the partition's last sector; it stands in for the one that BitLocker's header replaced.
 */
export function unlockDisk(disk: ByteStore, place: VolumePlace, key: VolumeKey): ByteStore {
  const { start, size } = place;

  function readVolume(offset: number, length: number): Buffer {
    const first = Math.floor(offset / UNIT);
    const end = Math.ceil((offset + length) / UNIT);
    const raw = disk.read(start + first * UNIT, (end - first) * UNIT);
    const plain = eachUnit(raw, first, (unit, number) => decrypted(key, unit, number));
    if (first === 0) bootSector().copy(plain);
    return plain.subarray(offset - first * UNIT, offset - first * UNIT + length);
  }

  function bootSector(): Buffer {
    const last = size / UNIT - 1;
    return decrypted(key, disk.read(start + last * UNIT, UNIT), last).subarray(UNIT - SECTOR);
  }

  function writeVolume(offset: number, bytes: Uint8Array): void {
    const first = Math.floor(offset / UNIT);
    const end = Math.ceil((offset + bytes.length) / UNIT);
    if (offset < SECTOR) throw new Error('The boot sector of an encrypted volume is not written here.');
    const plain = Buffer.from(readVolume(first * UNIT, (end - first) * UNIT));
    plain.set(bytes, offset - first * UNIT);
    const secret = eachUnit(plain, first, (unit, number) => encrypted(key, unit, number));
    if (first === 0) bitLockerHeader().copy(secret);
    disk.write(start + first * UNIT, secret);
  }

  return {
    size: disk.size,
    read(offset, length) {
      demandWithin(disk.size, offset, length);
      const parts = partsOf(place, offset, length);
      return Buffer.concat(
        parts.map((part) =>
          part.isInside ? readVolume(part.from - start, part.length) : disk.read(part.from, part.length),
        ),
      );
    },
    write(offset, bytes) {
      demandWithin(disk.size, offset, bytes.length);
      for (const { from, length, isInside } of partsOf(place, offset, bytes.length)) {
        const part = bytes.subarray(from - offset, from - offset + length);
        if (isInside) writeVolume(from - start, part);
        else disk.write(from, part);
      }
    },
  };
}

/** The pieces before, on and after the volume. */
function partsOf({ start, size }: VolumePlace, offset: number, length: number) {
  const end = offset + length;
  const cuts = [offset, start, start + size, end].map((cut) => Math.min(Math.max(cut, offset), end));
  return [0, 1, 2]
    .map((index) => ({ from: cuts[index] ?? end, to: cuts[index + 1] ?? end, isInside: index === 1 }))
    .filter(({ from, to }) => to > from)
    .map(({ from, to, isInside }) => ({ from, length: to - from, isInside }));
}

function eachUnit(bytes: Buffer, first: number, turn: (unit: Buffer, number: number) => Buffer): Buffer {
  const result = Buffer.alloc(bytes.length);
  for (let place = 0; place < bytes.length; place += UNIT) {
    const unit = bytes.subarray(place, place + UNIT);
    // What was never written stays zeros on both sides: only used space is encrypted, as Windows offers it.
    if (!unit.equals(zeros)) turn(unit, first + place / UNIT).copy(result, place);
  }
  return result;
}

const zeros = Buffer.alloc(UNIT);

function encrypted(key: VolumeKey, unit: Buffer, number: number): Buffer {
  return through(createCipheriv('aes-128-xts', key, tweakOf(number)), unit);
}

function decrypted(key: VolumeKey, unit: Buffer, number: number): Buffer {
  return through(createDecipheriv('aes-128-xts', key, tweakOf(number)), unit);
}

type Cipher = ReturnType<typeof createCipheriv> | ReturnType<typeof createDecipheriv>;

function through(cipher: Cipher, unit: Buffer): Buffer {
  return Buffer.concat([cipher.update(unit), cipher.final()]);
}

/** XTS takes the number of the piece as its tweak: IEEE 1619. */
function tweakOf(number: number): Buffer {
  const tweak = Buffer.alloc(16);
  tweak.writeBigUInt64LE(BigInt(number));
  return tweak;
}

function bitLockerHeader(): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.set([0xeb, 0x58, 0x90]);
  header.write('-FVE-FS-', 3, 'latin1');
  header.writeUInt16LE(SECTOR, 11);
  header.writeUInt16LE(0xaa55, 510);
  return header;
}
