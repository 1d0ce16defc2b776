/** The one question that this folder answers: what did these providers log in this time? */
import { UnreadableError, type ByteSource } from '../byte-source';
import type { ChunkXml } from './binary-xml';
import {
  firstRecordOffset,
  listContinuation,
  listRecords,
  parseChunkHeader,
  recordPreambleSize,
  recordsChecksumProblem,
  type ChunkState,
  type RecordPlace,
} from './chunk';
import { chooseChunks, chunkTable, type ChunkChoice, type ChunkTable } from './chunk-order';
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
 * file header (4 KiB), about 2·log2(chunks) looks of 536 bytes (18 for the usual 20 MiB log), one look for each unused
 * chunk of a log in use and 64 KiB for the first of them, and 64 KiB for each chunk of the window; a damaged log, or one
 * whose clock was set back by more than an hour, costs a look for every chunk.
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
  for (const { slot, problem } of choice.unreadable) problems.add(`${nameOf(file, slot)} is damaged: ${problem}`);
  const behind = await bytesBehindProblem(source, file);
  if (behind !== undefined) problems.add(behind);

  const events: LoggedEvent[] = [];
  const found = (record: LoggedEvent) => events.push(record);
  const mostChunks = query.maxChunks ?? 512;
  let chunksRead = 0;
  for (const slot of slotsToRead(file, table, choice).toReversed()) {
    if (events.length >= query.limit) break;
    if (chunksRead >= mostChunks) {
      problems.add(`only the newest ${mostChunks} chunks of the window were read`);
      break;
    }
    const isOpen = file.isDirty && (slot === choice.newest || choice.newest === undefined);
    const chunks = await readPlaces(source, file, table, { slot, isOpen, problems });
    chunksRead += chunks.length;
    for (const chunk of chunks) readMatching(file, chunk, query, problems).forEach(found);
  }
  const end = newestLost(file, table, choice);
  if (end !== undefined) problems.add(end);
  events.sort((a, b) => a.recordId - b.recordId);
  return { events: events.slice(-query.limit), chunksRead, isDirty: file.isDirty, problems: shorten(problems) };
}

/** A chunk as problems name it: by its number and its place in the file. */
function nameOf(file: FileHeader, slot: number): string {
  return `chunk ${slot} (byte ${file.firstChunkOffset + slot * chunkSize})`;
}

/** Says if the file ends within a chunk. Zeros behind the last one are how a log may end (libevtx, "Overview"). */
async function bytesBehindProblem(source: ByteSource, file: FileHeader): Promise<string | undefined> {
  const { bytesBehind, slotCount } = file;
  if (bytesBehind === 0) return undefined;
  if (bytesBehind >= chunkSize) return `only the first ${slotCount} chunks are read, ${bytesBehind} bytes follow`;
  const bytes = await source.read(source.size - bytesBehind, bytesBehind);
  if (bytes.every((byte) => byte === 0)) return undefined;
  return `${nameOf(file, slotCount)} is damaged: the file ends after ${bytesBehind} of its ${chunkSize} bytes`;
}

/** Says if a log that was closed has fewer records than its header tells of. */
function newestLost({ believed }: FileHeader, table: ChunkTable, { newest }: ChunkChoice): string | undefined {
  const state = newest === undefined ? undefined : table.known(newest);
  if (!believed || state?.kind !== 'used' || state.header.lastRecordId + 1n >= believed.nextRecordId) return undefined;
  const told = `the file header tells of records up to ${believed.nextRecordId - 1n} in chunk ${believed.newestSlot}`;
  return `${told}, and the newest that are there end with ${state.header.lastRecordId} in chunk ${newest}`;
}

/**
 * The chosen slots; for a log in use none of whose headers tells of records, its first, if a record stands there that is
 * not older than the file header: what was cleared is.
 */
function slotsToRead(file: FileHeader, table: ChunkTable, choice: ChunkChoice): number[] {
  if (choice.newest !== undefined || !file.isDirty) return choice.slots;
  const first = table.known(0);
  const isGoingOn = first?.kind === 'begun' && (first.recordBehind ?? -1n) >= file.nextRecordId;
  return isGoingOn ? [0] : choice.slots;
}

/** A chunk's bytes and where its records lie. */
interface ChunkPlaces {
  slot: number;
  chunk: Buffer;
  records: RecordPlace[];
}

interface Reading {
  slot: number;
  isOpen: boolean;
  problems: Set<string>;
}

/** The chunk in the slot, and with the open one also the chunk behind it, where the log may have gone on. */
async function readPlaces(
  source: ByteSource,
  file: FileHeader,
  table: ChunkTable,
  { slot, isOpen, problems }: Reading,
): Promise<ChunkPlaces[]> {
  const name = nameOf(file, slot);
  const chunk = await readChunk(source, file, slot);
  const announced = readAnnounced(chunk, { name, isOpen, problems });
  if (announced === undefined || !isOpen) return [{ slot, chunk, records: announced?.records ?? [] }];

  const { records, nextRecordId } = announced;
  const last = records.at(-1);
  const going = listContinuation(chunk, last ? last.end + 4 : firstRecordOffset, nextRecordId);
  records.push(...going.records);
  tellStop(going.stoppedAt, { name, records, problems });
  const here = { slot, chunk, records };
  const next = (slot + 1) % table.slotCount;
  if (next === slot || (await table.look(next)).kind === 'used') return [here];
  const nextChunk = await readChunk(source, file, next);
  const nextName = nameOf(file, next);
  const continuation = listContinuation(
    nextChunk,
    firstRecordOffset,
    (records.at(-1)?.recordId ?? nextRecordId - 1n) + 1n,
  );
  tellStop(continuation.stoppedAt, { name: nextName, records: continuation.records, problems });
  const isLost = (await table.look(next)).kind === 'unused' && nextChunk.some((byte) => byte !== 0);
  if (isLost) problems.add(`${nextName} is damaged: its header is zeros, and other bytes follow`);
  return continuation.records.length > 0
    ? [here, { slot: next, chunk: nextChunk, records: continuation.records }]
    : [here];
}

function readChunk(source: ByteSource, file: FileHeader, slot: number): Promise<Buffer> {
  return source.read(file.firstChunkOffset + slot * chunkSize, chunkSize);
}

/** The records that a chunk's header tells of, and the id that the next one would have; nothing if it is not read. */
function readAnnounced(
  chunk: Buffer,
  { name, isOpen, problems }: { name: string; isOpen: boolean; problems: Set<string> },
): { records: RecordPlace[]; nextRecordId: bigint } | undefined {
  const state = parseChunkHeader(chunk);
  if (state.kind === 'begun' && isOpen) return { records: [], nextRecordId: state.recordBehind ?? 0n };
  if (state.kind !== 'used') {
    problems.add(`${name} is damaged: ${problemOf(state)}`);
    return undefined;
  }
  const { header } = state;
  const wrongChecksum = recordsChecksumProblem(chunk, header);
  if (wrongChecksum !== undefined && !isOpen) {
    problems.add(`${name} is damaged: ${wrongChecksum}`);
    return undefined;
  }
  const { records, stoppedAt } = listRecords(chunk, header);
  tellStop(stoppedAt, { name, records, problems });
  if (wrongChecksum !== undefined && stoppedAt === undefined) problems.add(`${name} may be damaged: ${wrongChecksum}`);
  return { records, nextRecordId: (records.at(-1)?.recordId ?? header.firstRecordId - 1n) + 1n };
}

function problemOf(state: Exclude<ChunkState, { kind: 'used' }>): string {
  if (state.kind === 'damaged') return state.problem;
  return state.kind === 'unused' ? 'its header is zeros' : 'its header tells of no records';
}

/** Says where in a chunk its records end before their time. */
function tellStop(
  stoppedAt: number | undefined,
  { name, records, problems }: { name: string; records: RecordPlace[]; problems: Set<string> },
): void {
  if (stoppedAt === undefined) return;
  const last = records.at(-1)?.recordId ?? 'none';
  problems.add(`${name} is damaged after record ${last}: its bytes from ${stoppedAt} on are not the next record`);
}

/** The events of one chunk that the query asks for. */
function readMatching(
  file: FileHeader,
  { slot, chunk, records }: ChunkPlaces,
  query: EventQuery,
  problems: Set<string>,
): LoggedEvent[] {
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
      const place = file.firstChunkOffset + slot * chunkSize + record.start - recordPreambleSize;
      problems.add(`record ${record.recordId} (byte ${place}) is passed over: ${error.detail}`);
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
