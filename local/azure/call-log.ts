/** The log of calls to ARM, for tests and for people. */
import { EventEmitter, once } from 'node:events';

interface CallRecord {
  sequence: number;
  /** ISO 8601, local time. */
  time: string;
  method: string;
  path: string;
  query: string;
  /** 0: the connection was dropped. */
  status: number;
  /** The managed identity's name; undefined when the token was missing or wrong. */
  identity: string | undefined;
  /** Actions that the call demanded. */
  actions: string[];
}

export interface CallLog {
  add: (call: Omit<CallRecord, 'sequence' | 'time'>) => void;
  /** Calls with a greater sequence number. */
  since: (sequence: number) => CallRecord[];
  /** Those of them that are of this kind, at least one: waits for it as long as there is none. */
  next: (sequence: number, isOfKind: (call: CallRecord) => boolean) => Promise<CallRecord[]>;
}

/** Enough for any demo; the oldest go first. */
const KEPT = 20_000;

export function createCallLog(): CallLog {
  const calls: CallRecord[] = [];
  const added = new EventEmitter().setMaxListeners(0);
  let sequence = 0;

  function since(after: number): CallRecord[] {
    return calls.filter((call) => call.sequence > after);
  }

  return {
    add(call) {
      sequence += 1;
      calls.push({ sequence, time: new Date().toISOString(), ...call });
      if (calls.length > KEPT) calls.shift();
      added.emit('call');
    },
    since,
    async next(after, isOfKind) {
      let looked = after;
      for (;;) {
        const found = since(looked).filter(isOfKind);
        if (found.length > 0) return found;
        looked = sequence;
        await once(added, 'call');
      }
    },
  };
}
