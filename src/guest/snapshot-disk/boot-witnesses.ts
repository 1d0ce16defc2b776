import { fileTimeToDate } from '../../disk/file-time';
import type { Key } from '../../disk/registry/key';
import { bootByKeys } from '../boot-age';
import type { WeighedFact } from '../evidence';
import { keyBelow } from './current-hive';
import { isPlausible, weighed } from './finding';
import { keyPlace, type Windows } from './windows';

/**
 * What a SYSTEM hive tells of when Windows was last shut down and booted, which a log that is moved, off, full or lost does not
 * take away. Weighed one by one:
 *
 * - `Control\Windows\ShutdownTime`, a FILETIME: written by a clean shutdown only, not by a crash or a power cut
 *   (https://4n6post.com/2023/03/registry-computer-restarts-shutdown.html). In a real hive (mkorman90/regipy) it is to the
 *   millisecond the time of its key. Used: it never tells too late a time, only too early a one.
 * - The time of the hive's root: at every boot the kernel makes the volatile link `CurrentControlSet` below it, and making a key,
 *   also a volatile one, renews its parent (reactos/reactos:ntoskrnl/config/cmsysini.c, CmpCreateControlSet; cmparse.c,
 *   CmpDoCreate). Used with the next one: another new key below the root would renew it, too.
 * - The time of `…\Memory Management\PrefetchParameters`, where the kernel counts boots (`BootId`, of which
 *   KUSER_SHARED_DATA.BootId is the copy). In the same hive it is 31 ms after the root's. Used with the one before: a person
 *   who switches the prefetcher renews it, too.
 *
 * Not used: the base block's time ("Windows stopped keeping it up to date in 8.1", msuhanov/regf) and sequence numbers, which tell
 * of writes and not of boots; `Select`, which is not written again where its numbers stay (2009 in that hive); `Enum`, `Class`
 * and `Interfaces\…\LeaseObtainedTime`, which change while Windows runs; `hivelist`, which is volatile and in no hive file.
 */
export interface BootWitnesses {
  shutdown?: WitnessedTime;
  boot?: WitnessedTime;
}

export interface WitnessedTime {
  /** Ms since the Unix epoch. */
  at: number;
  fact: WeighedFact;
}

const shutdownKey = ['Control', 'Windows'];
const prefetchKey = ['Control', 'Session Manager', 'Memory Management', 'PrefetchParameters'];

/** A hive has two or three control sets below a root of about ten keys; more were put there to be counted. */
const mostSets = 9;
const mostKeys = 1000;
const controlSet = /^ControlSet\d{3}$/iu;

/**
 * Reads them from every control set and takes the youngest of each: which set a shutdown or a boot wrote to is the one of that time,
 * and the one that is kept as the last known good has copies that are older. Throws an UnreadableError.
 */
export async function readBootWitnesses(windows: Windows): Promise<BootWitnesses> {
  const system = await windows.system();
  const root = await system.hive.root();
  const sets: Key[] = [];
  let seen = 0;
  for await (const key of root.subkeys()) {
    if (controlSet.test(key.name)) sets.push(key);
    seen += 1;
    if (seen >= mostKeys || sets.length >= mostSets) break;
  }
  const shutdowns: WitnessedTime[] = [];
  const counted: { at: number; place: string }[] = [];
  for (const set of sets) {
    const place = (path: readonly string[]) => keyPlace(system, [set.name, ...path]);
    const stopped = await shutdownTime(await keyBelow(set, shutdownKey));
    if (stopped) {
      const fact = weighed({
        says: 'Windows was shut down',
        place: `${place(shutdownKey)} › ShutdownTime`,
        at: stopped,
      });
      shutdowns.push({ at: stopped.getTime(), fact });
    }
    const counter = await keyBelow(set, prefetchKey);
    if (counter && isPlausible(counter.lastWritten)) {
      counted.push({ at: counter.lastWritten.getTime(), place: place(prefetchKey) });
    }
  }
  const shutdown = youngest(shutdowns);
  const counter = youngest(counted);
  const at = bootByKeys([isPlausible(root.lastWritten) ? root.lastWritten.getTime() : undefined, counter?.at]);
  if (at === undefined || !counter) return shutdown ? { shutdown } : {};
  const place = `${system.path} › (root) · ${counter.place}`;
  const boot = { at, fact: weighed({ says: 'Windows was booted', place, at: new Date(at) }) };
  return shutdown ? { shutdown, boot } : { boot };
}

async function shutdownTime(key: Key | undefined): Promise<Date | undefined> {
  const value = await key?.value('ShutdownTime');
  if (value?.bytes.length !== 8) return undefined;
  const time = fileTimeToDate(value.bytes.readBigUInt64LE(0));
  return isPlausible(time) ? time : undefined;
}

function youngest<Dated extends { at: number }>(dated: readonly Dated[]): Dated | undefined {
  return dated.toSorted((one, other) => other.at - one.at)[0];
}
