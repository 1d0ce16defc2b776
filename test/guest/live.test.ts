import fc from 'fast-check';
import { commandLine, type GuestCommandResult } from '../../src/guest/command';
import type { SecuredKey } from '../../src/guest/evidence';
import { canReadLive, readNeeds, renderNeeds, type LiveNeed } from '../../src/guest/live';
import { transcript } from '../support/transcript';
import { answerOf, ended, leftOut, listenersOutput, registryOutput } from './support/answers';

const configuration: LiveNeed = { kind: 'service-configuration', service: 'Dhcp' };
const status: LiveNeed = { kind: 'service-status', service: 'Dhcp' };
const listener: LiveNeed = { kind: 'rdp-listener' };

describe('guest/live: needs', () => {
  it('are read by native commands that change nothing', () => {
    expect(renderNeeds([configuration, status, listener]).map(commandLine)).toEqual([
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\Dhcp`,
      'sc.exe query Dhcp',
      String.raw`reg.exe query "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp" /v PortNumber`,
      'netstat.exe -ano -p TCP',
    ]);
  });

  it('become evidence with its source, place and time', () => {
    const answer = answerOf(ended('configuration:Dhcp', transcript('reg-query-dhcp-en')));
    expect(readNeeds([configuration], answer, 'run-command')).toEqual([
      {
        kind: 'service-configuration',
        service: 'Dhcp',
        startType: 4,
        type: 0x20,
        account: 'NT Authority\\LocalService',
        imagePath: String.raw`%SystemRoot%\system32\svchost.exe -k LocalServiceNetworkRestricted -p`,
        dependsOn: ['NSI', 'Afd'],
        from: {
          source: 'run-command',
          place: String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\Dhcp`,
          readAt: '2026-01-02T03:04:05.0000000Z',
        },
      },
    ]);
  });

  it('give a configuration without type and account when those are not there', () => {
    const [evidence] = readNeeds(
      [configuration],
      answerOf(ended('configuration:Dhcp', registryOutput(2))),
      'run-command',
    );
    expect(evidence).toMatchObject({ startType: 2, type: undefined, account: undefined });
  });

  it('read a status', () => {
    const answer = answerOf(ended('status:Dhcp', transcript('sc-query-stopped-fr')));
    expect(readNeeds([status], answer, 'run-command')).toMatchObject([{ state: 1, type: 0x20, win32ExitCode: 1077 }]);
  });

  it('tell by the number 1060 that there is no such service, in any language', () => {
    const answer = answerOf(ended('status:Dhcp', '[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:', 1060));
    expect(readNeeds([status], answer, 'run-command')).toMatchObject([{ state: 0, win32ExitCode: 1060 }]);
  });

  it.each([
    [3389, [135, 3389], true],
    [3390, [135, 3389], false],
  ])('tell by the port %d of the registry whether the guest listens', (port, ports, listening) => {
    const answer = answerOf(
      ended('rdp-port', registryOutput(port, 'PortNumber')),
      ended('tcp-listeners', listenersOutput(...ports)),
    );
    expect(readNeeds([listener], answer, 'run-command')).toMatchObject([{ kind: 'rdp-listener', port, listening }]);
  });

  it.each([
    ['127.0.0.1', false],
    ['127.5.0.9', false],
    ['[::1]', false],
    ['0.0.0.0', true],
    ['[::]', true],
    ['10.0.0.4', true],
  ])('tell a listener at %s that only the guest itself reaches from one that others do', (address, listening) => {
    const row = `  TCP    ${address}:3389    0.0.0.0:0    LISTENING    1076`;
    const answer = answerOf(
      ended('rdp-port', registryOutput(3389, 'PortNumber')),
      ended('tcp-listeners', ['', row, ''].join('\r\n')),
    );
    expect(readNeeds([{ kind: 'rdp-listener' }], answer, 'run-command')).toMatchObject([{ port: 3389, listening }]);
  });

  it.each<[string, GuestCommandResult[], string]>([
    ['no answer', [], 'the guest gave no answer to this command'],
    ['an error', [ended('status:Dhcp', '', 5)], 'the command ended with exit code 5'],
    ['a timeout', [{ id: 'status:Dhcp', kind: 'timed-out', output: '' }], 'the command did not end in time'],
    ['no start', [{ id: 'status:Dhcp', kind: 'not-started', reason: 'x' }], 'the command could not be started'],
    ['left out', [leftOut('status:Dhcp')], 'the command was left out'],
    ['rubbish', [ended('status:Dhcp', '<b>')], 'the rows of type, state and exit code are not there'],
  ])('are unreadable with the reason after %s', (_what, results, reason) => {
    expect(readNeeds([status], answerOf(...results), 'run-command')).toMatchObject([
      { kind: 'unreadable', need: status, reason },
    ]);
  });

  it.each<[string, GuestCommandResult[]]>([
    ['the port', [ended('rdp-port', '', 1), ended('tcp-listeners', listenersOutput(3389))]],
    ['the listeners', [ended('rdp-port', registryOutput(3389, 'PortNumber')), ended('tcp-listeners', '')]],
    ['a number', [ended('rdp-port', registryOutput(3389, 'Other')), ended('tcp-listeners', listenersOutput(3389))]],
  ])('do not say "not listening" when %s could not be read', (_what, results) => {
    expect(readNeeds([listener], answerOf(...results), 'run-command')).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('give one item for each need and never throw, whatever the guest prints', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 1 }), (output, exitCode) => {
        const needs = [configuration, status, listener];
        const ids = renderNeeds(needs).map(({ id }) => id);
        const answer = answerOf(...ids.map((id) => ended(id, output, exitCode)));
        expect(readNeeds(needs, answer, 'run-command')).toHaveLength(3);
      }),
    );
  });
});

describe('guest/live: names', () => {
  it.each(['/delete', '-x', 'a b', '..\\Select', '"', '$(x)', '', 'x'.repeat(81), '\u0000'])(
    'are asked for only if they are plain: not %j, whoever told it',
    (name) => {
      expect(canReadLive({ kind: 'service-configuration', service: name })).toBe(false);
      expect(canReadLive({ kind: 'service-group', group: name })).toBe(false);
      expect(canReadLive({ kind: 'key-security', key: name as SecuredKey })).toBe(false);
    },
  );
});
