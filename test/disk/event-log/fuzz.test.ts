/** Bytes that nobody would write, and texts that somebody might. FUZZ_RUNS sets how many (default 300). */
import fc from 'fast-check';
import { UnreadableError } from '../../../src/disk/byte-source';
import { readEvents, type EventQuery } from '../../../src/disk/event-log/read-events';
import { fuzzTally, type FuzzTally } from '../support/fuzz-tally';
import { countingSource } from './support/counting-source';
import { sealChunks, writeLog } from './support/evtx-writer';
import { sampleEvent, serviceData } from './support/sample-events';
import { sampleLogs } from './support/sample-logs';

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
const logs = Object.values(sampleLogs).map((make) => make());
const providers = [{ name: 'Service Control Manager' }, { name: 'Types' }];
const window = { from: new Date('1900-01-01'), to: new Date('2200-01-01') };

/** Most changes hit what is read: the headers and the first records of a chunk. */
const place = fc.oneof(
  fc.nat(127),
  fc.tuple(fc.nat(3), fc.nat(150)).map(([slot, offset]) => 4096 + slot * 65_536 + offset),
  fc.tuple(fc.nat(3), fc.nat(3500)).map(([slot, offset]) => 4096 + slot * 65_536 + 512 + offset),
);
const change = fc.record({
  place,
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff], [0x21], [0x0c], [0x81], [0x00, 0x02]),
  ),
});

describe('disk/event-log/fuzz: readEvents on changed bytes', () => {
  it('ends with events or an UnreadableError, and never reads more than the file twice', async () => {
    const tally = fuzzTally();
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          log: fc.nat(logs.length - 1),
          changes: fc.array(change, { minLength: 1, maxLength: 12 }),
          // With right checksums the damage gets to the parser.
          isSealed: fc.boolean(),
          cut: fc.option(fc.nat(280_000), { freq: 8 }),
          limit: fc.integer({ min: 1, max: 20 }),
        }),
        async ({ log, changes, isSealed, cut, limit }) => {
          const bytes = Buffer.from(logs[log] ?? Buffer.alloc(0));
          for (const { place: start, bytes: replacement } of changes) {
            Buffer.from(replacement).copy(bytes, Math.min(start, bytes.length));
          }
          if (isSealed) sealChunks(bytes);
          const source = countingSource(cut === null ? bytes : bytes.subarray(0, cut));
          await readsOrIsUnreadable(tally, source, { providers, ...window, limit });
          const bytesRead = source.reads.reduce((sum, { length }) => sum + length, 0);
          expect(bytesRead).toBeLessThanOrEqual(2 * source.size);
        },
      ),
      { numRuns },
    );
    tally.finish();
  });
});

async function readsOrIsUnreadable(
  tally: FuzzTally,
  source: ReturnType<typeof countingSource>,
  query: EventQuery,
): Promise<void> {
  const events = (await tally.ask(eventsOf(source, query))) ?? [];
  expect(events.length).toBeLessThanOrEqual(query.limit);
  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
}

/** A log that gives no event, and something to say about it, counts as unreadable. */
async function eventsOf(source: ReturnType<typeof countingSource>, query: EventQuery) {
  const { events, problems } = await readEvents(source, query);
  if (events.length === 0 && problems.length > 0) throw new UnreadableError('damaged', problems.join('; '));
  return events;
}

describe('disk/event-log/fuzz: readEvents on spoilt bytes of a log with checksums', () => {
  it('gives the right events, or says that something was not read', async () => {
    const isRefusal = (error: unknown) => error instanceof UnreadableError;
    const spoilt = fc.record({
      // Without the flag of the file that says that it is in use, which no checksum guards.
      place: fc.oneof(
        place.filter((at) => at < 120 || at > 127),
        fc.nat(4 * 65_536 + 4095).filter((at) => at > 127),
      ),
      // Not as bytes: a counterexample should fit on a screen.
      fill: fc.constantFrom(0, 0xff, 0x2a),
      length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 140_000 })),
    });
    const names = ['several-chunks', 'circular'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.array(spoilt, { minLength: 1, maxLength: 3 }),
        async (name, all) => {
          const log = sampleLogs[name]?.() ?? Buffer.alloc(0);
          // All of it: a time that was changed within reason still belongs to it.
          const query = { providers, from: new Date(0), to: new Date('9999-12-31'), limit: 100 };
          const right = await readEvents(countingSource(log), query);
          const bytes = Buffer.from(log);
          for (const { place: start, fill, length } of all) {
            const end = Math.min(start + length, start < 120 ? 120 : bytes.length);
            bytes.fill(fill, Math.min(start, end), end);
          }
          const read = await readEvents(countingSource(bytes), query).catch((error: unknown) => {
            if (isRefusal(error)) return undefined;
            throw error;
          });
          const isTold = read === undefined || read.problems.length > 0;
          if (!isTold) expect(read.events).toEqual(right.events);
        },
      ),
      { numRuns },
    );
  });
});

describe('disk/event-log/fuzz: readEvents on any event', () => {
  it('gives back what was written', async () => {
    // A string ends at its terminator, so one at the very end is not part of it.
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !value.endsWith('\0'));
    const event = fc.record({
      time: fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      eventId: fc.nat(65_535),
      level: fc.nat(5),
      param1: text,
      param2: text,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, size) => {
          const written = all.map((one, index) => ({ ...one, recordId: index + 1 }));
          const slots = [];
          for (let start = 0; start < written.length; start += size) {
            const events = written
              .slice(start, start + size)
              .map(({ time, param1, param2, ...rest }) =>
                sampleEvent({ ...rest, time: time.toISOString(), data: serviceData(param1, param2, 'Key') }),
              );
            slots.push({ events });
          }
          const { events, problems } = await readEvents(countingSource(writeLog({ slots })), {
            providers,
            ...window,
            limit: 100,
          });
          expect(problems).toEqual([]);
          expect(events).toEqual(
            written.map(({ recordId, time, eventId, level, param1, param2 }) => ({
              recordId,
              provider: 'Service Control Manager',
              eventId,
              level,
              time: time.toISOString().replace('Z', '0000Z'),
              computer: 'VM-ONE',
              parameters: [
                { name: 'param1', value: param1 },
                { name: 'param2', value: param2 },
              ],
              binary: Buffer.from('Key\0', 'utf16le').toString('hex').toUpperCase(),
            })),
          );
        },
      ),
      { numRuns: Math.ceil(numRuns / 6) },
    );
  });
});
