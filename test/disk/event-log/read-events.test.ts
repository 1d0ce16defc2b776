import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { memorySource } from '../../../src/disk/byte-source';
import { readEvents, type EventQuery } from '../../../src/disk/event-log/read-events';
import { countingSource } from './support/counting-source';
import { sealChunks, withoutChecksums, writeLog, type Content } from './support/evtx-writer';
import {
  arrayData,
  element,
  forwardedEvent,
  hole,
  negativeValues,
  sampleEvent,
  serviceData,
  serviceEvent,
  stringArray,
  valuesData,
} from './support/sample-events';
import { chunkOfHours, hour, sampleLogs } from './support/sample-logs';

const images = join(__dirname, '../../../fixtures/disk-images/event-log');
const chunkSize = 65_536;

const anything: EventQuery = {
  providers: [{ name: 'Service Control Manager' }, { name: 'Types' }],
  from: new Date('2000-01-01'),
  to: new Date('2100-01-01'),
  limit: 1000,
};

function read(log: Buffer, query: Partial<EventQuery> = {}) {
  return readEvents(memorySource(log), { ...anything, ...query });
}

async function recordIds(log: Buffer, query: Partial<EventQuery> = {}) {
  return (await read(log, query)).events.map(({ recordId }) => recordId);
}

/** The parameters of a log with one event that has this data. */
async function parametersOf(data: Content) {
  const result = await read(writeLog({ slots: [{ events: [sampleEvent({ recordId: 1, time: hour(0), data })] }] }));
  return { problems: result.problems, ...result.events[0] };
}

function idsBetween(first: number, last: number) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Changes one byte in the records of the chunk. */
function damageRecords(log: Buffer, slot: number) {
  const place = 4096 + slot * chunkSize + 600;
  log.writeUInt8(log.readUInt8(place) ^ 0xff, place);
  return log;
}

/** Changes one byte in the header of the chunk. */
function damageHeader(log: Buffer, slot: number) {
  log.writeUInt8(0xff, 4096 + slot * chunkSize + 60);
  return log;
}

describe('disk/event-log/read-events: beside a reader that we did not write', () => {
  it.each(Object.keys(sampleLogs))('reads %s as evtxexport does', async (name) => {
    const log = gunzipSync(readFileSync(join(images, `${name}.evtx.gz`)));
    const expected: unknown = JSON.parse(readFileSync(join(images, `${name}.json`), 'utf8'));
    const result = await read(log);
    expect(result.events).toEqual(expected);
    expect(result.problems).toEqual([]);
  });

  it.each(Object.entries(sampleLogs))('has the image of %s that its maker makes now', (name, make) => {
    expect(gunzipSync(readFileSync(join(images, `${name}.evtx.gz`))).equals(make())).toBe(true);
  });
});

describe('disk/event-log/read-events: choosing events', () => {
  const log = writeLog({
    slots: [
      {
        events: [
          serviceEvent(1, hour(0), 'Dhcp', 7000),
          serviceEvent(2, hour(1), 'Dhcp', 7036),
          sampleEvent({ recordId: 3, time: hour(2), provider: 'Other', eventId: 7000, data: serviceData('', '', '') }),
        ],
      },
    ],
  });

  it('takes all ids of a provider, whatever the case of its name', async () => {
    expect(await recordIds(log, { providers: [{ name: 'SERVICE control MANAGER' }] })).toEqual([1, 2]);
  });

  it('takes only the ids asked for', async () => {
    expect(await recordIds(log, { providers: [{ name: 'Service Control Manager', eventIds: [7036] }] })).toEqual([2]);
  });

  it('takes both ends of the window and nothing outside', async () => {
    const several = writeLog({ slots: [chunkOfHours(0), chunkOfHours(1)] });
    expect(await recordIds(several, { from: new Date(hour(1)), to: new Date(hour(4)) })).toEqual([2, 3, 4, 5]);
  });

  it('keeps the newest events under a limit and reads no older chunk for the rest', async () => {
    const several = writeLog({ slots: [0, 1, 2, 3].map(chunkOfHours) });
    const result = await read(several, { limit: 4 });
    expect(result.events.map(({ recordId }) => recordId)).toEqual([9, 10, 11, 12]);
    expect(result.chunksRead).toBe(2);
  });

  it('says so when there were more chunks than it may read', async () => {
    const several = writeLog({ slots: [0, 1, 2, 3].map(chunkOfHours) });
    const result = await read(several, { maxChunks: 1 });
    expect(result.events.map(({ recordId }) => recordId)).toEqual([10, 11, 12]);
    expect(result.problems).toEqual(['only the newest 1 chunks of the window were read']);
  });

  it.each([
    [{ from: new Date(Number.NaN) }, /`from` must be a date/],
    [{ from: new Date(hour(1)), to: new Date(hour(0)) }, /not after `to`/],
    [{ limit: 0 }, /limit must be at least 1/],
  ])('refuses the query %p', async (query, message) => {
    await expect(read(log, query)).rejects.toThrow(message);
  });
});

describe('disk/event-log/read-events: order of chunks', () => {
  it('reads a log without records', async () => {
    const empty = { events: [], chunksRead: 0, problems: [] };
    expect(await read(writeLog({ slots: [{ events: [] }], isDirty: true }))).toEqual({ ...empty, isDirty: true });
    expect(await read(writeLog({ slots: [undefined] }))).toEqual({ ...empty, isDirty: false });
    expect(await read(writeLog({ slots: [] }))).toEqual({ ...empty, isDirty: false });
  });

  it.each([1, 2, 3, 5, 8])(
    'finds the newest chunk of a dirty circular log of %d chunks at every place',
    async (count) => {
      for (let newest = 0; newest < count; newest++) {
        const slots = Array.from({ length: count }, (_, slot) => chunkOfHours(slot <= newest ? count + slot : slot));
        const log = writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 1, chunkCount: 1 } });
        const last = 3 * (count + newest + 1);
        expect(await recordIds(log)).toEqual(idsBetween(last - 3 * count + 1, last));
        const lastHours = { from: new Date(hour(last - 2)), to: new Date(hour(last)) };
        expect(await recordIds(log, lastHours)).toEqual([last - 1, last]);
      }
    },
  );

  it.each([1, 2, 3, 4, 5, 6])('finds the newest chunk of a dirty log with %d of 6 slots used', async (used) => {
    const slots = Array.from({ length: 6 }, (_, slot) => (slot < used ? chunkOfHours(slot) : undefined));
    const log = writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 1 } });
    expect(await recordIds(log)).toEqual(idsBetween(1, 3 * used));
  });

  it('does not believe a clean header that the chunks contradict', async () => {
    const log = writeLog({ slots: [0, 1, 2].map(chunkOfHours), header: { newestSlot: 1, nextRecordId: 7 } });
    const { events, problems } = await read(log);
    expect(events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 9));
    expect(problems).toEqual([]);
  });

  it('says that a log that was closed lacks the newest records that its header tells of', async () => {
    const log = writeLog({ slots: [0, 1, 2].map(chunkOfHours) });
    log.fill(0, 4096 + 2 * chunkSize);
    const { events, problems } = await read(log);
    expect(events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 6));
    expect(problems).toEqual([
      'chunk 2 (byte 135168) is damaged: its header is zeros, and the log had records there',
      'the file header tells of records up to 9 in chunk 2, and the newest that are there end with 6 in chunk 1',
    ]);
  });

  it('says that a log that was closed lacks all of its chunks', async () => {
    const log = writeLog({ slots: [0, 1].map(chunkOfHours) });
    log.fill(0, 4096);
    const { events, problems } = await read(log);
    expect(events).toEqual([]);
    expect(problems).toEqual([
      'chunk 0 (byte 4096) is damaged: its header is zeros, and the log had records there',
      'chunk 1 (byte 69632) is damaged: its header is zeros, and the log had records there',
    ]);
  });

  it('reads on with a wrong checksum in the file header and says so', async () => {
    const log = writeLog({ slots: [0, 1, 2].map(chunkOfHours) });
    log.writeUInt8(9, 16);
    const result = await read(log);
    expect(result.events).toHaveLength(9);
    expect(result.problems).toEqual([
      'the checksum of the file header is wrong: 0xa734c294 at byte 124, its bytes give 0xd70184cb',
    ]);
  });

  it('finds events after the clock was set back by months', async () => {
    const slots = [0, 1, 2, 3, 4, 5, 6, 7].map(chunkOfHours);
    const early = [7, 8].map((n) => ({
      events: chunkOfHours(n).events.map(({ recordId }, index) =>
        serviceEvent(recordId + 3, `2023-11-0${n - 6}T0${index}:00:00.000Z`),
      ),
    }));
    const log = writeLog({ slots: [...slots, ...early], isDirty: true });
    expect(await recordIds(log, { from: new Date('2023-11-01'), to: new Date('2023-11-30') })).toEqual(
      idsBetween(25, 30),
    );
    expect(await recordIds(log, { from: new Date(hour(3)), to: new Date(hour(4)) })).toEqual([4, 5]);
  });

  it('finds an event that arrived after later ones', async () => {
    const late = { events: [serviceEvent(4, hour(3)), serviceEvent(5, hour(2.5)), serviceEvent(6, hour(4))] };
    const log = writeLog({ slots: [chunkOfHours(0), late, chunkOfHours(2)] });
    expect(await recordIds(log, { from: new Date(hour(2.25)), to: new Date(hour(2.75)) })).toEqual([5]);
  });
});

describe('disk/event-log/read-events: a log in use', () => {
  it('reads records that the header of the open chunk does not know yet', async () => {
    const open = { ...chunkOfHours(1), unannounced: chunkOfHours(2).events };
    const result = await read(writeLog({ slots: [chunkOfHours(0), open], isDirty: true }));
    expect(result.events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 9));
    expect(result).toMatchObject({ isDirty: true, problems: [] });
  });

  it('reads records of a chunk that was begun but whose header has none yet', async () => {
    const begun = { events: [], unannounced: chunkOfHours(2).events };
    const log = writeLog({ slots: [chunkOfHours(0), chunkOfHours(1), begun, undefined], isDirty: true });
    expect(await recordIds(log)).toEqual(idsBetween(1, 9));
  });

  it('reads all around a chunk that was begun in a circular log, at every place', async () => {
    for (let begun = 0; begun < 5; begun++) {
      const slots = Array.from({ length: 5 }, (_, slot) => chunkOfHours(slot < begun ? 5 + slot : slot));
      slots[begun] = { events: [] };
      const first = 3 * begun + 4;
      expect(await recordIds(writeLog({ slots, isDirty: true, header: { nextRecordId: 1 } }))).toEqual(
        idsBetween(first, first + 11),
      );
    }
  });

  it('leaves the remains of an earlier use of the open chunk alone', async () => {
    const open = { ...chunkOfHours(4), unannounced: [serviceEvent(2, hour(1))] };
    const log = writeLog({ slots: [open, chunkOfHours(2), chunkOfHours(3)], isDirty: true });
    expect(await recordIds(log)).toEqual(idsBetween(7, 15));
  });

  it('takes only what the header announces from a log that was closed', async () => {
    const closed = { ...chunkOfHours(0), unannounced: chunkOfHours(1).events };
    expect(await recordIds(writeLog({ slots: [closed] }))).toEqual([1, 2, 3]);
  });

  it('takes what is whole from an open chunk that was copied while it was written', async () => {
    const log = writeLog({ slots: [chunkOfHours(0), chunkOfHours(1)], isDirty: true });
    const lastRecord = 4096 + chunkSize + log.readUInt32LE(4096 + chunkSize + 44);
    log.fill(0, lastRecord + 100, 4096 + 2 * chunkSize);
    const result = await read(log);
    expect(result.events.map(({ recordId }) => recordId)).toEqual([1, 2, 3, 4, 5]);
    expect(result.problems).toEqual([
      'chunk 1 (byte 69632) is damaged after record 5: its bytes from 2016 on are not the next record',
    ]);
  });
});

describe('disk/event-log/read-events: a chunk of zeros before newer ones', () => {
  const newer = (count: number) => chunkOfHours(count);
  /** What a chunk is for the log, and which ids it has. */
  type Slot = 'used' | 'zero';

  it.each<[string, Slot[]]>([
    ['in the middle', ['used', 'zero', 'used']],
    ['and at the end', ['used', 'zero', 'used', 'zero']],
    ['behind several', ['used', 'used', 'zero', 'used', 'zero']],
    ['more than one', ['used', 'zero', 'zero', 'used', 'zero', 'zero', 'used', 'zero']],
    ['at the beginning', ['zero', 'used', 'used']],
    ['all but the last', ['zero', 'zero', 'zero', 'zero', 'used']],
  ])('hides nothing, and is told: %s', async (_title, kinds) => {
    const slots = kinds.map((kind, slot) => (kind === 'used' ? newer(slot) : undefined));
    const log = writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 1, chunkCount: 1 } });
    const { events, problems } = await read(log);
    const used = kinds.flatMap((kind, slot) => (kind === 'used' ? [slot] : []));
    expect(events.map(({ recordId }) => recordId)).toEqual(
      used.flatMap((slot) => idsBetween(3 * slot + 1, 3 * slot + 3)),
    );
    const lost = kinds.flatMap((kind, slot) => (kind === 'zero' && slot < (used.at(-1) ?? 0) ? [slot] : []));
    expect(problems).toEqual(
      lost.map((slot) =>
        expect.stringContaining(`chunk ${slot} (byte ${4096 + slot * chunkSize}) is damaged: its header is zeros`),
      ),
    );
  });

  it('hides nothing in a circular log, at every place', async () => {
    for (let newest = 0; newest < 6; newest++) {
      for (let lost = 0; lost < 6; lost++) {
        const slots = Array.from({ length: 6 }, (_, slot) => newer(slot <= newest ? 6 + slot : slot));
        const ids = slots.flatMap(({ events }, slot) => (slot === lost ? [] : events.map(({ recordId }) => recordId)));
        const withLost = slots.map((slot, index) => (index === lost ? undefined : slot));
        const log = writeLog({ slots: withLost, isDirty: true, header: { newestSlot: 0, nextRecordId: 1 } });
        const { events, problems } = await read(log);
        expect({ newest, lost, ids: events.map(({ recordId }) => recordId) }).toEqual({
          newest,
          lost,
          ids: ids.toSorted((one, other) => one - other),
        });
        // Zeros behind the newest chunk, and none behind them, are how any log ends that did not go around yet.
        expect({ newest, lost, problems }).toMatchObject({ problems: { length: lost === 5 && newest >= 4 ? 0 : 1 } });
      }
    }
  });

  it('is found with a look at each unused slot of a log that grows, and not by reading them', async () => {
    const slots = Array.from({ length: 33 }, (_, slot) => (slot < 20 ? newer(slot) : undefined));
    const source = countingSource(writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 1 } }));
    const window = { from: new Date(hour(58)), to: new Date(hour(60)) };
    const { events, problems } = await readEvents(source, { ...anything, ...window });
    expect(events.map(({ recordId }) => recordId)).toEqual([59, 60]);
    expect(problems).toEqual([]);
    const whole = source.reads.filter(({ length }) => length === chunkSize).length;
    expect(whole).toBeLessThanOrEqual(3);
    expect(source.reads.length - whole).toBeLessThanOrEqual(1 + 2 * 6 + 13);
  });

  it('is told where only the header is lost and records follow', async () => {
    const log = writeLog({
      slots: [newer(0), newer(1), newer(2)],
      isDirty: true,
      header: { newestSlot: 0, nextRecordId: 1 },
    });
    log.fill(0, 4096 + 2 * chunkSize, 4096 + 2 * chunkSize + 1024);
    const { events, problems } = await read(log);
    expect(events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 6));
    expect(problems).toEqual(['chunk 2 (byte 135168) is damaged: its header is zeros, and other bytes follow']);
  });

  it('is read where only the header is lost and its records continue the log', async () => {
    const log = writeLog({
      slots: [newer(0), newer(1), newer(2)],
      isDirty: true,
      header: { newestSlot: 0, nextRecordId: 1 },
    });
    log.fill(0, 4096 + 2 * chunkSize, 4096 + 2 * chunkSize + 512);
    const { events, problems } = await read(log);
    // Names and templates lie behind the header, so nothing that these records need is lost.
    expect(events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 9));
    expect(problems).toEqual([expect.stringMatching(/^chunk 2 \(byte 135168\) is damaged: it begins with/u)]);
  });
});

describe('disk/event-log/read-events: a log without checksums', () => {
  it.each([false, true])('is read, dirty or not: %s', async (isDirty) => {
    const slots = [4, 5, 2, 3].map(chunkOfHours);
    const result = await read(writeLog({ slots, isDirty, hasNoChecksums: true }));
    expect(result.events.map(({ recordId }) => recordId)).toEqual(idsBetween(7, 18));
    expect(result.problems).toEqual([]);
  });

  it('is read where only some chunks keep none', async () => {
    const log = writeLog({ slots: [0, 1, 2].map(chunkOfHours) });
    withoutChecksums(log.subarray(chunkSize)); // The second slot begins at 4,096 of this.
    const result = await read(log);
    expect(result.events.map(({ recordId }) => recordId)).toEqual(idsBetween(1, 9));
    expect(result.problems).toEqual([]);
  });

  it('is still found out where its records do not follow each other', async () => {
    const log = writeLog({ slots: [0, 1].map(chunkOfHours), hasNoChecksums: true });
    const secondRecord = 4096 + 512 + log.readUInt32LE(4096 + 512 + 4);
    log.writeUInt32LE(0, secondRecord);
    const result = await read(log);
    expect(result.events.map(({ recordId }) => recordId)).toEqual([1, 4, 5, 6]);
    expect(result.problems).toEqual([
      `chunk 0 (byte 4096) is damaged after record 1: its bytes from ${secondRecord - 4096} on are not the next record`,
    ]);
  });

  it.each([
    ['header', 124, 'the checksum of its header is wrong (0x00000008, its bytes give 0x'],
    ['records', 52, 'the checksum of its records is wrong (0x00000008, its bytes give 0x'],
  ])('is damaged where a checksum of its %s is there all the same, and wrong', async (_title, at, problem) => {
    const log = writeLog({ slots: [0, 1].map(chunkOfHours), hasNoChecksums: true });
    log.writeUInt32LE(8, 4096 + at);
    const { events, problems } = await read(log);
    expect(events.map(({ recordId }) => recordId)).toEqual([4, 5, 6]);
    expect(problems).toEqual([expect.stringContaining(`chunk 0 (byte 4096) is damaged: ${problem}`)]);
  });
});

describe('disk/event-log/read-events: forwarded records', () => {
  it('are read though no dependency identifiers stand in them', async () => {
    const slots = [{ events: [serviceEvent(1, hour(0)), forwardedEvent(2, hour(1)), serviceEvent(3, hour(2))] }];
    const { events, problems } = await read(writeLog({ slots }));
    expect(problems).toEqual([]);
    expect(events.map(({ recordId }) => recordId)).toEqual([1, 2, 3]);
    expect(events[1]).toEqual({
      recordId: 2,
      provider: 'Service Control Manager',
      eventId: 7023,
      qualifiers: 49_152,
      level: 2,
      time: '2024-03-01T01:00:00.0000000Z',
      computer: 'vm-two.example',
      userSid: 'S-1-5-18',
      parameters: [
        { name: 'param1', value: 'The Dhcp service' },
        { name: 'param2', value: '%%5' },
      ],
      binary: '4400',
    });
  });

  it('are read the same with identifiers', async () => {
    const forwarded = forwardedEvent(1, hour(1));
    const without = await read(writeLog({ slots: [{ events: [forwarded] }] }));
    const having = await read(writeLog({ slots: [{ events: [{ ...forwarded, hasDependencyIds: true }] }] }));
    expect(without).toEqual(having);
    expect(without.events).toHaveLength(1);
  });
});

describe('disk/event-log/read-events: damage', () => {
  it('says that the file ends within a chunk', async () => {
    const log = writeLog({ slots: [0, 1].map(chunkOfHours) });
    const { events, problems } = await read(log.subarray(0, 4096 + chunkSize + 5000));
    expect(events.map(({ recordId }) => recordId)).toEqual([1, 2, 3]);
    expect(problems).toEqual([
      'chunk 1 (byte 69632) is damaged: the file ends after 5000 of its 65536 bytes',
      'the file header tells of records up to 6 in chunk 1, and the newest that are there end with 3 in chunk 0',
    ]);
  });

  it('takes zeros behind the last chunk for its end', async () => {
    const log = writeLog({ slots: [chunkOfHours(0)] });
    expect((await read(Buffer.concat([log, Buffer.alloc(4096)]))).problems).toEqual([]);
  });

  it('says where a record was torn that the header does not tell of yet', async () => {
    const open = { ...chunkOfHours(0), unannounced: chunkOfHours(1).events };
    const log = writeLog({ slots: [open], isDirty: true });
    const freeSpace = log.readUInt32LE(4096 + 48);
    const second = freeSpace + log.readUInt32LE(4096 + freeSpace + 4);
    log.fill(0, 4096 + second + 100, 4096 + second + log.readUInt32LE(4096 + second + 4));
    const { events, problems } = await read(log);
    expect(events.map(({ recordId }) => recordId)).toEqual([1, 2, 3, 4]);
    expect(problems).toEqual([
      `chunk 0 (byte 4096) is damaged after record 4: its bytes from ${second} on are not the next record`,
    ]);
  });

  it('reads a log in use whose only chunk has records that its header does not tell of', async () => {
    const slots = [{ events: [], unannounced: chunkOfHours(0).events }];
    const fresh = writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 1 } });
    expect(await recordIds(fresh)).toEqual([1, 2, 3]);
    // What is older than the file header was cleared.
    const cleared = writeLog({ slots, isDirty: true, header: { newestSlot: 0, nextRecordId: 4 } });
    expect(await recordIds(cleared)).toEqual([]);
  });

  it.each([
    ['has fewer values than it asks for', element('EventData', [element('Data', [hole(3, 0x01)])]), 'value 3 of 1'],
  ])('passes over a record whose template %s', async (_title, definition, problem) => {
    const values = [{ type: 0x01, bytes: Buffer.from('a', 'utf16le') }];
    const { problems } = await parametersOf({ kind: 'instance', template: 'short', definition, values });
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it('passes over a record that ends within an element', async () => {
    const log = writeLog({ slots: [{ events: [forwardedEvent(1, hour(0))] }], hasNoChecksums: true });
    const end = 4096 + log.readUInt32LE(4096 + 48);
    // The tokens at the end close the message, the rendering and the event.
    const closing = log.lastIndexOf(Buffer.from([4, 4, 4, 0]), end);
    log.writeUInt8(0, closing + 1);
    const { events, problems } = await read(log);
    expect(events).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^record 1 \(byte 4608\) is passed over: /u)]);
  });

  it('passes over a chunk whose records do not fit their checksum and says so', async () => {
    const result = await read(damageRecords(writeLog({ slots: [0, 1, 2].map(chunkOfHours) }), 1));
    expect(result.events.map(({ recordId }) => recordId)).toEqual([1, 2, 3, 7, 8, 9]);
    expect(result.problems).toEqual([
      'chunk 1 (byte 69632) is damaged: the checksum of its records is wrong (0xddf2eb85, its bytes give 0xa9c8f6b0)',
    ]);
  });

  it.each([0, 1, 2, 3, 4])('passes over a chunk with a damaged header in slot %d of 5 and says so', async (slot) => {
    for (const isDirty of [false, true]) {
      const result = await read(damageHeader(writeLog({ slots: [0, 1, 2, 3, 4].map(chunkOfHours), isDirty }), slot));
      const lost = isDirty && slot === 4 ? [] : idsBetween(3 * slot + 1, 3 * slot + 3);
      expect(result.events.map(({ recordId }) => recordId)).toEqual(
        idsBetween(1, 15).filter((id) => !lost.includes(id)),
      );
      const place = `chunk ${slot} \\(byte ${4096 + slot * chunkSize}\\)`;
      expect(result.problems).toEqual([
        expect.stringMatching(new RegExp(`^${place} is damaged: the checksum of its header is wrong \\(0x`, 'u')),
        // What the header of a closed log tells is known to be there.
        ...(slot === 4 && !isDirty
          ? [expect.stringMatching(/^the file header tells of records up to 15 in chunk 4/u)]
          : []),
      ]);
    }
  });

  it('passes over a record that is no event and reads the next', async () => {
    const odd = { recordId: 2, time: hour(1), content: element('NoEvent', []) };
    const result = await read(
      writeLog({ slots: [{ events: [serviceEvent(1, hour(0)), odd, serviceEvent(3, hour(2))] }] }),
    );
    expect(result.events.map(({ recordId }) => recordId)).toEqual([1, 3]);
    expect(result.problems).toEqual(['record 2 (byte 5856) is passed over: a record without an event id']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100_000)],
    ['another version', Buffer.from(writeLog({ slots: [] })).fill(9, 38, 39)],
  ])('refuses %s', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ name: 'UnreadableError', code: 'not-this-format' });
  });

  it('refuses to search a damaged log of a size that no log has', async () => {
    const header = writeLog({ slots: [], isDirty: true });
    const source = {
      size: 4096 + 9000 * chunkSize,
      read: (offset: number, length: number) => Promise.resolve(offset === 0 ? header : Buffer.alloc(length, 0xee)),
    };
    await expect(readEvents(source, anything)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('names the first problems and counts the rest', async () => {
    const events = Array.from({ length: 25 }, (_, index) => ({
      recordId: index + 1,
      time: hour(index),
      content: element('NoEvent', []),
    }));
    const { problems } = await read(writeLog({ slots: [{ events }] }));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 5 more');
  });

  it('lets through what the source cannot read', async () => {
    const log = writeLog({ slots: [chunkOfHours(0)] });
    const short = { ...memorySource(log.subarray(0, 50_000)), size: log.length };
    await expect(readEvents(short, anything)).rejects.toMatchObject({ code: 'out-of-range' });
  });
});

describe('disk/event-log/read-events: values', () => {
  it('writes negative numbers', async () => {
    expect((await parametersOf(valuesData(negativeValues))).parameters).toEqual([
      { name: 'int16', value: '-2' },
      { name: 'int32', value: '-3' },
      { name: 'int64', value: '-9007199254740993' },
    ]);
  });

  it.each([
    ['32', Buffer.from('efbeadde', 'hex'), '0xdeadbeef'],
    ['64', Buffer.from('efbeaddeffffffff', 'hex'), '0xffffffffdeadbeef'],
  ])('writes a size of %s bits', async (_title, bytes, value) => {
    const { parameters, problems } = await parametersOf(valuesData({ size: { type: 0x10, bytes } }));
    expect(problems).toEqual([]);
    expect(parameters).toEqual([{ name: 'size', value }]);
  });

  it('gives sections, character references and unknown entities as text', async () => {
    const text = element('UserData', [
      element('A', [{ kind: 'cdata', text: 'if (a < b)' }]),
      element('B', [{ kind: 'character', code: 38 }]),
      element('C', [{ kind: 'entity', name: 'bomb' }]),
    ]);
    expect((await parametersOf(text)).parameters).toEqual([
      { name: 'A', value: 'if (a < b)' },
      { name: 'B', value: '&' },
      { name: 'C', value: '&bomb;' },
    ]);
  });

  it.each([
    ['strings', stringArray, ['10.00.', '', 'last']],
    ['strings without a last terminator', { type: 0x81, bytes: Buffer.from('a\0b', 'utf16le') }, ['a', 'b']],
    ['ANSI strings', { type: 0x82, bytes: Buffer.from('one\0two\0') }, ['one', 'two']],
    ['numbers', { type: 0x86, bytes: Buffer.from([1, 0, 2, 0]) }, ['1', '2']],
    [
      'SIDs',
      { type: 0x93, bytes: Buffer.from('010100000000000512000000010100000000000513000000', 'hex') },
      ['S-1-5-18', 'S-1-5-19'],
    ],
    ['sizes', { type: 0x90, bytes: Buffer.from('0010000000000000', 'hex') }, ['0x1000']],
    [
      'sizes of a 32-bit program',
      { type: 0x90, bytes: Buffer.from('001000000020000000300000', 'hex') },
      ['0x1000', '0x2000', '0x3000'],
    ],
    ['nothing', { type: 0x81, bytes: Buffer.alloc(0) }, ['']],
  ])('repeats the element for an array of %s', async (_, value, expected) => {
    const { parameters } = await parametersOf(arrayData(value));
    expect(parameters).toEqual(expected.map((item) => ({ value: item })));
  });

  it.each([
    ['a number of the wrong size', { type: 0x08, bytes: Buffer.alloc(3) }],
    ['an array that ends in the middle', { type: 0x88, bytes: Buffer.alloc(7) }],
    ['a SID that counts more than it has', { type: 0x13, bytes: Buffer.from('01ff000000000005', 'hex') }],
    ['a size of neither width', { type: 0x10, bytes: Buffer.alloc(6) }],
    ['half a character', { type: 0x01, bytes: Buffer.alloc(3) }],
  ])('passes over a record with %s', async (_, value) => {
    const { problems } = await parametersOf(arrayData(value));
    expect(problems).toEqual([expect.stringMatching(/^record 1 \(byte 4608\) is passed over: a value of type/)]);
  });

  it('leaves out an element whose optional value is missing, and only that', async () => {
    const missing = { type: 0x00, bytes: Buffer.alloc(0) };
    const optional: Content = { kind: 'value', index: 0, type: 0x01, isOptional: true };
    const data: Content = {
      kind: 'instance',
      template: 'missing',
      definition: element('EventData', [
        element('Data', [optional], { Name: [{ kind: 'text', text: 'optional' }] }),
        element('Data', [hole(0, 0x01)], { Name: [{ kind: 'text', text: 'required' }] }),
      ]),
      values: [missing],
    };
    expect((await parametersOf(data)).parameters).toEqual([{ name: 'required', value: '' }]);
  });

  it('gives types that it does not know as hexadecimal', async () => {
    const { parameters } = await parametersOf(arrayData({ type: 0x23, bytes: Buffer.from([0xab, 1]) }));
    expect(parameters).toEqual([{ value: 'AB01' }]);
  });

  it('gives a time beyond all calendars as a number', async () => {
    const { parameters } = await parametersOf(arrayData({ type: 0x11, bytes: Buffer.alloc(8, 0xff) }));
    expect(parameters).toEqual([{ value: '0xffffffffffffffff' }]);
  });
});

describe('disk/event-log/read-events: hostile logs', () => {
  it('stops a template that multiplies itself', async () => {
    const holes = (count: number) => Array.from({ length: count }, () => element('Data', [hole(0, 0x21)]));
    let bomb: Content = element('Data', [{ kind: 'text', text: 'x'.repeat(100) }]);
    for (let level = 0; level < 5; level++) {
      bomb = {
        kind: 'instance',
        template: `level-${level}`,
        definition: element('Level', holes(60)),
        values: [{ type: 0x21, content: bomb }],
      };
    }
    const { problems } = await parametersOf(bomb);
    expect(problems).toEqual([expect.stringContaining('unfold to more than any event needs')]);
  });

  it('stops a template that contains itself', async () => {
    const log = writeLog({ slots: [{ events: [serviceEvent(1, hour(0))] }] });
    // The inner template (EventData) is referred to by its place: let it refer to the outer one's place.
    const chunk = log.subarray(4096);
    // Each is its first instance in the chunk, so its definition stands right behind the place that it names.
    const isInstance = (at: number) =>
      chunk.readUInt16LE(at) === 0x010c && chunk.readUInt32LE(at + 6) === at + 10 && at > 512;
    const instances = [...chunk.subarray(0, 4096).keys()].filter(isInstance);
    const [outer = 0, inner = 0] = instances;
    expect(instances).toHaveLength(2);
    // A fragment whose whole content is an instance of the very template that it defines.
    const definition = outer + 10;
    Buffer.from('0f0101000c0101000000', 'hex').copy(chunk, definition + 24);
    chunk.writeUInt32LE(definition, definition + 34);
    expect(inner).toBeGreaterThan(outer);
    sealChunks(log);
    expect((await read(log)).problems).toEqual([expect.stringContaining('nested deeper than')]);
  });

  it('stops elements nested without end', async () => {
    let deep: Content = element('Deep', []);
    for (let level = 0; level < 100; level++) deep = element('Deep', [deep]);
    expect((await parametersOf(deep)).problems).toEqual([expect.stringContaining('nested deeper than')]);
  });
});

describe('disk/event-log/read-events: cost', () => {
  it.each([
    ['clean', false, 10],
    ['dirty', true, 19],
  ])('reads the last 24 hours of a %s circular log of 20 MiB with few looks', async (_, isDirty, mostLooks) => {
    // 320 chunks, an hour from one to the next: the window has 24, and one on each side may be needed.
    const slots = Array.from({ length: 320 }, (__, slot) => {
      const n = slot <= 100 ? 320 + slot : slot;
      return { events: [serviceEvent(2 * n + 1, hour(n)), serviceEvent(2 * n + 2, hour(n + 0.5))] };
    });
    const stale = isDirty ? { header: { newestSlot: 3, nextRecordId: 9 } } : {};
    const source = countingSource(writeLog({ slots, isDirty, ...stale }));
    const newest = 420.5;
    const query = { ...anything, from: new Date(hour(newest - 24)), to: new Date(hour(newest + 1)) };
    const result = await readEvents(source, query);
    expect(result.events).toHaveLength(49);
    expect(result.problems).toEqual([]);
    const wholeChunks = source.reads.filter(({ length }) => length === chunkSize).length;
    expect(wholeChunks).toBe(result.chunksRead);
    expect(wholeChunks).toBeLessThanOrEqual(26);
    // One read is that of the file header.
    expect(source.reads.length - wholeChunks - 1).toBeLessThanOrEqual(mostLooks);
  });
});
