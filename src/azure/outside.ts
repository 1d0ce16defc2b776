import type { SecurityGroup } from '../network/reach';
import type { Answer } from './ports';

/** What Azure knows of a VM's surroundings: the ways to it that are outside its guest. Nothing here changes anything. */

/** Whether a person may use the serial console in a subscription; `not-told` counts as disabled, as for the Azure CLI. */
export type SerialConsoleState = 'enabled' | 'disabled' | 'not-told';

/** A network interface, as far as RDP reaches a VM by it: its primary IPv4 configuration. */
export interface NetworkInterface {
  id: string;
  privateAddress?: string;
  /** ARM id of its public IP address, which may lie in another resource group. */
  publicAddressId?: string;
}

/** A public IP address. */
export interface PublicAddress {
  /** Undefined while Azure has given none. */
  address?: string;
  /** e.g. `Basic`, `Standard`. */
  sku?: string;
}

/** The rules that apply to an interface, or the operation (an address of ARM's) that finds them out. */
export type EffectiveRules =
  { state: 'running'; operation: string; retryAfterMs?: number } | { state: 'done'; groups: SecurityGroup[] };

/** The calls. Every one may be repeated. */
export interface OutsideArm {
  /** The state of the serial console for the VM's subscription: a switch of all of it. */
  getSerialConsole(vmId: string): Promise<Answer<SerialConsoleState>>;
  getNetworkInterface(interfaceId: string): Promise<Answer<NetworkInterface>>;
  getPublicAddress(publicAddressId: string): Promise<Answer<PublicAddress>>;
  /**
   * Begins to find out which security rules apply to the interface of a running VM; it may be done at once. Refused with
   * `NicMustBeAttachedToRunningVmToGetEffectiveSecurityGroups` otherwise.
   */
  beginEffectiveRules(interfaceId: string): Promise<Answer<EffectiveRules>>;
  /** Looks at what `beginEffectiveRules` began. */
  lookAtEffectiveRules(interfaceId: string, operation: string): Promise<Answer<EffectiveRules>>;
}
