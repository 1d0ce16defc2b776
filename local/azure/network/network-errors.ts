/** Errors of Microsoft.Network's writes, word by word. */
import { error, type ArmResponse } from '../arm-errors';

// Quoted in several public logs of terraform and packer; 400: hashicorp's "unexpected status 400"
export function interfaceIsUsed(nicId: string, vmId: string): ArmResponse {
  const message = `Network Interface ${nicId} is used by existing resource ${vmId}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`;
  return error(400, 'NicInUse', message, { details: [] });
}

// taskcluster/taskcluster#7196, gardenlinux/gardenlinux#4133 (400)
export function interfaceIsReserved(vmId: string): ArmResponse {
  const message = `Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or retry after 180 seconds. Reserved VM: ${vmId}`;
  return error(400, 'NicReservedForAnotherVm', message, { details: [] });
}
