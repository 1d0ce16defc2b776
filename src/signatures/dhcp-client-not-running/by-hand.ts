import type { Remedy } from './codes';

const console = 'Open the VM’s serial console, start a CMD channel and sign in.';
const start = 'sc.exe start Dhcp';

const servicesKey = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\';

/** The registry keys that the service's account must be able to read and write. */
const keys = ['Dhcp', String.raw`Dhcp\Parameters`, String.raw`Dhcp\Configurations`];
const addressKeys = [String.raw`Tcpip\Parameters`, String.raw`Tcpip\Parameters\Interfaces`];

/** What a person can do, by the code: Microsoft's procedure, with quotes that cmd takes. */
export function byHandFor(code: number, remedy: Remedy): string[] {
  switch (remedy) {
    case 'start':
      return [console, start];
    case 'account':
      return [console, String.raw`sc.exe config Dhcp obj= "NT AUTHORITY\LocalService"`, start];
    case 'isolate':
      return [console, 'sc.exe stop Dhcp', 'sc.exe config Dhcp type= own', start];
    case 'manual':
      return [console, ...manualFor(code)];
  }
}

function manualFor(code: number): string[] {
  switch (code) {
    case 5:
      return [
        'sc.exe sdshow Dhcp',
        'sc.exe showsid Dhcp',
        ...[...keys, ...addressKeys].map((key) => `powershell.exe -Command "(Get-Acl '${servicesKey}${key}').Sddl"`),
        'Compare with a VM of the same Windows build, and give the service’s SID back what it lacks, no more.',
        'If they are the same: bring Process Monitor on a data disk (this VM has no network), trace while you run sc.exe start Dhcp, and look for the result ACCESS DENIED.',
      ];
    case 1059:
    case 1068:
      return [
        'sc.exe qc Dhcp',
        ...['nsi', 'Afd', 'Tdx'].map((name) => `sc.exe query ${name}`),
        'Mend the one that does not run, or the circle; then sc.exe start Dhcp. Microsoft asks for a support request here.',
      ];
    case 1079:
      return [
        'sc.exe qc Dhcp',
        'sc.exe qc EventLog',
        'sc.exe qc lmhosts',
        'Services of one svchost must share an account; the one that differs is wrong. Microsoft asks for a support request here.',
      ];
    default:
      return ['sc.exe query Dhcp', 'sc.exe qc Dhcp', 'With this code Microsoft asks for a support request.'];
  }
}
