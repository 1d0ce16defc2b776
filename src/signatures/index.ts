import type { Signature } from './define-signature';
import { dhcpClientDisabled } from './dhcp-client-disabled';
import { dhcpClientNotRunning } from './dhcp-client-not-running';
import { remoteDesktopDisabled } from './remote-desktop-disabled';
import { safeMode } from './safe-mode';

/** Every signature, in the order in which they are looked for. A folder that is not listed here fails `npm run check`. */
export const signatures: readonly Signature[] = [
  safeMode,
  dhcpClientDisabled,
  dhcpClientNotRunning,
  remoteDesktopDisabled,
];

/** The signature with this id. Throws if there is none: a plan names only what existed when it was made. */
export function signatureOf(id: string): Signature {
  const found = signatures.find((signature) => signature.id === id);
  if (!found) throw new Error(`There is no signature ${id} in this release.`);
  return found;
}
