import { diskIdOf, parseVirtualMachineId } from './azure/resource-id';

/** What the name of a recovery VM's OS disk ends with, after the VM's own. */
export const recoveryOsDiskSuffix = '-os';

/**
 * The id of the OS disk of a recovery VM that a repair makes: it has the VM's tags, and is made and deleted with it, so it has no record of
 * its own. Undefined for what is no id of a VM.
 */
export function recoveryOsDiskOf(recoveryVmId: string): string | undefined {
  const vm = parseVirtualMachineId(recoveryVmId);
  return vm && diskIdOf(vm.subscriptionId, vm.resourceGroup, `${vm.name}${recoveryOsDiskSuffix}`);
}
