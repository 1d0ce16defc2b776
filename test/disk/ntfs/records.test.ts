/** Records, lists and nodes that end too soon or miss something: told, and not taken for all there is. */
import { memorySource } from '../../../src/disk/byte-source';
import { readAttributeList } from '../../../src/disk/ntfs/attribute-list';
import type { NtfsGeometry } from '../../../src/disk/ntfs/boot-sector';
import { parseFileRecord, type Attribute, type FileRecord } from '../../../src/disk/ntfs/file-record';
import { findAttribute } from '../../../src/disk/ntfs/find-attribute';
import { parseIndexNode } from '../../../src/disk/ntfs/index-node';
import type { MasterFileTable } from '../../../src/disk/ntfs/master-file-table';

const volume = memorySource(Buffer.alloc(0));
const geometry: NtfsGeometry = {
  clusterSize: 4096,
  volumeSize: 0,
  masterFileTableAt: 0,
  mirrorAt: 0,
  recordSize: 1024,
};

/** A record of 1 KiB that uses so many bytes: an empty attribute of 24 at 56, then the end's mark where there is room. */
function recordUsing(used: number): Buffer {
  const record = Buffer.alloc(1024);
  record.write('FILE', 'latin1');
  record.writeUInt16LE(48, 4);
  record.writeUInt16LE(3, 6);
  record.writeUInt16LE(56, 20);
  record.writeUInt16LE(1, 22);
  record.writeUInt32LE(used, 24);
  record.writeUInt32LE(0x80, 56);
  record.writeUInt32LE(24, 60);
  record.writeUInt32LE(0xffffffff, 80);
  return record;
}

/** An entry of an attribute list: unnamed content, in the record 40, from the cluster given. */
function listEntry(firstCluster: number): Buffer {
  const entry = Buffer.alloc(32);
  entry.writeUInt32LE(0x80, 0);
  entry.writeUInt16LE(32, 4);
  entry.writeUInt8(26, 7);
  entry.writeBigUInt64LE(BigInt(firstCluster), 8);
  entry.writeUInt16LE(40, 16);
  return entry;
}

function resident(type: number, value: Buffer): Attribute {
  return { type, name: '', isCompressed: false, isEncrypted: false, resident: true, value };
}

describe('disk/ntfs/records: a file record', () => {
  it('ends with its mark', () => {
    expect(parseFileRecord(recordUsing(88), 7).attributes).toHaveLength(1);
  });

  it.each([80, 82])('is damaged where it ends before that, after %d bytes', (used) => {
    expect(() => parseFileRecord(recordUsing(used), 7)).toThrow(
      /^damaged: file record 7 ends at \d+ without the mark/u,
    );
  });
});

describe('disk/ntfs/records: an attribute list', () => {
  it.each([
    ['and nothing behind', Buffer.alloc(0)],
    ['and zeros behind', Buffer.alloc(8)],
  ])('is read to its end, %s', async (_title, behind) => {
    const list = Buffer.concat([listEntry(0), listEntry(9), behind]);
    const entries = await readAttributeList(volume, geometry, resident(0x20, list));
    expect(entries.map(({ firstCluster }) => firstCluster)).toEqual([0, 9]);
  });

  it('is damaged where it ends within an entry', async () => {
    const list = Buffer.concat([listEntry(0), listEntry(9).subarray(0, 20)]);
    await expect(readAttributeList(volume, geometry, resident(0x20, list))).rejects.toMatchObject({
      code: 'damaged',
      detail: 'an attribute list ends within its entry at 32 of 52 bytes',
    });
  });

  it('is damaged where it names a part that is not there', async () => {
    const reference = { number: 40, sequence: 1 };
    const attributes = [resident(0x20, Buffer.concat([listEntry(0), listEntry(9)])), resident(0x80, Buffer.from('a'))];
    const record: FileRecord = { reference, isInUse: true, isDirectory: false, base: undefined, attributes };
    const table: MasterFileTable = { volume, geometry, readRecord: () => Promise.resolve(record) };
    await expect(findAttribute(table, record, 0x80)).rejects.toMatchObject({
      code: 'damaged',
      detail: 'file record 40 lists 2 parts of an attribute, and 1 are there',
    });
  });
});

describe('disk/ntfs/records: a node of a directory', () => {
  it('is damaged where an entry before the last one has no name', () => {
    const node = Buffer.alloc(48);
    node.writeUInt32LE(16, 0);
    node.writeUInt32LE(48, 4);
    node.writeUInt16LE(16, 24);
    node.writeUInt16LE(16, 40);
    node.writeUInt16LE(2, 44);
    expect(() => parseIndexNode(node, 'directory 5')).toThrow('damaged: directory 5 has an entry without a name');
  });
});
