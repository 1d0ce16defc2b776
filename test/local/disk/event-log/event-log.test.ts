import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import {
  appendEvent,
  closeEventLog,
  createEventLog,
  readEventLog,
  type EventLogPatch,
} from '../../../../local/disk/event-log/event-log';
import type { EventDatum, EventRecord } from '../../../../local/windows/content';
import { memorySource } from '../../../../src/disk/byte-source';
import { readEvents, type LoggedEvent } from '../../../../src/disk/event-log/read-events';
import { exportEvents } from '../../../disk/event-log/support/evtxexport';

const start = Date.UTC(2024, 2, 1, 12);
const chunkSize = 65_536;

function event(index: number, over: Partial<EventRecord> = {}): EventRecord {
  return {
    provider: 'Service Control Manager',
    providerGuid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
    eventSourceName: 'Service Control Manager',
    eventId: 7040,
    qualifiers: 16_384,
    level: 4,
    at: start + index * 1000,
    computer: 'VM-ONE',
    userSid: 'S-1-5-21-2084357190-1409372815-3021894437-500',
    data: [
      { name: 'param1', type: 'string', value: `Service ${index}` },
      { name: 'param2', type: 'string', value: 'auto start' },
    ],
    ...over,
  };
}

/** Numbers of each type, a moment, text in any script; without an account, with bytes. */
const other: Partial<EventRecord> = {
  provider: 'Microsoft-Windows-Kernel-General',
  providerGuid: '{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}',
  eventSourceName: '',
  eventId: 12,
  qualifiers: 0,
  userSid: undefined,
  data: [
    { name: 'MajorVersion', type: 'uint32', value: 4_294_967_295 },
    { name: 'Minor', type: 'uint16', value: 65_535 },
    { name: 'Flags', type: 'uint8', value: 255 },
    { name: 'StartTime', type: 'filetime', value: start },
    { name: 'Größe', type: 'string', value: 'äöü 漢字 <&>' },
    { name: 'Empty', type: 'string', value: '' },
  ],
  binary: new Uint8Array(Buffer.from('Dhcp\0', 'utf16le')),
};

function withoutUndefined(record: EventRecord): EventRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as unknown as EventRecord;
}

function logOf(records: readonly EventRecord[], chunks?: number): Buffer {
  return records.reduce((file, one) => appendEvent(file, one, chunks ? { chunks } : undefined).file, createEventLog());
}

async function readByProduct(file: Buffer) {
  return readEvents(memorySource(file), {
    providers: [{ name: 'Service Control Manager' }, { name: 'Microsoft-Windows-Kernel-General' }],
    from: new Date('2000-01-01'),
    to: new Date('2100-01-01'),
    limit: 100_000,
  });
}

function patched(file: Buffer, patches: readonly EventLogPatch[]): Buffer {
  const size = Math.max(file.length, ...patches.map(({ offset, bytes }) => offset + bytes.length));
  const after = Buffer.concat([file], size);
  for (const { offset, bytes } of patches) bytes.copy(after, offset);
  return after;
}

function parameterOf(datum: EventDatum): { name: string; value: string } {
  if (datum.type !== 'filetime') return { name: datum.name, value: String(datum.value) };
  return { name: datum.name, value: new Date(datum.value).toISOString().replace('Z', '0000Z') };
}

/** What a reader should find of a record. */
function logged(record: EventRecord, recordId: number): LoggedEvent {
  return {
    recordId,
    provider: record.provider,
    eventId: record.eventId,
    qualifiers: record.qualifiers,
    level: record.level,
    time: new Date(record.at).toISOString().replace('Z', '0000Z'),
    computer: record.computer,
    ...(record.userSid === undefined ? {} : { userSid: record.userSid }),
    parameters: record.data.map(parameterOf),
    ...(record.binary === undefined ? {} : { binary: Buffer.from(record.binary).toString('hex').toUpperCase() }),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const recordsOfAllKinds = Array.from({ length: 400 }, (_, index) => event(index, index % 3 === 0 ? other : {}));

describe('local/disk/event-log/event-log: an event log', () => {
  it('is 68 KiB when it is new, clean, and empty to every reader', async () => {
    const file = createEventLog();
    expect(file).toHaveLength(69_632);
    expect(readEventLog(file)).toEqual([]);
    expect(await readByProduct(file)).toMatchObject({ events: [], isDirty: false, problems: [] });
  });

  it('gives back the records that were appended, from its bytes', () => {
    const file = Buffer.from(logOf(recordsOfAllKinds));
    expect(readEventLog(file)).toEqual(recordsOfAllKinds.map(withoutUndefined));
  });

  it('is read the same by the product, dirty as on a running system, and closed', async () => {
    const file = logOf(recordsOfAllKinds);
    const expected = recordsOfAllKinds.map((record, index) => logged(record, index + 1));
    const running = await readByProduct(file);
    expect(running).toMatchObject({ isDirty: true, problems: [] });
    expect(running.events).toEqual(expected);
    const closed = await readByProduct(closeEventLog(file).file);
    expect(closed).toMatchObject({ isDirty: false, problems: [] });
    expect(closed.events).toEqual(expected);
  });

  const whenExport = spawnSync('evtxexport', ['-V']).status === 0 ? it : it.skip;
  whenExport('is intact for evtxinfo when it is new', () => {
    const path = join(folder, 'New.evtx');
    writeFileSync(path, createEventLog());
    const { status, stdout } = spawnSync('evtxinfo', [path], { encoding: 'utf8' });
    expect({ status, isCorrupted: stdout.includes('corrupted') }).toEqual({ status: 0, isCorrupted: false });
  });

  whenExport.each([
    ['some hundred records', recordsOfAllKinds, undefined],
    ['a log that went around', Array.from({ length: 600 }, (_, index) => event(index)), 2],
  ])('is read the same by evtxexport: %s', (_title, records, chunks) => {
    const path = join(folder, 'System.evtx');
    writeFileSync(path, closeEventLog(logOf(records, chunks)).file);
    const exported = exportEvents(path);
    const lost = records.length - exported.length;
    expect(exported).toEqual(records.slice(lost).map((record, index) => logged(record, lost + index + 1)));
    expect(lost > 0).toBe(chunks !== undefined);
  });

  it('holds whatever can stand in a record', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 });
    const datum: fc.Arbitrary<EventDatum> = fc.oneof(
      fc.record({ name, type: fc.constant('string'), value: fc.string({ unit: 'grapheme', maxLength: 300 }) }),
      fc.record({ name, type: fc.constant('uint32'), value: fc.nat(0xffff_ffff) }),
      fc.record({ name, type: fc.constant('uint8'), value: fc.nat(255) }),
      fc.record({ name, type: fc.constant('filetime'), value: fc.nat(4_000_000_000_000) }),
    );
    const record = fc.record({ data: fc.array(datum, { maxLength: 8 }), eventId: fc.nat(65_535), level: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (all) => {
        const records = all.map((over, index) => event(index, over));
        expect(readEventLog(logOf(records))).toEqual(records);
      }),
      { numRuns: 60 },
    );
  });

  it('writes a name and a template once in a chunk', () => {
    const one = appendEvent(createEventLog(), event(0));
    const before = Buffer.from(one.file);
    const { file } = appendEvent(one.file, event(1));
    const sizes = [before, file].map((log) => log.readUInt32LE(4096 + 48) - 512);
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) * 1.5);
    const name = Buffer.from('EventRecordID', 'utf16le');
    expect(file.indexOf(name)).toBeGreaterThan(0);
    expect(file.lastIndexOf(name)).toBe(file.indexOf(name));
  });
});

describe('local/disk/event-log/event-log: the file of an event log', () => {
  it('grows by a mebibyte when its chunks are full, and goes around at its full size', async () => {
    const long = { name: 'long', type: 'string', value: 'y'.repeat(10_000) } as const;
    const records = Array.from({ length: 60 }, (_, index) => event(index, { data: [long] }));
    const sizes = new Set<number>();
    let file = createEventLog();
    for (const record of records) {
      ({ file } = appendEvent(file, record, { chunks: 19 }));
      sizes.add(file.length);
    }
    expect([...sizes]).toEqual([1, 17, 19].map((chunks) => 4096 + chunks * chunkSize));

    let around = createEventLog();
    for (const record of records) around = appendEvent(around, record, { chunks: 3 }).file;
    const left = readEventLog(around);
    expect(around).toHaveLength(4096 + 3 * chunkSize);
    expect(left.length).toBeGreaterThan(6);
    expect(left).toEqual(records.slice(-left.length));
    const { events, problems } = await readByProduct(closeEventLog(around).file);
    expect({ ids: events.map(({ recordId }) => recordId), problems }).toEqual({
      ids: Array.from({ length: left.length }, (_, index) => records.length - left.length + index + 1),
      problems: [],
    });
  });

  it('is marked dirty by the first record, with counters that stay as they were until it is closed', () => {
    const first = appendEvent(createEventLog(), event(0));
    expect(first.patches[0]).toMatchObject({ offset: 0 });
    expect(first.file.readUInt32LE(120)).toBe(1);
    const second = appendEvent(first.file, event(1));
    expect(second.patches.map(({ offset }) => offset >= 4096)).toEqual([true, true]);
    expect(second.file.readBigUInt64LE(24)).toBe(1n);
    const closed = closeEventLog(second.file);
    expect(closed.file.readUInt32LE(120)).toBe(0);
    expect(closed.file.readBigUInt64LE(24)).toBe(3n);
    expect(closeEventLog(closed.file).patches).toEqual([]);
  });

  it('is whole at every cut between patches: with the record or without, and it goes on from there', async () => {
    let file = createEventLog();
    for (let index = 0; index < 450; index += 1) {
      const before = Buffer.from(file);
      const change = appendEvent(file, event(index), { chunks: 2 });
      const mustCheck =
        index % 50 === 0 || change.patches.length !== 2 || change.patches.some((p) => p.bytes.length > 4096);
      for (let whole = 0; mustCheck && whole <= change.patches.length; whole += 1) {
        const cut = patched(before, change.patches.slice(0, whole));
        const found = readEventLog(cut).map(({ at }) => at);
        const product = await readByProduct(cut);
        expect(product.problems).toEqual([]);
        expect(product.events.map(({ time }) => Date.parse(time))).toEqual(found);
        const isThere = found.at(-1) === event(index).at;
        const next = isThere ? index + 1 : index;
        const on = appendEvent(cut, event(next), { chunks: 2 }).file;
        expect(readEventLog(on).at(-1)).toEqual(event(next));
        expect(new Set(readEventLog(on).map(({ at }) => at)).size).toBe(readEventLog(on).length);
        expect((await readByProduct(closeEventLog(on).file)).problems).toEqual([]);
      }
      expect(patched(before, change.patches).equals(change.file)).toBe(true);
      file = change.file;
    }
  });
});

describe('local/disk/event-log/event-log: what cannot be', () => {
  it('is refused with the reason', () => {
    expect(() => appendEvent(Buffer.alloc(69_632), event(0))).toThrow('no event log');
    expect(() => readEventLog(createEventLog().subarray(0, 5000))).toThrow('no event log');
    expect(() => appendEvent(createEventLog(), event(0, { userSid: 'somebody' }))).toThrow('is no SID');
    const long = { name: 'x', type: 'string', value: 'y'.repeat(30_000) } as const;
    expect(() => appendEvent(createEventLog(), event(0, { data: [{ ...long, value: 'y'.repeat(40_000) }] }))).toThrow(
      'too long for an event',
    );
    for (const count of [2, 10]) {
      const data = Array.from({ length: count }, () => long);
      expect(() => appendEvent(createEventLog(), event(0, { data }))).toThrow(
        /too long for (a chunk of )?an event log/,
      );
    }
  });
});
