import { z } from 'zod';
import type { Answer } from '../azure/ports';
import { isUnreadableDocument, readDocument } from './documents';
import { wait, type Waiting } from './progress';
import type { Tools } from './toolbox';

/**
 * What was asked of Azure once and is only looked at from then on, by the document `begun`: each further request would take one of the
 * few tokens that a VM has for changes (https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits), and Azure answers
 * it no sooner. A host that dies before it has written that down asks once more.
 */
const entry = z.strictObject({ for: z.string(), begunAt: z.iso.datetime(), notBefore: z.iso.datetime() }).partial();
type Entry = z.infer<typeof entry>;

const document = z.record(z.string(), entry);

const name = 'begun';

/** So long (ms) after a request whose effect does not show it is made again: Azure's operation may have failed. */
const againMs = 2 * 60_000;

/** A request that is made once. */
export interface Request {
  /** What is changed. */
  resourceId: string;
  /** What it is about: one request of a kind is under way at a time. */
  to: 'delete' | 'tag' | 'attach-or-detach';
  /** What is asked for: a request for something else is made at once. */
  for?: string;
  begin: () => Promise<Answer<unknown>>;
  /** While it is under way, as a sentence. */
  reason: string;
  /** When to look, in ms; with the usual back-off if not given. */
  usualMs?: number;
  /** Azure shows that it is at it. */
  isUnderWay?: boolean;
}

type RequestKey = Pick<Request, 'resourceId' | 'to' | 'for'>;

/** How a request stands. */
export type Requested = Waiting | Extract<Answer<never>, { ok: false }>;

/** The requests of one repair. */
export interface Begun {
  /** Makes the request if it is due: it was not made, or long ago. What Azure has put off is not asked for earlier. */
  once(request: Request): Promise<Requested>;
  /** How long ago (ms) this was asked for, if it is what was asked for last. */
  underWayMs(what: RequestKey): number | undefined;
  /** It was asked for now, by whoever decides for himself when that is due. */
  note(what: RequestKey): Promise<void>;
  /** Writes down what was asked for. Throws where the ledger cannot be reached. */
  save(): Promise<void>;
}

/** Reads what the repair has asked for. A record that can't be read is none: it is asked for again, and no clean-up stops at it. */
export async function openBegun({ ledger }: Pick<Tools, 'ledger'>, repairId: string): Promise<Begun> {
  const known = await recordOf(ledger, repairId);
  let isChanged = false;

  function put(key: string, changed: Entry): void {
    known[key] = changed;
    isChanged = true;
  }

  /** When this was asked for, if it was what was asked for last; in ms since the Unix epoch. */
  function begunAt({ for: wanted = '', ...what }: RequestKey): number | undefined {
    const last = known[keyOf(what)];
    return last?.begunAt === undefined || (last.for ?? '') !== wanted ? undefined : Date.parse(last.begunAt);
  }

  async function save(): Promise<void> {
    if (isChanged) await ledger.putDocument(repairId, name, known satisfies z.infer<typeof document>);
    isChanged = false;
  }

  return {
    async once({ begin, reason, usualMs, isUnderWay = false, ...what }) {
      const key = keyOf(what);
      const { notBefore } = known[key] ?? {};
      const putOffMs = notBefore === undefined ? 0 : Date.parse(notBefore) - Date.now();
      if (putOffMs > 0) return wait(reason, putOffMs);
      const at = begunAt(what);
      if (at !== undefined && (isUnderWay || Date.now() - at < againMs)) return wait(reason, usualMs);
      const begun = await begin();
      if (begun.ok) {
        put(key, asked(what));
        return wait(reason, usualMs);
      }
      const { failure } = begun;
      if (failure.kind === 'wait' && failure.retryAfterMs !== undefined && failure.retryAfterMs > 0) {
        put(key, { ...known[key], notBefore: new Date(Date.now() + failure.retryAfterMs).toISOString() });
      }
      return { ok: false, failure };
    },
    underWayMs(what) {
      const at = begunAt(what);
      return at === undefined ? undefined : Date.now() - at;
    },
    note(what) {
      put(keyOf(what), asked(what));
      return save();
    },
    save,
  };
}

/** The same for a step that makes one request. */
export async function requestOnce(tools: Tools, repairId: string, request: Request): Promise<Requested> {
  const begun = await openBegun(tools, repairId);
  const requested = await begun.once(request);
  await begun.save();
  return requested;
}

async function recordOf(ledger: Tools['ledger'], repairId: string): Promise<z.infer<typeof document>> {
  try {
    return (await readDocument(ledger, repairId, name, document)) ?? {};
  } catch (error) {
    if (isUnreadableDocument(error)) return {};
    throw error;
  }
}

function asked({ for: wanted }: RequestKey): Entry {
  return { begunAt: new Date().toISOString(), ...(wanted === undefined ? {} : { for: wanted }) };
}

function keyOf({ resourceId, to }: Pick<Request, 'resourceId' | 'to'>): string {
  return `${to} ${resourceId.toLowerCase()}`;
}
