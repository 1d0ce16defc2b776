import { UnreadableError } from '../../disk/byte-source';
import { ageOfLoggedBoot, isOfBootBefore, isOneBoot } from '../boot-age';
import { disbeliefs, safeBootModes, type BootMode, type Disbelief, type WeighedFact } from '../evidence';
import { readBootWitnesses, type BootWitnesses } from './boot-witnesses';
import { keyBelow, textIn } from './current-hive';
import { attemptHere, isPlausible, reasonOf, weighed, type Finding, type NoFinding } from './finding';
import type { OpenedDisk } from './open-disk';
import { plainText } from '../plain-text';
import { noLog, readSystemLog, type LogGap, type SystemLog } from './system-log';
import { keyPlace, type Windows } from './windows';

/** "The operating system started": the kernel's first record of every boot. */
const kernelStarted = { name: 'Microsoft-Windows-Kernel-General', eventIds: [12] };

/** "The operating system is shutting down", of the same provider. */
const kernelStopped = { name: 'Microsoft-Windows-Kernel-General', eventIds: [13] };

/** How far back is read is bounded by 4 MiB of log, and not by a time: a clock may have been wrong at any boot. */
const anyTime = { from: new Date(0), to: new Date(8.64e15) };
const mostChunks = 64;

/** A shutdown's record and the registry's time of it are written within seconds. assumed: five minutes are enough. */
const aroundShutdown = 5 * 60 * 1000;
/** Of the time around a shutdown. */
const mostShutdownChunks = 8;

/**
 * What the kernel was started with, which it writes at every boot: `SAFEBOOT:` and the mode stands in it after a boot into
 * safe mode. Drivers go by it (SUSE's virtio_balloon for Windows does not load if it finds the word); reactos/reactos:
 * ntoskrnl/config/cmsysini.c (CmpSetSystemValues) writes it, ntoskrnl/ex/init.c reads the three words.
 */
const startOptions = { key: 'Control', value: 'SystemStartOptions' } as const;
const safeBootOption = /\bSAFEBOOT:(MINIMAL|NETWORK|DSREPAIR)\b/iu;

/**
 * How the last boot went: by the System log's last record of a start, which has its time, and by the options that the
 * kernel wrote into the registry, which tell the safe modes apart. One of them is enough. The log is believed only as far as
 * the registry and the other times of this disk let it be the last boot that it tells of (`../boot-age.ts`).
 */
export async function readBootMode(
  { windows, systemLog }: Pick<OpenedDisk, 'windows' | 'systemLog'>,
  asOf: Date,
): Promise<Finding<BootMode> | NoFinding> {
  const [logged, options, witnesses] = await Promise.all([
    attemptHere(readLoggedBoot(systemLog)),
    attemptHere(readStartOptions(windows)),
    attemptHere(readBootWitnesses(windows)),
  ]);
  const written = options.ok ? options.value : undefined;
  const known = witnesses.ok ? witnesses.value : {};
  const unread = witnesses.ok
    ? []
    : [`whether the registry tells of a later boot could not be read (${reasonOf(witnesses.error)})`];
  const outdated = written && outdatedOptions(written, known, asOf);
  const believable = outdated ? undefined : written;
  if (!logged.ok) {
    if (believable) return byOptions(believable, [], reasonOf(logged.error));
    if (!outdated || !written) throw logged.error;
    return {
      reason: reasonOf(logged.error),
      place: written.place,
      cautions: written.cautions,
      disbelieved: [outdated],
    };
  }
  if ('kind' in logged.value) {
    const { reason, by } = logged.value.log;
    const nothing = noLog({ kind: 'elsewhere', reason, by });
    const disbelieved = [...(nothing.disbelieved ?? []), ...(outdated ? [outdated] : [])];
    return believable ? byOptions(believable, disbelieved, reason) : { ...nothing, disbelieved };
  }
  const boot = { ...logged.value, cautions: [...logged.value.cautions, ...unread] };
  const disbelieved = await disbelieve(boot, known, asOf);
  if (disbelieved.length === 0) return believedLog(boot, written, known);
  const reason = disbelieved.map(({ code }) => disbeliefs[code]).join('; ');
  if (believable) return byOptions(believable, disbelieved, `the System log’s last boot is not believed: ${reason}`);
  return {
    reason: `the System log’s last boot, ${inWords(boot.fact.mode)} at ${boot.fact.bootedAt}, is not believed to be the last: ${reason}`,
    place: boot.place,
    cautions: boot.cautions,
    disbelieved: [...disbelieved, ...(outdated ? [outdated] : [])],
  };
}

/**
 * Why options that tell of a normal boot are not those of the last one: their key was last written before the last shutdown. A real
 * boot makes volatile keys below it (`hivelist`), which renews it: 23 s after the kernel's first key in the SYSTEM hive of
 * mkorman90/regipy. Options that tell of a safe mode are believed all the same: what they lead to is looked at again.
 */
function outdatedOptions(
  { fact, place, lastWritten }: Finding<BootMode>,
  { shutdown, boot }: BootWitnesses,
  asOf: Date,
): Disbelief | undefined {
  if (fact.mode !== 'normal' || !shutdown || !lastWritten || !isPlausible(lastWritten)) return undefined;
  const times = { shutdown: shutdown.at, boot: boot?.at, asOf: asOf.getTime() };
  if (!isOfBootBefore(lastWritten.getTime(), times)) return undefined;
  return { code: 'older-than-shutdown', told: toldByOptions(fact, place, lastWritten), by: shutdown.fact };
}

function toldByOptions({ mode }: BootMode, place: string, at?: Date): WeighedFact {
  const says = `the start options tell of a boot that was ${inWords(mode)}`;
  return weighed({ says, place, ...(at ? { at } : {}) });
}

function byOptions(written: Finding<BootMode>, disbelieved: Disbelief[], why: string): Finding<BootMode> {
  return { ...written, disbelieved, cautions: [...written.cautions, `the time of the boot is not known: ${why}`] };
}

/** Both tell of the last boot; where they differ, the one that has a time is believed. */
function believedLog(
  { fact, place, cautions }: LoggedBoot,
  written: Finding<BootMode> | undefined,
  { boot }: BootWitnesses,
): Finding<BootMode> {
  if (!written) return { fact, place, cautions };
  const both = { place: `${place} · ${written.place}`, cautions: [...cautions, ...written.cautions] };
  const isSame = (fact.mode === 'normal') === (written.fact.mode === 'normal');
  if (isSame) return { fact: { ...fact, mode: written.fact.mode }, ...both };
  const differs = `the System log tells of a boot that was ${inWords(fact.mode)}, the options in the registry of one that was ${inWords(written.fact.mode)}`;
  // A registry that was put back from a copy is older than the log.
  const isOlder =
    boot !== undefined && boot.at < Date.parse(fact.bootedAt) && !isOneBoot(boot.at, Date.parse(fact.bootedAt));
  const told = toldByOptions(written.fact, written.place, isOlder ? new Date(boot.at) : undefined);
  const by = toldByLog(fact, place);
  const code = isOlder ? ('older-than-boot' as const) : ('differs' as const);
  return { fact, ...both, cautions: [...both.cautions, differs], disbelieved: [{ code, told, by }] };
}

function toldByLog({ mode, bootedAt }: LoggedBoot['fact'], place: string): WeighedFact {
  const says = `the System log’s last boot was ${inWords(mode)}`;
  return weighed({ says, place, at: new Date(bootedAt) });
}

/** Why a logged boot is not believed to be the last: each reason, none if it is. */
async function disbelieve(
  boot: LoggedBoot,
  { shutdown, boot: booted }: BootWitnesses,
  asOf: Date,
): Promise<Disbelief[]> {
  const told = toldByLog(boot.fact, boot.place);
  const gaps = boot.gaps.map(({ code, by }): Disbelief => ({ code, told, by }));
  const times = {
    loggedBoot: Date.parse(boot.fact.bootedAt),
    shutdown: shutdown?.at,
    boot: booted?.at,
    asOf: asOf.getTime(),
  };
  const first = ageOfLoggedBoot(times);
  const isByShutdown = first.kind === 'stale' && first.by === 'shutdown' && shutdown !== undefined;
  const age = isByShutdown
    ? ageOfLoggedBoot({ ...times, isShutdownLogged: await boot.hasShutdownAt(shutdown.at) })
    : first;
  if (age.kind === 'last') return gaps;
  const facts = {
    shutdown: shutdown?.fact,
    boot: booted?.fact,
    clock: weighed({ says: 'the disk was copied', place: 'the snapshot', at: asOf }),
  };
  const by = facts[age.by];
  return by ? [{ code: age.code, told, by }, ...gaps] : gaps;
}

function inWords(mode: BootMode['mode']): string {
  return mode === 'normal' ? 'normal' : 'into safe mode';
}

/** Undefined if Windows wrote none: not every tool that makes a hive does. */
async function readStartOptions(windows: Windows): Promise<Finding<BootMode> | undefined> {
  const { hive, name, key } = await windows.lastControlSet();
  const control = key && (await keyBelow(key, [startOptions.key]));
  const options = await textIn(control, startOptions.value);
  if (options === undefined) return undefined;
  const word = safeBootOption.exec(options)?.[1]?.toLowerCase();
  const mode = safeBootModes.find((known) => known.toLowerCase() === word) ?? 'normal';
  const place = `${keyPlace(hive, [name, startOptions.key])} › ${startOptions.value}`;
  // Other values of this key are written while Windows runs: its time is no time of the boot.
  const lastWritten = control ? { lastWritten: control.lastWritten } : {};
  return { fact: { kind: 'boot-mode', mode }, place, ...lastWritten, cautions: hive.cautions };
}

/** The last boot that the System log tells of. */
interface LoggedBoot extends Finding<BootMode> {
  fact: BootMode & { bootedAt: string };
  gaps: LogGap[];
  /** Whether the log has a record of a shutdown at about this time (ms since the Unix epoch). */
  hasShutdownAt(time: number): Promise<boolean>;
}

/** The newest by the order of the records, whatever their times. */
async function readLoggedBoot(
  systemLog: OpenedDisk['systemLog'],
): Promise<LoggedBoot | { kind: 'elsewhere'; log: Extract<SystemLog, { kind: 'elsewhere' }> }> {
  const log = await systemLog();
  if (log.kind === 'elsewhere') return { kind: 'elsewhere', log };
  const { path, events, chunksRead, cautions } = await readSystemLog(log, {
    providers: [kernelStarted],
    ...anyTime,
    limit: 1,
    maxChunks: mostChunks,
  });
  const [started] = events;
  if (!started) {
    const reach = chunksRead >= mostChunks ? `the newest ${mostChunks} chunks` : 'what the log still holds';
    const doubt = cautions.length > 0 ? ` (${cautions.join('; ')})` : '';
    throw new UnreadableError('not-found', `no boot is recorded in ${reach} of ${path}${doubt}`);
  }
  const parameter = (name: string) => started.parameters.find((one) => one.name === name)?.value;
  const bootedAt = Date.parse(parameter('StartTime') ?? '') || Date.parse(started.time);
  // A time that no calendar has comes as a number: the disk's own damage.
  if (Number.isNaN(bootedAt))
    throw new UnreadableError('damaged', `the record of the last boot in ${path} has no time`);
  return {
    fact: { kind: 'boot-mode', mode: modeOf(parameter('BootMode')), bootedAt: new Date(bootedAt).toISOString() },
    place: `${path} › record ${started.recordId}`,
    cautions,
    gaps: log.gaps,
    async hasShutdownAt(time) {
      const window = { from: new Date(time - aroundShutdown), to: new Date(time + aroundShutdown) };
      const bounds = { limit: 1, maxChunks: mostShutdownChunks };
      const stopped = await attemptHere(readSystemLog(log, { providers: [kernelStopped], ...window, ...bounds }));
      return stopped.ok && stopped.value.events.length > 0;
    },
  };
}

/**
 * 0 is a normal boot, 1 to 3 are safe modes (https://knowledge.broadcom.com/external/article/161964). Which is which is
 * not said there: `safe` is all that is told. assumed: no other number means a normal boot.
 */
function modeOf(value: string | undefined): BootMode['mode'] {
  if (value === '0') return 'normal';
  if (value === '1' || value === '2' || value === '3') return 'safe';
  const told = value === undefined ? 'does not tell its mode' : `tells the unknown mode ${plainText(value, 20)}`;
  throw new UnreadableError('not-found', `the record of the last boot ${told}`);
}
