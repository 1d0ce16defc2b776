/** Microsoft.Compute. */
import type { ResourceProvider } from '../resource-provider';
import type { ComputeContext } from './context';
import { diskOperations } from './disks';
import { operationStatusOperations } from './operation-status';
import { runCommandOperations } from './run-commands';
import { snapshotAccessOperations } from './snapshot-access';
import { snapshotOperations } from './snapshots';
import { virtualMachineOperations } from './virtual-machines';

export function computeProvider(context: ComputeContext): ResourceProvider {
  return {
    namespace: 'Microsoft.Compute',
    operations: [
      ...virtualMachineOperations(context),
      ...runCommandOperations(context),
      ...diskOperations(context),
      ...snapshotOperations(context),
      ...snapshotAccessOperations(context),
      ...operationStatusOperations(context),
    ],
  };
}
