/** Writes the System logs of the disks: `tsx make-logs.ts gen1|gen2|small FILE`; run by make-images.sh. */
import { writeFileSync } from 'node:fs';
import { writeLog, type EventToWrite } from '../../disk/event-log/support/evtx-writer';
import { sampleEvent, serviceData, typedValues, valuesData } from '../../disk/event-log/support/sample-events';

/** When the disks' snapshots were taken: images/*.expected.json are as of this moment. */
const asOf = Date.parse('2026-03-02T12:00:00.000Z');

const person = 'S-1-5-21-2084357190-1409372815-3021894437-500';

function before(minutes: number): string {
  return new Date(asOf - minutes * 60_000).toISOString();
}

type Described = (recordId: number) => EventToWrite;

function text(value: string) {
  return { type: 0x01, bytes: Buffer.from(value, 'utf16le') };
}

/** Some record of the Service Control Manager without `Binary`. */
function worded(minutes: number, eventId: number, values: string[], userSid?: string): Described {
  const named = Object.fromEntries(values.map((value, index) => [`param${index + 1}`, text(value)]));
  return (recordId) => sampleEvent({ recordId, time: before(minutes), eventId, data: valuesData(named), userSid });
}

function failed(minutes: number, eventId: number, [one, two]: [string, string], key: string): Described {
  const data = serviceData(one, two, key);
  return (recordId) => sampleEvent({ recordId, time: before(minutes), eventId, qualifiers: 49_152, data });
}

function started(minutes: number, bootMode: number): Described {
  const data = valuesData({
    MajorVersion: typedValues.uint32,
    BootMode: { type: 0x08, bytes: Buffer.from([bootMode, 0, 0, 0]) },
    StartTime: typedTime(minutes + 1),
  });
  const provider = 'Microsoft-Windows-Kernel-General';
  return (recordId) =>
    sampleEvent({ recordId, time: before(minutes), provider, eventId: 12, level: 4, userSid: 'S-1-5-18', data });
}

function typedTime(minutes: number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(asOf - minutes * 60_000) + 11_644_473_600_000n) * 10_000n);
  return { type: 0x11, bytes };
}

/** What fills a log: 120 records of somebody else, `minutes` apart, up to `until` minutes before the snapshot. */
function noise(until: number, minutes: number): Described[] {
  return Array.from({ length: 120 }, (_, index) =>
    failed(until + (119 - index) * minutes, 7023, ['Noise', '%%5'], 'Noise'),
  );
}

const translated = 'DHCP-Client';
const logs: Record<string, Described[][]> = {
  gen2: [
    [started(60_000, 1), ...noise(30_000, 60)],
    noise(20_000, 60),
    noise(10_000, 60),
    [started(2000, 0), ...noise(1600, 1)],
    [
      // Outside the window of a day.
      worded(1500, 7040, ['DHCP Client', 'auto start', 'demand start', 'Dhcp'], person),
      worded(300, 7040, ['DHCP Client', 'auto start', 'disabled', 'Dhcp'], person),
      worded(290, 7040, ['Background Intelligent Transfer Service', 'auto start', 'demand start', 'BITS'], 'S-1-5-18'),
      started(280, 2),
      failed(279, 7001, ['WinHTTP Web Proxy Auto-Discovery Service', translated], 'WinHttpAutoProxySvc'),
      failed(278, 7000, [translated, '%%1058'], 'Dhcp'),
      failed(277, 7023, [translated, '%%1068'], 'Dhcp/4'),
      worded(276, 7009, ['30000', 'Remote Desktop Services']),
      worded(275, 7034, ['Remote Desktop Services', '1']),
      worded(274, 7031, ['dhcp', '1', '60000', '1', 'Restart the service']),
      failed(273, 7036, [translated, 'running'], 'Dhcp/4'),
    ],
  ],
  gen1: [[started(50, 0), failed(49, 7000, ['DHCP Client', '%%1058'], 'Dhcp')]],
  small: [
    [
      started(50, 1),
      // More about one service than is told.
      ...Array.from({ length: 60 }, (_, index) => failed(49 - index / 2, 7023, ['DHCP Client', '%%5'], 'Dhcp')),
      worded(2, 7034, ['DHCP-Client', '1']),
    ],
  ],
};

const [, , name = '', file = ''] = process.argv;
let recordId = 0;
const slots = (logs[name] ?? []).map((events) => ({ events: events.map((describe) => describe((recordId += 1))) }));
// A log that Windows has room in: it grows by a megabyte at a time.
const unused = Array.from({ length: name === 'gen2' ? 12 : 0 }, () => undefined);
writeFileSync(file, writeLog({ slots: [...slots, ...unused], isDirty: name === 'gen1' }));
