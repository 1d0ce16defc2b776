import { readValue, type VolumeParts } from './attribute-value';
import { ATTRIBUTE, demandAttribute } from './file-record';
import { RECORD } from './record-store';

/** How the volume orders names: negative, 0 (the same name) or positive. */
export type NameOrder = (left: string, right: string) => number;

/**
 * Upper case by the volume's own table, `$UpCase`, unit by unit: https://flatcap.github.io/linux-ntfs/ntfs/files/upcase.html.
 * The table is read once a volume, at the first comparison; it never changes.
 */
export function openNameOrder(parts: VolumeParts): NameOrder {
  let table: Uint16Array | undefined;

  function readTable(): Uint16Array {
    const record = parts.records.read(RECORD.upCase);
    const bytes = readValue(parts, record, demandAttribute(record, ATTRIBUTE.data));
    return new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  return (left, right) => {
    const upper = (table ??= readTable());
    for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
      const leftUnit = left.charCodeAt(at);
      const rightUnit = right.charCodeAt(at);
      const difference = (upper[leftUnit] ?? leftUnit) - (upper[rightUnit] ?? rightUnit);
      if (difference !== 0) return difference;
    }
    return left.length - right.length;
  };
}
