import { logCatalogue, logTo, type LogEvent } from '../../src/telemetry/log';

const ranges: Record<string, readonly LogEvent[]> = {
  '1': ['signalStarted', 'signalJoined', 'signalIgnored', 'cancelRequested'],
  '2': ['stepEnded', 'repairEnded', 'azureBusy'],
  '3': ['changeRefused'],
  '4': [
    'repairRevived',
    'leaseFreed',
    'leftBehind',
    'expiredDeleted',
    'expiredNotDeleted',
    'ownerUnknown',
    'originalOverdue',
    'groupNotSeen',
    'sweepBraked',
    'repairOverdue',
    'repairTerminated',
    'repairGivenUp',
    'repairOfNewerRelease',
    'placeFreed',
  ],
  '5': ['doorFault'],
};

describe('telemetry/log', () => {
  it('has an id of its own for every event, in the range of its subject', () => {
    const ids = Object.values(logCatalogue).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [range, events] of Object.entries(ranges)) {
      for (const event of events) expect(String(logCatalogue[event].id)).toMatch(new RegExp(`^${range}\\d\\d$`));
    }
  });

  it('has static messages, all different', () => {
    const messages = Object.values(logCatalogue).map(({ message }) => message);
    expect(new Set(messages).size).toBe(messages.length);
    for (const message of messages) expect(message).toMatch(/^[A-Z][A-Za-z ]+$/);
  });

  it('writes message, event and fields in one line at the level of the event', () => {
    const { lines, sink } = recordingSink();
    logTo(sink)('leftBehind', { repairId: 'r', count: 2, unset: undefined });
    expect(lines).toEqual([
      'error: Something that we created could not be removed {"event":"leftBehind","eventId":402,"repairId":"r","count":2}',
    ]);
  });

  it('stays one line whatever a field holds', () => {
    const { lines, sink } = recordingSink();
    logTo(sink)('doorFault', { message: 'a\r\nA repair ended {"event":"repairEnded"}\u001b[2J' });
    expect(lines).toHaveLength(1);
    for (const character of ['\r', '\n', '\u001b']) expect(lines[0]).not.toContain(character);
  });

  it('writes an event without fields', () => {
    const { lines, sink } = recordingSink();
    logTo(sink)('signalStarted');
    expect(lines).toEqual(['info: A signal began a repair {"event":"signalStarted","eventId":100}']);
  });
});

function recordingSink() {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (...values: unknown[]) => {
      lines.push(`${level}: ${values.map(String).join(' ')}`);
    };
  return { lines, sink: { info: write('info'), warn: write('warn'), error: write('error') } };
}
