import fc from 'fast-check';
import { sliceStore } from '../../../local/disk/byte-store';
import { openTemplate } from '../../../local/disk/open-template';
import { createSparseDisk } from '../../../local/disk/sparse-disk';

const GIB = 1024 ** 3;

describe('local/disk/sparse-disk: a sparse disk', () => {
  it('reads as what was written, wherever pages begin and end', () => {
    const size = 300_000;
    const write = fc.record({
      offset: fc.nat(size - 1),
      length: fc.nat(150_000),
      value: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
        const disk = createSparseDisk(size);
        const expected = Buffer.alloc(size);
        for (const { offset, length, value } of writes) {
          const bytes = Buffer.alloc(Math.min(length, size - offset), value);
          disk.write(offset, bytes);
          bytes.copy(expected, offset);
        }
        expect(disk.read(0, size).equals(expected)).toBe(true);
        const ranges = Buffer.alloc(size);
        for (const { offset, length } of disk.allocatedRanges()) disk.read(offset, length).copy(ranges, offset);
        expect(ranges.equals(expected)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('takes memory for what was written only, and none for zeros', () => {
    const disk = createSparseDisk(127 * GIB);
    disk.write(100 * GIB, Buffer.alloc(1000, 1));
    disk.write(50 * GIB, Buffer.alloc(1000));
    expect(disk.allocatedBytes).toBe(64 * 1024);
    expect(disk.read(127 * GIB - 10, 10)).toEqual(Buffer.alloc(10));
  });

  it('lays the extents that it is given one over another', () => {
    const disk = createSparseDisk(400_000, [
      { offset: 10, length: 300_000, content: 0xff },
      { offset: 100_000, length: 3, content: Buffer.from('abc') },
    ]);
    expect(disk.read(8, 4)).toEqual(Buffer.from([0, 0, 0xff, 0xff]));
    expect(disk.read(99_999, 5).toString('latin1')).toBe('ÿabcÿ');
    disk.write(200_000, Buffer.of(7));
    expect([disk.read(200_000, 2), disk.read(140_000, 1)]).toEqual([Buffer.of(7, 0xff), Buffer.of(0xff)]);
  });

  it('refuses what lies outside', () => {
    const disk = createSparseDisk(1000);
    expect(() => disk.read(990, 11)).toThrow(RangeError);
    expect(() => {
      disk.write(-1, Buffer.of(1));
    }).toThrow(RangeError);
    expect(() => sliceStore(disk, 500, 501)).toThrow(RangeError);
  });
});

describe('local/disk/sparse-disk: a copy of a disk', () => {
  it('never shows what is written to the other, in either direction or over several copies', () => {
    const first = createSparseDisk(200_000);
    first.write(0, Buffer.from('first'));
    const second = first.copy();
    const third = second.copy();
    first.write(0, Buffer.from('FIRST'));
    second.write(70_000, Buffer.from('second'));
    third.write(1, Buffer.from('hird'));
    expect([first, second, third].map((disk) => disk.read(0, 5).toString())).toEqual(['FIRST', 'first', 'fhird']);
    expect([first, second, third].map((disk) => disk.read(70_000, 1)[0])).toEqual([0, 's'.charCodeAt(0), 0]);
    first.write(2, Buffer.from('!'));
    expect(third.read(0, 5).toString()).toBe('fhird');
  });

  it('refuses every write when it is a snapshot, while a copy of that can be written', () => {
    const disk = createSparseDisk(1000);
    const snapshot = disk.copy({ readOnly: true });
    expect(() => {
      snapshot.write(0, Buffer.of(1));
    }).toThrow('read-only');
    const restored = snapshot.copy();
    restored.write(0, Buffer.of(1));
    expect([snapshot.read(0, 1)[0], restored.read(0, 1)[0], disk.read(0, 1)[0]]).toEqual([0, 1, 0]);
  });

  it('of a template is a disk of its own', () => {
    const one = openTemplate('V1');
    const before = openTemplate('V1').read(0, 512);
    one.write(0, Buffer.alloc(512, 9));
    expect(openTemplate('V1').read(0, 512)).toEqual(before);
  });
});
