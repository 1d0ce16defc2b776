import type { Key } from '../../disk/registry/key';
import type { AdapterAddressing, NetworkAddressing } from '../evidence';
import { numberIn, textIn } from './current-hive';
import type { Finding } from './finding';
import { plainText } from '../plain-text';
import { controlSetKey, type Windows } from './windows';

const interfaces = ['Services', 'Tcpip', 'Parameters', 'Interfaces'];

const mostAdapters = 64;
const mostAddresses = 16;
const longestAddress = 64;
/** How Windows writes "none". */
const noAddress = '0.0.0.0';

/**
 * How the adapters get their addresses. Interfaces that neither ask DHCP nor have an address are left out: Windows keeps
 * one for each tunnel and each adapter that ever was.
 */
export async function readNetworkAddressing(windows: Windows): Promise<Finding<NetworkAddressing>> {
  const { key, place } = await controlSetKey(windows, interfaces);
  const adapters: AdapterAddressing[] = [];
  let lastWritten = key.lastWritten;
  let isCut = false;
  for await (const one of key.subkeys()) {
    const adapter = await readAdapter(one);
    if (!adapter) continue;
    isCut = adapters.length >= mostAdapters;
    if (isCut) break;
    adapters.push(adapter);
    if (one.lastWritten > lastWritten) lastWritten = one.lastWritten;
  }
  const { hive } = await windows.controlSet();
  const cut = isCut ? [`there are more than ${mostAdapters} adapters`] : [];
  return { fact: { kind: 'network-addressing', adapters }, place, lastWritten, cautions: [...hive.cautions, ...cut] };
}

async function readAdapter(key: Key): Promise<AdapterAddressing | undefined> {
  const id = plainText(key.name, longestAddress);
  const isDhcp = (await numberIn(key, 'EnableDHCP')) === 1;
  if (!isDhcp) {
    const value = await key.value('IPAddress');
    const texts = value?.type === 'REG_MULTI_SZ' ? value.texts : [];
    const addresses = texts.slice(0, mostAddresses).filter(isAddress);
    if (addresses.length === 0) return undefined;
    return { id, dhcp: false, addresses: addresses.map((text) => plainText(text, longestAddress)) };
  }
  const leased = await textIn(key, 'DhcpIPAddress');
  const hasLease = leased !== undefined && isAddress(leased);
  return { id, dhcp: true, addresses: [], ...(hasLease ? { leasedAddress: plainText(leased, longestAddress) } : {}) };
}

function isAddress(text: string): boolean {
  return text !== '' && text !== noAddress;
}
