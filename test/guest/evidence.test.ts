import { recordedEvents, type Evidence, type ServiceEvent } from '../../src/guest/evidence';
import { from } from '../signatures/support/evidence';

const at = '2026-01-02T02:30:00.1234567Z';

describe('guest/evidence: records of several sources', () => {
  it('are told together, oldest first, each with where it was read', () => {
    const live = written('run-command', { eventId: 7022, at: '2026-01-02T02:31:00Z' });
    const disk = written('snapshot-disk', { eventId: 7040, at: '2026-01-01T08:00:00Z' });
    expect(recordedEvents([live, disk], 'Dhcp')).toMatchObject([
      { eventId: 7040, from: { source: 'snapshot-disk' } },
      { eventId: 7022, from: { source: 'run-command' } },
    ]);
  });

  it('are told once, as the freshest source has them, however exact its times are', () => {
    const live = written('run-command', { eventId: 7000, at: '2026-01-02T02:30:00.123456700Z', code: 5 });
    const disk = written('snapshot-disk', { eventId: 7000, at, code: 5 }, { eventId: 7022, at });
    expect(recordedEvents([live, disk], 'Dhcp')).toMatchObject([
      { eventId: 7000, from: { source: 'run-command' } },
      { eventId: 7022, from: { source: 'snapshot-disk' } },
    ]);
  });

  it('stay two where one source has two at the same moment', () => {
    const live = written('run-command', { eventId: 7000, at, code: 193 }, { eventId: 7000, at, code: 5 });
    expect(recordedEvents([live], 'Dhcp').map(({ code }) => code)).toEqual([193, 5]);
  });

  it('are those of the service only, and none where nothing was read', () => {
    const other = { ...written('run-command', { eventId: 7022, at }), service: 'TermService' };
    expect(recordedEvents([other], 'Dhcp')).toEqual([]);
    expect(recordedEvents([], 'Dhcp')).toEqual([]);
  });
});

function written(source: 'run-command' | 'snapshot-disk', ...events: ServiceEvent[]) {
  const window = { since: '2026-01-01T03:00:00.000Z', until: '2026-01-02T03:00:00.000Z' };
  return {
    kind: 'service-events',
    service: 'Dhcp',
    ...window,
    events,
    isCut: false,
    from: { ...from, source },
  } satisfies Evidence;
}
