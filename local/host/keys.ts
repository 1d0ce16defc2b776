/** The host's access keys: made at the first start, kept in the state folder, compared in constant time. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { HostResponse } from './http/messages';

const key = z.string().min(1);
const hostKeys = z.object({
  master: key,
  system: z.object({ durabletask_extension: key, eventgrid_extension: key }),
  function: z.object({ default: key }),
});

/** `keys.json`: the master key opens everything, a system key its webhook, the function key all functions. */
export type HostKeys = z.output<typeof hostKeys>;

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** Reads `keys.json` of the state folder, or makes it with random values. Throws when the file is damaged. */
export function loadKeys(stateFolder: string): HostKeys {
  const file = path.join(stateFolder, 'keys.json');
  if (existsSync(file)) {
    const result = hostKeys.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (result.success) return result.data;
    throw new Error(`${file} is damaged; delete it to have new keys made.\n${z.prettifyError(result.error)}`);
  }
  const keys: HostKeys = {
    master: newKey(),
    system: { durabletask_extension: newKey(), eventgrid_extension: newKey() },
    function: { default: newKey() },
  };
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** Whether `given` is one of `accepted`. */
export function isKey(given: string | undefined, accepted: string[]): boolean {
  if (!given) return false;
  const bytes = Buffer.from(given);
  return accepted.some((candidate) => {
    const expected = Buffer.from(candidate);
    return expected.length === bytes.length && timingSafeEqual(expected, bytes);
  });
}

/**
 * How a request without one of the accepted keys is answered; undefined if it has one. A valid key of too little right is known and
 * forbidden (403), anything else is not known (401), with the challenge of the host's other scheme:
 * Azure/azure-functions-host:src/WebJobs.Script.WebHost/Security/Authorization/Policies/AuthorizationOptionsExtensions.cs (each policy
 * names both schemes, keys and JWT bearer). Seen so with the host 4.1037.
 */
export function refusalOf(keys: HostKeys, given: string | undefined, accepted: string[]): HostResponse | undefined {
  if (isKey(given, accepted)) return undefined;
  const { master, system, function: functions } = keys;
  const isKnown = isKey(given, [master, ...Object.values(system), ...Object.values(functions)]);
  return isKnown ? { status: 403 } : { status: 401, headers: { 'www-authenticate': 'Bearer' } };
}

function newKey(): string {
  return randomBytes(36).toString('base64url');
}
