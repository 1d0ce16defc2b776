/**
 * The services and drivers of a Windows Server 2022 VM in Azure that matter to "can RDP reach it": data, written into
 * a disk's registry when a VM is made. Names that Windows translates are references (resource-strings.ts), as in the
 * registry. Start types of Tcpip, NDIS, Afd, NetBT, nsiproxy, nsi, Dhcp, Dnscache, NlaSvc,
 * BFE, mpssvc, RpcSs, DcomLaunch and netvsc: measured on build 20348,
 * Azure/repair-script-library:src/windows/win-fix-network-connectivity.ps1. The other values, and the dependencies,
 * are assumed: common knowledge of a default installation.
 */

/** A service's start type as the registry holds it: 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled. */
export type StartType = 0 | 1 | 2 | 3 | 4;

/** What the registry says of one service or driver. */
export interface ServiceDefinition {
  name: string;
  /** As the registry holds it: a text, or a reference to one. */
  displayName: string;
  description?: string;
  /** SERVICE_KERNEL_DRIVER 0x1, SERVICE_WIN32_OWN_PROCESS 0x10, SERVICE_WIN32_SHARE_PROCESS 0x20. */
  type: 0x1 | 0x10 | 0x20;
  start: StartType;
  imagePath: string;
  objectName?: string;
  group?: string;
  dependsOn?: readonly string[];
  serviceDll?: string;
  delayedAutoStart?: boolean;
}

const svchost = '%SystemRoot%\\system32\\svchost.exe';
const system32 = '@%SystemRoot%\\system32\\';
const drivers = `${system32}drivers\\`;

export const services: readonly ServiceDefinition[] = [
  driver('NDIS', `${drivers}ndis.sys,-200`, 0, 'system32\\drivers\\ndis.sys', 'NDIS Wrapper'),
  driver('Tcpip', `${system32}tcpipcfg.dll,-50003`, 0, 'System32\\drivers\\tcpip.sys', 'PNP_TDI'),
  driver(
    'Afd',
    '@%systemroot%\\system32\\drivers\\afd.sys,-1000',
    1,
    '\\SystemRoot\\system32\\drivers\\afd.sys',
    'PNP_TDI',
  ),
  driver('NetBT', `${drivers}netbt.sys,-2`, 1, 'System32\\DRIVERS\\netbt.sys', 'PNP_TDI'),
  driver('nsiproxy', `${drivers}nsiproxy.sys,-2`, 1, 'system32\\drivers\\nsiproxy.sys', ''),
  driver('tdx', `${system32}tcpipcfg.dll,-50004`, 1, '\\SystemRoot\\system32\\DRIVERS\\tdx.sys', 'PNP_TDI'),
  driver('mpsdrv', `${system32}FirewallAPI.dll,-23092`, 3, 'System32\\drivers\\mpsdrv.sys', 'network'),
  driver('netvsc', 'netvsc', 3, '\\SystemRoot\\System32\\drivers\\netvsc.sys', 'NDIS'),
  {
    ...shared('DcomLaunch', '@combase.dll,-5012', 2, 'DcomLaunch'),
    group: 'COM Infrastructure',
    objectName: 'LocalSystem',
  },
  {
    ...shared('RpcEptMapper', '@%windir%\\system32\\RpcEpMap.dll,-1001', 2, 'RPCSS'),
    group: 'COM Infrastructure',
    objectName: 'NT AUTHORITY\\NetworkService',
  },
  {
    ...shared('RpcSs', '@combase.dll,-5010', 2, 'rpcss'),
    group: 'COM Infrastructure',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['RpcEptMapper', 'DcomLaunch'],
  },
  { ...shared('Power', `${system32}umpo.dll,-100`, 2, 'DcomLaunch'), group: 'Plugplay', objectName: 'LocalSystem' },
  {
    ...shared('EventLog', `${system32}wevtsvc.dll,-200`, 2, 'LocalServiceNetworkRestricted'),
    group: 'Event Log',
    objectName: 'NT AUTHORITY\\LocalService',
  },
  {
    ...shared('ProfSvc', '@%systemroot%\\system32\\profsvc.dll,-300', 2, 'netsvcs'),
    group: 'profsvc_group',
    objectName: 'LocalSystem',
    dependsOn: ['RpcSs'],
  },
  {
    ...shared('CryptSvc', `${system32}cryptsvc.dll,-1001`, 2, 'NetworkService'),
    objectName: 'NT Authority\\NetworkService',
    dependsOn: ['RpcSs'],
  },
  { ...shared('sacsvr', `${system32}sacsvr.dll,-500`, 3, 'netsvcs'), objectName: 'LocalSystem' },
  {
    ...shared('nsi', `${system32}nsisvc.dll,-200`, 2, 'LocalService'),
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['nsiproxy'],
  },
  {
    ...shared('BFE', `${system32}bfe.dll,-1001`, 2, 'LocalServiceNoNetworkFirewall'),
    group: 'NetworkProvider',
    objectName: 'NT AUTHORITY\\LocalService',
    dependsOn: ['RpcSs'],
  },
  {
    ...shared('mpssvc', `${system32}FirewallAPI.dll,-23090`, 2, 'LocalServiceNoNetworkFirewall'),
    group: 'NetworkProvider',
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['mpsdrv', 'BFE'],
  },
  // ImagePath, Group, ObjectName, Type and ServiceDll of a healthy DHCP Client: MicrosoftDocs/SupportArticles-docs:
  // support/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled.md; "-p" is the newer systems' form.
  {
    ...shared('Dhcp', `${system32}dhcpcore.dll,-100`, 2, 'LocalServiceNetworkRestricted'),
    description: `${system32}dhcpcore.dll,-101`,
    group: 'TDI',
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['NSI', 'Afd'],
    serviceDll: '%SystemRoot%\\system32\\dhcpcore.dll',
  },
  {
    ...shared('Dnscache', '@%SystemRoot%\\System32\\dnsapi.dll,-101', 2, 'NetworkService'),
    description: '@%SystemRoot%\\System32\\dnsapi.dll,-102',
    group: 'TDI',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['nsi', 'Afd'],
  },
  {
    ...shared('NlaSvc', '@%SystemRoot%\\System32\\nlasvc.dll,-1', 2, 'NetworkService'),
    description: '@%SystemRoot%\\System32\\nlasvc.dll,-2',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['NSI', 'RpcSs', 'TcpIp', 'Dhcp', 'Eventlog'],
  },
  { ...shared('LanmanServer', '@%systemroot%\\system32\\srvsvc.dll,-100', 2, 'smbsvcs'), objectName: 'LocalSystem' },
  {
    ...shared('LanmanWorkstation', '@%systemroot%\\system32\\wkssvc.dll,-100', 2, 'NetworkService'),
    group: 'NetworkProvider',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['nsi'],
  },
  {
    ...shared('Winmgmt', '@%Systemroot%\\system32\\wbem\\wmisvc.dll,-205', 2, 'netsvcs'),
    objectName: 'localSystem',
    dependsOn: ['RPCSS'],
  },
  {
    ...shared('W32Time', `${system32}w32time.dll,-200`, 2, 'LocalService'),
    objectName: 'NT AUTHORITY\\LocalService',
  },
  {
    // On demand is its default: MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-remote-desktop-services-issues.md
    ...shared('TermService', '@%SystemRoot%\\System32\\termsrv.dll,-268', 3, 'NetworkService'),
    description: '@%SystemRoot%\\System32\\termsrv.dll,-267',
    objectName: 'NT Authority\\NetworkService',
    dependsOn: ['RPCSS'],
    serviceDll: '%SystemRoot%\\System32\\termsrv.dll',
  },
  {
    ...shared('SessionEnv', '@%SystemRoot%\\System32\\SessEnv.dll,-1026', 3, 'netsvcs'),
    objectName: 'localSystem',
    dependsOn: ['RPCSS', 'LanmanWorkstation'],
  },
  {
    ...shared('UmRdpService', `${system32}umrdp.dll,-1000`, 3, 'LocalSystemNetworkRestricted'),
    objectName: 'localSystem',
    dependsOn: ['TermService'],
  },
  {
    ...shared('WinRM', '@%Systemroot%\\system32\\wsmsvc.dll,-101', 2, 'NetworkService'),
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['RPCSS'],
  },
  own('RdAgent', 'RdAgent', 'C:\\WindowsAzure\\Packages\\WaAppAgent.exe'),
  own('WindowsAzureGuestAgent', 'Windows Azure Guest Agent', 'C:\\WindowsAzure\\Packages\\WindowsAzureGuestAgent.exe'),
];

/**
 * Which services are meant for which process, as `Svchost` in the hive SOFTWARE lists them. assumed: of the real lists the
 * services above, and two of the DHCP Client's group that are not installed here, as some always are.
 */
export const serviceGroups: ReadonlyMap<string, string[]> = groupsOf(services);

function groupsOf(known: readonly ServiceDefinition[]): Map<string, string[]> {
  const groups = new Map([['LocalServiceNetworkRestricted', ['lmhosts', 'wscsvc']]]);
  for (const { name, imagePath } of known) {
    const written = /-k (\S+)/.exec(imagePath)?.[1];
    if (written === undefined) continue;
    // RPCSS is `rpcss` in another service's path.
    const group = [...groups.keys()].find((one) => one.toLowerCase() === written.toLowerCase()) ?? written;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return groups;
}

/** Active Directory's service, on domain controllers only. */
export const directoryService: ServiceDefinition = {
  name: 'NTDS',
  displayName: `${system32}ntdsmsg.dll,-1`,
  type: 0x20,
  start: 2,
  imagePath: '%SystemRoot%\\System32\\lsass.exe',
  objectName: 'LocalSystem',
  dependsOn: ['RpcSs', 'Afd', 'nsi'],
};

function driver(
  name: string,
  displayName: string,
  start: StartType,
  imagePath: string,
  group: string,
): ServiceDefinition {
  return { name, displayName, type: 0x1, start, imagePath, ...(group === '' ? {} : { group }) };
}

function shared(name: string, displayName: string, start: StartType, hostGroup: string): ServiceDefinition {
  return { name, displayName, type: 0x20, start, imagePath: `${svchost} -k ${hostGroup} -p` };
}

function own(name: string, displayName: string, imagePath: string): ServiceDefinition {
  return { name, displayName, type: 0x10, start: 2, imagePath, objectName: 'LocalSystem' };
}
