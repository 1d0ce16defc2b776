import { holds, type Change } from '../../../src/guest/changes';
import fc from 'fast-check';
import type { Evidence } from '../../../src/guest/evidence';
import { dhcpClientNotRunning as signature } from '../../../src/signatures/dhcp-client-not-running';
import { anyEvidence, bootModeOf, configurationOf, serviceEventsOf, statusOf, unreadableOf } from '../support/evidence';

const at = '2026-01-02T02:30:00.000Z';
const beforeTheBoot = '2026-01-02T01:30:00.000Z';
const may = configurationOf('Dhcp', 2);
const start = { kind: 'start-service', service: 'Dhcp' };
const account = {
  kind: 'set-service-account',
  service: 'Dhcp',
  account: 'NT AUTHORITY\\LocalService',
} as const satisfies Change;
const own = { kind: 'set-service-type', service: 'Dhcp', type: 'own' };

describe('signatures/dhcp-client-not-running/index', () => {
  it.each<[number, object[]]>([
    [0, [start]],
    [1058, [start]],
    [1077, [start]],
    [1069, [account, start]],
    [1053, [own, start]],
    [1067, [own, start]],
    [1070, [own, start]],
  ])('is mended by the exit code %d alone', (code, changes) => {
    const evidence = [may, statusOf('Dhcp', 1, code)];
    expect(signature.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
    expect(signature.cure(evidence)).toEqual({ kind: 'changes', changes });
    expect(signature.byHand(evidence).at(-1)).toBe('sc.exe start Dhcp');
  });

  it.each([5, 1059, 1060, 1068, 1079, 193, 99_999])('is left to a person with the code %d, which is named', (code) => {
    const evidence = [may, statusOf('Dhcp', 1, code)];
    expect(textOf(evidence)).toContain(`${code},`);
    expect(signature.cure(evidence)).toMatchObject({
      kind: 'none',
      why: expect.stringContaining(` ${code} `) as string,
    });
    expect(signature.byHand(evidence).length).toBeGreaterThan(2);
  });

  it('tells for code 5 how the permissions are seen: of the service, and of five keys', () => {
    const steps = signature.byHand([may, statusOf('Dhcp', 1, 5)]).join('\n');
    expect(steps).toContain('sc.exe sdshow Dhcp');
    for (const key of [
      'Dhcp',
      'Dhcp\\Parameters',
      'Dhcp\\Configurations',
      'Tcpip\\Parameters',
      'Tcpip\\Parameters\\Interfaces',
    ]) {
      expect(steps).toContain(`(Get-Acl 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\${key}').Sddl`);
    }
  });

  it.each([
    [{ eventId: 7000, at, code: 1079 }, 1079],
    [{ eventId: 7023, at, code: 5 }, 5],
    [{ eventId: 7001, at, code: 1058 }, 1068],
    [{ eventId: 7009, at }, 1053],
    [{ eventId: 7022, at }, 1070],
    [{ eventId: 7031, at }, 1067],
    [{ eventId: 7034, at }, 1067],
    [{ eventId: 7038, at }, 1069],
    [{ eventId: 7041, at }, 1069],
  ])('takes the code from the newest record where the exit code says nothing: %j', (event, code) => {
    const log = serviceEventsOf('Dhcp', { eventId: 7000, at, code: 193 }, event, { eventId: 7040, at });
    for (const exitCode of [0, 1077]) {
      expect(textOf([may, statusOf('Dhcp', 1, exitCode), log, bootModeOf('normal')])).toContain(`not run: ${code},`);
    }
    expect(textOf([may, statusOf('Dhcp', 1, 1067), log])).toContain('not run: 1067,');
  });

  it('does not take a record from before the boot for the reason', () => {
    const log = serviceEventsOf('Dhcp', { eventId: 7000, at: beforeTheBoot, code: 5 });
    expect(textOf([may, statusOf('Dhcp', 1), log, bootModeOf('normal')])).toContain('not run: 0,');
  });

  it('is seen on the disk alone, by a record since the boot', () => {
    const log = serviceEventsOf('Dhcp', { eventId: 7000, at, code: 1069 });
    expect(signature.recognise([may, log, bootModeOf('normal')])).toMatchObject({ kind: 'present' });
    expect(signature.recognise([may, serviceEventsOf('Dhcp'), bootModeOf('normal')])).toMatchObject({
      kind: 'unknown',
    });
  });

  it('stops what hangs in a pending state first, and calls nothing hung that is only on its way', () => {
    const hung = serviceEventsOf('Dhcp', { eventId: 7022, at });
    for (const state of [2, 3]) {
      expect(signature.cure([may, statusOf('Dhcp', state), hung])).toMatchObject({
        changes: [{ kind: 'stop-service' }, own, start],
      });
      expect(signature.recognise([may, statusOf('Dhcp', state), serviceEventsOf('Dhcp')])).toMatchObject({
        kind: 'unknown',
      });
    }
  });

  it('sets a wrong account that no code names, and leaves a right one alone in every language', () => {
    const changesWith = (name: string) =>
      signature.cure([configurationOf('Dhcp', 2, { account: name }), statusOf('Dhcp', 1)]);
    expect(changesWith('LocalSystem')).toMatchObject({ changes: [account, start] });
    for (const right of [
      'nt authority\\localservice',
      'NT-AUTORIT\u008eT\\LOKALER DIENST',
      'AUTORITE NT\\SERVICE LOCAL',
      'NT AUTHORITY\\Local Service',
      'NT AUTHORITY\\SERVICIO LOCAL',
      'NT AUTHORITY\\SERVIZIO LOCALE',
      'AUTORIDADE NT\\SERVI\u0080O LOCAL',
      'NT AUTHORITY\\SERVIÇO LOCAL',
    ]) {
      expect(changesWith(right)).toEqual({ kind: 'changes', changes: [start] });
      expect(holds(account, [configurationOf('Dhcp', 2, { account: right })])).toBe(true);
    }
  });

  it('sets a start type that is not automatic', () => {
    expect(signature.cure([configurationOf('Dhcp', 3), statusOf('Dhcp', 1)])).toMatchObject({
      changes: [{ kind: 'set-service-start-type', startType: 'automatic' }, start],
    });
  });

  it('names the services that it depends on and that do not run', () => {
    const evidence = [
      may,
      statusOf('Dhcp', 1, 1068),
      statusOf('nsi', 1, 1058),
      statusOf('Afd', 4),
      statusOf('Tdx', 0, 1060),
    ];
    expect(textOf(evidence)).toContain('The service nsi does not run either: state 1, exit code 1058.');
    expect(textOf(evidence)).not.toMatch(/Afd|Tdx/);
  });

  it.each<[string, Evidence[]]>([
    ['it runs', [may, statusOf('Dhcp', 4)]],
    ['it runs, whatever was written', [may, statusOf('Dhcp', 4), serviceEventsOf('Dhcp', { eventId: 7022, at })]],
    ['it is disabled, a neighbour', [configurationOf('Dhcp', 4), statusOf('Dhcp', 1, 1077)]],
    ['Windows runs in safe mode, a neighbour', [may, statusOf('Dhcp', 1, 1084), bootModeOf('Minimal')]],
  ])('is absent when %s', (_what, evidence) => {
    expect(signature.recognise(evidence)).toMatchObject({ kind: 'absent' });
  });

  it('is unknown when it was not read, and when Windows says 1084 but does not run in safe mode', () => {
    const unreadable = unreadableOf({ kind: 'service-status', service: 'Dhcp' }, 'the command did not end in time');
    expect(signature.recognise([may, unreadable])).toEqual({
      kind: 'unknown',
      why: 'Whether the DHCP Client service runs is not known: the command did not end in time (run-command).',
    });
    expect(signature.recognise([])).toMatchObject({ kind: 'unknown' });
    expect(signature.recognise([may, statusOf('Dhcp', 1, 1084), bootModeOf('normal')])).toMatchObject({
      kind: 'unknown',
    });
  });

  it('never throws, and is never present where the service runs', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const recognition = signature.recognise(evidence);
        signature.cure(evidence);
        signature.byHand(evidence);
        const status = evidence.find((item) => item.kind === 'service-status' && item.service === 'Dhcp');
        if (status?.kind === 'service-status' && status.state === 4) expect(recognition.kind).toBe('absent');
      }),
    );
  });
});

function textOf(evidence: Evidence[]): string {
  const recognition = signature.recognise(evidence);
  return recognition.kind === 'unknown' ? '' : recognition.reasons.map(({ text }) => text).join(' ');
}
