/**
 * The files of the large disk that no tool on Linux writes: `tsx make-log-files.ts FOLDER`, with the hives of
 * make_large_hives.py in it. Makes `disk/SYSTEM` and `disk/SOFTWARE`, the hives cut off while being written, with their
 * `.LOG1`, which lead to the hives in `after`; and `disk/System.evtx`, three weeks of a server's System log.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeLog, type EventToWrite } from '../../event-log/support/evtx-writer';
import { sampleEvent, serviceData, typedValues, valuesData } from '../../event-log/support/sample-events';
import { changedPages, logWithEntries, withSequences, type Entry } from '../../registry/support/log-writer';

/** When the disk's snapshot was taken: the expected answers are as of this moment. */
const asOf = Date.parse('2026-03-02T12:00:00.000Z');

const [, , folder] = process.argv;
if (!folder) throw new Error('say where the hives lie: make-log-files.ts FOLDER');
mkdirSync(join(folder, 'disk'));
for (const name of ['SYSTEM', 'SOFTWARE']) cutOff(folder, name);
writeFileSync(join(folder, 'disk/System.evtx'), systemLog());

/** Three writes that did not get into the hive any more. */
function cutOff(place: string, name: string): void {
  const before = readFileSync(join(place, 'before', name));
  const after = readFileSync(join(place, 'after', name));
  const hive = withSequences(before, 8, 7);
  const pages = changedPages(before, after);
  const share = Math.ceil(pages.length / 3);
  const entries = [0, 1, 2].map((index): Entry => ({
    sequence: 7 + index,
    pages: pages.slice(index * share, (index + 1) * share),
    hiveBinsSize: after.readUInt32LE(40),
  }));
  writeFileSync(join(place, 'disk', name), hive);
  writeFileSync(join(place, 'disk', `${name}.LOG1`), logWithEntries(hive, entries));
}

/** 48 chunks of 110 records, one each five minutes; the last boot was 30 hours before the snapshot. */
function systemLog(): Buffer {
  const count = 48 * 110;
  const bootAt = count - 360;
  const changeAt = count - 20;
  const records = Array.from({ length: count }, (_, index): EventToWrite => {
    const [recordId, time] = [index + 1, new Date(asOf - (count - index) * 5 * 60_000).toISOString()];
    if (index === bootAt || index === 500) return started(recordId, time);
    if (index === changeAt) return startTypeChanged(recordId, time);
    const service = `service${(index % 40).toString().padStart(3, '0')}`;
    const data = serviceData(`What ${service} is called`, index % 2 === 0 ? 'running' : 'stopped', service);
    return sampleEvent({ recordId, time, eventId: 7036, level: 4, qualifiers: 16_384, data });
  });
  const slots = Array.from({ length: 48 }, (_, slot) => ({ events: records.slice(slot * 110, (slot + 1) * 110) }));
  // A log that Windows has room in: it is 20 MiB at most, unless somebody changed that.
  return writeLog({ slots: [...slots, ...Array.from({ length: 16 }, () => undefined)], isDirty: true });
}

function started(recordId: number, time: string): EventToWrite {
  const startTime = Buffer.alloc(8);
  startTime.writeBigUInt64LE((BigInt(Date.parse(time)) + 11_644_473_600_000n) * 10_000n);
  const data = valuesData({
    MajorVersion: typedValues.uint32,
    BootMode: { type: 0x08, bytes: Buffer.from([0, 0, 0, 0]) },
    StartTime: { type: 0x11, bytes: startTime },
  });
  const provider = 'Microsoft-Windows-Kernel-General';
  return sampleEvent({ recordId, time, provider, eventId: 12, level: 4, userSid: 'S-1-5-18', data });
}

function startTypeChanged(recordId: number, time: string): EventToWrite {
  const texts = ['DHCP Client', 'auto start', 'disabled', 'Dhcp'];
  const values = texts.map((text, index) => [`param${index + 1}`, { type: 0x01, bytes: Buffer.from(text, 'utf16le') }]);
  const data = valuesData(Object.fromEntries(values) as Parameters<typeof valuesData>[0]);
  const userSid = 'S-1-5-21-2084357190-1409372815-3021894437-500';
  return sampleEvent({ recordId, time, eventId: 7040, level: 4, userSid, data });
}
