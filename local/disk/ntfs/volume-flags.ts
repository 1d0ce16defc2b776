import { readValue, writeValue, type VolumeParts } from './attribute-value';
import { ATTRIBUTE, demandAttribute } from './file-record';
import { RECORD } from './record-store';

/** Flags of `$Volume`: https://flatcap.github.io/linux-ntfs/ntfs/attributes/volume_information.html */
const FLAGS_AT = 10;
const FLAG_DIRTY = 1;

/** Whether Windows would check the volume at its next boot. */
export function isMarkedDirty(parts: VolumeParts): boolean {
  return (flagsOf(parts) & FLAG_DIRTY) !== 0;
}

/** Marks the volume for that check. */
export function markDirty(parts: VolumeParts): void {
  const record = parts.records.read(RECORD.volume);
  const flags = Buffer.alloc(2);
  flags.writeUInt16LE(flagsOf(parts) | FLAG_DIRTY);
  writeValue(parts, record, demandAttribute(record, ATTRIBUTE.volumeInformation), FLAGS_AT, flags);
  parts.records.write(record);
}

function flagsOf(parts: VolumeParts): number {
  const record = parts.records.read(RECORD.volume);
  const information = demandAttribute(record, ATTRIBUTE.volumeInformation);
  return readValue(parts, record, information, FLAGS_AT, 2).readUInt16LE();
}
