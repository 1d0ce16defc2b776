import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { memorySource, UnreadableError } from '../../src/disk/byte-source';
import { openFixedVhd } from '../../src/disk/fixed-vhd';

// Made by qemu-img: fixtures/disk-images/vhd/make-fixed-vhd.sh.
const vhd = gunzipSync(readFileSync(join(__dirname, '../../fixtures/disk-images/vhd/fixed.vhd.gz')));
const size = 1024 * 1024;

/** The VHD with these bytes of its footer replaced. */
function withFooter(offset: number, bytes: number[]): Buffer {
  const changed = Buffer.from(vhd);
  changed.set(bytes, size + offset);
  return changed;
}

describe('disk/fixed-vhd', () => {
  it('gives the disk without the footer', async () => {
    const disk = await openFixedVhd(memorySource(vhd));
    expect(disk.size).toBe(size);
    expect((await disk.read(0, size)).equals(vhd.subarray(0, size))).toBe(true);
    await expect(disk.read(size, 1)).rejects.toMatchObject({ code: 'out-of-range' });
  });

  it.each([
    ['a file without a footer', vhd.subarray(0, size), 'not-this-format', /at byte \d+ stands "/u],
    ['a file that is too small for one', vhd.subarray(0, 100), 'not-this-format', /too small/u],
    ['an empty file', Buffer.alloc(0), 'not-this-format', /too small/u],
    [
      'a footer with a wrong checksum',
      withFooter(100, [1]),
      'damaged',
      /: 0x[\da-f]{8} at byte \d+, its bytes give 0x/u,
    ],
    ['a file that was cut in front of its footer', vhd.subarray(512), 'damaged', / says \d+ bytes, and \d+ stand/u],
  ])('refuses %s', async (_what, bytes, code, detail) => {
    const error = { code, detail: expect.stringMatching(detail) };
    await expect(openFixedVhd(memorySource(bytes))).rejects.toMatchObject(error);
  });

  it('refuses a VHD of another kind: its bytes are no disk as they stand', async () => {
    // Type 3 (dynamic) instead of 2 lowers the one's complement of the sum by one.
    const checksum = vhd.readUInt32BE(size + 64) - 1;
    const dynamic = withFooter(60, [0, 0, 0, 3]);
    dynamic.writeUInt32BE(checksum, size + 64);
    await expect(openFixedVhd(memorySource(dynamic))).rejects.toMatchObject({ code: 'not-this-format' });
  });

  it('gives the disk or an UnreadableError for any footer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(471), async (bytes, offset) => {
        const error: unknown = await openFixedVhd(memorySource(withFooter(offset, [...bytes]))).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error === undefined || error instanceof UnreadableError).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
