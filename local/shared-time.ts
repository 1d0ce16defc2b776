/**
 * When local time stands still, agreed on by the processes of one run in a folder.
 *
 * Each process shows a heartbeat there, from a timer: it beats while the process is scheduled and its event loop turns. One
 * process keeps the time: as long as all hearts beat it lets time run for some more ms; a process that does not get its turn, computes
 * at length or has only begun to load thereby stops the time of all, and hearts that beat late slow it down. So what is simulated takes as
 * long on a busy machine as on an idle one.
 *
 * As long as time is not stopped, every process computes it from the machine's clock, and all agree to the ms.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** The machine's clock, whatever `Date` is made to tell later. */
const realNow = Date.now.bind(Date);
/** Real ms that time may run on after all hearts were seen to beat, at most. */
export const grantMs = 25;
/** How often hearts beat and are looked at, in real ms. */
const beatMs = 5;
/** On an idle machine all hearts have beaten again by then, in real ms. */
const onTimeMs = 3 * beatMs;
/** How long a heart may stand still before its process is looked for, in real ms. */
const silenceMs = 100;

/** The run's time as one process sees it. */
export interface SharedTime {
  /** The real ms in which time has run so far. Never less than it has told before. */
  elapsed(): number;
}

/** A folder for a clock, whose time has not begun yet; for the variable LOCAL_CLOCK. */
export function newClock(folder: string, speed: number): string {
  const origin = realNow();
  mkdirSync(folder, { recursive: true });
  const file = openSync(timeFile(folder), 'w');
  writeGrant(file, { until: origin, stopped: origin });
  closeSync(file);
  return JSON.stringify({ origin, speed, folder });
}

/** Takes part: from now on time stands still while this process does not get on. */
export function holdSharedTime(folder: string): SharedTime {
  showHeartbeat(folder);
  const file = openSync(timeFile(folder), 'r');
  let grant = readGrant(file);
  let told = 0;
  return {
    elapsed() {
      if (realNow() >= grant.until) grant = readGrant(file);
      // The clock is read after the grant: one that was let run meanwhile began later than a time that was read before it.
      told = Math.max(told, Math.min(realNow(), grant.until) - grant.stopped);
      return told;
    },
  };
}

/** Shows this process's heartbeat until the answer is called or the process ends. Does not keep it alive. */
export function showHeartbeat(folder: string): () => void {
  const path = join(folder, `${process.pid}${heartbeatEnding}`);
  const file = openSync(path, 'w');
  const content = Buffer.alloc(8);
  let beats = 0;
  function beat(): void {
    beats += 1;
    content.writeDoubleLE(beats);
    writeSync(file, content, 0, 8, 0);
  }
  beat();
  const timer = setInterval(beat, beatMs);
  timer.unref();
  let hasStopped = false;
  function stop(): void {
    if (hasStopped) return;
    hasStopped = true;
    clearInterval(timer);
    closeSync(file);
    rmSync(path, { force: true });
  }
  process.once('exit', stop);
  return () => {
    process.off('exit', stop);
    stop();
  };
}

/** Lets time run while all hearts beat, until the answer is called. One process of a run does so. Does not keep it alive. */
export function keepSharedTime(folder: string): () => void {
  const file = openSync(timeFile(folder), 'r+');
  const hearts = new Map<string, Heart>();
  let grant = readGrant(file);
  let changedAt: number | undefined;
  let grantedAt = realNow();
  const timer = setInterval(() => {
    const real = realNow();
    // A folder changes when a file comes or goes, not when a heart beats in it.
    const change = statSync(folder).mtimeMs;
    if (change !== changedAt) findHearts(folder, hearts, real);
    changedAt = change;
    if (![...hearts.values()].every((heart) => isBeating(heart, real))) return;
    // Between the end of the last grant and now time stood still.
    grant = {
      until: Math.max(grant.until, real + grantAfter(real - grantedAt)),
      stopped: grant.stopped + Math.max(0, real - grant.until),
    };
    grantedAt = real;
    writeGrant(file, grant);
    for (const heart of hearts.values()) heart.isFresh = false;
  }, beatMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/**
 * Real ms that time may run on where all hearts took so many ms to beat again. A request goes through many processes, each of which waits for
 * its turn: the later the hearts, the longer that takes, and the slower time runs.
 */
export function grantAfter(tookMs: number): number {
  return tookMs <= onTimeMs ? grantMs : Math.max(1, (grantMs * onTimeMs) / tookMs);
}

/** For whoever waits in vain: until when time may run, and the hearts that it waits for. */
export function describeSharedTime(folder: string): string {
  const file = openSync(timeFile(folder), 'r');
  const { until } = readGrant(file);
  closeSync(file);
  const hearts = readdirSync(folder)
    .filter((name) => name.endsWith(heartbeatEnding))
    .map((name) => {
      const processId = Number.parseInt(name, 10);
      const beats = readFileSync(join(folder, name)).readDoubleLE();
      return `process ${processId}${isGone(processId) ? ' (gone)' : ''} ${beats} beats`;
    });
  return `Time may run for ${until - realNow()} more ms; ${hearts.join(', ')}.`;
}

interface Heart {
  processId: number;
  file: number;
  beats: number;
  /** When the last beat was seen. */
  seenAt: number;
  /** Whether it has beaten since time was last let run. */
  isFresh: boolean;
}

const heartbeatEnding = '.heartbeat';

function findHearts(folder: string, hearts: Map<string, Heart>, real: number): void {
  const names = new Set(readdirSync(folder).filter((name) => name.endsWith(heartbeatEnding)));
  for (const name of names) {
    if (hearts.has(name)) continue;
    const file = openSync(join(folder, name), 'r');
    hearts.set(name, { processId: Number.parseInt(name, 10), file, beats: 0, seenAt: real, isFresh: false });
  }
  for (const [name, { file }] of hearts) {
    if (names.has(name)) continue;
    closeSync(file);
    hearts.delete(name);
  }
}

const content = Buffer.alloc(8);

function isBeating(heart: Heart, real: number): boolean {
  if (readSync(heart.file, content, 0, 8, 0) === 8 && content.readDoubleLE() !== heart.beats) {
    heart.beats = content.readDoubleLE();
    heart.seenAt = real;
    heart.isFresh = true;
  }
  return heart.isFresh || (real - heart.seenAt > silenceMs && isGone(heart.processId));
}

/** Whether a process has ended or was stopped by a signal: time does not wait for what somebody holds still on purpose. */
function isGone(processId: number): boolean {
  try {
    process.kill(processId, 0);
  } catch {
    return true;
  }
  try {
    // Linux: the state follows the name in brackets. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const state = /\) (\S)/.exec(readFileSync(`/proc/${processId}/stat`, 'latin1'))?.[1];
    return state !== undefined && 'TtZX'.includes(state);
  } catch {
    return false; // another system: it is there, and that is all that can be asked
  }
}

/** Until when time may run, and for how long it has not run so far, the time before its origin included. Real ms. */
interface Grant {
  until: number;
  stopped: number;
}

function timeFile(folder: string): string {
  return join(folder, 'time');
}

function writeGrant(file: number, { until, stopped }: Grant): void {
  const bytes = Buffer.alloc(24);
  bytes.writeDoubleLE(until, 0);
  bytes.writeDoubleLE(stopped, 8);
  bytes.writeDoubleLE(until + stopped, 16);
  writeSync(file, bytes, 0, bytes.length, 0);
}

/** Read again if it was caught while it was written. */
function readGrant(file: number): Grant {
  const bytes = Buffer.alloc(24);
  for (;;) {
    readSync(file, bytes, 0, bytes.length, 0);
    const [until, stopped] = [bytes.readDoubleLE(0), bytes.readDoubleLE(8)];
    if (bytes.readDoubleLE(16) === until + stopped) return { until, stopped };
  }
}
