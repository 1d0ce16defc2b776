import { gunzipSync } from 'node:zlib';
import { encodeText } from '../../../local/windows/code-page';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { runCommandsScript } from '../../../local/windows/run-commands-script';
import { LATER, run, runningGuest } from './support/running-guest';

const german = () => runningGuest({ language: 'de-DE' });
const french = () => runningGuest({ language: 'fr-FR' });

describe('local/windows/languages: a German Windows', () => {
  it('translates the headings of bcdedit and the word for an id, and no name of an element', () => {
    const { stdout } = run(german(), 'bcdedit', ['/enum', 'all']);
    expect(stdout).toContain(
      'Windows-Startladeprogramm\r\n-------------------------\r\nBezeichner              {current}',
    );
    expect(stdout).toContain('Startladeprogramm-Einstellungen\r\n');
    expect(stdout).toMatch(/^bootems {17}Yes\r$/m);
  });

  it('keeps the numbers of an error of sc.exe and translates its words', () => {
    const result = run(german(), 'sc.exe', ['query', 'Nope']);
    expect(result.exitCode).toBe(1060);
    expect(result.stdout).toBe(
      '[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:\r\n\r\nDer angegebene Dienst ist kein installierter Dienst.\r\n\r\n',
    );
  });

  it('shows a translated display name where the registry has a reference', () => {
    const guest = german();
    expect(run(guest, 'sc', ['qc', 'TermService']).stdout).toContain('DISPLAY_NAME       : Remotedesktopdienste  \r\n');
    const stored = run(guest, 'reg', ['query', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dhcp']).stdout;
    expect(stored).toContain('DisplayName    REG_SZ    @%SystemRoot%\\system32\\dhcpcore.dll,-100\r\n');
  });

  it('writes its log in German', () => {
    const guest = german();
    disableDhcpClient(guest, LATER, { restart: true });
    const records = guest.content.events().filter(({ eventId }) => [7040, 7001].includes(eventId));
    expect(records.map(({ data }) => data.map(({ value }) => value))).toEqual([
      ['DHCP-Client', 'Automatisch starten', 'Deaktiviert', 'Dhcp'],
      ['NLA (Network Location Awareness)', 'DHCP-Client', '%%1058'],
    ]);
  });

  it.each([
    ['reg', ['query', 'HKLM\\SYSTEM\\Nope'], 'FEHLER: Der angegebene Registrierungsschlüssel'],
    ['wevtutil', ['qe', 'Nope'], 'Kanal'],
  ])('%s says an error in German', (file, commandLine, text) => {
    expect(run(german(), file, commandLine).stderr).toContain(text);
  });

  it('shows listeners with its own word, and its own labels of an address', () => {
    expect(run(german(), 'netstat', ['-ano', '-p', 'TCP']).stdout).toMatch(/0\.0\.0\.0:3389 .* ABHÖREN {9}\d+\r/);
    expect(run(german(), 'ipconfig', ['/all']).stdout).toContain(
      'IPv4-Adresse  . . . . . . . . . . : 10.0.0.4(Bevorzugt)',
    );
  });
});

describe('local/windows/languages: a French Windows', () => {
  it('speaks French in every tool', () => {
    const guest = french();
    expect(run(guest, 'bcdedit', []).stdout).toContain('identificateur          {bootmgr}');
    expect(run(guest, 'sc', ['start', 'Dhcp']).stdout).toContain('échec(s) 1056 :');
    expect(run(guest, 'netstat', ['-ano']).stdout).toContain('Connexions actives');
    expect(run(guest, 'ipconfig', []).stdout).toContain('Passerelle par défaut');
    expect(run(guest, 'reg', ['query', 'HKLM\\SOFTWARE', '/v', 'Nope', '/s']).stdout).toContain(
      'Fin de la recherche : 0 correspondance(s)',
    );
  });
});

describe('local/windows/languages: a Russian and a Chinese Windows', () => {
  const russian = () => runningGuest({ language: 'ru-RU' });
  const chinese = () => runningGuest({ language: 'zh-CN' });

  it('print a boot store as public captures have it, the id in column 24 by bytes, the line as long as the English one', () => {
    const { stdout } = run(russian(), 'bcdedit', ['/enum', 'osloader']);
    expect(stdout).toContain('\r\nЗагрузка Windows\r\n-------------------\r\nидентификатор           {current}\r\n');
    expect(run(chinese(), 'bcdedit', []).stdout).toContain(
      '\r\nWindows 启动管理器\r\n--------------------\r\n标识符                  {bootmgr}\r\n',
    );
  });

  it('keep numbers and keys in every tool', () => {
    expect(run(chinese(), 'sc', ['query', 'Nope']).stdout).toContain(
      'OpenService 失败 1060:\r\n\r\n指定的服务未安装。\r\n',
    );
    expect(run(russian(), 'sc', ['query', 'Nope']).exitCode).toBe(1060);
    expect(run(russian(), 'reg', ['query', 'HKLM\\SYSTEM\\Nope']).stderr).toContain('ОШИБКА: ');
    expect(run(russian(), 'sc', ['qc', 'TermService']).stdout).toContain('Службы удаленных рабочих столов');
    for (const guest of [russian(), chinese()]) {
      expect(run(guest, 'netstat', ['-ano', '-p', 'TCP']).stdout).toMatch(/0\.0\.0\.0:3389 .* LISTENING {7}\d+\r/);
    }
  });

  it('hold their code pages in the registry', () => {
    const codePages = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage';
    expect(run(russian(), 'reg', ['query', codePages]).stdout).toMatch(
      /ACP {4}REG_SZ {4}1251\r\n {4}OEMCP {4}REG_SZ {4}866\r/,
    );
    expect(run(chinese(), 'reg', ['query', codePages, '/v', 'OEMCP']).stdout).toContain('936');
  });
});

describe('local/windows/languages: the bytes of console output', () => {
  it('are of the code page of the language, and the answer names it', async () => {
    jest.useFakeTimers({ now: LATER });
    const commands = [
      { id: 'n', file: 'netstat.exe', arguments: ['-ano'], timeoutSeconds: 20 },
      { id: 'same', file: 'netstat.exe', timeoutSeconds: 20, unless: { id: 'n', matches: 'ABH\\?REN' } },
    ];
    const parameters = {
      Nonce: 'a'.repeat(32),
      Commands: Buffer.from(JSON.stringify(commands)).toString('base64'),
    };
    const end = await runCommandsScript({ guest: german(), pause: () => Promise.resolve() }, parameters);
    jest.useRealTimers();
    const body = /##RDPL1 [^#]*##([^#]*)##/.exec(end.output)?.[1] ?? '';
    const answer = JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString('utf8')) as {
      codePage: number;
      results: { output?: string; skipped?: boolean }[];
    };
    expect(answer.codePage).toBe(850);
    const bytes = Buffer.from(answer.results[0]?.output ?? '', 'latin1');
    expect(bytes.includes(Buffer.from([0x41, 0x42, 0x48, 0x99, 0x52, 0x45, 0x4e]))).toBe(true);
    // .NET's ASCII decoder, which the script uses for its conditions, sees a question mark.
    expect(answer.results[1]?.skipped).toBe(true);
  });

  it('replace what the code page does not have', () => {
    expect(encodeText('é’\u0416', 850)).toEqual(Buffer.from([0x82, 0x27, 0x3f]));
    expect(encodeText('ä', 437)).toEqual(Buffer.from([0x84]));
    expect(encodeText('Łą?', 437).toString('latin1')).toBe('La?');
  });

  it('are those of each code page that Windows has for consoles', () => {
    expect(encodeText('аРЯ', 866)).toEqual(Buffer.from([0xa0, 0x90, 0x9f]));
    expect(encodeText('Ř', 852)).toEqual(Buffer.from([0xfc]));
    expect(encodeText('Ω', 737)).toEqual(Buffer.from([0x97]));
    expect(encodeText('ıŞ', 857)).toEqual(Buffer.from([0x8d, 0x9e]));
    expect(encodeText('б', 855)).toEqual(Buffer.from([0xa2]));
    expect(encodeText('ソ', 932)).toEqual(Buffer.from([0x83, 0x5c]));
    expect(encodeText('标', 936)).toEqual(Buffer.from([0xb1, 0xea]));
    expect(encodeText('부', 949)).toEqual(Buffer.from([0xba, 0xce]));
    expect(encodeText('功', 950)).toEqual(Buffer.from([0xa5, 0x5c]));
    expect(encodeText('а’', 65001)).toEqual(Buffer.from('а’', 'utf8'));
  });
});
