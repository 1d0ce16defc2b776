/** What the guest scripts have in common: how PowerShell refuses parameters, and the frame that they print. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { WindowsGuest } from './guest';

/** assumed: Windows PowerShell 5.1 needs about a second until a script's first line. */
export const POWERSHELL_START_MS = 900;

/** How a script's process ended. */
export interface ScriptEnd {
  exitCode: number;
  output: string;
  error: string;
}

/** A script in the guest. `pause` lets local time pass; it throws when the guest goes down meanwhile. */
export interface ScriptHost {
  guest: WindowsGuest;
  pause: (localMs: number) => Promise<void>;
}

/** PowerShell refuses a parameter that its ValidatePattern does not match before the script's first line runs. */
export function parameterProblem(
  parameters: Readonly<Record<string, string>>,
  patterns: Readonly<Record<string, RegExp>>,
  mandatory: readonly string[],
): string | undefined {
  const unknown = Object.keys(parameters).find((name) => !(name in patterns));
  if (unknown) return `A parameter cannot be found that matches parameter name '${unknown}'.`;
  for (const [name, pattern] of Object.entries(patterns)) {
    const value = parameters[name];
    if (value === undefined && !mandatory.includes(name)) continue;
    if (value !== undefined && pattern.test(value)) continue;
    return `Cannot validate argument on parameter '${name}'. The argument "${value ?? ''}" does not match the "${pattern.source}" pattern.`;
  }
  return undefined;
}

/** What the scripts do with an answer: gzip and base64 of its JSON. */
export function packBody(answer: unknown): string {
  return gzipSync(Buffer.from(JSON.stringify(answer), 'utf8')).toString('base64');
}

/** One part of a body in the frame that the scripts print. */
export function printFrame(
  nonce: string,
  body: string,
  place: { part: number; parts: number; chunk: string },
): ScriptEnd {
  const hash = createHash('sha256').update(body, 'ascii').digest('hex');
  const { part, parts, chunk } = place;
  const frame = `##RDPL1 ${nonce} ${part}/${parts} ${body.length} ${hash}##${chunk}##END ${nonce}##\r\n`;
  return { exitCode: 0, output: frame, error: '' };
}

/** A script that ended with an error of PowerShell. */
export function scriptFailed(message: string): ScriptEnd {
  return { exitCode: 1, output: '', error: `${message}\r\n` };
}

/** .NET's round-trip format, seven decimals. */
export function roundTrip(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}
