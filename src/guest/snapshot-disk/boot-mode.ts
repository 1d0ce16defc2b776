import { UnreadableError } from '../../disk/byte-source';
import type { BootMode } from '../evidence';
import type { Finding } from './finding';
import { plainText } from './plain-text';
import { readSystemLog } from './system-log';
import type { Windows } from './windows';

/** "The operating system started": the kernel's first record of every boot. */
const kernelStarted = { name: 'Microsoft-Windows-Kernel-General', eventIds: [12] };

/** A machine may be up for months; how far back is read is bounded by 4 MiB of log. */
const windowMilliseconds = 400 * 24 * 60 * 60 * 1000;
const aheadMilliseconds = 24 * 60 * 60 * 1000;
const mostChunks = 64;

/** How the last boot that the System log tells of went. */
export async function readBootMode(windows: Windows, asOf: Date): Promise<Finding<BootMode>> {
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
