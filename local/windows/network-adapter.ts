/** The guest's one network adapter: how it gets its addresses, and what of it stands in the registry. */
import type { DiskContent } from './content';
import { interfaceId } from './default-content';
import { numberOf } from './service-configuration';
import type { ServiceManager } from './service-manager';

/** From the first look at a running DHCP client until it has a lease. assumed: Azure's DHCP answers at once. */
const LEASE_MS = 300;
/** Azure's DHCP server: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const DHCP_SERVER = '168.63.129.16';

interface AdapterOptions {
  content: DiskContent;
  controlSet: string;
  services: ServiceManager;
  /** What DHCP gives. */
  address: string;
}

export interface NetworkAdapter {
  addresses(at: number): string[];
}

/** The adapter of a Windows that has just booted. */
export function createNetworkAdapter({ content, controlSet, services, address }: AdapterOptions): NetworkAdapter {
  const key = `${controlSet}\\Services\\Tcpip\\Parameters\\Interfaces\\${interfaceId}`;
  let leasedSince: number | undefined;

  /**
   * The address lives on after the DHCP client has stopped: Azure's leases do not run out while the VM is up
   * (design: "The guest as far as known"). Without a DHCP client since boot there is none. assumed: no APIPA address
   * then, because it is the DHCP client that makes one up.
   */
  function addresses(at: number): string[] {
    if (services.status('Tcpip', at).state !== 'RUNNING') return [];
    if (numberOf(content.readValue(key, 'EnableDHCP')) === 0) {
      const fixed = content.readValue(key, 'IPAddress');
      return fixed?.type === 'REG_MULTI_SZ' ? [...fixed.data] : [];
    }
    const client = services.status('Dhcp', at);
    if (leasedSince === undefined && client.state === 'RUNNING' && at >= client.since + LEASE_MS) {
      leasedSince = client.since + LEASE_MS;
      recordLease(leasedSince);
    }
    return leasedSince === undefined ? [] : [address];
  }

  /** The DHCP client's values of the last lease stay on the disk, also when the next boot gets none. */
  function recordLease(since: number): void {
    const gateway = address.replace(/\d+$/, '1');
    const texts = { DhcpIPAddress: address, DhcpSubnetMask: '255.255.255.0', DhcpServer: DHCP_SERVER };
    for (const [name, data] of Object.entries(texts)) content.writeValue(key, name, { type: 'REG_SZ', data });
    content.writeValue(key, 'DhcpDefaultGateway', { type: 'REG_MULTI_SZ', data: [gateway] });
    const obtained = Math.floor(since / 1000);
    content.writeValue(key, 'LeaseObtainedTime', { type: 'REG_DWORD', data: obtained });
    content.writeValue(key, 'LeaseTerminatesTime', { type: 'REG_DWORD', data: 0xffffffff });
  }

  return { addresses };
}
