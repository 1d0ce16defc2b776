/**
 * The clock that the local processes share. It can run faster than real time, so that a repair whose Azure
 * operations take minutes can be watched in seconds. Every process is given the same origin and speed by the
 * variable LOCAL_CLOCK, so their times agree without talking to each other.
 */

/** Where local time began (ms since the Unix epoch, real time) and how many local ms pass in one real ms. */
export interface ClockSettings {
  origin: number;
  speed: number;
}

const realNow = Date.now.bind(Date);
const RealDate = Date;

/** Reads LOCAL_CLOCK (`{"origin":…,"speed":…}`); without it local time is real time. Throws on a malformed value. */
export function readClockSettings(environment: NodeJS.ProcessEnv = process.env): ClockSettings {
  const text = environment.LOCAL_CLOCK;
  if (!text) return { origin: realNow(), speed: 1 };
  const value = JSON.parse(text) as Partial<ClockSettings>;
  if (typeof value.origin !== 'number' || typeof value.speed !== 'number' || !(value.speed > 0)) {
    throw new Error(`LOCAL_CLOCK must be {"origin":<ms>,"speed":<factor above 0>}, not ${text}`);
  }
  return { origin: value.origin, speed: value.speed };
}

const settings = readClockSettings();

/** Local time now, in ms since the Unix epoch. */
export function now(): number {
  if (settings.speed === 1) return realNow();
  return Math.floor(settings.origin + (realNow() - settings.origin) * settings.speed);
}

/** How many real ms pass while `localMs` of local time pass. */
export function realDelay(localMs: number): number {
  return localMs / settings.speed;
}

/**
 * Makes `Date` tell local time in this process, so that the app, its libraries and the host agree with the simulated
 * Azure on what time it is. Timers (setTimeout) keep running in real time.
 */
export function installClock(): void {
  if (settings.speed === 1) return;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, argumentsList: unknown[], newTarget) {
      const given = argumentsList.length === 0 ? [now()] : argumentsList;
      return Reflect.construct(target, given, newTarget === globalThis.Date ? target : newTarget) as Date;
    },
    apply: () => new RealDate(now()).toString(),
    get: (target, property) => (property === 'now' ? now : (Reflect.get(target, property) as unknown)),
  });
}
