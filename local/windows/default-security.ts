/**
 * Who may do what with the keys of the DHCP Client, and with services. No public record of a healthy Windows Server 2022
 * was found: assumed, after what keys under `Services` commonly have, with the service's own SID where it writes.
 */
import type { DiskContent } from './content';
import { descriptorOf, serviceSid } from './security-descriptor';

/** Of the keys under `Services` that say nothing else: read for users, all for administrators and LocalSystem. */
const inherited = 'O:BAG:SYD:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)(A;CIIOID;KA;;;CO)(A;CIID;KR;;;AC)';
const usual = '(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)';

/** Keys that the DHCP Client writes, by their path below `Services`. */
export const dhcpKeys = [
  'Dhcp\\Parameters',
  'Dhcp\\Configurations',
  'Tcpip\\Parameters',
  'Tcpip\\Parameters\\Interfaces',
];

/** The descriptor of such a key; `withService`: with the entry that lets the DHCP Client write. */
export function dhcpKeyDescriptor(withService: boolean): string {
  const own = withService ? `(A;CI;CCDCLCSWRPSDRC;;;${serviceSid('Dhcp')})` : '';
  return `O:BAG:SYD:AI${own}${usual}`;
}

/** What `sc.exe sdshow` prints of a service that nobody gave other permissions: a public capture. */
export const defaultServiceDescriptor =
  'D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWLOCRRC;;;IU)(A;;CCLCSWLOCRRC;;;SU)';

/** Gives `Services` its descriptor; keys that are made below have the same. */
export function writeServicesSecurity(content: DiskContent, servicesKey: string): void {
  content.setKeySecurity(servicesKey, descriptorOf(inherited));
}

/** Gives the DHCP Client's keys theirs. */
export function writeDhcpSecurity(content: DiskContent, servicesKey: string): void {
  for (const key of dhcpKeys) content.setKeySecurity(`${servicesKey}\\${key}`, descriptorOf(dhcpKeyDescriptor(true)));
}
