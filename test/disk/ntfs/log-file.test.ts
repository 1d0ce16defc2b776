import { memorySource } from '../../../src/disk/byte-source';
import { readLogFileState } from '../../../src/disk/ntfs/log-file';

/** A restart page as torvalds/linux:fs/ntfs/logfile.h lays it out. */
function restartPage({ client, flags, number }: { client: number; flags: number; number: number }): Buffer {
  const page = Buffer.alloc(4096);
  page.write('RSTR', 0, 'latin1');
  page.writeUInt16LE(30, 4);
  page.writeUInt16LE(9, 6);
  page.writeUInt32LE(4096, 16);
  page.writeUInt32LE(4096, 20);
  page.writeUInt16LE(48, 24);
  page.writeUInt16LE(7, 30);
  for (let end = 510; end < 4096; end += 512) page.writeUInt16LE(7, end);
  page.writeBigUInt64LE(BigInt(number), 48);
  page.writeUInt16LE(client, 48 + 12);
  page.writeUInt16LE(flags, 48 + 14);
  return page;
}

const running = { client: 0, flags: 0 };
const dismounted = { client: 0, flags: 2 };
const closed = { client: 0xffff, flags: 0 };

describe('disk/ntfs/log-file: the state of $LogFile', () => {
  it.each([
    ['running', 'unclean', { ...running, number: 2 }, { ...dismounted, number: 1 }],
    ['dismounted', 'clean', { ...running, number: 1 }, { ...dismounted, number: 2 }],
    ['closed', 'clean', { ...closed, number: 2 }, { ...running, number: 1 }],
  ])('is that of the newer page: %s is %s', async (_name, state, first, second) => {
    const log = Buffer.concat([restartPage(first), restartPage(second)]);
    expect(await readLogFileState(memorySource(log))).toBe(state);
  });

  it('is that of the page that is whole', async () => {
    const torn = restartPage({ ...dismounted, number: 2 });
    torn.writeUInt16LE(8, 1022);
    const log = Buffer.concat([torn, restartPage({ ...running, number: 1 })]);
    expect(await readLogFileState(memorySource(log))).toBe('unclean');
  });

  it('is empty after formatting, and unknown without a restart page', async () => {
    expect(await readLogFileState(memorySource(Buffer.alloc(8192, 0xff)))).toBe('empty');
    expect(await readLogFileState(memorySource(Buffer.alloc(8192)))).toBe('unknown');
    expect(await readLogFileState(memorySource(Buffer.alloc(100)))).toBe('unknown');
  });
});
