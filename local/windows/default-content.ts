/** The content of a healthy Windows Server 2022 system disk, as a VM is created with it. */
import { createDiskContent, type DiskContent } from './content';
import { services, type ServiceDefinition } from './services';

/** The language that the guest's tools speak. Numbers and keys stay the same in every language. */
export type GuestLanguage = 'en-US';

/** What differs from one machine to the next. */
export interface MachineIdentity {
  computerName: string;
  language: GuestLanguage;
}

/** The adapter's key under `Tcpip\Parameters\Interfaces`. */
export const interfaceId = '{6a1f0a5e-2f0b-4c9d-9d53-6f2b7f0c1d11}';

const controlSet = 'SYSTEM\\ControlSet001';
const terminalServer = `${controlSet}\\Control\\Terminal Server`;

/** A new, healthy system disk. */
export function createWindowsServerContent(machine: MachineIdentity): DiskContent {
  const content = createDiskContent();
  // `Select` names the control set of the next boot (Default) and of the last one (Current).
  // https://learn.microsoft.com/troubleshoot/windows-server/performance/what-are-control-sets
  for (const [name, number] of Object.entries({ Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 })) {
    content.writeValue('SYSTEM\\Select', name, { type: 'REG_DWORD', data: number });
  }
  writeSettings(content, machine);
  for (const service of services) writeService(content, service);
  return content;
}

function writeSettings(content: DiskContent, machine: MachineIdentity): void {
  const rdpTcp = `${terminalServer}\\WinStations\\RDP-Tcp`;
  const computerNameKey = `${controlSet}\\Control\\ComputerName\\ComputerName`;
  content.writeValue(computerNameKey, 'ComputerName', { type: 'REG_SZ', data: machine.computerName });
  content.writeValue(`${controlSet}\\Control\\Nls\\CodePage`, 'OEMCP', { type: 'REG_SZ', data: '437' });
  content.writeValue(terminalServer, 'fDenyTSConnections', { type: 'REG_DWORD', data: 0 });
  content.writeValue(rdpTcp, 'PortNumber', { type: 'REG_DWORD', data: 3389 });
  content.writeValue(rdpTcp, 'fEnableWinStation', { type: 'REG_DWORD', data: 1 });
  content.writeValue(rdpTcp, 'SecurityLayer', { type: 'REG_DWORD', data: 2 });
  content.writeValue(rdpTcp, 'UserAuthentication', { type: 'REG_DWORD', data: 1 });
  const tcpip = `${controlSet}\\Services\\Tcpip\\Parameters`;
  content.writeValue(tcpip, 'Hostname', { type: 'REG_SZ', data: machine.computerName });
  content.writeValue(`${tcpip}\\Interfaces\\${interfaceId}`, 'EnableDHCP', { type: 'REG_DWORD', data: 1 });
  const version = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
  content.writeValue(version, 'ProductName', { type: 'REG_SZ', data: 'Windows Server 2022 Datacenter' });
  content.writeValue(version, 'CurrentBuildNumber', { type: 'REG_SZ', data: '20348' });
}

function writeService(content: DiskContent, service: ServiceDefinition): void {
  const key = `${controlSet}\\Services\\${service.name}`;
  content.writeValue(key, 'DisplayName', { type: 'REG_SZ', data: service.displayName });
  content.writeValue(key, 'ErrorControl', { type: 'REG_DWORD', data: 1 });
  content.writeValue(key, 'ImagePath', { type: 'REG_EXPAND_SZ', data: service.imagePath });
  content.writeValue(key, 'Start', { type: 'REG_DWORD', data: service.start });
  content.writeValue(key, 'Type', { type: 'REG_DWORD', data: service.type });
  if (service.group) content.writeValue(key, 'Group', { type: 'REG_SZ', data: service.group });
  if (service.objectName) content.writeValue(key, 'ObjectName', { type: 'REG_SZ', data: service.objectName });
  if (service.dependsOn) content.writeValue(key, 'DependOnService', { type: 'REG_MULTI_SZ', data: service.dependsOn });
  if (!service.serviceDll) return;
  content.writeValue(`${key}\\Parameters`, 'ServiceDll', { type: 'REG_EXPAND_SZ', data: service.serviceDll });
}
