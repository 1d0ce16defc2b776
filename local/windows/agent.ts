/**
 * The guest agent's part in Run Command. It cannot run PowerShell: it knows the scripts of `src/guest/scripts/`, by their text, and
 * does what they do, and it starts native programs where a script does nothing else. Any other script ends with exit code 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareOfflineDisk, releaseOfflineDisk } from './offline-disk-scripts';
import { readNativeCalls, runNativeCalls } from './powershell-script';
import { runCommandsScript } from './run-commands-script';
import type { ScriptEnd, ScriptHost } from './script-frame';

const scripts = join(__dirname, '../../src/guest/scripts');

/** Each script with its twin. */
const twins = {
  'run-commands.ps1': runCommandsScript,
  'prepare-offline-disk.ps1': prepareOfflineDisk,
  'release-offline-disk.ps1': releaseOfflineDisk,
} as const;

/** What one script run does in the guest. */
export type ScriptRunner = (
  host: ScriptHost,
  script: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<ScriptEnd>;

/** A runner that knows the scripts as they are on disk now. Throws if one is missing. */
export function createScriptRunner(): ScriptRunner {
  const known = Object.entries(twins).map(([name, twin]) => ({
    text: normalise(readFileSync(join(scripts, name), 'utf8')),
    twin,
  }));
  return async (host, script, parameters) => {
    const found = known.find(({ text }) => text === normalise(script));
    if (found) return found.twin(host, parameters);
    const calls = readNativeCalls(script);
    if (calls) return runNativeCalls(host, calls);
    const message =
      'The simulated guest runs no PowerShell. It knows the files of src/guest/scripts/, and this is another script.';
    return { exitCode: 1, output: '', error: `${message}\r\n` };
  };
}

function normalise(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd();
}
