/**
 * The clock that the local processes share. It can run faster than real time, so that a repair whose Azure
 * operations take minutes can be watched in seconds. Every process is given the same origin and speed by the
 * variable LOCAL_CLOCK, so their times agree without talking to each other.
 *
 * With a folder in LOCAL_CLOCK time also stands still while one of the processes is not being scheduled, computes or starts: on a busy
 * machine no simulated deadline passes before the process that would have met it had its turn (shared-time.ts).
 */
import { holdSharedTime, type SharedTime } from './shared-time';

/** Where local time began (ms since the Unix epoch, real time) and how many local ms pass in one real ms. */
export interface ClockSettings {
  origin: number;
  speed: number;
  /** Where the processes of one run agree on when time stands still; time always runs if it is left out. */
  folder?: string;
}

const realNow = Date.now.bind(Date);
const RealDate = Date;
/** A wait that time has not let end yet is looked at again after this many real ms, or more. */
const shortestWaitMs = 2;
/** What a timer holds, in ms: https://nodejs.org/docs/latest-v20.x/api/timers.html#settimeoutcallback-delay-args */
const longestTimeout = 2 ** 31 - 1;

/** Reads LOCAL_CLOCK (`{"origin":…,"speed":…,"folder":…}`); without it local time is real time. Throws on a malformed value. */
export function readClockSettings(environment: NodeJS.ProcessEnv = process.env): ClockSettings {
  const text = environment.LOCAL_CLOCK;
  if (!text) return { origin: realNow(), speed: 1 };
  const { origin, speed, folder } = JSON.parse(text) as Partial<ClockSettings>;
  if (typeof origin !== 'number' || typeof speed !== 'number' || !(speed > 0)) {
    throw new Error(
      `LOCAL_CLOCK must be {"origin":<ms>,"speed":<factor above 0>,"folder":<path, if any>}, not ${text}`,
    );
  }
  return { origin, speed, ...(typeof folder === 'string' ? { folder } : {}) };
}

const settings = readClockSettings();
// From here on time waits for this process, also while it loads the rest of itself.
const shared: SharedTime | undefined = settings.folder === undefined ? undefined : holdSharedTime(settings.folder);

/** Local time now, in ms since the Unix epoch. */
export function now(): number {
  if (settings.speed === 1 && !shared) return realNow();
  const real = shared ? shared.elapsed() : realNow() - settings.origin;
  return Math.floor(settings.origin + real * settings.speed);
}

/** How many real ms pass while `localMs` of local time pass, if time does not stand still meanwhile. */
export function realDelay(localMs: number): number {
  return localMs / settings.speed;
}

/**
 * Calls back when `localMs` of local time have passed, however long time stands still meanwhile; gives a function that
 * ends the wait. Does not keep the process alive if `isBackground`.
 */
export function after(localMs: number, callback: () => void, isBackground = false): () => void {
  const due = shared ? now() + localMs : undefined;
  let timer: NodeJS.Timeout | undefined;
  function wait(milliseconds: number): void {
    timer = setTimeout(look, Math.min(longestTimeout, milliseconds), milliseconds - longestTimeout);
    if (isBackground) timer.unref();
  }
  function look(rest: number): void {
    const left = due === undefined ? rest : realDelay(due - now());
    if (left > 0) wait(Math.max(shortestWaitMs, left));
    else callback();
  }
  wait(realDelay(localMs));
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Makes `Date` tell local time in this process, so that the app, its libraries and the host agree with the simulated
 * Azure on what time it is. Timers (setTimeout) keep running in real time.
 */
export function installClock(): void {
  if (settings.speed === 1 && !shared) return;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, argumentsList: unknown[], newTarget) {
      const given = argumentsList.length === 0 ? [now()] : argumentsList;
      return Reflect.construct(target, given, newTarget === globalThis.Date ? target : newTarget) as Date;
    },
    apply: () => new RealDate(now()).toString(),
    get: (target, property) => (property === 'now' ? now : (Reflect.get(target, property) as unknown)),
  });
}
