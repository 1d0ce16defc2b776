/**
 * The guest agent's part in managed Run Command. It cannot run PowerShell: it knows one script, by its text, and
 * does what that script does. Any other script ends with exit code 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandsScript, type ScriptEnd, type ScriptHost } from './run-commands-script';

const knownScript = join(__dirname, '../../src/guest/scripts/run-commands.ps1');

/** What one script run does in the guest. */
export type ScriptRunner = (
  host: ScriptHost,
  script: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<ScriptEnd>;

/** A runner that knows `src/guest/scripts/run-commands.ps1` as it is on disk now. Throws if the file is missing. */
export function createScriptRunner(): ScriptRunner {
  const known = normalise(readFileSync(knownScript, 'utf8'));
  return async (host, script, parameters) => {
    if (normalise(script) === known) return runCommandsScript(host, parameters);
    const message =
      'The simulated guest runs no PowerShell. It knows src/guest/scripts/run-commands.ps1, and this is another script.';
    return { exitCode: 1, output: '', error: `${message}\r\n` };
  };
}

function normalise(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd();
}
