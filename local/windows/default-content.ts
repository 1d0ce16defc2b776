/** The content of a healthy Windows Server 2022 system disk, as a VM is created with it. */
import type { DiskContent, RegistryData } from './content';
import { guidBytes, writeDefaultBootStore, type DiskIdentity } from './default-boot-store';
import { writeDhcpSecurity, writeServicesSecurity } from './default-security';
import { languageFacts, type GuestLanguage } from './language';
import { safeBootLists } from './safe-boot-lists';
import { directoryService, serviceGroups, services, type ServiceDefinition } from './services';

/** What differs from one machine to the next. */
export interface MachineIdentity {
  computerName: string;
  language: GuestLanguage;
  /** V1: BIOS, MBR. V2: UEFI, GPT. */
  generation: 'V1' | 'V2';
  /** Where the boot store is to say that the partitions are; as in `../disk/templates` when left out. */
  disk?: DiskIdentity;
  /** Writes a second, older control set too: `LastKnownGood` then points to it. */
  hasOlderControlSet?: boolean;
  isDomainController?: boolean;
}

/** The adapter's key under `Tcpip\Parameters\Interfaces`. */
export const interfaceId = '{6a1f0a5e-2f0b-4c9d-9d53-6f2b7f0c1d11}';

/** The release that is simulated. UBR and build are what the simulated Azure tells of its agents, too. */
export const windowsVersion = { build: 20348, updateRevision: 2762, productName: 'Windows Server 2022 Datacenter' };

/** Installs Windows on an empty disk: hives SYSTEM, SOFTWARE and BCD. */
export function installWindowsServer(content: DiskContent, machine: MachineIdentity): void {
  const older = machine.hasOlderControlSet ?? false;
  // `Select` names the control set of the next boot (Default) and of the last one (Current).
  // https://learn.microsoft.com/troubleshoot/windows-server/performance/what-are-control-sets
  const select = { Current: 1, Default: 1, Failed: 0, LastKnownGood: older ? 2 : 1 };
  content.inOneWrite(() => {
    writeNumbers(content, 'SYSTEM\\Select', select);
    writeNumbers(content, 'SYSTEM\\Setup', { SystemSetupInProgress: 0, SetupType: 0, OOBEInProgress: 0 });
    writeControlSet(content, 'SYSTEM\\ControlSet001', machine);
    if (older) writeControlSet(content, 'SYSTEM\\ControlSet002', machine);
    writeSoftware(content);
    const disk = machine.disk ?? templateDisks[machine.generation];
    writeDriveLetter(content, disk);
    writeDefaultBootStore(content, machine.language, disk);
  });
}

/** The partitions of the disks in `../disk/templates`. */
const templateDisks: Readonly<Record<MachineIdentity['generation'], DiskIdentity>> = {
  V1: { style: 'mbr', signature: 0x5d1c3a7e, systemPartitionOffset: 1_048_576, windowsPartitionOffset: 525_336_576 },
  V2: {
    style: 'gpt',
    diskId: '8c4e3b52-7d10-4f6a-9b21-3e5a1c7d9f04',
    systemPartitionId: '8c4e3b52-7d10-4f6a-9b21-3e5a1c7d9f12',
    windowsPartitionId: '8c4e3b52-7d10-4f6a-9b21-3e5a1c7d9f14',
  },
};

/** Drive C:, as https://winreg-kb.readthedocs.io/en/latest/sources/system-keys/Mounted-devices.html has the mount manager's data. */
function writeDriveLetter(content: DiskContent, disk: DiskIdentity): void {
  const data =
    disk.style === 'gpt'
      ? Buffer.concat([Buffer.from('DMIO:ID:', 'latin1'), guidBytes(disk.windowsPartitionId)])
      : Buffer.alloc(12);
  if (disk.style === 'mbr') {
    data.writeUInt32LE(disk.signature);
    data.writeBigUInt64LE(BigInt(disk.windowsPartitionOffset), 4);
  }
  content.writeValue('SYSTEM\\MountedDevices', '\\DosDevices\\C:', { type: 'REG_BINARY', data });
}

function writeControlSet(content: DiskContent, controlSet: string, machine: MachineIdentity): void {
  writeControl(content, `${controlSet}\\Control`, machine);
  for (const mode of ['Minimal', 'Network'] as const) {
    const key = `${controlSet}\\Control\\SafeBoot\\${mode}`;
    for (const [name, kind] of safeBootLists[mode]) content.writeValue(`${key}\\${name}`, '', text(kind));
  }
  writeServicesSecurity(content, `${controlSet}\\Services`);
  const installed = machine.isDomainController ? [...services, directoryService] : services;
  for (const service of installed) writeService(content, `${controlSet}\\Services`, service);
  writeNetwork(content, `${controlSet}\\Services\\Tcpip\\Parameters`, machine.computerName);
  writeDhcpSecurity(content, `${controlSet}\\Services`);
  writeEventLog(content, controlSet);
}

/** The System log as a server is set up with it. `Retention` 0 writes over the oldest records. */
function writeEventLog(content: DiskContent, controlSet: string): void {
  const key = `${controlSet}\\Services\\EventLog\\System`;
  const file = String.raw`%SystemRoot%\system32\winevt\Logs\System.evtx`;
  content.writeValue(key, 'File', { type: 'REG_EXPAND_SZ', data: file });
  writeNumbers(content, key, {
    MaxSize: 20 * 1024 * 1024,
    Retention: 0,
    AutoBackupLogFiles: 0,
    RestrictGuestAccess: 1,
  });
  writeNumbers(content, `${controlSet}\\Control\\WMI\\Autologger\\EventLog-System`, { Start: 1 });
}

/** Values as in the SYSTEM hive of mkorman90/regipy:regipy_tests/data, with a server's numbers. */
function writeControl(content: DiskContent, control: string, machine: MachineIdentity): void {
  const { id, oemCodePage, ansiCodePage } = languageFacts[machine.language];
  writeTexts(content, control, {
    CurrentUser: 'USERNAME',
    SystemStartOptions: ' NOEXECUTE=OPTOUT',
    SystemBootDevice: 'multi(0)disk(0)rdisk(0)partition(2)',
    FirmwareBootDevice: 'multi(0)disk(0)rdisk(0)partition(1)',
  });
  writeTexts(content, `${control}\\ComputerName\\ComputerName`, { ComputerName: machine.computerName });
  writeTexts(content, `${control}\\Nls\\CodePage`, { ACP: String(ansiCodePage), OEMCP: String(oemCodePage) });
  writeTexts(content, `${control}\\Nls\\Language`, { Default: id, InstallLanguage: id });
  writeTexts(content, `${control}\\ProductOptions`, {
    ProductType: machine.isDomainController ? 'LanmanNT' : 'ServerNT',
  });
  writeTexts(content, `${control}\\SafeBoot`, { AlternateShell: 'cmd.exe' });
  writeTexts(content, `${control}\\TimeZoneInformation`, { TimeZoneKeyName: 'UTC' });
  for (const [name, data] of [
    ['Directory', '%SystemRoot%'],
    ['SystemDirectory', String.raw`%SystemRoot%\system32`],
  ] as const) {
    content.writeValue(`${control}\\Windows`, name, { type: 'REG_EXPAND_SZ', data });
  }
  writeNumbers(content, `${control}\\Session Manager\\Memory Management\\PrefetchParameters`, {
    BootId: 1,
    EnablePrefetcher: 0,
  });
  writeNumbers(content, `${control}\\CrashControl`, { AutoReboot: 1, CrashDumpEnabled: 2 });
  content.writeValue(`${control}\\Session Manager`, 'BootExecute', {
    type: 'REG_MULTI_SZ',
    data: ['autocheck autochk *'],
  });
  const terminalServer = `${control}\\Terminal Server`;
  writeNumbers(content, terminalServer, { fDenyTSConnections: 0, TSEnabled: 1, StartRCM: 0, AllowRemoteRPC: 1 });
  writeNumbers(content, `${terminalServer}\\WinStations\\RDP-Tcp`, {
    PortNumber: 3389,
    fEnableWinStation: 1,
    SecurityLayer: 2,
    UserAuthentication: 1,
    MinEncryptionLevel: 2,
  });
}

function writeNetwork(content: DiskContent, parameters: string, computerName: string): void {
  writeTexts(content, parameters, { Hostname: computerName, 'NV Hostname': computerName, Domain: '', NameServer: '' });
  writeNumbers(content, parameters, { EnableICMPRedirect: 1, IPEnableRouter: 0 });
  content.writeValue(`${parameters}\\Adapters\\${interfaceId}`, 'IpConfig', {
    type: 'REG_MULTI_SZ',
    data: [`Tcpip\\Parameters\\Interfaces\\${interfaceId}`],
  });
  const adapter = `${parameters}\\Interfaces\\${interfaceId}`;
  writeNumbers(content, adapter, { EnableDHCP: 1 });
  writeTexts(content, adapter, { Domain: '', NameServer: '' });
}

function writeSoftware(content: DiskContent): void {
  const { build, updateRevision, productName } = windowsVersion;
  const version = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
  writeTexts(content, version, {
    ProductName: productName,
    CurrentBuild: String(build),
    CurrentBuildNumber: String(build),
    CurrentVersion: '6.3',
    DisplayVersion: '21H2',
    EditionID: 'ServerDatacenter',
    InstallationType: 'Server',
    SystemRoot: 'C:\\Windows',
  });
  writeNumbers(content, version, { CurrentMajorVersionNumber: 10, CurrentMinorVersionNumber: 0, UBR: updateRevision });
  for (const [group, members] of serviceGroups) {
    content.writeValue(`${version}\\Svchost`, group, { type: 'REG_MULTI_SZ', data: members });
  }
  // A healthy machine has SessionsPending (Azure/repair-script-library:src/windows/win-fix-pending-servicing.ps1);
  // PackagesPending, RebootPending and RebootInProgress come with work that waits.
  const servicing = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';
  writeNumbers(content, `${servicing}\\SessionsPending`, { Exclusive: 0, TotalSessionPhases: 0 });
}

function writeService(content: DiskContent, parent: string, service: ServiceDefinition): void {
  const key = `${parent}\\${service.name}`;
  writeTexts(content, key, { DisplayName: service.displayName });
  if (service.description) writeTexts(content, key, { Description: service.description });
  writeNumbers(content, key, { ErrorControl: 1, Start: service.start, Type: service.type });
  content.writeValue(key, 'ImagePath', { type: 'REG_EXPAND_SZ', data: service.imagePath });
  if (service.group) writeTexts(content, key, { Group: service.group });
  if (service.objectName) writeTexts(content, key, { ObjectName: service.objectName });
  if (service.dependsOn) content.writeValue(key, 'DependOnService', { type: 'REG_MULTI_SZ', data: service.dependsOn });
  if (!service.serviceDll) return;
  content.writeValue(`${key}\\Parameters`, 'ServiceDll', { type: 'REG_EXPAND_SZ', data: service.serviceDll });
}

function writeNumbers(content: DiskContent, key: string, values: Readonly<Record<string, number>>): void {
  for (const [name, data] of Object.entries(values)) content.writeValue(key, name, { type: 'REG_DWORD', data });
}

function writeTexts(content: DiskContent, key: string, values: Readonly<Record<string, string>>): void {
  for (const [name, data] of Object.entries(values)) content.writeValue(key, name, text(data));
}

function text(data: string): RegistryData {
  return { type: 'REG_SZ', data };
}
