import fc from 'fast-check';
import type { Evidence } from '../../../src/guest/evidence';
import { dhcpClientDisabled } from '../../../src/signatures/dhcp-client-disabled';
import { anyEvidence, configurationOf, from, listenerOf, statusOf, unreadableOf } from '../support/evidence';

const configuration = { kind: 'service-configuration', service: 'Dhcp' } as const;

describe('signatures/dhcp-client-disabled/index', () => {
  it.each([0, 1, 2, 3])('is absent with start type %d, whether the service runs or not', (startType) => {
    const verdict = { kind: 'absent', reasons: [{ text: expect.stringContaining(`start type ${startType}`), from }] };
    expect(dhcpClientDisabled.recognise([configurationOf('Dhcp', startType)])).toEqual(verdict);
    expect(dhcpClientDisabled.recognise([configurationOf('Dhcp', startType), statusOf('Dhcp', 1)])).toEqual(verdict);
  });

  it('is present with start type 4, with the reason and where it was read', () => {
    expect(dhcpClientDisabled.recognise([configurationOf('Dhcp', 4)])).toEqual({
      kind: 'present',
      effect: 'now',
      reasons: [{ text: 'The DHCP Client service has start type 4 (disabled): Windows does not start it.', from }],
    });
  });

  it('warns that a service that still runs will be lost at the next boot', () => {
    const evidence = [configurationOf('Dhcp', 4), statusOf('Dhcp', 4)];
    expect(reasonsOf(evidence)[1]).toContain('still runs now');
    expect(dhcpClientDisabled.recognise(evidence)).toMatchObject({ effect: 'next-boot' });
  });

  it('tells when and by whom it was disabled, by the last event 7040 about it', () => {
    const event = (at: string, after: string) => ({
      eventId: 7040,
      at,
      userSid: 'S-1-5-21-1-2-3-500',
      startTypes: { before: 'auto start', after },
    });
    const events = [event('2026-01-01T00:00:00Z', 'demand start'), event('2026-01-02T00:00:00Z', 'disabled')];
    const written: Evidence = {
      kind: 'service-events',
      service: 'Dhcp',
      since: '',
      until: '',
      events,
      isCut: false,
      from,
    };
    expect(reasonsOf([configurationOf('Dhcp', 4), written])[1]).toBe(
      'Its start type was last changed at 2026-01-02T00:00:00Z by the account S-1-5-21-1-2-3-500 (“auto start” to “disabled”).',
    );
  });

  it.each([1, 2, 3, 7])('says that the service does not run in state %d', (state) => {
    expect(reasonsOf([configurationOf('Dhcp', 4), statusOf('Dhcp', state)])[1]).toContain(`state ${state}`);
  });

  it('is unknown with the reason when the start type could not be read', () => {
    const evidence = [unreadableOf(configuration, 'the command ended with exit code 1'), statusOf('Dhcp', 1)];
    expect(dhcpClientDisabled.recognise(evidence)).toEqual({
      kind: 'unknown',
      why: 'The start type of the DHCP Client service is not known: the command ended with exit code 1 (run-command).',
    });
  });

  it('is unknown when nothing was read', () => {
    expect(dhcpClientDisabled.recognise([])).toMatchObject({ kind: 'unknown' });
  });

  it('goes by its own service only', () => {
    const evidence = [configurationOf('TermService', 4), configurationOf('Dhcp', 2), listenerOf(false)];
    expect(dhcpClientDisabled.recognise(evidence)).toMatchObject({ kind: 'absent' });
  });

  it('is cured by the start type first, because a disabled service cannot be started', () => {
    expect(dhcpClientDisabled.cure()).toEqual({
      kind: 'changes',
      changes: [
        { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' },
        { kind: 'start-service', service: 'Dhcp' },
      ],
    });
  });

  it('never throws, is present only with start type 4, and unknown whenever the start type was not read', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const startType = evidence
          .filter(({ kind }) => kind === 'service-configuration')
          .find((item) => item.kind === 'service-configuration' && item.service === 'Dhcp');
        const { kind } = dhcpClientDisabled.recognise(evidence);
        expect(kind === 'unknown').toBe(startType === undefined);
        expect(kind === 'present').toBe(startType?.kind === 'service-configuration' && startType.startType === 4);
      }),
    );
  });
});

function reasonsOf(evidence: Parameters<typeof dhcpClientDisabled.recognise>[0]): string[] {
  const recognition = dhcpClientDisabled.recognise(evidence);
  return recognition.kind === 'present' ? recognition.reasons.map(({ text }) => text) : [];
}
