/**
 * The services and drivers of a Windows Server 2022 VM in Azure that matter to "can RDP reach it": data, written into
 * a disk's registry when a VM is made. Start types of Tcpip, NDIS, Afd, NetBT, nsiproxy, nsi, Dhcp, Dnscache, NlaSvc,
 * BFE, mpssvc, RpcSs, DcomLaunch and netvsc: measured on build 20348,
 * Azure/repair-script-library:src/windows/win-fix-network-connectivity.ps1. The other values, and the dependencies,
 * are assumed: common knowledge of a default installation.
 */

/** A service's start type as the registry holds it: 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled. */
export type StartType = 0 | 1 | 2 | 3 | 4;

/** What the registry says of one service or driver. */
export interface ServiceDefinition {
  name: string;
  displayName: string;
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

export const services: readonly ServiceDefinition[] = [
  driver('NDIS', 'NDIS System Driver', 0, 'system32\\drivers\\ndis.sys', 'NDIS Wrapper'),
  driver('Tcpip', 'TCP/IP Protocol Driver', 0, 'System32\\drivers\\tcpip.sys', 'PNP_TDI'),
  driver('Afd', 'Ancillary Function Driver for Winsock', 1, '\\SystemRoot\\system32\\drivers\\afd.sys', 'PNP_TDI'),
  driver('NetBT', 'NetBT', 1, 'System32\\DRIVERS\\netbt.sys', 'PNP_TDI'),
  driver('nsiproxy', 'NSI Proxy Service Driver', 1, 'system32\\drivers\\nsiproxy.sys', 'PNP_TDI'),
  driver('tdx', 'NetIO Legacy TDI Support Driver', 1, '\\SystemRoot\\system32\\DRIVERS\\tdx.sys', 'PNP_TDI'),
  driver('netvsc', 'netvsc', 3, '\\SystemRoot\\System32\\drivers\\netvsc.sys', 'NDIS'),
  {
    ...shared('DcomLaunch', 'DCOM Server Process Launcher', 2, 'DcomLaunch'),
    group: 'COM Infrastructure',
    objectName: 'LocalSystem',
  },
  {
    ...shared('RpcEptMapper', 'RPC Endpoint Mapper', 2, 'RPCSS'),
    group: 'COM Infrastructure',
    objectName: 'NT AUTHORITY\\NetworkService',
  },
  {
    ...shared('RpcSs', 'Remote Procedure Call (RPC)', 2, 'rpcss'),
    group: 'COM Infrastructure',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['RpcEptMapper', 'DcomLaunch'],
  },
  {
    ...shared('EventLog', 'Windows Event Log', 2, 'LocalServiceNetworkRestricted'),
    group: 'Event Log',
    objectName: 'NT AUTHORITY\\LocalService',
  },
  {
    ...shared('nsi', 'Network Store Interface Service', 2, 'LocalService'),
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['nsiproxy'],
  },
  {
    ...shared('BFE', 'Base Filtering Engine', 2, 'LocalServiceNoNetworkFirewall'),
    group: 'NetworkProvider',
    objectName: 'NT AUTHORITY\\LocalService',
    dependsOn: ['RpcSs'],
  },
  {
    ...shared('mpssvc', 'Windows Defender Firewall', 2, 'LocalServiceNoNetworkFirewall'),
    group: 'NetworkProvider',
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['BFE'],
  },
  // ImagePath, Group, ObjectName, Type and ServiceDll of a healthy DHCP Client: MicrosoftDocs/SupportArticles-docs:
  // support/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled.md; "-p" is the newer systems' form.
  {
    ...shared('Dhcp', 'DHCP Client', 2, 'LocalServiceNetworkRestricted'),
    group: 'TDI',
    objectName: 'NT Authority\\LocalService',
    dependsOn: ['NSI', 'Afd'],
    serviceDll: '%SystemRoot%\\system32\\dhcpcore.dll',
  },
  {
    ...shared('Dnscache', 'DNS Client', 2, 'NetworkService'),
    group: 'TDI',
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['nsi', 'Afd'],
  },
  {
    ...shared('NlaSvc', 'Network Location Awareness', 2, 'NetworkService'),
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['NSI', 'RpcSs', 'TcpIp', 'Dhcp', 'Eventlog'],
  },
  {
    ...shared('LanmanServer', 'Server', 2, 'smbsvcs'),
    objectName: 'LocalSystem',
  },
  {
    ...shared('LanmanWorkstation', 'Workstation', 2, 'NetworkService'),
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['nsi'],
  },
  {
    ...shared('Winmgmt', 'Windows Management Instrumentation', 2, 'netsvcs'),
    objectName: 'localSystem',
    dependsOn: ['RPCSS'],
  },
  {
    ...shared('W32Time', 'Windows Time', 2, 'LocalService'),
    objectName: 'NT AUTHORITY\\LocalService',
  },
  {
    ...shared('TermService', 'Remote Desktop Services', 2, 'NetworkService'),
    objectName: 'NT Authority\\NetworkService',
    dependsOn: ['RPCSS'],
    serviceDll: '%SystemRoot%\\System32\\termsrv.dll',
  },
  {
    ...shared('SessionEnv', 'Remote Desktop Configuration', 3, 'netsvcs'),
    objectName: 'localSystem',
    dependsOn: ['RPCSS', 'LanmanWorkstation'],
  },
  {
    ...shared('UmRdpService', 'Remote Desktop Services UserMode Port Redirector', 3, 'LocalSystemNetworkRestricted'),
    objectName: 'localSystem',
    dependsOn: ['TermService'],
  },
  {
    ...shared('WinRM', 'Windows Remote Management (WS-Management)', 2, 'NetworkService'),
    objectName: 'NT AUTHORITY\\NetworkService',
    dependsOn: ['RPCSS'],
  },
  own('RdAgent', 'RdAgent', 'C:\\WindowsAzure\\Packages\\WaAppAgent.exe'),
  own('WindowsAzureGuestAgent', 'Windows Azure Guest Agent', 'C:\\WindowsAzure\\Packages\\WindowsAzureGuestAgent.exe'),
];

function driver(
  name: string,
  displayName: string,
  start: StartType,
  imagePath: string,
  group: string,
): ServiceDefinition {
  return { name, displayName, type: 0x1, start, imagePath, group };
}

function shared(name: string, displayName: string, start: StartType, hostGroup: string): ServiceDefinition {
  return { name, displayName, type: 0x20, start, imagePath: `${svchost} -k ${hostGroup} -p` };
}

function own(name: string, displayName: string, imagePath: string): ServiceDefinition {
  return { name, displayName, type: 0x10, start: 2, imagePath, objectName: 'LocalSystem' };
}
