import { readKillSwitch } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { RepairRecord, ResourceRecord, Timeline } from '../ledger/ports';
import { acceptedAtOfRowKey } from '../ledger/keys';
import type { PurgeHistories } from '../orchestrators/durable';
import { gapsBetween, type Span } from '../policy/gaps';
import { retainedBy } from '../policy/retained';
import { isGone } from './sweep-expired';
import { leasesHeld, isHeld, type Held } from './survey-kept';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

const day = 24 * 60 * 60_000;
/** So many repairs are purged in one round; the next one goes on. */
const perRound = 200;
/** So many things that old repairs have left are asked for in one round: nobody may have written down that they are gone. */
const looksPerRound = 50;
/** So many repairs are looked through for what keeps their histories. */
const longestList = 5_000;
/** Calls at the same time. */
const together = 10;
const signalsAtATime = 100;
/** At the edges of a repair's time: the engine has clocks of its own. */
const marginMs = 60 * 60_000;

/**
 * Upkeep on a schedule: deletes what is old. Repairs go from the ledger to the archive, signals after them, and the engine forgets the
 * histories of what has ended. Never anything of a repair that has not ended, still holds its VM, has a row that cannot be read, or has left
 * something: undo and the sweeper rest on its record. Safe to repeat; a round that dies is gone on with by the next.
 */
export async function purgeEnded(tools: Tools, purgeHistories: PurgeHistories): Promise<void> {
  if ((await readKillSwitch(tools)) !== undefined) return;
  try {
    await purgeRepairs(tools);
    await purgeSignals(tools);
  } finally {
    await purgeOldHistories(tools, purgeHistories);
  }
}

async function purgeRepairs(tools: Tools): Promise<void> {
  const until = isoBefore(tools.settings.ledgerRetentionDays);
  const { repairs } = await repairsUntil(tools, until);
  const held = await leasesHeld(tools);
  const candidates = await inBatches(
    repairs.filter((repair) => isOver(repair, held, until)),
    (repair) => withRecord(tools, repair),
  );
  const whole = candidates.flatMap((one) => one ?? []);
  const free = whole.filter(({ retained }) => retained.length === 0);
  const asked = await noticeGone(
    tools,
    whole.filter(({ retained }) => retained.length > 0),
  );
  for (const { repair } of [...free, ...asked].slice(0, perRound)) await purgeOne(tools, repair);
}

async function purgeOne(tools: Tools, { repairId }: RepairRecord): Promise<void> {
  const answer = await unlessUnreadable(tools, () => tools.ledger.purgeRepair(repairId));
  if (answer === 'purged') tools.log('repairPurged', { repairId });
  else tools.log('purgeHeld', { repairId, why: answer ?? 'unreadable' });
}

/** Those of which nothing is left now, as Azure says; a part of them in each round, another one each day. */
async function noticeGone(tools: Tools, retaining: Candidate[]): Promise<Candidate[]> {
  const first = retaining.length === 0 ? 0 : (Math.floor(Date.now() / day) * looksPerRound) % retaining.length;
  const inTurn = [...retaining.slice(first), ...retaining.slice(0, first)];
  const freed: Candidate[] = [];
  let looks = 0;
  for (const candidate of inTurn) {
    if (looks + candidate.retained.length > looksPerRound) break;
    looks += candidate.retained.length;
    if (await areGone(tools, candidate)) freed.push(candidate);
  }
  return freed;
}

/** Writes down each that is. */
async function areGone(tools: Tools, { repair, retained }: Candidate): Promise<boolean> {
  let isEvery = true;
  for (const record of retained) {
    if (await isGone(tools, record)) {
      await tools.ledger.recordResource(repair.repairId, { ...record, deletedAt: new Date().toISOString() });
    } else isEvery = false;
  }
  return isEvery;
}

interface Candidate {
  repair: RepairRecord;
  retained: ResourceRecord[];
}

/** Undefined for one whose record cannot be read as a whole: nobody knows what it has left. */
async function withRecord(tools: Tools, repair: RepairRecord): Promise<Candidate | undefined> {
  const timeline = await tools.ledger.getReadableTimeline(repair.repairId);
  tellUnreadable(tools, timeline.unreadable);
  return timeline.unreadable.length === 0 ? { repair, retained: retainedBy(timeline.resources) } : undefined;
}

function isOver(repair: RepairRecord, held: Held, until: string): boolean {
  const { ending, endedAt, acceptedAt } = repair;
  return ending !== undefined && !isHeld(held, repair) && Date.parse(endedAt ?? acceptedAt) <= Date.parse(until);
}

async function purgeSignals(tools: Tools): Promise<void> {
  const until = isoBefore(tools.settings.ledgerRetentionDays);
  let count = 0;
  for (let round = 0; round < perRound; round += 1) {
    const gone = await tools.ledger.purgeSignals(until, signalsAtATime);
    count += gone;
    if (gone < signalsAtATime) break;
  }
  if (count > 0) tools.log('signalsPurged', { count });
}

/** In the spans in which no repair was at work whose histories stay. */
async function purgeOldHistories(tools: Tools, purgeHistories: PurgeHistories): Promise<void> {
  const until = isoBefore(tools.settings.historyRetentionDays);
  const { repairs, unreadableKeys, isAll } = await repairsUntil(tools, until);
  const held = await leasesHeld(tools);
  const timelines = await inBatches(repairs, (repair) => tools.ledger.getReadableTimeline(repair.repairId));
  const kept = [
    ...repairs.flatMap((repair, index) => spanKept(repair, { held, until, timeline: timelines[index] })),
    ...unreadableKeys.flatMap((rowKey) => spanFrom(acceptedAtOfRowKey(rowKey))),
    ...held.leases.map(({ acquiredAt }) => ({ from: Date.parse(acquiredAt) - marginMs, to: Number.POSITIVE_INFINITY })),
  ];
  const oldest = repairs.at(-1);
  const from = isAll || oldest === undefined ? 0 : Date.parse(oldest.acceptedAt);
  let count = 0;
  for (const gap of gapsBetween({ from, to: Date.parse(until) }, kept)) {
    count += await purgeHistories(new Date(gap.from), new Date(gap.to));
  }
  if (count > 0) tools.log('historiesPurged', { count });
}

/** The time of a repair whose histories stay: to its end, and without one for good. */
function spanKept(
  repair: RepairRecord,
  { held, until, timeline }: { held: Held; until: string; timeline: Timeline | undefined },
): Span[] {
  const isKept =
    !isOver(repair, held, until) ||
    timeline === undefined ||
    timeline.unreadable.length > 0 ||
    retainedBy(timeline.resources).length > 0;
  if (!isKept) return [];
  const isEnded = repair.ending !== undefined && repair.endedAt !== undefined && !isHeld(held, repair);
  const to = isEnded ? Date.parse(repair.endedAt ?? '') + marginMs : Number.POSITIVE_INFINITY;
  return [{ from: Date.parse(repair.acceptedAt) - marginMs, to }];
}

/** Of a repair whose row cannot be read nobody knows when it ended. */
function spanFrom(acceptedAt: number | undefined): Span[] {
  return acceptedAt === undefined ? [] : [{ from: acceptedAt - marginMs, to: Number.POSITIVE_INFINITY }];
}

interface Listed {
  repairs: RepairRecord[];
  unreadableKeys: string[];
  /** Whether these are all. */
  isAll: boolean;
}

async function repairsUntil(tools: Tools, acceptedUntil: string): Promise<Listed> {
  const repairs: RepairRecord[] = [];
  const unreadableKeys: string[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await tools.ledger.listRepairs({ pageSize: 100, continuationToken, acceptedUntil });
    repairs.push(...page.repairs);
    tellUnreadable(tools, page.unreadable);
    unreadableKeys.push(...page.unreadable.map(({ rowKey }) => rowKey));
    ({ continuationToken } = page);
  } while (continuationToken !== undefined && repairs.length < longestList);
  return { repairs, unreadableKeys, isAll: continuationToken === undefined };
}

function isoBefore(days: number): string {
  return new Date(Date.now() - days * day).toISOString();
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += together) {
    results.push(...(await Promise.all(items.slice(first, first + together).map(work))));
  }
  return results;
}
