import { readValue, writeValue, type VolumeParts } from './attribute-value';
import { ATTRIBUTE, demandAttribute, roundUp } from './file-record';
import { RECORD } from './record-store';
import { updateSequenceLength, withUpdateSequence } from './update-sequence';

/** Both restart pages, at the start of `$LogFile`, are pages of this size. */
const PAGE = 4096;
const NO_CLIENT = 0xffff;
const FLAG_VOLUME_IS_CLEAN = 2;
const HEADER_LENGTH = 30;
const AREA_LENGTH = 64;
const CLIENT_LENGTH = 160;

/**
 * Says in `$LogFile` whether Windows has the volume mounted: both restart pages are written anew, with the log open and,
 * once the volume is dismounted, marked clean, as Windows has done it since XP. Layout and rule:
 * tuxera/ntfs-3g:include/ntfs-3g/logfile.h. The records behind stay as they are: nothing is ever replayed from them, since a
 * change of this room reaches the disk as a whole.
 */
export function markMounted(parts: VolumeParts, isMounted: boolean): void {
  const record = parts.records.read(RECORD.logFile);
  const log = demandAttribute(record, ATTRIBUTE.data);
  const former = readValue(parts, record, log, 0, 2 * PAGE);
  const isFirst = former.toString('latin1', 0, 4) !== 'RSTR';
  const size = log.place === 'clusters' ? log.dataSize : 0;
  const areaAt = roundUp(HEADER_LENGTH + 2 * updateSequenceLength(PAGE), 8);
  // assumed: every mount and dismount moves the log on by one number; readers take the page with the higher one.
  const number = isFirst ? 1n : former.readBigUInt64LE(areaAt) + 1n;
  const openCount = isFirst ? 1 : former.readUInt32LE(areaAt + 40) + (isMounted ? 1 : 0);
  const page = restartPage({ areaAt, size, number, openCount, isMounted });
  if (!isFirst) former.copy(page, HEADER_LENGTH, HEADER_LENGTH, HEADER_LENGTH + 2);
  const onDisk = withUpdateSequence(page);
  writeValue(parts, record, log, 0, Buffer.concat([onDisk, onDisk]));
  parts.records.write(record);
}

function restartPage(state: {
  areaAt: number;
  size: number;
  number: bigint;
  openCount: number;
  isMounted: boolean;
}): Buffer {
  const page = Buffer.alloc(PAGE);
  page.write('RSTR', 0, 'latin1');
  page.writeUInt16LE(HEADER_LENGTH, 4);
  page.writeUInt16LE(updateSequenceLength(PAGE), 6);
  page.writeUInt32LE(PAGE, 16);
  page.writeUInt32LE(PAGE, 20);
  page.writeUInt16LE(state.areaAt, 24);
  page.writeUInt16LE(1, 26);
  page.writeUInt16LE(1, 28);
  const area = page.subarray(state.areaAt);
  const usable = state.size - (state.size % PAGE);
  area.writeBigUInt64LE(state.number, 0);
  area.writeUInt16LE(1, 8);
  area.writeUInt16LE(NO_CLIENT, 10);
  area.writeUInt16LE(0, 12);
  area.writeUInt16LE(state.isMounted ? 0 : FLAG_VOLUME_IS_CLEAN, 14);
  area.writeUInt32LE(67 - usable.toString(2).length, 16);
  area.writeUInt16LE(AREA_LENGTH + CLIENT_LENGTH, 20);
  area.writeUInt16LE(AREA_LENGTH, 22);
  area.writeBigUInt64LE(BigInt(usable), 24);
  area.writeUInt16LE(0x30, 36);
  area.writeUInt16LE(0x40, 38);
  area.writeUInt32LE(state.openCount, 40);
  const client = area.subarray(AREA_LENGTH);
  client.writeBigUInt64LE(state.number, 0);
  client.writeBigUInt64LE(state.number, 8);
  client.writeUInt16LE(NO_CLIENT, 16);
  client.writeUInt16LE(NO_CLIENT, 18);
  client.writeUInt32LE(8, 28);
  client.write('NTFS', 32, 'utf16le');
  return page;
}
