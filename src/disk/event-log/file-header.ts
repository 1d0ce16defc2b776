/**
 * The first block of an .evtx file.
 * Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "File header"
 * (https://github.com/libyal/libevtx).
 */
import { UnreadableError, type ByteSource } from '../byte-source';
import { crc32 } from '../crc32';

/** Every chunk has this size, whatever it holds (same page, "Chunk"). */
export const chunkSize = 65_536;
const headerBlockSize = 4096;
const signature = Buffer.from('ElfFile\0', 'latin1');
const dirtyFlag = 0x1;
/** The header counts chunks in 16 bits, so a log has no more. */
const mostChunks = 65_535;

/** Where the chunks lie, and what the header says of their order if it can be believed. */
export interface FileHeader {
  /** Offset of the first chunk. */
  firstChunkOffset: number;
  /** How many chunks fit into the file: a dirty header counts fewer than there are, so the file's size decides. */
  slotCount: number;
  /** Not closed cleanly, which is how a log looks in a snapshot of a running machine: the header is stale. */
  isDirty: boolean;
  /** Absent if the log is dirty or the header's checksum is wrong. */
  believed?: { newestSlot: number; nextRecordId: bigint };
  problem?: string;
}

/** Reads the file header: one read of 4 KiB. Throws an UnreadableError if this is no event log of a known version. */
export async function readFileHeader(source: ByteSource): Promise<FileHeader> {
  if (source.size < headerBlockSize) {
    throw new UnreadableError('not-this-format', `an event log has at least ${headerBlockSize} bytes`);
  }
  const bytes = await source.read(0, headerBlockSize);
  if (!bytes.subarray(0, 8).equals(signature)) throw new UnreadableError('not-this-format', 'no ElfFile signature');
  const major = bytes.readUInt16LE(38);
  if (major !== 3) throw new UnreadableError('not-this-format', `event log version ${major}, not 3`);
  const isIntact = crc32(bytes.subarray(0, 120)) === bytes.readUInt32LE(124);
  const isDirty = (bytes.readUInt32LE(120) & dirtyFlag) !== 0;
  const firstChunkOffset = bytes.readUInt16LE(40) === headerBlockSize ? headerBlockSize : 0;
  if (firstChunkOffset === 0) throw new UnreadableError('not-this-format', 'the header block is not 4,096 bytes');
  const layout = {
    firstChunkOffset,
    slotCount: Math.min(mostChunks, Math.floor((source.size - firstChunkOffset) / chunkSize)),
  };
  if (!isIntact) return { ...layout, isDirty: true, problem: 'the checksum of the file header is wrong' };
  if (isDirty) return { ...layout, isDirty };
  return {
    ...layout,
    isDirty,
    believed: { newestSlot: Number(bytes.readBigUInt64LE(16)), nextRecordId: bytes.readBigUInt64LE(24) },
  };
}
