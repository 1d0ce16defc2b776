/**
 * A log that Windows wrote, against evtxexport. The log is not ours to commit: without it, without `xz` or without
 * `evtxexport` (Debian package libevtx-utils) these tests are skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memorySource } from '../../../src/disk/byte-source';
import { readEvents, type LoggedEvent } from '../../../src/disk/event-log/read-events';
import { exportEvents } from './support/evtxexport';

const compressed = join(__dirname, '../../../../shared/data/event-logs/system.evtx.xz');
const canRun =
  existsSync(compressed) && spawnSync('xz', ['-V']).status === 0 && spawnSync('evtxexport', ['-V']).status === 0;
const always = { from: new Date('2000-01-01'), to: new Date('2100-01-01'), limit: 100_000 };

(canRun ? describe : describe.skip)('disk/event-log/real-log: readEvents on a System log of Windows 10', () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
  let log: Buffer;
  let expected: LoggedEvent[];

  beforeAll(() => {
    log = execFileSync('xz', ['-dkc', compressed], { maxBuffer: 2 ** 28 });
    writeFileSync(join(folder, 'system.evtx'), log);
    expected = exportEvents(join(folder, 'system.evtx'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads every event of Service Control Manager as evtxexport does', async () => {
    const providers = [{ name: 'Service Control Manager' }];
    const { events, problems } = await readEvents(memorySource(log), { ...always, providers });
    expect(events).toEqual(expected.filter(({ provider }) => provider === 'Service Control Manager'));
    expect(events).toHaveLength(100);
    expect(problems).toEqual([]);
  });

  it('reads every event of every provider as evtxexport does', async () => {
    const providers = [...new Set(expected.map(({ provider }) => provider))].map((name) => ({ name }));
    const { events } = await readEvents(memorySource(log), { ...always, providers });
    expect(events).toHaveLength(1881);
    expect(events.map(withPlainGuids)).toEqual(expected.map(withPlainGuids));
  });

  it('finds the same in any day as among all, though the clock of this machine was set back by months', async () => {
    const providers = [...new Set(expected.map(({ provider }) => provider))].map((name) => ({ name }));
    const days = [...new Set(expected.map(({ time }) => time.slice(0, 10)))];
    for (const day of days) {
      const window = { from: new Date(`${day}T00:00:00.000Z`), to: new Date(`${day}T23:59:59.999Z`) };
      const { events } = await readEvents(memorySource(log), { ...always, ...window, providers });
      expect({ day, ids: events.map(({ recordId }) => recordId) }).toEqual({
        day,
        ids: expected.filter(({ time }) => time.startsWith(day)).map(({ recordId }) => recordId),
      });
    }
  });
});

/** A GUID may also be logged as a string; what evtxexport prints does not tell which, so capitals cannot be compared. */
function withPlainGuids(event: LoggedEvent): LoggedEvent {
  const parameters = event.parameters.map(({ value, ...rest }) => ({
    ...rest,
    value: /^\{[0-9A-F-]{36}\}$/i.test(value) ? value.toLowerCase() : value,
  }));
  return { ...event, parameters };
}
