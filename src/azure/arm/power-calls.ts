import type { RecoveryArm } from '../recovery-ports';
import { parseVirtualMachineId } from '../resource-id';
import { begin, idOf } from './answer';
import type { ComputeClients } from './compute-client';

/** Who looks and who acts. */
export interface Clients {
  observe: ComputeClients;
  repair: ComputeClients;
}

/** Power of a virtual machine. ARM takes a repeated request: the machine is then in that state already. */
export function powerCalls({ repair }: Clients): Pick<RecoveryArm, 'beginPowerOff' | 'beginStart'> {
  return {
    async beginPowerOff(vmId, { skipShutdown }) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return begin(repair(subscriptionId), ({ virtualMachines }) =>
        virtualMachines.powerOff(resourceGroup, name, { skipShutdown }),
      );
    },

    async beginStart(vmId) {
      const { subscriptionId, resourceGroup, name } = idOf(vmId, parseVirtualMachineId);
      return begin(repair(subscriptionId), ({ virtualMachines }) => virtualMachines.start(resourceGroup, name));
    },
  };
}
