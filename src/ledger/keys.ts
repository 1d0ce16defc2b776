/**
 * Keys of rows. A key must not hold `/ \ # ?` or control characters and is at most 1 KiB
 * (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields),
 * while the names we are given come from payloads that anyone may have written. Changing an encoding here loses the
 * rows that older releases wrote: their keys would no longer be found.
 */
import { createHash } from 'node:crypto';
import { LedgerInputError } from './errors';

/** A key of 300 characters is 600 bytes; a kind in front of it still fits into the 1 KiB. */
const maxEncodedLength = 300;

/**
 * Any text as a legal part of a key: letters, digits, `.` and `-` stay, every other UTF-16 code unit becomes `_` and
 * four hex digits. What would grow too long becomes `_sha256_` and its hash (`_s` starts no escape, so a hash never
 * equals an encoding). Two texts never share a key.
 */
export function encodeKey(text: string): string {
  const encoded = text.length > maxEncodedLength ? undefined : text.replace(/[^A-Za-z0-9.-]/g, escapeCodeUnit);
  if (encoded !== undefined && encoded.length <= maxEncodedLength) return encoded;
  return `_sha256_${hashOf(text)}`;
}

function escapeCodeUnit(codeUnit: string): string {
  return `_${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** SHA-256 in hex. Over UTF-16, because UTF-8 would make all lone surrogates the same. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('hex');
}

const repairIdPattern = /^(\d{8})t(\d{6})z-([0-9a-f]{8,64})$/;

/** Whether this can be the id of a repair: `YYYYMMDDtHHMMSSz-` and 8 to 64 hex digits, lower case. */
export function isRepairId(text: string): boolean {
  return repairIdPattern.test(text);
}

/** Throws a LedgerInputError unless this can be the id of a repair. */
export function checkRepairId(text: string): void {
  if (isRepairId(text)) return;
  throw new LedgerInputError(
    `${quote(text)} is not the id of a repair. It must look like 20250131t235959z-0123abcd, in lower case.`,
  );
}

/**
 * The row key of a repair. Rows are sorted by key, ascending, and nothing else; with each digit of the time turned
 * into 9 minus the digit, the newest repair comes first.
 */
export function repairRowKey(repairId: string): string {
  const [, day, time, suffix] = repairIdPattern.exec(repairId) ?? [];
  if (day === undefined || time === undefined || suffix === undefined) {
    checkRepairId(repairId);
    throw new LedgerInputError(`${quote(repairId)} is not the id of a repair.`);
  }
  return `${complementDigits(day + time)}-${suffix}`;
}

/** When the repair with this row key was accepted (ms since the Unix epoch); undefined if it is no key of a repair. */
export function acceptedAtOfRowKey(rowKey: string): number | undefined {
  const [, digits] = /^(\d{14})-[0-9a-f]{8,64}$/.exec(rowKey) ?? [];
  if (digits === undefined) return undefined;
  const [, year, month, date, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(complementDigits(digits)) ?? [];
  const time = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** A key part that sorts later times first. Throws a LedgerInputError if `time` is no time of the years 0000–9999. */
export function descendingTimeKey(time: string): string {
  const milliseconds = Date.parse(time);
  const iso = Number.isNaN(milliseconds) ? '' : new Date(milliseconds).toISOString();
  if (!/^\d{4}-/.test(iso)) {
    throw new LedgerInputError(`${quote(time)} is not a time. It must be ISO 8601, e.g. 2025-01-31T23:59:59.000Z.`);
  }
  return complementDigits(iso.replace(/\D/g, ''));
}

function complementDigits(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}

/** A short, safe quotation of a hostile text for messages. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, 80));
  return text.length > 80 ? `${shown} (cut)` : shown;
}
