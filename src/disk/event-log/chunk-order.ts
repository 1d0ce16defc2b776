/**
 * In which order the chunks of a log were written, and which of them a time window needs, with as few looks as can be.
 *
 * Chunks are filled slot by slot; a full circular log goes on at the first slot, over the oldest. So the record ids
 * along the slots rise, with at most one fall, which is found by bisection. A clean file header says where the newest
 * chunk is (libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Corrupted file header …" shows such
 * a header: first chunk 206, last chunk 205 of 1,024); a dirty one is stale. In a shadow copy a chunk may be zeros that
 * was written before others, so zeros are believed to be the end of the log only if zeros are all that follows. Whatever
 * does not fit this picture (a damaged or lost chunk, times that run backwards) is answered by looking at every chunk.
 */
import { UnreadableError, type ByteSource } from '../byte-source';
import { chunkProbeSize, parseChunkHeader, type ChunkHeader, type ChunkState } from './chunk';
import { chunkSize, type FileHeader } from './file-header';

/** Looks at chunk headers, each at most once. */
export interface ChunkTable {
  slotCount: number;
  look(slot: number): Promise<ChunkState>;
  /** What an earlier look found. */
  known(slot: number): ChunkState | undefined;
}

/**
 * assumed: events are written within an hour of their time. The order of records is that of arrival: what the kernel
 * logs before the event log service runs arrives later with its own, earlier time.
 */
const lateness = 60 * 60 * 1000;
/** 512 MiB of log; looking at each chunk of more is refused. */
const mostLooks = 8192;
/** Looks that are under way at once. */
const looksAtOnce = 16;

export function chunkTable(source: ByteSource, file: FileHeader): ChunkTable {
  const states = new Map<number, ChunkState>();
  return {
    slotCount: file.slotCount,
    known: (slot) => states.get(slot),
    async look(slot) {
      const known = states.get(slot);
      if (known) return known;
      const state = parseChunkHeader(await source.read(file.firstChunkOffset + slot * chunkSize, chunkProbeSize));
      states.set(slot, state);
      return state;
    },
  };
}

/** The chunks that may hold records of the window, and what is known to be lost. */
export interface ChunkChoice {
  /** Oldest first. */
  slots: number[];
  /** The chunk that the log was writing to; undefined for a log without records. */
  newest?: number;
  /** Chunks that cannot be read and were come across on the way; one among `slots` may be damaged as well. */
  unreadable: { slot: number; problem: string }[];
}

/**
 * Chooses the chunks for times from `from` to `to` (ms since the Unix epoch). About 2·log2(slots) looks for a dirty
 * log and one for each slot behind its end (it grows by 16), half of the former for a clean one, and one for every slot
 * if the log is damaged or its clock was set back.
 */
export async function chooseChunks(
  table: ChunkTable,
  file: FileHeader,
  window: { from: number; to: number },
): Promise<ChunkChoice> {
  const order = await findOrder(table, file);
  const chosen = order && (await bisectWindow(table, order, window));
  return chosen ?? (await lookAtAll(table, file, window));
}

/** Slots oldest first. */
interface SlotOrder {
  count: number;
  slotAt(position: number): number;
}

/** Undefined if the slots are not as they should be. */
async function findOrder(table: ChunkTable, file: FileHeader): Promise<SlotOrder | undefined> {
  if (table.slotCount === 0) return { count: 0, slotAt: () => 0 };
  const newest = (await believedNewest(table, file)) ?? (await bisectNewest(table));
  if (newest === undefined) return undefined;
  if (newest < 0) {
    const begun = table.known(0)?.kind === 'begun' ? 1 : 0;
    const isEmpty = file.believed ? file.believed.chunkCount <= begun : await areUnused(table, 1);
    return isEmpty ? { count: 0, slotAt: () => 0 } : undefined;
  }
  // A chunk that was begun and has no records yet took the place of the oldest one.
  const hasBegun = (await lookBehind(table, newest + 1)).kind === 'begun';
  const oldest = hasBegun ? newest + 2 : newest + 1;
  const behind = await lookBehind(table, oldest);
  if (behind.kind === 'damaged') return undefined;
  if (behind.kind !== 'used') {
    // What a log that was closed tells of is known to be there; of one in use only the chunks themselves are.
    const isEnd = file.believed ? file.believed.chunkCount <= newest + 1 : await areUnused(table, oldest);
    if (!isEnd) return undefined;
    return { count: newest + 1, slotAt: (position) => position };
  }
  return {
    count: table.slotCount - (oldest - newest - 1),
    slotAt: (position) => (oldest + position) % table.slotCount,
  };
}

/** Whether the slots from `first` on are zeros: the log's end, and not a chunk that was lost before others. */
async function areUnused(table: ChunkTable, first: number): Promise<boolean> {
  if (table.slotCount - first > mostLooks) return false;
  const states = await lookAtSlots(table, first);
  return states.every(({ kind }) => kind === 'unused');
}

/** What the slots from `first` on hold, in their order. */
async function lookAtSlots(table: ChunkTable, first: number): Promise<ChunkState[]> {
  const states: ChunkState[] = [];
  for (let slot = first; slot < table.slotCount; slot += looksAtOnce) {
    const count = Math.min(looksAtOnce, table.slotCount - slot);
    states.push(...(await Promise.all(Array.from({ length: count }, (_, index) => table.look(slot + index)))));
  }
  return states;
}

async function lookBehind(table: ChunkTable, slot: number): Promise<ChunkState> {
  return slot < table.slotCount ? table.look(slot) : { kind: 'unused' };
}

async function believedNewest(table: ChunkTable, file: FileHeader): Promise<number | undefined> {
  const { believed } = file;
  if (!believed || believed.newestSlot >= table.slotCount) return undefined;
  const state = await table.look(believed.newestSlot);
  const isAsTold = state.kind === 'used' && state.header.lastRecordId + 1n === believed.nextRecordId;
  return isAsTold ? believed.newestSlot : undefined;
}

/** The last slot whose ids follow those of slot 0; -1 for a log without records; undefined if a damaged chunk is met. */
async function bisectNewest(table: ChunkTable): Promise<number | undefined> {
  const first = await table.look(0);
  if (first.kind === 'damaged') return undefined;
  if (first.kind !== 'used') {
    // A circular log that has just begun its first slot anew would be empty here and full behind.
    const second = table.slotCount > 1 ? await table.look(1) : first;
    return second.kind === 'used' || second.kind === 'damaged' ? undefined : -1;
  }
  let newest = 0;
  let beyond = table.slotCount;
  while (beyond - newest > 1) {
    const middle = (newest + beyond) >>> 1;
    const state = await table.look(middle);
    if (state.kind === 'damaged') return undefined;
    if (state.kind === 'used' && state.header.firstRecordId >= first.header.firstRecordId) newest = middle;
    else beyond = middle;
  }
  return newest;
}

/** Undefined if a damaged chunk or times that run backwards make bisection a guess. */
async function bisectWindow(
  table: ChunkTable,
  order: SlotOrder,
  window: { from: number; to: number },
): Promise<ChunkChoice | undefined> {
  if (order.count === 0) return { slots: [], unreadable: [] };
  const end = await lastStartedBy(table, order, window.to + lateness);
  const start = await lastStartedBy(table, order, window.from - lateness);
  if (start === undefined || end === undefined || !isInOrder(table, order)) return undefined;
  const first = Math.max(start, 0);
  const slots = Array.from({ length: Math.max(end - first + 1, 0) }, (_, index) => order.slotAt(first + index));
  return { slots, newest: order.slotAt(order.count - 1), unreadable: [] };
}

/** The last position whose first record is not after `time`, -1 if there is none. */
async function lastStartedBy(table: ChunkTable, order: SlotOrder, time: number): Promise<number | undefined> {
  let before = -1;
  let after = order.count;
  // The newest chunk was looked at already, and most questions reach up to now.
  let middle = order.count - 1;
  while (after - before > 1) {
    const state = await table.look(order.slotAt(middle));
    if (state.kind !== 'used') return undefined;
    if (state.header.firstRecordTime <= time) before = middle;
    else after = middle;
    middle = (before + after) >>> 1;
  }
  return before;
}

/** Whether all that was looked at so far agrees with the order, in ids and in times. */
function isInOrder(table: ChunkTable, order: SlotOrder): boolean {
  let previous: ChunkHeader | undefined;
  for (let position = 0; position < order.count; position++) {
    const state = table.known(order.slotAt(position));
    if (state?.kind !== 'used') continue;
    const { header } = state;
    const isLater =
      !previous ||
      (header.firstRecordId > previous.lastRecordId && header.firstRecordTime >= previous.firstRecordTime - lateness);
    if (!isLater) return false;
    previous = header;
  }
  return true;
}

/**
 * Every chunk by its ids. Times may run backwards here (a clock set back), so a chunk is taken if any time between its
 * first record and that of the next chunk may be in the window.
 */
async function lookAtAll(
  table: ChunkTable,
  file: FileHeader,
  window: { from: number; to: number },
): Promise<ChunkChoice> {
  if (table.slotCount > mostLooks) {
    throw new UnreadableError(
      'too-large',
      `a damaged log of ${table.slotCount} chunks; at most ${mostLooks} are searched`,
    );
  }
  const states = await lookAtSlots(table, 0);
  const all = states.flatMap((state, slot) => (state.kind === 'used' ? [{ slot, header: state.header }] : []));
  all.sort((a, b) => (a.header.firstRecordId < b.header.firstRecordId ? -1 : 1));
  const chosen = all.filter(({ header }, position) => {
    const begin = header.firstRecordTime;
    const end = all[position + 1]?.header.firstRecordTime ?? Infinity;
    return Math.min(begin, end) - lateness <= window.to && Math.max(begin, end) + lateness >= window.from;
  });
  const newest = all.at(-1)?.slot;
  return { slots: chosen.map(({ slot }) => slot), newest, unreadable: unreadableSlots(states, file, newest) };
}

/**
 * Damaged slots, and those without records that have some behind them in the file, or are of a log that went around or was
 * closed with more chunks; but for the one that was begun last.
 */
function unreadableSlots(
  states: readonly ChunkState[],
  { believed }: FileHeader,
  newest: number | undefined,
): ChunkChoice['unreadable'] {
  const lastUsed = states.findLastIndex(({ kind }) => kind === 'used');
  const next = newest === undefined ? 0 : (newest + 1) % states.length;
  const isAround = newest !== undefined && lastUsed > newest;
  const end = isAround ? states.length : Math.max(lastUsed, believed?.chunkCount ?? 0);
  return states.flatMap((state, slot) => {
    if (state.kind === 'damaged') return [{ slot, problem: state.problem }];
    if (state.kind === 'used') return [];
    if (state.kind === 'begun') return slot === next ? [] : [{ slot, problem: 'its header tells of no records' }];
    return slot < end ? [{ slot, problem: 'its header is zeros, and the log had records there' }] : [];
  });
}
