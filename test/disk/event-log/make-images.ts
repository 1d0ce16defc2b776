/** Writes the sample logs and evtxexport's answers into a folder; run by test/disk/images/make-event-log.sh. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { exportEvents } from './support/evtxexport';
import { sampleLogs } from './support/sample-logs';

const [, , folder] = process.argv;
if (!folder) throw new Error('say where to: make-images.ts <folder>');
const scratch = mkdtempSync(join(tmpdir(), 'event-log-'));
for (const [name, make] of Object.entries(sampleLogs)) {
  const log = make();
  const path = join(scratch, `${name}.evtx`);
  writeFileSync(path, log);
  writeFileSync(join(folder, `${name}.evtx.gz`), gzipSync(log, { level: 9 }));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(exportEvents(path), null, 2)}\n`);
}
rmSync(scratch, { recursive: true });
