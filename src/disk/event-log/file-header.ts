/**
 * The first block of an .evtx file.
 * Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "File header"
 * (https://github.com/libyal/libevtx).
 */
import { UnreadableError, type ByteSource } from '../byte-source';
import { crc32 } from '../crc32';
import { hexadecimal } from '../hexadecimal';

/** Every chunk has this size, whatever it holds (same page, "Chunk"). */
export const chunkSize = 65_536;
const headerBlockSize = 4096;
const signature = Buffer.from('ElfFile\0', 'latin1');
const dirtyFlag = 0x1;
/**
 * In the flags of the file and of each chunk: no checksum is kept, and its fields stay 0. Seen in logs of format 3.2
 * while Windows writes them; an export computes them (https://github.com/omerbenamram/evtx/pull/188).
 */
export const noChecksumsFlag = 0x4;
/** The header counts chunks in 16 bits, so a log has no more. */
const mostChunks = 65_535;

/** Where the chunks lie, and what the header says of their order if it can be believed. */
export interface FileHeader {
  /** Offset of the first chunk. */
  firstChunkOffset: number;
  /** How many chunks fit into the file: a dirty header counts fewer than there are, so the file's size decides. */
  slotCount: number;
  /** Bytes behind the last whole chunk. */
  bytesBehind: number;
  /** Not closed cleanly, which is how a log looks in a snapshot of a running machine: the header is stale. */
  isDirty: boolean;
  /** The lowest id that records written after the header have; 0 if the header cannot be believed. */
  nextRecordId: bigint;
  /** Absent if the log is dirty or the header's checksum is wrong. */
  believed?: { newestSlot: number; nextRecordId: bigint; chunkCount: number };
  problem?: string;
}

/** Reads the file header: one read of 4 KiB. Throws an UnreadableError if this is no event log of a known version. */
export async function readFileHeader(source: ByteSource): Promise<FileHeader> {
  if (source.size < headerBlockSize) {
    throw new UnreadableError(
      'not-this-format',
      `an event log has at least ${headerBlockSize} bytes, this has ${source.size}`,
    );
  }
  const bytes = await source.read(0, headerBlockSize);
  if (!bytes.subarray(0, 8).equals(signature)) throw new UnreadableError('not-this-format', 'no ElfFile signature');
  const major = bytes.readUInt16LE(38);
  if (major !== 3) throw new UnreadableError('not-this-format', `event log version ${major}, not 3`);
  const firstChunkOffset = bytes.readUInt16LE(40);
  if (firstChunkOffset !== headerBlockSize) {
    throw new UnreadableError('not-this-format', `the header block is ${firstChunkOffset} bytes, not 4,096`);
  }
  const slotCount = Math.min(mostChunks, Math.floor((source.size - firstChunkOffset) / chunkSize));
  const bytesBehind = source.size - firstChunkOffset - slotCount * chunkSize;
  const layout = { firstChunkOffset, slotCount, bytesBehind };
  const problem = checksumProblem(bytes);
  if (problem !== undefined) return { ...layout, isDirty: true, nextRecordId: 0n, problem };
  const isDirty = (bytes.readUInt32LE(120) & dirtyFlag) !== 0;
  const nextRecordId = bytes.readBigUInt64LE(24);
  if (isDirty) return { ...layout, isDirty, nextRecordId };
  const newestSlot = Number(bytes.readBigUInt64LE(16));
  const chunkCount = bytes.readUInt16LE(42);
  return { ...layout, isDirty, nextRecordId, believed: { newestSlot, nextRecordId, chunkCount } };
}

function checksumProblem(bytes: Buffer): string | undefined {
  const stored = bytes.readUInt32LE(124);
  const hasNone = (bytes.readUInt32LE(120) & noChecksumsFlag) !== 0 && stored === 0;
  const computed = crc32(bytes.subarray(0, 120));
  if (hasNone || stored === computed) return undefined;
  return `the checksum of the file header is wrong: ${hexadecimal(stored)} at byte 124, its bytes give ${hexadecimal(computed)}`;
}
