import fc from 'fast-check';
import { commandLine } from '../../src/guest/command';
import { canReadLive, readNeeds, renderNeeds, type LiveNeed } from '../../src/guest/live';
import { asPrinted, transcript } from '../support/transcript';
import { hostileOutputs } from '../windows/support/hostile';
import { answerOf, ended } from './support/answers';

const need: LiveNeed = { kind: 'service-events', service: 'Dhcp' };
const log = 'service-control-manager-log';
const english = transcript('wevtutil-services-en');

describe('guest/live-service-events', () => {
  it('are asked of the event log by one native command for all services, of a day, newest first', () => {
    const needs: LiveNeed[] = [
      { kind: 'service-configuration', service: 'Dhcp' },
      need,
      { kind: 'service-events', service: 'TermService' },
    ];
    expect(needs.every(canReadLive)).toBe(true);
    expect(renderNeeds(needs).map(commandLine)).toEqual([
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\Dhcp`,
      `wevtutil.exe qe System "/q:*[System[Provider[@Name='Service Control Manager'] and (${ids}) and TimeCreated[timediff(@SystemTime) <= 86400000]]]" /f:xml /rd:true /c:24`,
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\TermService`,
    ]);
  });

  it.each(['en', 'de', 'fr'])('are found by the short name, oldest first, in a Windows that speaks %s', (language) => {
    const printed = asPrinted(transcript(`wevtutil-services-${language}`));
    const [evidence] = readNeeds([need], answerOf(ended(log, printed)), 'run-command');
    expect(evidence).toMatchObject({
      kind: 'service-events',
      service: 'Dhcp',
      since: '2026-01-01T03:04:05.000Z',
      until: '2026-01-02T03:04:05.000Z',
      isCut: false,
      from: { source: 'run-command', readAt: '2026-01-02T03:04:05.0000000Z' },
    });
    expect(eventsOf(evidence)).toMatchObject([
      { eventId: 7040, at: '2026-01-02T02:57:07.8840856Z', userSid: expect.stringMatching(/-500$/) as string },
      { eventId: 7001, code: 1058 },
      { eventId: 7009 },
      { eventId: 7000, code: 1053 },
      { eventId: 7022 },
    ]);
  });

  it('are none where the log has none: that is an answer', () => {
    expect(eventsOf(readNeeds([need], answerOf(ended(log, '')), 'run-command')[0])).toEqual([]);
  });

  it('go by a display name that is text and ASCII where a record has no short name, and say where that is not known', () => {
    const unnamed = english.replaceAll(/<Binary>[^<]*<\/Binary>/g, '');
    const named = answerOf(ended(log, unnamed), ended('configuration:Dhcp', withDisplayName('DHCP Client')));
    const [byName] = readNeeds([need], named, 'run-command');
    expect(eventsOf(byName).map(({ eventId }) => eventId)).toEqual([7040, 7001, 7009, 7000, 7022]);
    expect(byName?.from.caution).toBeUndefined();
    for (const name of ['@%SystemRoot%\\system32\\dhcpcore.dll,-100', 'Client DHCP \u0082']) {
      const answer = answerOf(ended(log, unnamed), ended('configuration:Dhcp', withDisplayName(name)));
      const [evidence] = readNeeds([need], answer, 'run-command');
      expect(eventsOf(evidence).map(({ eventId }) => eventId)).toEqual([7040]);
      expect(evidence?.from.caution).toContain('of 5 further records only a display name tells the service');
    }
  });

  it('do not believe a display name that another service’s record only seems to have (hazard: a service named like ours)', () => {
    const stranger = english.replaceAll('44006800630070000000', Buffer.from('Dhcp2\0', 'utf16le').toString('hex'));
    expect(eventsOf(readNeeds([need], answerOf(ended(log, stranger)), 'run-command')[0])).toHaveLength(1);
  });

  it('say that there may be more where the log had as many as were asked for, and where it was cut', () => {
    const [one = ''] = english.split('\n');
    const isCut = (text: string) => readNeeds([need], answerOf(ended(log, text)), 'run-command')[0];
    expect(isCut(one.repeat(23))).toMatchObject({ isCut: false });
    expect(isCut(one.repeat(24))).toMatchObject({ isCut: true });
    expect(isCut(english.slice(0, -200))).toMatchObject({ isCut: true });
  });

  it.each([
    ['of another provider', english.replace("Name='Service Control Manager'", "Name='Application'")],
    ['with another id', english.replace('>7031<', '>7036<')],
  ])('are unreadable when there are records %s: those were not asked for', (_what, text) => {
    expect(readNeeds([need], answerOf(ended(log, text)), 'run-command')).toMatchObject([
      { kind: 'unreadable', need, reason: 'there are records that were not asked for' },
    ]);
  });

  it('are unreadable when wevtutil ends with an error, and when the guest’s clock says nothing', () => {
    expect(readNeeds([need], answerOf(ended(log, '', 15_001)), 'run-command')).toMatchObject([
      { kind: 'unreadable', reason: 'the command ended with exit code 15001' },
    ]);
    const answer = { ...answerOf(ended(log, english)), startedAt: '<now>' };
    expect(readNeeds([need], answer, 'run-command')).toMatchObject([{ kind: 'unreadable' }]);
  });

  it.each(hostileOutputs.filter((text) => text.trim() !== ''))('are unreadable after hostile output %j', (text) => {
    expect(readNeeds([need], answerOf(ended(log, text)), 'run-command')).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('show no control characters in what is told of a start type', () => {
    const text = english.replace('auto start', '\u001b[2J&#x202e;auto');
    expect(eventsOf(readNeeds([need], answerOf(ended(log, text)), 'run-command')[0])[0]).toMatchObject({
      startTypes: { before: '\u{fffd}[2J\u{fffd}auto' },
    });
  });

  it('never throw, whatever the guest prints', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.nat({ max: english.length }),
        fc.string(),
        (noise, at, startedAt) => {
          const text = english.slice(0, at) + noise + english.slice(at);
          const answer = { ...answerOf(ended(log, text), ended('configuration:Dhcp', noise)), startedAt };
          expect(readNeeds([need], answer, 'run-command')).toHaveLength(1);
        },
      ),
    );
  });
});

const ids = [7000, 7001, 7003, 7009, 7022, 7023, 7024, 7031, 7034, 7038, 7040, 7041]
  .map((id) => `EventID=${id}`)
  .join(' or ');

function withDisplayName(name: string): string {
  return ['', 'HKEY_LOCAL_MACHINE\\X', `    DisplayName    REG_SZ    ${name}`, ''].join('\r\n');
}

function eventsOf(evidence: ReturnType<typeof readNeeds>[number] | undefined) {
  if (evidence?.kind !== 'service-events') throw new Error(JSON.stringify(evidence));
  return evidence.events;
}
