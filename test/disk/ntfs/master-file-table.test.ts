import { memorySource } from '../../../src/disk/byte-source';
import { openMasterFileTable } from '../../../src/disk/ntfs/master-file-table';

/*
 * A table in so many pieces that it needs an attribute list, as ntfs-3g makes one, is read in ../large-images.test.ts. What
 * can be wrong with one is laid out here by hand after https://flatcap.github.io/linux-ntfs/ntfs/. Clusters and records are of 512 bytes; the table begins at
 * cluster 4 with two records, and its third and fourth record lie at cluster 40.
 */
const SIZE = 512;
const geometry = {
  clusterSize: SIZE,
  volumeSize: 64 * SIZE,
  masterFileTableAt: 4 * SIZE,
  mirrorAt: 60 * SIZE,
  recordSize: SIZE,
};
const DATA = 0x80;

function fileRecord(sequence: number, attributes: readonly Buffer[], base = 0): Buffer {
  const record = Buffer.alloc(SIZE);
  record.write('FILE', 0, 'latin1');
  record.writeUInt16LE(48, 4);
  record.writeUInt16LE(2, 6);
  record.writeUInt16LE(sequence, 16);
  record.writeUInt16LE(56, 20);
  record.writeUInt16LE(1, 22);
  record.writeUInt32LE(SIZE, 24);
  record.writeUInt16LE(base, 38);
  Buffer.concat([...attributes, Buffer.alloc(4, 0xff)]).copy(record, 56);
  return record;
}

function tablePart(firstCluster: number, lastCluster: number, pairs: string): Buffer {
  const attribute = Buffer.alloc(72);
  attribute.writeUInt32LE(DATA, 0);
  attribute.writeUInt32LE(72, 4);
  attribute.writeUInt8(1, 8);
  attribute.writeBigUInt64LE(BigInt(firstCluster), 16);
  attribute.writeBigUInt64LE(BigInt(lastCluster), 24);
  attribute.writeUInt16LE(64, 32);
  attribute.writeBigUInt64LE(BigInt(4 * SIZE), 48);
  attribute.writeBigUInt64LE(BigInt(4 * SIZE), 56);
  attribute.write(pairs, 64, 'hex');
  return attribute;
}

function attributeList(parts: readonly { firstCluster: number; record: number }[]): Buffer {
  const value = Buffer.alloc(32 * parts.length);
  parts.forEach(({ firstCluster, record }, index) => {
    value.writeUInt32LE(DATA, index * 32);
    value.writeUInt16LE(32, index * 32 + 4);
    value.writeUInt8(26, index * 32 + 7);
    value.writeBigUInt64LE(BigInt(firstCluster), index * 32 + 8);
    value.writeUIntLE(record, index * 32 + 16, 6);
    value.writeUInt16LE(1, index * 32 + 22);
  });
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0x20, 0);
  header.writeUInt32LE(24 + value.length, 4);
  header.writeUInt32LE(value.length, 16);
  header.writeUInt16LE(24, 20);
  return Buffer.concat([header, value]);
}

function openTable(secondPart: { readonly firstCluster: number; readonly record: number }) {
  const volume = Buffer.alloc(geometry.volumeSize);
  const list = attributeList([{ firstCluster: 0, record: 0 }, secondPart]);
  fileRecord(1, [list, tablePart(0, 1, '11020400')]).copy(volume, 4 * SIZE);
  fileRecord(1, [tablePart(2, 3, '11022800')], 1).copy(volume, 5 * SIZE);
  fileRecord(33, []).copy(volume, 41 * SIZE);
  return openMasterFileTable(memorySource(volume), geometry);
}

describe('disk/ntfs/master-file-table: a master file table in very many pieces', () => {
  it('is put together from the records that its attribute list leads to', async () => {
    const table = await openTable({ firstCluster: 2, record: 1 });
    expect((await table.readRecord({ number: 3, sequence: 33 })).reference).toEqual({ number: 3, sequence: 33 });
    await expect(table.readRecord({ number: 4, sequence: 0 })).rejects.toMatchObject({ code: 'damaged' });
  });

  it.each([
    ['has a gap', { firstCluster: 3, record: 1 }],
    ['leads to a record that is not known yet', { firstCluster: 2, record: 3 }],
    ['leads back to its first record', { firstCluster: 2, record: 0 }],
  ])('is told as damaged when it %s', async (_what, part) => {
    await expect(openTable(part)).rejects.toMatchObject({ code: 'damaged' });
  });
});
