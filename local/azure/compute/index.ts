/** Microsoft.Compute. */
import type { ResourceProvider } from '../resource-provider';
import type { ComputeContext } from './context';
import { dataDiskOperations } from './data-disks';
import { diskEncryptionSetOperations } from './disk-encryption-sets';
import { diskOperations } from './disks';
import { operationStatusOperations } from './operation-status';
import { runCommandActionOperations } from './run-command-action';
import { runCommandOperations } from './run-commands';
import { skuOperations } from './skus';
import { snapshotAccessOperations } from './snapshot-access';
import { snapshotOperations } from './snapshots';
import { virtualMachineChangeOperations } from './virtual-machine-changes';
import { virtualMachineCreationOperations } from './virtual-machine-creation';
import { virtualMachineDeletionOperations } from './virtual-machine-deletion';
import { virtualMachineOperations } from './virtual-machines';

export function computeProvider(context: ComputeContext): ResourceProvider {
  return {
    namespace: 'Microsoft.Compute',
    operations: [
      ...virtualMachineOperations(context),
      ...virtualMachineChangeOperations(context),
      ...virtualMachineCreationOperations(context),
      ...virtualMachineDeletionOperations(context),
      ...dataDiskOperations(context),
      ...runCommandOperations(context),
      ...runCommandActionOperations(context),
      ...diskOperations(context),
      ...diskEncryptionSetOperations(context),
      ...snapshotOperations(context),
      ...snapshotAccessOperations(context),
      ...skuOperations(context),
      ...operationStatusOperations(context),
    ],
  };
}
