/**
 * Timer triggers: fires functions by their schedule, remembers over restarts when they ran last, and makes up for what
 * was missed. Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
 */
import { realDelay } from '../../clock';
import { resolveAppSettings } from '../host-json';
import { messageOf, type Log } from '../log';
import type { ScheduleStatus, Store } from '../durable/store';
import { parseNcrontab, type Schedule } from './ncrontab';

/** Schedules that repeat faster than this are not monitored (ms). Same source. */
const shortestMonitored = 60_000;
const longestTimeout = 2 ** 31 - 1;

interface TimerBinding {
  schedule: string;
  runOnStartup?: boolean;
  useMonitor?: boolean;
}

interface TimerTriggerOptions {
  functionName: string;
  binding: TimerBinding;
  store: Store;
  /** Runs the function with the timer's payload as JSON text. Rejects with what it throws. */
  fire: (payload: string) => Promise<void>;
  log: Log;
}

/** A timer trigger that has been set up. */
export interface TimerTrigger {
  start(): void;
  stop(): void;
  /** The payload of a run by hand. */
  payload(): string;
}

/** Throws when the schedule is not understood. */
export function createTimerTrigger(options: TimerTriggerOptions): TimerTrigger {
  const { functionName, store, log } = options;
  const { runOnStartup = false, useMonitor = true, ...binding } = options.binding;
  const schedule = readSchedule(resolveAppSettings(binding.schedule));
  const isMonitored = useMonitor && isSlow(schedule);
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  function payload(isPastDue: boolean): string {
    const status = isMonitored ? store.schedule(functionName) : undefined;
    const ScheduleStatus = status
      ? { Last: status.last, LastUpdated: status.lastUpdated, Next: status.next }
      : { Last: new Date(0).toISOString(), LastUpdated: new Date(0).toISOString(), Next: iso(schedule(Date.now())) };
    return JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: isPastDue });
  }

  async function run(isPastDue: boolean): Promise<void> {
    const startedAt = Date.now();
    try {
      await options.fire(payload(isPastDue));
    } catch (error) {
      log('error', `Timer function '${functionName}' failed: ${messageOf(error)}`);
    }
    if (!running) return;
    remember(startedAt);
    // The next time is looked for only now: a run that takes longer than the interval never overlaps itself.
    wait();
  }

  function remember(last: number): void {
    if (!isMonitored) return;
    const now = Date.now();
    const status: ScheduleStatus = { last: iso(last), next: iso(schedule(now)), lastUpdated: iso(now) };
    store.putSchedule(functionName, status);
  }

  function wait(until = schedule(Date.now())): void {
    if (until === undefined) return;
    const delay = Math.ceil(realDelay(Math.max(0, until - Date.now())));
    timer = setTimeout(
      () => {
        if (Date.now() < until) wait(until);
        else void run(false);
      },
      Math.min(delay, longestTimeout),
    );
  }

  return {
    start(): void {
      running = true;
      const status = isMonitored ? store.schedule(functionName) : undefined;
      const isPastDue = status !== undefined && Date.parse(status.next) <= Date.now();
      if (!status) remember(0);
      if (isPastDue || runOnStartup) void run(isPastDue);
      else wait();
    },
    stop(): void {
      running = false;
      clearTimeout(timer);
    },
    payload: () => payload(false),
  };
}

/** An NCRONTAB expression, or a time span (`hh:mm:ss`) between runs. */
function readSchedule(text: string): Schedule {
  const span = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
  if (!span) return parseNcrontab(text, process.env.WEBSITE_TIME_ZONE);
  const [hours = 0, minutes = 0, seconds = 0] = span.slice(1).map(Number);
  const interval = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (interval === 0) throw new Error(`The schedule '${text}' must be longer than nothing.`);
  return (from) => from + interval;
}

function isSlow(schedule: Schedule): boolean {
  const first = schedule(Date.now());
  const second = first === undefined ? undefined : schedule(first);
  return first !== undefined && (second === undefined || second - first >= shortestMonitored);
}

function iso(time: number | undefined): string {
  return new Date(time ?? 0).toISOString();
}
