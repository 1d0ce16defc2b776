import { execute } from '../../../local/windows/commands';
import { descriptorOf } from '../../../local/windows/security-descriptor';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { restartGuest } from '../../../local/windows/restart-guest';
import { LATER, machineKinds, run, runningGuest } from './support/running-guest';

const dhcpKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dhcp';

describe('local/windows/commands: sc.exe', () => {
  it('queries a running service', () => {
    expect(run(runningGuest(), 'sc.exe', ['query', 'Dhcp'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        '',
        'SERVICE_NAME: Dhcp ',
        '        TYPE               : 30  WIN32  ',
        '        STATE              : 4  RUNNING ',
        '                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)',
        '        WIN32_EXIT_CODE    : 0  (0x0)',
        '        SERVICE_EXIT_CODE  : 0  (0x0)',
        '        CHECKPOINT         : 0x0',
        '        WAIT_HINT          : 0x0',
        '',
      ].join('\r\n'),
    });
  });

  it('shows 1077 for a service that was never started since the boot', () => {
    const { stdout } = run(runningGuest(), 'sc', ['queryex', 'SessionEnv']);
    expect(stdout).toContain('WIN32_EXIT_CODE    : 1077  (0x435)\r\n');
    expect(stdout).toContain('PID                : 0\r\n');
  });

  it('shows the configuration with every dependency on a line of its own', () => {
    const { stdout } = run(runningGuest(), 'C:\\Windows\\System32\\sc.exe', ['qc', 'Dhcp']);
    expect(stdout).toMatch(/^\[SC\] QueryServiceConfig SUCCESS\r\n\r\nSERVICE_NAME: Dhcp\r\n/);
    expect(stdout).toMatch(/START_TYPE {9}: 2 {3}AUTO_START\r\n/);
    expect(stdout).toMatch(/DEPENDENCIES {7}: NSI {2}\r\n {27}: Afd/);
    expect(stdout).toContain('svchost.exe -k LocalServiceNetworkRestricted -p');
  });

  it.each([
    [['query', 'Nope'], 1060, '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:'],
    [['qc', 'Nope'], 1060, '[SC] OpenService FAILED 1060:'],
    [['start', 'Nope'], 1060, '[SC] StartService: OpenService FAILED 1060:'],
    [['start', 'Dhcp'], 1056, '[SC] StartService FAILED 1056:'],
    [['stop', 'SessionEnv'], 1062, '[SC] ControlService FAILED 1062:'],
    [['stop', 'Dhcp'], 1051, '[SC] ControlService FAILED 1051:'],
  ])('%p exits with %i', (commandLine, code, first) => {
    const result = run(runningGuest(), 'sc.exe', commandLine);
    expect(result.exitCode).toBe(code);
    expect(result.stdout.split('\r\n')[0]).toBe(first);
  });

  it('exits with 1058 for a disabled service', () => {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    const result = run(guest, 'sc.exe', ['start', 'Dhcp']);
    expect(result.exitCode).toBe(1058);
    expect(result.stdout).toContain('FAILED 1058:\r\n\r\nThe service cannot be started');
  });

  it('starts into START_PENDING first', () => {
    const guest = runningGuest();
    guest.stop('Dhcp', LATER, true);
    expect(run(guest, 'sc.exe', ['start', 'Dhcp']).stdout).toMatch(/: 2 {2}START_PENDING[^]*WAIT_HINT {10}: 0x7d0/);
    expect(run(guest, 'sc.exe', ['query', 'Dhcp'], LATER + 5000).stdout).toContain(': 4  RUNNING');
  });

  it('changes the start type only when the space after the equals sign is there, and logs it once', () => {
    const guest = runningGuest();
    expect(run(guest, 'sc.exe', ['config', 'Dhcp', 'start=disabled']).exitCode).not.toBe(0);
    expect(guest.configuration('Dhcp')?.start).toBe(2);
    const result = run(guest, 'sc.exe', ['config', 'Dhcp', 'start=', 'disabled']);
    expect(result).toEqual({ exitCode: 0, stdout: '[SC] ChangeServiceConfig SUCCESS\r\n', stderr: '' });
    run(guest, 'sc.exe', ['config', 'Dhcp', 'start=', 'disabled']);
    expect(guest.configuration('Dhcp')?.start).toBe(4);
    expect(guest.content.events().filter(({ eventId }) => eventId === 7040)).toHaveLength(1);
  });

  it('changes nothing when one of several options is wrong', () => {
    const guest = runningGuest();
    const result = run(guest, 'sc.exe', ['config', 'Dhcp', 'start=', 'demand', 'type=', 'wrong']);
    expect(result.exitCode).not.toBe(0);
    expect(guest.configuration('Dhcp')?.start).toBe(2);
  });
});

describe('local/windows/commands: sc.exe sdshow and showsid', () => {
  it('show a descriptor, and the SID that follows from the name, in every language', () => {
    for (const language of machineKinds.language) {
      const guest = runningGuest({ language });
      expect(run(guest, 'sc.exe', ['sdshow', 'Dhcp']).stdout).toMatch(
        /^\r\nD:(?:\(A;;[A-Z]+;;;[A-Z]{2}\)){4}\r\n\r\n$/,
      );
      expect(run(guest, 'sc.exe', ['showsid', 'dhcp']).stdout).toContain(
        ': S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582\r\n',
      );
    }
  });

  it('show the SID that public captures have of TrustedInstaller, although there is no such service', () => {
    expect(run(runningGuest(), 'sc.exe', ['showsid', 'TrustedInstaller'])).toMatchObject({
      exitCode: 0,
      stdout:
        '\r\nNAME: TrustedInstaller\r\nSERVICE SID: S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464\r\nSTATUS: Inactive\r\n',
    });
    expect(run(runningGuest(), 'sc.exe', ['sdshow', 'TrustedInstaller']).exitCode).toBe(1060);
  });
});

describe('local/windows/commands: powershell.exe', () => {
  const file = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
  const ask = (key: string) => [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    `(Get-Acl -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\\${key}').Sddl`,
  ];
  const dhcp = 'SYSTEM\\CurrentControlSet\\Services\\Dhcp';

  it('shows a key’s descriptor as its hive holds it', () => {
    const guest = runningGuest();
    expect(run(guest, file, ask(`${dhcp}\\Parameters`)).stdout).toMatch(
      /^O:BAG:SYD:AI\(A;CI;CCDCLCSWRPSDRC;;;S-1-5-80-[0-9-]+\)\(A;CIID;KR;;;BU\).*\r\n$/,
    );
    guest.content.setKeySecurity(`${guest.controlSet()}\\Services\\Dhcp`, descriptorOf('O:SYG:SYD:P(D;CI;KW;;;LS)'));
    expect(run(guest, file, ask(dhcp)).stdout).toBe('O:SYG:SYD:P(D;CI;KW;;;LS)\r\n');
  });

  it('shows nothing for a key that is not there, and runs nothing else', () => {
    expect(run(runningGuest(), file, ask('SYSTEM\\Nope'))).toMatchObject({ exitCode: 0, stdout: '' });
    expect(run(runningGuest(), file, ['-Command', 'Restart-Computer']).exitCode).toBe(1);
  });

  it('is not found by its name alone: it does not lie in the system folder itself', () => {
    expect(execute('powershell.exe', ask(dhcp), { guest: runningGuest(), at: LATER }).kind).toBe('notStarted');
  });
});

describe('local/windows/commands: reg.exe query', () => {
  it('shows one value', () => {
    const result = run(runningGuest(), 'reg.exe', ['query', dhcpKey, '/v', 'Start']);
    const shown = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Dhcp';
    expect(result).toEqual({
      exitCode: 0,
      stdout: `\r\n${shown}\r\n    Start    REG_DWORD    0x2\r\n\r\n`,
      stderr: '',
    });
  });

  it('exits with 1 and says so on stderr for a key or a value that is not there', () => {
    const guest = runningGuest();
    const notFound = 'ERROR: The system was unable to find the specified registry key or value.';
    for (const commandLine of [
      ['query', `${dhcpKey}X`],
      ['query', dhcpKey, '/v', 'Nope'],
    ]) {
      const result = run(guest, 'reg.exe', commandLine);
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toContain(notFound);
    }
  });

  it('lists values, then subkeys by name; with /s what is in them', () => {
    const guest = runningGuest();
    const flat = run(guest, 'reg.exe', ['query', dhcpKey]).stdout;
    expect(flat).toContain('    DependOnService    REG_MULTI_SZ    NSI\\0Afd\r\n');
    expect(flat).toMatch(/\\Services\\Dhcp\\Parameters\r\n$/);
    const deep = run(guest, 'reg.exe', ['query', dhcpKey, '/s']).stdout;
    expect(deep).toContain('    ServiceDll    REG_EXPAND_SZ    %SystemRoot%\\system32\\dhcpcore.dll\r\n');
  });

  it('counts what a search for a value finds', () => {
    const result = run(runningGuest(), 'reg.exe', ['query', dhcpKey, '/v', 'ServiceDll', '/s']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/\r\nEnd of search: 1 match\(es\) found\.\r\n$/);
  });

  it('refuses what it does not know', () => {
    expect(run(runningGuest(), 'reg.exe', ['delete', dhcpKey]).exitCode).toBe(1);
    expect(run(runningGuest(), 'reg.exe', ['query', 'NOPE\\X']).stderr).toContain('Invalid key name');
  });
});

describe('local/windows/commands: reg.exe query of what is not plain text', () => {
  it('shows binary values and 64-bit numbers', () => {
    const guest = runningGuest();
    guest.content.writeValue('SOFTWARE\\Test', 'Bytes', { type: 'REG_BINARY', data: Uint8Array.of(1, 0xab, 0) });
    guest.content.writeValue('SOFTWARE\\Test', 'Big', { type: 'REG_QWORD', data: 0x1_0000_0000n });
    const { stdout } = run(guest, 'reg', ['query', 'HKLM\\SOFTWARE\\Test']);
    expect(stdout).toContain('    Bytes    REG_BINARY    01AB00\r\n');
    expect(stdout).toContain('    Big    REG_QWORD    0x100000000\r\n');
  });

  it('shows the boot store and the link to the control set in use, which no disk holds under these names', () => {
    const guest = runningGuest();
    const store = run(guest, 'reg', ['query', 'HKLM\\BCD00000000\\Description']).stdout;
    expect(store).toContain('    KeyName    REG_SZ    BCD00000000\r\n');
    const system = run(guest, 'reg', ['query', 'HKLM\\SYSTEM']).stdout;
    expect(system).toContain('HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\r\n');
  });
});

describe('local/windows/commands: netstat', () => {
  it('shows the RDP listener with the process of TermService', () => {
    const guest = runningGuest();
    const { stdout } = run(guest, 'netstat.exe', ['-ano', '-p', 'TCP']);
    const processId = guest.status('TermService', LATER).processId;
    expect(stdout).toContain(`  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       ${processId}\r\n`);
    expect(stdout).not.toContain('[::]');
    expect(stdout).not.toContain('UDP');
  });

  it('follows the registry to another port', () => {
    const guest = runningGuest();
    const key = `${guest.controlSet()}\\Control\\Terminal Server\\WinStations\\RDP-Tcp`;
    guest.content.writeValue(key, 'PortNumber', { type: 'REG_DWORD', data: 3390 });
    const { stdout } = run(guest, 'netstat', ['-ano']);
    expect(stdout).toMatch(/TCP {4}\[::\]:3390/);
    expect(stdout).not.toContain(':3389 ');
  });

  it('shows no RDP listener when TermService does not run', () => {
    const guest = runningGuest();
    guest.stop('TermService', LATER, true);
    expect(run(guest, 'netstat', ['-ano']).stdout).not.toContain(':3389 ');
  });
});

describe('local/windows/commands: ipconfig /all', () => {
  it('shows the address only while there is one', () => {
    const guest = runningGuest();
    expect(run(guest, 'ipconfig.exe', ['/all']).stdout).toMatch(/IPv4 Address[ .]+: 10\.0\.0\.4\(Preferred\) \r\n/);
    disableDhcpClient(guest, LATER);
    guest.powerOff();
    guest.boot(LATER);
    const { stdout } = run(guest, 'ipconfig.exe', ['/all'], LATER + 60_000);
    expect(stdout).not.toContain('IPv4');
    expect(stdout).toContain('SRV01');
  });
});

describe('local/windows/commands: wevtutil', () => {
  const scmQuery = "/q:*[System[Provider[@Name='Service Control Manager'] and (EventID=7040 or EventID=7001)]]";

  function disabledAndBooted() {
    const guest = runningGuest();
    disableDhcpClient(guest, LATER);
    guest.powerOff();
    guest.boot(LATER + 1000);
    return guest;
  }

  it('is answered by nobody where the event log service is disabled since the boot', () => {
    const guest = runningGuest();
    const key = `${guest.controlSet()}\\Services\\EventLog`;
    guest.content.writeValue(key, 'Start', { type: 'REG_DWORD', data: 4 });
    expect(run(guest, 'wevtutil.exe', ['qe', 'System'])).toMatchObject({ exitCode: 0 });
    restartGuest(guest, LATER);
    expect(run(guest, 'wevtutil.exe', ['qe', 'System'], LATER + 120_000)).toMatchObject({ exitCode: 1722, stdout: '' });
  });

  it('shows who disabled the service, newest first, as many as asked for', () => {
    const guest = disabledAndBooted();
    const newest = run(guest, 'wevtutil.exe', ['qe', 'System', scmQuery, '/c:1', '/rd:true', '/f:xml']).stdout;
    expect(newest.trimEnd().split('\r\n')).toHaveLength(1);
    expect(newest).toContain("<EventID Qualifiers='49152'>7001</EventID>");
    const all = run(guest, 'wevtutil.exe', ['qe', 'System', scmQuery, '/f:xml']).stdout;
    expect(all).toMatch(/Qualifiers='16384'>7040<[^]*<Data Name='param4'>Dhcp<\/Data>/);
    expect(all).toContain("<Security UserID='S-1-5-21-");
    expect(all).toContain("SystemTime='2026-03-01T08:01:00.0000000Z'");
  });

  it('leaves out what is older than asked for', () => {
    const guest = disabledAndBooted();
    const query = (ms: number) => `/q:*[System[EventID=7040 and TimeCreated[timediff(@SystemTime) <= ${ms}]]]`;
    const day = 86_400_000;
    expect(run(guest, 'wevtutil', ['qe', 'System', query(day)], LATER + day - 1000).stdout).toContain('>7040<');
    expect(run(guest, 'wevtutil', ['qe', 'System', query(day)], LATER + day + 1000).stdout).toBe('');
  });

  it('filters by id and refuses a query or a log that it does not know', () => {
    const guest = disabledAndBooted();
    expect(run(guest, 'wevtutil', ['qe', 'System', '/q:*[System[EventID=7022]]']).stdout).toBe('');
    expect(run(guest, 'wevtutil', ['qe', 'System', '/q:*[EventData[x]]']).exitCode).toBe(15001);
    expect(run(guest, 'wevtutil', ['qe', 'Nope']).exitCode).toBe(15007);
  });
});

describe('local/windows/commands: other programs', () => {
  it('hostname prints the computer name', () => {
    expect(run(runningGuest(), 'hostname.exe', []).stdout).toBe('SRV01\r\n');
  });

  it('a program that is not there is not started', () => {
    expect(execute('nothing.exe', [], { guest: runningGuest(), at: LATER })).toEqual({
      kind: 'notStarted',
      message: 'The system cannot find the file specified',
    });
  });
});
