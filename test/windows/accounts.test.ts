import fc from 'fast-check';
import { builtInAccounts, builtInNames, builtInPattern, builtInSid, isSameAccount } from '../../src/windows/accounts';
import { codePages, inCodePage } from '../support/code-pages';

const { localSystem, localService, networkService } = builtInAccounts;

/** Names as Windows of these languages show them; blanks may be there or not. */
const names: [name: string, sid: string][] = [
  ['LocalSystem', localSystem],
  ['.\\LocalSystem', localSystem],
  ['SYSTEM', localSystem],
  ['NT AUTHORITY\\SYSTEM', localSystem],
  ['NT-AUTORITÄT\\SYSTEM', localSystem],
  ['AUTORITE NT\\Système', localSystem],
  ['AUTORIDADE NT\\SISTEMA', localSystem],
  ['NT AUTHORITY\\СИСТЕМА', localSystem],
  ['S-1-5-18', localSystem],
  ['LocalService', localService],
  ['NT AUTHORITY\\LocalService', localService],
  ['NT AUTHORITY\\Local Service', localService],
  ['nt authority\\LOCAL SERVICE', localService],
  ['NT-AUTORITÄT\\LOKALER DIENST', localService],
  ['NT-AUTORITÄT\\Lokaler Dienst', localService],
  ['AUTORITE NT\\SERVICE LOCAL', localService],
  ['NT AUTHORITY\\SERVIZIO LOCALE', localService],
  ['NT AUTHORITY\\SERVICIO LOC', localService],
  ['NT AUTHORITY\\SERVICIO LOCAL', localService],
  ['NT AUTHORITY\\SERVIÇO LOCAL', localService],
  ['AUTORIDADE NT\\SERVIÇO LOCAL', localService],
  ['ZARZĄDZANIE NT\\USŁUGA LOKALNA', localService],
  ['S-1-5-19', localService],
  ['NT AUTHORITY\\NetworkService', networkService],
  ['NT AUTHORITY\\NETWORK SERVICE', networkService],
  ['NT-AUTORITÄT\\NETZWERKDIENST', networkService],
  ['AUTORITE NT\\SERVICE RÉSEAU', networkService],
  ['NT AUTHORITY\\SERVIZIO DI RETE', networkService],
  ['NT AUTHORITY\\SERVICIO DE RED', networkService],
  ['NT AUTHORITY\\Serviço de rede', networkService],
  ['NT AUTHORITY\\HÁLÓZATI SZOLGÁLTATÁS', networkService],
  ['S-1-5-20', networkService],
];

describe('windows/accounts', () => {
  it.each(names)('%s is %s, as Unicode and as the bytes of any code page', (name, sid) => {
    expect(builtInSid(name)).toBe(sid);
    // Of a Cyrillic name nothing is left in a code page that has no such letters.
    const isCyrillic = /[А-Я]/.test(name);
    for (const codePage of isCyrillic ? ([855, 866, 1251, 65001] as const) : codePages) {
      expect([codePage, builtInSid(inCodePage(name, codePage))]).toEqual([codePage, sid]);
      // What the script in the guest matches has a question mark for each byte above 127.
      const ascii = inCodePage(name, codePage).replace(/[\u0080-\u00ff]/g, '?');
      expect([codePage, builtInSid(ascii)]).toEqual([codePage, isCyrillic ? undefined : sid]);
    }
  });

  it.each([
    '',
    'CORP\\LocalService',
    '.\\LocalService',
    'NT AUTHORITY\\LocalServices',
    'NT AUTHORITY\\LocalService ',
    'NT AUTHORITY\\ LocalService',
    'NT SERVICE\\LocalService',
    'LOKALER DIENST',
    'SERVICE LOCAL',
    'NT AUTHORITY\\ИВАНОВА',
    'S-1-5-1',
    'S-1-5-192',
    'S-1-5-21-1-2-3-500',
    'Administrator',
  ])('%j is none of them', (name) => {
    expect(builtInSid(name)).toBeUndefined();
    for (const codePage of codePages) expect(builtInSid(inCodePage(name, codePage))).toBeUndefined();
  });

  it('calls each by a name that is its own', () => {
    for (const [sid, name] of Object.entries(builtInNames)) expect(builtInSid(name)).toBe(sid);
  });

  it('compares by SID, and a service without an account as LocalSystem', () => {
    expect(isSameAccount(undefined, 'NT AUTHORITY\\SYSTEM')).toBe(true);
    expect(isSameAccount('NT-AUTORIT\u008eT\\LOKALER DIENST', 'NT AUTHORITY\\Local Service')).toBe(true);
    expect(isSameAccount(undefined, 'LocalService')).toBe(false);
    expect(isSameAccount('LocalService', '.\\Jo')).toBe(false);
  });

  it('compares other accounts whatever their case, and bytes of which no case is known as they are', () => {
    expect(isSameAccount('CORP\\svc', 'corp\\SVC')).toBe(true);
    expect(isSameAccount('.\\Иван', '.\\иван')).toBe(true);
    // 932: ア is 83 41 and ヂ is 83 61; 936: 目 and 蹦 differ in a bit of the first byte as well.
    expect(isSameAccount(inCodePage('.\\ア', 932), inCodePage('.\\ヂ', 932))).toBe(false);
    expect(isSameAccount('.\\\u00c4\u00bf', '.\\\u00e4\u00bf')).toBe(false);
    expect(isSameAccount('.\\\u00c4\u00bf', '.\\\u00c4\u00bf')).toBe(true);
  });

  it('has a pattern that matches a whole line of the registry’s, and nothing beside it', () => {
    const line = new RegExp(`^ObjectName +${builtInPattern(localService)}$`, 'm');
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(...codePages), ([name, sid], codePage) => {
        expect(line.test(`x\nObjectName   ${inCodePage(name, codePage)}\ny`)).toBe(sid === localService);
      }),
    );
  });
});
