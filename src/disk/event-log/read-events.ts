/** The one question that this folder answers: what did these providers log in this time? */
import { UnreadableError, type ByteSource } from '../byte-source';
import type { ChunkXml } from './binary-xml';
import {
  areRecordsIntact,
  firstRecordOffset,
  listContinuation,
  listRecords,
  parseChunkHeader,
  type RecordPlace,
} from './chunk';
import { chooseChunks, chunkTable, type ChunkTable } from './chunk-order';
import { chunkSize, readFileHeader, type FileHeader } from './file-header';
import { fileTimeToUnixMilliseconds } from '../file-time';
import { readRecord, type LoggedEvent } from './logged-event';

export type { LoggedEvent } from './logged-event';

export interface EventQuery {
  /** An event matches if its provider's name (in any case) and, where given, its id are those of one of these. */
  providers: { name: string; eventIds?: readonly number[] }[];
  /** Both ends belong to the window. */
  from: Date;
  to: Date;
  /** At most so many events; the newest are kept and no older chunk is read for the rest. */
  limit: number;
  /** At most so many chunks of 64 KiB are read, newest first; 512 unless given, which is a whole log of 32 MiB. */
  maxChunks?: number;
}

export interface EventsRead {
  /** Oldest first, by record id. */
  events: LoggedEvent[];
  chunksRead: number;
  /** Whether the log was in use when it was copied: the last events before that moment may be missing. */
  isDirty: boolean;
  /** What could not be read, in words: an event that is absent may be in there. Empty if nothing is known to be lost. */
  problems: string[];
}

/** A record of Windows stays far below; so does a chunk's sum. */
const stepsPerRecord = 20_000;
const stepsPerChunk = 200_000;
const mostProblems = 20;

/**
 * Reads the events of the given providers and ids that were written between `from` and `to`. Costs one read for the
 * file header (4 KiB), about 2·log2(chunks) looks of 536 bytes (18 for the usual 20 MiB log), and 64 KiB for each chunk
 * of the window; a damaged log, or one whose clock was set back by more than an hour, costs a look for every chunk.
 * Throws an UnreadableError for what is no event log and for what the source cannot read; damage inside is told in
 * `problems`. Throws a RangeError for a query that makes no sense.
 */
export async function readEvents(source: ByteSource, query: EventQuery): Promise<EventsRead> {
  const window = { from: query.from.getTime(), to: query.to.getTime() };
  // Also false for an invalid Date.
  if (!(window.from <= window.to)) throw new RangeError('`from` must be a date and not after `to`');
  if (!(query.limit >= 1)) throw new RangeError(`limit must be at least 1, not ${query.limit}`);
  const file = await readFileHeader(source);
  const table = chunkTable(source, file);
  const choice = await chooseChunks(table, file, window);
  const problems = new Set(file.problem ? [file.problem] : []);
  for (const { slot, problem } of choice.damaged) problems.add(`chunk ${slot} is damaged: ${problem}`);

  const events: LoggedEvent[] = [];
  const found = (record: LoggedEvent) => events.push(record);
  const mostChunks = query.maxChunks ?? 512;
  let chunksRead = 0;
  for (const slot of choice.slots.toReversed()) {
    if (events.length >= query.limit) break;
    if (chunksRead >= mostChunks) {
      problems.add(`only the newest ${mostChunks} chunks of the window were read`);
      break;
    }
    const isOpen = file.isDirty && slot === choice.newest;
    const chunks = await readPlaces(source, file, table, { slot, isOpen, problems });
    chunksRead += chunks.length;
    for (const chunk of chunks) readMatching(chunk, query, problems).forEach(found);
  }
  events.sort((a, b) => a.recordId - b.recordId);
  return { events: events.slice(-query.limit), chunksRead, isDirty: file.isDirty, problems: shorten(problems) };
}

/** A chunk's bytes and where its records lie. */
interface ChunkPlaces {
  slot: number;
  chunk: Buffer;
  records: RecordPlace[];
}

/** The chunk in the slot, and with the open one also the chunk behind it, where the log may have gone on. */
async function readPlaces(
  source: ByteSource,
  file: FileHeader,
  table: ChunkTable,
  { slot, isOpen, problems }: { slot: number; isOpen: boolean; problems: Set<string> },
): Promise<ChunkPlaces[]> {
  const chunk = await source.read(file.firstChunkOffset + slot * chunkSize, chunkSize);
  const state = parseChunkHeader(chunk);
  if (state.kind !== 'used') {
    problems.add(`chunk ${slot} is damaged: ${state.kind === 'damaged' ? state.problem : 'it has no records'}`);
    return [{ slot, chunk, records: [] }];
  }
  const isIntact = areRecordsIntact(chunk, state.header);
  if (!isIntact && !isOpen) {
    problems.add(`chunk ${slot} is damaged: the checksum of its records is wrong`);
    return [{ slot, chunk, records: [] }];
  }
  const { records, isWhole } = listRecords(chunk, state.header);
  if (!isWhole || !isIntact)
    problems.add(`chunk ${slot} is damaged after record ${records.at(-1)?.recordId ?? 'none'}`);
  if (!isOpen) return [{ slot, chunk, records }];

  const last = records.at(-1);
  const firstMissing = last ? last.recordId + 1n : state.header.firstRecordId;
  records.push(...listContinuation(chunk, last ? last.end + 4 : firstRecordOffset, firstMissing));
  const here = { slot, chunk, records };
  const next = (slot + 1) % table.slotCount;
  const nextKind = next === slot ? 'unused' : (await table.look(next)).kind;
  if (nextKind !== 'begun' && nextKind !== 'damaged') return [here];
  const nextChunk = await source.read(file.firstChunkOffset + next * chunkSize, chunkSize);
  const continuation = listContinuation(
    nextChunk,
    firstRecordOffset,
    (records.at(-1)?.recordId ?? firstMissing - 1n) + 1n,
  );
  return [here, { slot: next, chunk: nextChunk, records: continuation }];
}

/** The events of one chunk that the query asks for. */
function readMatching({ slot, chunk, records }: ChunkPlaces, query: EventQuery, problems: Set<string>): LoggedEvent[] {
  const xml: ChunkXml = { chunk, templates: new Map(), stepsLeft: 0 };
  const events: LoggedEvent[] = [];
  let stepsLeft = stepsPerChunk;
  for (const record of records) {
    const time = fileTimeToUnixMilliseconds(record.writtenTime);
    if (time < query.from.getTime() || time > query.to.getTime()) continue;
    const steps = Math.min(stepsPerRecord, stepsLeft);
    xml.stepsLeft = steps;
    try {
      const event = readRecord(xml, record);
      if (matches(event, query)) events.push(event);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      problems.add(`record ${record.recordId} in chunk ${slot} is passed over: ${error.detail}`);
    }
    stepsLeft -= steps - Math.max(xml.stepsLeft, 0);
  }
  return events;
}

function matches(event: LoggedEvent, query: EventQuery): boolean {
  const provider = event.provider.toLowerCase();
  return query.providers.some(
    ({ name, eventIds }) => name.toLowerCase() === provider && (!eventIds || eventIds.includes(event.eventId)),
  );
}

function shorten(problems: Set<string>): string[] {
  const all = [...problems];
  if (all.length <= mostProblems) return all;
  return [...all.slice(0, mostProblems), `and ${all.length - mostProblems} more`];
}
