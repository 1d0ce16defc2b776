import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedVhd } from '../../../local/azure/blob/fixed-vhd';
import { createSparseDisk } from '../../../local/disk/sparse-disk';
import { memorySource } from '../../../src/disk/byte-source';
import { openFixedVhd } from '../../../src/disk/fixed-vhd';

const MIB = 1024 * 1024;
const settings = { createdAt: Date.UTC(2026, 0, 1), uniqueId: '01234567-89ab-cdef-0123-456789abcdef' };
const qemuImg = 'qemu-img';
const hasQemu = spawnSync(qemuImg, ['--version']).status === 0;
// A skipped case is shown by jest, so that nobody takes it for a passed one.
const withQemu = hasQemu ? it : it.skip;

function diskOf(size: number) {
  const disk = createSparseDisk(size);
  disk.write(size - 4, Buffer.from('last'));
  return disk;
}

describe('local/azure/fixed-vhd: a disk as a fixed VHD', () => {
  it('is the disk and a footer that the product accepts', async () => {
    const vhd = fixedVhd(diskOf(2 * MIB), settings);

    const disk = await openFixedVhd(memorySource(vhd.read(0, vhd.size)));

    expect(disk.size).toBe(2 * MIB);
    await expect(disk.read(disk.size - 4, 4)).resolves.toEqual(Buffer.from('last'));
  });

  it('can be read across the border of disk and footer, and no further', () => {
    const vhd = fixedVhd(diskOf(2 * MIB), settings);

    expect(vhd.read(2 * MIB - 4, 12).toString('latin1')).toBe('lastconectix');
    expect(vhd.read(2 * MIB + 2, 6).toString('latin1')).toBe('nectix');
    expect(() => vhd.read(vhd.size - 1, 2)).toThrow(RangeError);
  });

  withQemu('is one to QEMU as well', () => {
    inFolder((folder) => {
      const file = join(folder, 'disk.vhd');
      const vhd = fixedVhd(diskOf(6 * MIB), settings);
      writeFileSync(file, vhd.read(0, vhd.size));

      const told = execFileSync(qemuImg, ['info', '-f', 'vpc', '--output', 'json', file], { encoding: 'utf8' });

      expect(JSON.parse(told)).toMatchObject({ format: 'vpc', 'virtual-size': 6 * MIB });
    });
  });

  // QEMU rounds a size up to one that a geometry of its own makes, so both speak of the same disk.
  withQemu.each([3, 40, 504, 520, 2000, 20_000, 130_048])(
    'of about %d MiB has the geometry that QEMU gives it',
    (mib) => {
      inFolder((folder) => {
        const file = join(folder, 'disk.vhd');
        execFileSync(qemuImg, ['create', '-q', '-f', 'vpc', '-o', 'subformat=fixed', file, `${mib}M`]);
        const theirs = tailOf(file);

        const vhd = fixedVhd(createSparseDisk(Number(theirs.readBigUInt64BE(48))), settings);

        const ours = vhd.read(vhd.size - 512, 512);
        expect(ours.subarray(40, 64)).toEqual(theirs.subarray(40, 64));
        expect(ours.subarray(0, 24)).toEqual(theirs.subarray(0, 24));
      });
    },
  );
});

function tailOf(file: string): Buffer {
  return execFileSync('tail', ['-c', '512', file]);
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'fixed-vhd-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
