import type { ParkedSignal, ParkedSignals } from '../../../src/ledger/parked-signals';

/** A queue in memory: what was received is gone from it for as long as the test likes, or until `makeVisible`. */
export function fakeParkedSignals() {
  const waiting: (ParkedSignal | undefined)[] = [];
  const received = new Map<ParkedSignal | undefined, number>();
  let hidden: (ParkedSignal | undefined)[] = [];
  const state: { fault?: Error } = {};

  function orFault(): void {
    if (state.fault) throw state.fault;
  }

  const queue: ParkedSignals = {
    async park(signal) {
      orFault();
      waiting.push(JSON.parse(JSON.stringify(signal)) as ParkedSignal);
      return Promise.resolve();
    },
    async receive() {
      orFault();
      const taken = waiting.splice(0, 32);
      hidden.push(...taken);
      return Promise.resolve(
        taken.map((signal) => {
          received.set(signal, (received.get(signal) ?? 0) + 1);
          return {
            signal,
            received: received.get(signal) ?? 1,
            remove() {
              hidden = hidden.filter((one) => one !== signal);
              return Promise.resolve();
            },
          };
        }),
      );
    },
    check: () => Promise.resolve(orFault()),
  };
  return {
    queue,
    waiting,
    /** Brings back what was received and not removed, as time does. */
    makeVisible() {
      waiting.push(...hidden);
      hidden = [];
    },
    get fault() {
      return state.fault;
    },
    set fault(error: Error | undefined) {
      state.fault = error;
    },
  };
}
