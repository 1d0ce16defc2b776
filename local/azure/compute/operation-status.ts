/**
 * `locations/{location}/operations|DiskOperations/{id}`: where the headers of long-running operations point to.
 * No action is demanded: a caller with a role on one resource group can follow its operations, although they lie
 * above that group (@azure/core-lro polls these with the same token). Velero's documented least role, granted on a
 * resource group, has no action for it and follows the operations of its snapshots all the same:
 * vmware-tanzu/velero-plugin-for-microsoft-azure:README.md, "Specify Role".
 */
import { resourceNotFound } from '../arm-errors';
import type { ArmOperation } from '../resource-provider';
import { diskVersions, quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';

export function operationStatusOperations({ operations }: ComputeContext): ArmOperation[] {
  const of = (kind: string, apiVersions: readonly string[]): ArmOperation => ({
    method: 'GET',
    path: `/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/${kind}/{id}`,
    apiVersions,
    action: undefined,
    quota: quotas.getOperation,
    handle(request) {
      const id = request.segments.id ?? '';
      const target = `${request.path}?${request.query.toString()}`;
      const answer = operations.look(id, request.query.get('monitor') === 'true', target);
      return answer ?? resourceNotFound(`Microsoft.Compute/locations/${kind}`, id, '');
    },
  });
  return [of('operations', virtualMachineVersions), of('DiskOperations', diskVersions)];
}
