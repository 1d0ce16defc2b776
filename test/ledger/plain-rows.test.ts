import fc from 'fast-check';
import { undoBy } from '../../src/guest/undo';
import { isPlain } from '../../src/plain-characters';
import {
  brakeRow,
  changeRow,
  pendingRow,
  repairRow,
  signalRow,
  stepRow,
  type Columns,
  type StoredRow,
} from '../../src/ledger/rows';
import { changeRecord, repairRecord, signalRecord } from './support/records';

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x9b, 0x85, 0x202e, 0x2066, 0x200b, 0xfeff, 0x2028, 0xe0041, 0xd800, 0x1b, 0x41, 0xfe0f),
      fc.integer({ min: 0, max: 0x10ffff }),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((codes) => codes.map((code) => String.fromCodePoint(code)).join(''));

function stored(columns: Columns): StoredRow {
  return { ...columns, partitionKey: 'p', rowKey: 'r', etag: 'e' };
}

function isEveryTextPlain(columns: Columns): boolean {
  return Object.values(columns).every((value) => typeof value !== 'string' || isPlain(value));
}

const at = '2026-01-02T03:04:05.000Z';

describe('ledger/plain-rows: what enters the record', () => {
  it('is plain in every text that a guest or a caller can fill', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const ignored = { kind: 'ignored', code: 'malformed-json', reason: text } as const;
        const rows = [
          signalRow.write({ ...signalRecord(), title: text, facts: { [text]: text }, outcome: ignored }),
          pendingRow.write({
            key: 'k',
            receivedAt: at,
            occurredAt: at,
            title: text,
            facts: { fact: text },
            vmName: text,
            reason: text,
          }),
          repairRow.write(repairRecord({ phase: text, ending: 'refused', endingReason: text })),
          stepRow.write({ step: 's', title: text, startedAt: at, outcome: 'done', detail: text }),
          changeRow.write(changeRecord({ title: text, before: text, after: text })),
          brakeRow.write({ on: true, reason: text, by: text, at }),
        ];
        for (const row of rows) expect(isEveryTextPlain(row)).toBe(true);
      }),
    );
  });

  it('keeps the way back exactly, in a column that is harmless to print', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const undo = undoBy('reg.exe', 'add', text);
        const columns = changeRow.write(changeRecord({ undo }));
        expect(isEveryTextPlain(columns)).toBe(true);
        expect(changeRow.read(stored(columns)).undo).toEqual(undo);
      }),
    );
  });

  it('gives the same row when what it gave is written again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const columns = changeRow.write(changeRecord({ title: text, before: text, after: text }));
        expect(changeRow.write(changeRow.read(stored(columns)))).toEqual(columns);
      }),
    );
  });
});
