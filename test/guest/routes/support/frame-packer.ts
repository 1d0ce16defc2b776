import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** One result as scripts/run-commands.ps1 writes it; texts have one character for each byte. */
export type PackedResult = { id: string } & (
  | { exitCode: number; output: string; error: string; durationMs?: number }
  | { timedOut: true; output: string; error?: string; durationMs?: number }
  | { skipped: true }
  | { notStarted: string }
);

/** An answer as the script writes it. */
export interface PackedAnswer {
  version: number;
  nonce: string;
  startedAt: string;
  bootedAt?: string | null;
  computerName: string;
  results: PackedResult[];
}

const partLength = 3800;

/** What the script does with an answer: gzip and base64 of its JSON. */
export function bodyOf(answer: unknown): string {
  return gzipSync(Buffer.from(JSON.stringify(answer), 'utf8')).toString('base64');
}

/** The frames that the script would print, one for each part. */
export function framesOf(body: string, nonce: string): string[] {
  const hash = createHash('sha256').update(body, 'ascii').digest('hex');
  const parts = Math.max(1, Math.ceil(body.length / partLength));
  return Array.from({ length: parts }, (_, index) => {
    const chunk = body.slice(index * partLength, (index + 1) * partLength);
    return `##RDPL1 ${nonce} ${index + 1}/${parts} ${body.length} ${hash}##${chunk}##END ${nonce}##\r\n`;
  });
}

/** The frames of an answer. */
export function framesOfAnswer(answer: PackedAnswer): string[] {
  return framesOf(bodyOf(answer), answer.nonce);
}
