/**
 * Texts that a registry does not hold itself but names by a file and a number, `@%SystemRoot%\system32\dhcpcore.dll,-100`
 * (https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regloadmuistringw). Windows looks them up in the
 * language of the machine; so does this table. Names of the files and numbers: the SYSTEM hive of a Windows 7 in
 * mkorman90/regipy:regipy_tests/data; assumed to be the same on Server 2022, as are the translations where no record of
 * them was found. assumed: a Chinese Windows calls these services by their English names.
 */
import type { GuestLanguage, Translated } from './language';

const system32 = '@%SystemRoot%\\system32\\';
const drivers = `${system32}drivers\\`;

const texts: readonly [
  reference: string,
  ...texts: [english: string, german: string, french: string, russian: string],
][] = [
  [
    `${drivers}ndis.sys,-200`,
    'NDIS System Driver',
    'NDIS-Systemtreiber',
    'Pilote système NDIS',
    'Системный драйвер NDIS',
  ],
  [
    `${system32}tcpipcfg.dll,-50003`,
    'TCP/IP Protocol Driver',
    'TCP/IP-Protokolltreiber',
    'Pilote du protocole TCP/IP',
    'Драйвер протокола TCP/IP',
  ],
  [
    `${system32}tcpipcfg.dll,-50004`,
    'NetIO Legacy TDI Support Driver',
    'NetIO-Legacy-TDI-Supporttreiber',
    'Pilote de prise en charge TDI héritée NetIO',
    'Драйвер поддержки устаревшего TDI NetIO',
  ],
  [
    '@%systemroot%\\system32\\drivers\\afd.sys,-1000',
    'Ancillary Function Driver for Winsock',
    'Treiber für zusätzliche Winsock-Funktionen',
    'Pilote de fonction connexe pour Winsock',
    'Драйвер вспомогательных функций для Winsock',
  ],
  [`${drivers}netbt.sys,-2`, 'NetBT', 'NetBT', 'NetBT', 'NetBT'],
  [
    `${drivers}nsiproxy.sys,-2`,
    'NSI Proxy Service Driver',
    'NSI-Proxydienst-Treiber',
    'Pilote du service proxy NSI',
    'Драйвер службы прокси NSI',
  ],
  [
    `${system32}FirewallAPI.dll,-23092`,
    'Windows Defender Firewall Authorization Driver',
    'Windows Defender Firewall-Autorisierungstreiber',
    'Pilote d’autorisation du Pare-feu Windows Defender',
    'Драйвер авторизации брандмауэра Защитника Windows',
  ],
  [
    '@combase.dll,-5012',
    'DCOM Server Process Launcher',
    'DCOM-Server-Prozessstart',
    'Lanceur de processus serveur DCOM',
    'Модуль запуска процессов DCOM-сервера',
  ],
  [
    '@combase.dll,-5010',
    'Remote Procedure Call (RPC)',
    'Remoteprozeduraufruf (RPC)',
    'Appel de procédure distante (RPC)',
    'Удаленный вызов процедур (RPC)',
  ],
  [
    '@%windir%\\system32\\RpcEpMap.dll,-1001',
    'RPC Endpoint Mapper',
    'RPC-Endpunktzuordnung',
    'Mappeur de point de terminaison RPC',
    'Сопоставитель конечных точек RPC',
  ],
  [
    `${system32}wevtsvc.dll,-200`,
    'Windows Event Log',
    'Windows-Ereignisprotokoll',
    'Journal d’événements Windows',
    'Журнал событий Windows',
  ],
  [
    `${system32}nsisvc.dll,-200`,
    'Network Store Interface Service',
    'Netzwerkspeicher-Schnittstellendienst',
    'Service Interface du magasin réseau',
    'Служба интерфейса сохранения сети',
  ],
  [
    `${system32}bfe.dll,-1001`,
    'Base Filtering Engine',
    'Basisfiltermodul',
    'Moteur de filtrage de base',
    'Служба базовой фильтрации',
  ],
  [
    `${system32}FirewallAPI.dll,-23090`,
    'Windows Defender Firewall',
    'Windows Defender Firewall',
    'Pare-feu Windows Defender',
    'Брандмауэр Защитника Windows',
  ],
  [`${system32}dhcpcore.dll,-100`, 'DHCP Client', 'DHCP-Client', 'Client DHCP', 'DHCP-клиент'],
  ['@%SystemRoot%\\System32\\dnsapi.dll,-101', 'DNS Client', 'DNS-Client', 'Client DNS', 'DNS-клиент'],
  [
    '@%SystemRoot%\\System32\\nlasvc.dll,-1',
    'Network Location Awareness',
    'NLA (Network Location Awareness)',
    'Connaissance des emplacements réseau',
    'Служба сведений о подключенных сетях',
  ],
  ['@%systemroot%\\system32\\srvsvc.dll,-100', 'Server', 'Server', 'Serveur', 'Сервер'],
  [
    '@%systemroot%\\system32\\wkssvc.dll,-100',
    'Workstation',
    'Arbeitsstationsdienst',
    'Station de travail',
    'Рабочая станция',
  ],
  [
    '@%Systemroot%\\system32\\wbem\\wmisvc.dll,-205',
    'Windows Management Instrumentation',
    'Windows-Verwaltungsinstrumentation',
    'Infrastructure de gestion Windows',
    'Инструментарий управления Windows',
  ],
  [`${system32}w32time.dll,-200`, 'Windows Time', 'Windows-Zeitgeber', 'Temps Windows', 'Служба времени Windows'],
  [
    '@%SystemRoot%\\System32\\termsrv.dll,-268',
    'Remote Desktop Services',
    'Remotedesktopdienste',
    'Services Bureau à distance',
    'Службы удаленных рабочих столов',
  ],
  [
    '@%SystemRoot%\\System32\\SessEnv.dll,-1026',
    'Remote Desktop Configuration',
    'Remotedesktopkonfiguration',
    'Configuration des services Bureau à distance',
    'Настройка сервера удаленных рабочих столов',
  ],
  [
    `${system32}umrdp.dll,-1000`,
    'Remote Desktop Services UserMode Port Redirector',
    'Anschlussumleitung für Remotedesktopdienst im Benutzermodus',
    'Redirecteur de port du mode utilisateur des services Bureau à distance',
    'Перенаправитель портов пользовательского режима служб удаленных рабочих столов',
  ],
  [
    '@%Systemroot%\\system32\\wsmsvc.dll,-101',
    'Windows Remote Management (WS-Management)',
    'Windows-Remoteverwaltung (WS-Verwaltung)',
    'Gestion à distance de Windows (Gestion WSM)',
    'Служба удаленного управления Windows (WS-Management)',
  ],
  [`${system32}umpo.dll,-100`, 'Power', 'Stromversorgung', 'Alimentation', 'Питание'],
  [
    '@%systemroot%\\system32\\profsvc.dll,-300',
    'User Profile Service',
    'Benutzerprofildienst',
    'Service de profil utilisateur',
    'Служба профилей пользователей',
  ],
  [
    `${system32}cryptsvc.dll,-1001`,
    'Cryptographic Services',
    'Kryptografiedienste',
    'Services de chiffrement',
    'Службы криптографии',
  ],
  [
    `${system32}sacsvr.dll,-500`,
    'Special Administration Console Helper',
    'Hilfsprogramm für spezielle Verwaltungskonsole',
    'Assistance de la Console d’administration spéciale',
    'Модуль поддержки специальной консоли администрирования',
  ],
  [
    `${system32}ntdsmsg.dll,-1`,
    'Active Directory Domain Services',
    'Active Directory-Domänendienste',
    'Services de domaine Active Directory',
    'Доменные службы Active Directory',
  ],
];

const byReference = new Map(
  texts.map(([reference, english, german, french, russian]): [string, Translated] => [
    reference.toLowerCase(),
    { 'en-US': english, 'de-DE': german, 'fr-FR': french, 'ru-RU': russian, 'zh-CN': english },
  ]),
);

/** The text that a value stands for; a value that is no reference, or one that is not known here, is its own text. */
export function resolveText(value: string, language: GuestLanguage): string {
  return byReference.get(value.toLowerCase())?.[language] ?? value;
}
