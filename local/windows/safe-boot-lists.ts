/**
 * What Windows starts in safe mode: the keys under `Control\SafeBoot\Minimal` and `\Network`, with what each one names.
 * Read from the SYSTEM hive of a Windows 7 in mkorman90/regipy:regipy_tests/data, without the entries of a virus scanner;
 * assumed to be the same on Server 2022 for all that is simulated here. Neither list names TermService, so there is no
 * Remote Desktop in either mode, which is also what MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/
 * windows/troubleshoot-rdp-safe-mode.md says; nor RdAgent or WindowsAzureGuestAgent, which Azure installs later.
 */

/** What a key's default value says its name is. */
type ListedKind = 'Service' | 'Driver' | 'Driver Group';

const both: Readonly<Record<ListedKind, string>> = {
  Service:
    'AppInfo AppMgmt CryptSvc DcomLaunch EFS EventLog HelpSvc KeyIso Netlogon NTDS PlugPlay Power ProfSvc RpcEptMapper RpcSs sacsvr SWPRV TabletInputService TBS TrustedInstaller VDS vmms WinDefend WinMgmt WudfSvc',
  Driver: 'sermouse.sys vga.sys vgasave.sys volmgr.sys volmgrx.sys WudfPf WudfRd',
  'Driver Group':
    'Base,Boot Bus Extender,Boot file system,File system,Filter,PCI Configuration,PNP Filter,Primary disk,SCSI Class,System Bus Extender',
};

const networkOnly: typeof both = {
  Service:
    'AFD BFE Browser Dhcp DnsCache Dot3Svc Eaphost IKEEXT LanmanServer LanmanWorkstation LmHosts Messenger MPSSvc NativeWifiP Ndisuio NetBIOS NetBT NetMan netprofm NlaSvc Nsi PolicyAgent rdsessmgr SCardSvr SharedAccess Tcpip VaultSvc Wlansvc',
  Driver:
    'bowser dfsc ipnat.sys MPSDrv mrxsmb mrxsmb10 mrxsmb20 ndiscap nsiproxy.sys rdbss rdpencdd.sys WudfUsbccidDriver',
  'Driver Group': 'NDIS,NDIS Wrapper,NetBIOSGroup,NetDDEGroup,Network,NetworkProvider,PNP_TDI,Streams Drivers,TDI',
};

/** Device classes, whose drivers are all allowed. */
const classes: Readonly<Record<string, string>> = {
  '{36FC9E60-C465-11CF-8056-444553540000}': 'Universal Serial Bus controllers',
  '{4D36E965-E325-11CE-BFC1-08002BE10318}': 'CD-ROM Drive',
  '{4D36E967-E325-11CE-BFC1-08002BE10318}': 'DiskDrive',
  '{4D36E96A-E325-11CE-BFC1-08002BE10318}': 'Hdc',
  '{4D36E96B-E325-11CE-BFC1-08002BE10318}': 'Keyboard',
  '{4D36E96F-E325-11CE-BFC1-08002BE10318}': 'Mouse',
  '{4D36E97B-E325-11CE-BFC1-08002BE10318}': 'SCSIAdapter',
  '{4D36E97D-E325-11CE-BFC1-08002BE10318}': 'System',
  '{533C5B84-EC70-11D2-9505-00C04F79DEAF}': 'Volume shadow copy',
  '{71A27CDD-812A-11D0-BEC7-08002BE2092F}': 'Volume',
  '{745A17A0-74D3-11D0-B6FE-00A0C90F57DA}': 'Human Interface Devices',
};

const networkClasses: typeof classes = {
  '{4D36E972-E325-11CE-BFC1-08002BE10318}': 'Net',
  '{4D36E973-E325-11CE-BFC1-08002BE10318}': 'NetClient',
  '{4D36E974-E325-11CE-BFC1-08002BE10318}': 'NetService',
  '{4D36E975-E325-11CE-BFC1-08002BE10318}': 'NetTrans',
};

/** Key names with the text of their default value, by list. */
export const safeBootLists: Readonly<Record<'Minimal' | 'Network', readonly [name: string, kind: string][]>> = {
  Minimal: [...entriesOf(both), ...Object.entries(classes)],
  Network: [...entriesOf(both), ...entriesOf(networkOnly), ...Object.entries({ ...classes, ...networkClasses })],
};

function entriesOf(lists: typeof both): [string, string][] {
  const of = (kind: keyof typeof both, separator: string) =>
    lists[kind].split(separator).map((name): [string, string] => [name, kind]);
  return [...of('Service', ' '), ...of('Driver', ' '), ...of('Driver Group', ',')];
}
