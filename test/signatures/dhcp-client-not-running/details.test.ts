import fc from 'fast-check';
import { securedKeys, type Evidence, type Need } from '../../../src/guest/evidence';
import { canReadLive } from '../../../src/guest/live';
import { dhcpClientNotRunning as signature } from '../../../src/signatures/dhcp-client-not-running';
import { anyEvidence, configurationOf, from, serviceEventsOf, statusOf } from '../support/evidence';

const shared = String.raw`%SystemRoot%\system32\svchost.exe -k LocalServiceNetworkRestricted -p`;
const sid = 'S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582';

describe('signatures/dhcp-client-not-running/details: access denied (5)', () => {
  const evidence = [dhcp(), statusOf('Dhcp', 1, 5)];

  it('asks for the permissions of the service and of five keys, and for nothing with any code that is mended', () => {
    expect(needsOf(evidence)).toEqual([
      { kind: 'service-security', service: 'Dhcp' },
      ...securedKeys.map((key) => ({ kind: 'key-security', key })),
    ]);
    for (const code of [0, 1053, 1058, 1067, 1069, 1070, 1077]) {
      expect(needsOf([dhcp(), statusOf('Dhcp', 1, code)])).toEqual([]);
    }
    for (const code of [1060, 193]) expect(needsOf([dhcp(), statusOf('Dhcp', 1, code)])).toEqual([]);
  });

  it('shows them with whether the service’s own SID stands there and whether something is denied, and the records', () => {
    const key = securedKeys[1];
    const text = textOf([
      ...evidence,
      serviceEventsOf(
        'Dhcp',
        { eventId: 7000, at: '2026-01-02T02:30:00Z', code: 5 },
        { eventId: 7023, at: '2026-01-02T02:31:00Z', code: 2 },
      ),
      { kind: 'service-security', service: 'Dhcp', descriptor: 'D:(A;;CC;;;SY)', sid, from },
      { kind: 'key-security', key: securedKeys[0], descriptor: `D:(A;CI;KA;;;${sid})`, from },
      { kind: 'key-security', key, descriptor: 'D:(D;CI;KA;;;LS)', from },
    ]);
    expect(text).toContain('Record 7000 of 2026-01-02T02:30:00Z says 5, too.');
    expect(text).not.toContain('Record 7023');
    expect(text).toContain(`Its SID is ${sid}, the permissions of the service itself are D:(A;;CC;;;SY).`);
    expect(text).toContain(`HKLM\\${securedKeys[0]} are D:(A;CI;KA;;;${sid}), where its SID stands.`);
    expect(text).toContain(
      `HKLM\\${key} are D:(D;CI;KA;;;LS), where its SID does not stand. An entry denies something.`,
    );
  });

  it('does not take the SID of another service that begins alike for its own', () => {
    const text = textOf([
      ...evidence,
      { kind: 'service-security', service: 'Dhcp', descriptor: 'D:', sid: sid.slice(0, -1), from },
      { kind: 'key-security', key: securedKeys[1], descriptor: `D:(A;CI;KA;;;${sid})`, from },
    ]);
    expect(text).toContain('where its SID does not stand');
  });

  it('keeps a reason short, whatever the descriptor', () => {
    const descriptor = `D:${'(A;;KA;;;SY)'.repeat(500)}`;
    for (const { text } of reasonsOf([...evidence, { kind: 'key-security', key: securedKeys[0], descriptor, from }])) {
      expect(text.length).toBeLessThan(600);
    }
  });
});

describe.each([1059, 1068])('signatures/dhcp-client-not-running/details: dependencies (%d)', (code) => {
  const base = [dhcp({ dependsOn: ['NSI', 'Afd'] }), statusOf('Dhcp', 1, code)];

  it('asks first for what it needs itself, then for what that needs', () => {
    expect(needsOf(base)).toEqual([
      { kind: 'service-configuration', service: 'NSI' },
      { kind: 'service-status', service: 'NSI' },
      { kind: 'service-configuration', service: 'Afd' },
      { kind: 'service-status', service: 'Afd' },
    ]);
    const seen = [...base, depends('NSI', 'nsiproxy'), depends('Afd'), statusOf('nsi', 1, 31), statusOf('AFD', 4)];
    expect(needsOf(seen)).toEqual([
      { kind: 'service-configuration', service: 'nsiproxy' },
      { kind: 'service-status', service: 'nsiproxy' },
    ]);
  });

  it('shows each chain to a service that does not run, with numbers, and what runs', () => {
    const text = textOf([
      ...base,
      depends('NSI', 'nsiproxy'),
      depends('Afd'),
      configurationOf('nsiproxy', 4),
      statusOf('nsi', 1, 1068),
      statusOf('Afd', 4),
      statusOf('nsiproxy', 1, 1077),
    ]);
    expect(text).toContain('Dhcp → NSI: it does not run (state 1, exit code 1068, start type 2).');
    expect(text).toContain('Dhcp → NSI → nsiproxy: it does not run (state 1, exit code 1077, start type 4).');
    expect(text).toContain('Of the services that it needs, these run: Afd.');
  });

  it('names circles, services that do not exist, groups, and what could not be read', () => {
    const text = textOf([
      dhcp({ dependsOn: ['NSI', 'Gone', '+NetworkProvider', 'Odd name'] }),
      statusOf('Dhcp', 1, code),
      depends('NSI', 'tdx'),
      depends('tdx', 'nsi'),
      statusOf('Gone', 0, 1060),
    ]);
    expect(text).toContain('They depend on each other in a circle: NSI → tdx → NSI.');
    expect(text).toContain('Dhcp → Gone: there is no such service.');
    expect(text).toContain('Dhcp → +NetworkProvider: a group of services, which is not looked into.');
    expect(text).toContain('Dhcp → Odd name: what it does is not known.');
  });

  it('never makes a command of a name that is not plain (hazard: a name that is an option or a path)', () => {
    const names = ['/delete', '-x', '..\\Select', 'a b', '"', 'NSI & calc', '\u001b[2J', '', 'x'.repeat(300), '+Group'];
    expect(needsOf([dhcp({ dependsOn: names }), statusOf('Dhcp', 1, code)])).toEqual([]);
  });

  it('ends, and stays within bounds, with a guest whose services all depend on each other', () => {
    const names = Array.from({ length: 60 }, (_one, index) => `Service${index}`);
    const all = [
      dhcp({ dependsOn: names }),
      statusOf('Dhcp', 1, code),
      ...names.map((name) => depends(name, ...names, 'Dhcp')),
    ];
    expect(needsOf(all).length).toBeLessThanOrEqual(40);
    expect(reasonsOf(all).length).toBeLessThan(40);
    expect(textOf(all)).toContain('It needs more than 20 services; the others were not looked at.');
  });
});

describe('signatures/dhcp-client-not-running/details: another account in the process (1079)', () => {
  const base = [dhcp({ account: 'LocalSystem', imagePath: shared }), statusOf('Dhcp', 1, 1079)];
  const members: Evidence = {
    kind: 'service-group',
    group: 'LocalServiceNetworkRestricted',
    services: ['DHCP', 'eventlog', 'lmhosts', 'moved', 'a b'],
    from,
  };

  it('asks for the group of its process, then for how each other member is set up', () => {
    const group = { kind: 'service-group', group: 'LocalServiceNetworkRestricted' };
    expect(needsOf(base)).toEqual([group]);
    expect(needsOf([...base, members])).toEqual([
      group,
      { kind: 'service-configuration', service: 'eventlog' },
      { kind: 'service-configuration', service: 'lmhosts' },
      { kind: 'service-configuration', service: 'moved' },
    ]);
  });

  it('names those in the same process whose account differs, and those whose account is the same', () => {
    const text = textOf([
      ...base,
      members,
      { ...configurationOf('eventlog', 2, { account: 'NT AUTHORITY\\LocalService' }), imagePath: shared } as Evidence,
      { ...configurationOf('lmhosts', 3, { account: 'NT AUTHORITY\\SYSTEM' }), imagePath: shared } as Evidence,
      { ...configurationOf('moved', 3, { type: 0x10 }), imagePath: shared } as Evidence,
    ]);
    expect(text).toContain(
      'eventlog, which shares the process “svchost.exe -k LocalServiceNetworkRestricted”, has the account NT AUTHORITY\\LocalService; Dhcp has LocalSystem.',
    );
    expect(text).toContain('The same account as Dhcp (LocalSystem) have in this process: lmhosts.');
    expect(text).not.toContain('moved');
  });

  it('names no difference between names of one account', () => {
    const other = 'NT AUTHORITY\\Local Service';
    const text = textOf([
      dhcp({ account: 'NT Authority\\LocalService', imagePath: shared }),
      statusOf('Dhcp', 1, 1079),
      members,
      { ...configurationOf('eventlog', 2, { account: other }), imagePath: shared } as Evidence,
      {
        ...configurationOf('lmhosts', 3, { account: 'NT-AUTORIT\u008eT\\LOKALER DIENST' }),
        imagePath: shared,
      } as Evidence,
    ]);
    expect(text).not.toContain('which shares the process');
    expect(text).toContain('have in this process: eventlog, lmhosts.');
  });

  it.each([
    '',
    'C:\\x.exe',
    `${shared.replace('LocalServiceNetworkRestricted', '"a"')}`,
    'svchost.exe -k',
    '\\svchost.exe -k /d',
  ])('asks for nothing where the program is in no such process: %j', (imagePath) => {
    expect(needsOf([dhcp({ imagePath }), statusOf('Dhcp', 1, 1079)])).toEqual([]);
  });
});

describe('signatures/dhcp-client-not-running/details', () => {
  it('asks only for what a running Windows can be asked, and never throws', () => {
    fc.assert(
      fc.property(
        anyEvidence,
        fc.constantFrom(5, 1059, 1068, 1079),
        fc.array(fc.string()),
        fc.string(),
        (evidence, code, dependsOn, imagePath) => {
          const all = [...evidence, dhcp({ dependsOn, imagePath }), statusOf('Dhcp', 1, code)];
          expect(needsOf(all).every(canReadLive)).toBe(true);
          reasonsOf(all);
        },
      ),
    );
  });
});

function needsOf(evidence: Evidence[]): Need[] {
  return signature.furtherNeeds(evidence);
}

function reasonsOf(evidence: Evidence[]) {
  const recognition = signature.recognise(evidence);
  return recognition.kind === 'unknown' ? [] : recognition.reasons;
}

function textOf(evidence: Evidence[]): string {
  return reasonsOf(evidence)
    .map(({ text }) => text)
    .join('\n');
}

function dhcp(fields: { account?: string; dependsOn?: string[]; imagePath?: string } = {}): Evidence {
  return { ...configurationOf('Dhcp', 2), ...fields };
}

function depends(service: string, ...dependsOn: string[]): Evidence {
  return { ...configurationOf(service, 2), dependsOn } as Evidence;
}
