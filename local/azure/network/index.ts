/** Microsoft.Network: what surrounds the VMs. A type that can be made and deleted is a file of its own beside these. */
import type { ResourceProvider } from '../resource-provider';
import type { NetworkContext } from './context';
import { interfaceOperations } from './interfaces';
import { networkInterfaceWrites } from './network-interface-writes';
import { operationResultOperations } from './operation-results';
import { surroundingsOperations } from './surroundings';

export function networkProvider(context: NetworkContext): ResourceProvider {
  return {
    namespace: 'Microsoft.Network',
    operations: [
      ...interfaceOperations(context),
      ...networkInterfaceWrites(context.world),
      ...surroundingsOperations(context),
      ...operationResultOperations(context.results),
    ],
  };
}
