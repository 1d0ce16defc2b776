import { UnreadableError } from '../../disk/byte-source';
import { safeBootModes, type BootMode } from '../evidence';
import { textIn } from './current-hive';
import { attemptHere, reasonOf, type Finding } from './finding';
import { plainText } from '../plain-text';
import { readSystemLog } from './system-log';
import { controlSetName, keyPlace, type Windows } from './windows';

/** "The operating system started": the kernel's first record of every boot. */
const kernelStarted = { name: 'Microsoft-Windows-Kernel-General', eventIds: [12] };

/** A machine may be up for months; how far back is read is bounded by 4 MiB of log. */
const windowMilliseconds = 400 * 24 * 60 * 60 * 1000;
const aheadMilliseconds = 24 * 60 * 60 * 1000;
const mostChunks = 64;

/**
 * What the kernel was started with, which it writes at every boot: `SAFEBOOT:` and the mode stands in it after a boot into
 * safe mode. Drivers go by it (SUSE's virtio_balloon for Windows does not load if it finds the word); reactos/reactos:
 * ntoskrnl/config/cmsysini.c (CmpSetSystemValues) writes it, ntoskrnl/ex/init.c reads the three words.
 */
const startOptions = { key: 'Control', value: 'SystemStartOptions' } as const;
const safeBootOption = /\bSAFEBOOT:(MINIMAL|NETWORK|DSREPAIR)\b/iu;

/**
 * How the last boot went: by the System log's last record of a start, which has its time, and by the options that the
 * kernel wrote into the registry, which tell the safe modes apart. One of them is enough.
 */
export async function readBootMode(windows: Windows, asOf: Date): Promise<Finding<BootMode>> {
  const [logged, options] = await Promise.all([
    attemptHere(readLoggedBoot(windows, asOf)),
    attemptHere(readStartOptions(windows)),
  ]);
  const written = options.ok ? options.value : undefined;
  if (!logged.ok) return withoutTime(written, logged.error);
  if (!written) return logged.value;
  const { fact, place, cautions } = logged.value;
  const both = { place: `${place} · ${written.place}`, cautions: [...cautions, ...written.cautions] };
  const isSame = (fact.mode === 'normal') === (written.fact.mode === 'normal');
  if (isSame) return { fact: { ...fact, mode: written.fact.mode }, ...both };
  const differs = `the System log tells of a boot that was ${inWords(fact.mode)}, the options in the registry of one that was ${inWords(written.fact.mode)}`;
  return { fact, ...both, cautions: [...both.cautions, differs] };
}

/** Throws why there is no record if nothing else tells the mode either. */
function withoutTime(written: Finding<BootMode> | undefined, error: UnreadableError): Finding<BootMode> {
  if (!written) throw error;
  return { ...written, cautions: [...written.cautions, `the time of the boot is not known: ${reasonOf(error)}`] };
}

function inWords(mode: BootMode['mode']): string {
  return mode === 'normal' ? 'normal' : 'into safe mode';
}

/** Undefined if Windows wrote none: not every tool that makes a hive does. */
async function readStartOptions(windows: Windows): Promise<Finding<BootMode> | undefined> {
  const { hive, number } = await windows.lastControlSet();
  const name = controlSetName(number);
  const key = await hive.hive.findKey([name, startOptions.key]);
  const options = await textIn(key, startOptions.value);
  if (options === undefined) return undefined;
  const word = safeBootOption.exec(options)?.[1]?.toLowerCase();
  const mode = safeBootModes.find((known) => known.toLowerCase() === word) ?? 'normal';
  const place = `${keyPlace(hive, [name, startOptions.key])} › ${startOptions.value}`;
  return { fact: { kind: 'boot-mode', mode }, place, cautions: hive.cautions };
}

/** How the last boot that the System log tells of went. */
async function readLoggedBoot(windows: Windows, asOf: Date): Promise<Finding<BootMode>> {
  const { path, events, chunksRead, cautions } = await readSystemLog(windows, {
    providers: [kernelStarted],
    from: new Date(asOf.getTime() - windowMilliseconds),
    to: new Date(asOf.getTime() + aheadMilliseconds),
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
  return {
    fact: { kind: 'boot-mode', mode: modeOf(parameter('BootMode')), bootedAt: new Date(bootedAt).toISOString() },
    place: `${path} › record ${started.recordId}`,
    cautions,
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
