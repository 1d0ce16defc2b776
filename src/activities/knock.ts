import { isIPv4 } from 'node:net';
import { covers, parseAddresses, union, type AddressSet } from '../network/address-set';
import type { ProbeAnswer } from '../probe/ports';
import type { OutsideView } from './outside-view';
import type { Tools } from './toolbox';

/** What the app found when it tried the RDP port itself, and where; or why it did not try. */
export type Knock =
  | { kind: 'off' }
  | { kind: 'not-made'; why: string }
  | { kind: 'made'; address: string; port: number; answer: ProbeAnswer; at: string };

/** No machine's address, so nothing that we connect to, whatever Azure says: this machine, Azure's own services, groups. */
const neverOfMachines: AddressSet = union(
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '168.63.129.16', '224.0.0.0/3'].map(
    (text) => parseAddresses(text) ?? [],
  ),
);

/** Tries the RDP port at the VM's address that the setting names, as Azure tells it. */
export async function knock({ settings, probe }: Tools, view: OutsideView): Promise<Knock> {
  if (settings.rdpProbe === 'off') return { kind: 'off' };
  const isPrivate = settings.rdpProbe === 'private-address';
  const address = isPrivate ? view.privateAddress : view.publicAddress;
  const what = isPrivate ? 'private' : 'public';
  if (address === undefined) return { kind: 'not-made', why: `Azure knows no ${what} address of the VM.` };
  if (!isOfMachine(address)) return { kind: 'not-made', why: `${address.slice(0, 60)} is no address to connect to.` };
  const answer = await probe.askForRdp({ address, port: view.port });
  return { kind: 'made', address, port: view.port, answer, at: new Date().toISOString() };
}

function isOfMachine(address: string): boolean {
  const parsed = isIPv4(address) ? parseAddresses(address) : undefined;
  return parsed !== undefined && !covers(neverOfMachines, parsed);
}
