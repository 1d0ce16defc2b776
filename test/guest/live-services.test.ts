import fc from 'fast-check';
import { commandLine } from '../../src/guest/command';
import { securedKeys } from '../../src/guest/evidence';
import { readNeeds, renderNeeds, type LiveNeed } from '../../src/guest/live';
import { transcript } from '../support/transcript';
import { answerOf, ended } from './support/answers';

const configuration: LiveNeed = { kind: 'service-configuration', service: 'Dhcp' };
const group: LiveNeed = { kind: 'service-group', group: 'LocalServiceNetworkRestricted' };
const security: LiveNeed = { kind: 'service-security', service: 'Dhcp' };
const parameters: LiveNeed = { kind: 'key-security', key: securedKeys[1] };
const sid = 'S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582';

describe('guest/live-services', () => {
  it('are read further by programs that change nothing', () => {
    expect(renderNeeds([group, security, parameters]).map(commandLine)).toEqual([
      String.raw`reg.exe query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Svchost" /v LocalServiceNetworkRestricted`,
      'sc.exe sdshow Dhcp',
      'sc.exe showsid Dhcp',
      String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -NonInteractive -Command "(Get-Acl -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Dhcp\Parameters').Sddl"`,
    ]);
  });

  it('give PowerShell nothing but constants: plain names in quotes, of a closed list', () => {
    for (const key of securedKeys) {
      const [command] = renderNeeds([{ kind: 'key-security', key }]);
      expect(command?.arguments.at(-1)).toMatch(
        /^\(Get-Acl -LiteralPath 'Registry::HKEY_LOCAL_MACHINE(?:\\[A-Za-z]+){4,7}'\)\.Sddl$/,
      );
    }
  });

  it('tell the members of a group, whether they are installed or not', () => {
    const answer = answerOf(ended('group:LocalServiceNetworkRestricted', transcript('reg-query-svchost-group')));
    expect(readNeeds([group], answer, 'run-command')).toMatchObject([
      { kind: 'service-group', services: ['DHCP', 'eventlog', 'AudioSrv', 'lmhosts', 'wscsvc'] },
    ]);
  });

  it('tell permissions and SID in any language', () => {
    for (const language of ['en', 'de', 'fr']) {
      const answer = answerOf(
        ended('descriptor:Dhcp', transcript('sc-sdshow-dhcp')),
        ended('sid:Dhcp', transcript(`sc-showsid-${language}`)),
        ended(`permissions:${securedKeys[1]}`, transcript('get-acl-sddl')),
      );
      expect(readNeeds([security, parameters], answer, 'run-command')).toMatchObject([
        { kind: 'service-security', sid, descriptor: expect.stringMatching(/^D:\(A;;/) as string },
        { kind: 'key-security', key: securedKeys[1], descriptor: expect.stringMatching(/^O:BAG:SYD:AI/) as string },
      ]);
    }
  });

  it('are unreadable with the reason when PowerShell found no key, did not start or says something else', () => {
    const reasonOf = (answer: Parameters<typeof readNeeds>[1]) => readNeeds([parameters], answer, 'run-command')[0];
    const id = `permissions:${securedKeys[1]}`;
    expect(reasonOf(answerOf(ended(id, '')))).toMatchObject({ reason: 'there is no security descriptor' });
    expect(reasonOf(answerOf({ id, kind: 'not-started', reason: 'x' }))).toMatchObject({
      reason: 'the command could not be started',
    });
    expect(reasonOf(answerOf(ended(id, '<b>')))).toMatchObject({ reason: 'it is no security descriptor' });
  });

  it('show of names only what can be shown, and not without end', () => {
    const names = ['\u001b[2JNSI', ...Array.from({ length: 100 }, (_one, index) => `Service${index}`)].join('\\0');
    const lines = [
      '',
      'HKEY_LOCAL_MACHINE\\X',
      '    Start    REG_DWORD    0x2',
      `    DependOnService    REG_MULTI_SZ    ${names}`,
    ];
    const [evidence] = readNeeds(
      [configuration],
      answerOf(ended('configuration:Dhcp', lines.join('\r\n'))),
      'run-command',
    );
    const dependsOn = evidence?.kind === 'service-configuration' ? evidence.dependsOn : undefined;
    expect(dependsOn).toHaveLength(60);
    expect(dependsOn?.[0]).toBe('\u{fffd}[2JNSI');
  });

  it('take a value of another type for none', () => {
    const lines = [
      '',
      'HKEY_LOCAL_MACHINE\\X',
      '    Start    REG_DWORD    0x2',
      '    DependOnService    REG_SZ    NSI',
    ];
    const answer = answerOf(ended('configuration:Dhcp', lines.join('\r\n')));
    expect(readNeeds([configuration], answer, 'run-command')).toMatchObject([{ startType: 2, dependsOn: undefined }]);
  });

  it('never throw, whatever the guest prints', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (output) => {
        const needs = [configuration, group, security, parameters];
        const answer = answerOf(...renderNeeds(needs).map(({ id }) => ended(id, output)));
        expect(readNeeds(needs, answer, 'run-command')).toHaveLength(4);
      }),
    );
  });
});
