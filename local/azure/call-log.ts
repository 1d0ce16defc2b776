/** The log of calls to ARM, for tests and for people. */

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
}

/** Enough for any demo; the oldest go first. */
const KEPT = 20_000;

export function createCallLog(): CallLog {
  const calls: CallRecord[] = [];
  let sequence = 0;
  return {
    add(call) {
      sequence += 1;
      calls.push({ sequence, time: new Date().toISOString(), ...call });
      if (calls.length > KEPT) calls.shift();
    },
    since: (after) => calls.filter((call) => call.sequence > after),
  };
}
