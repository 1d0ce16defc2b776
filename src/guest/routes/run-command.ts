import { shortHash } from '../../repair-id';
import type { GuestRunRequest } from '../../azure/ports';
import type { GuestCommand } from '../command';
import script from '../scripts/run-commands.ps1';

/**
 * The route `run-command`: managed Run Command (v2) carries one static script that runs native command lines.
 * Names and nonces follow from the repair's id, so a repeated activity finds its own run instead of starting another.
 */

/** Windows must end the script by then; Azure's own default is 90 minutes. */
export const scriptTimeoutSeconds = 180;

/** Which run of a repair this is: `name` is unique within the repair, `part` counts from 1. */
export interface GuestRunKey {
  repairId: string;
  name: string;
  part: number;
}

/** The Run Command's resource name. */
export function guestRunName({ repairId, name, part }: GuestRunKey): string {
  const suffix = part === 1 ? '' : `-part-${part}`;
  return `rdp-lifeline-${repairId}-${name}${suffix}`;
}

/** The nonce that ties the answer to this run of this repair. All parts share it. */
export function nonceOf({ repairId, name }: GuestRunKey): string {
  return shortHash(`${repairId}/${name}`, 32);
}

/** The Run Command that runs these commands (part 1) or fetches a further part of their answer. */
export function renderGuestRun(
  key: GuestRunKey,
  commands: GuestCommand[],
  place: { location: string; tags: Record<string, string> },
): GuestRunRequest {
  const parameters: Record<string, string> = { Nonce: nonceOf(key), Part: String(key.part) };
  if (key.part === 1) parameters.Commands = Buffer.from(JSON.stringify(commands), 'utf8').toString('base64');
  return { name: guestRunName(key), script, parameters, timeoutSeconds: scriptTimeoutSeconds, ...place };
}
