/** The note that `npm start` leaves for the other commands: where the app is, its key, its ledger's settings. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What the note says. It holds keys of the local app, so only its owner may read it. */
export interface Running {
  url: string;
  key: string;
  controlUrl: string;
  environment: Record<string, string>;
}

/** Where `npm start` keeps its state. */
export const localFolder = resolve(__dirname, '../.local');
const note = resolve(localFolder, 'running.json');

/** Leaves the note; it is taken away when the process ends. */
export function leaveNote(running: Running): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, JSON.stringify(running, null, 2), { mode: 0o600 });
  process.on('exit', () => rmSync(note, { force: true }));
}

/** Reads the note of a running `npm start`, if there is one. */
export function readNote(): Running | undefined {
  return existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Running) : undefined;
}
