/** `snapshots/beginGetAccess` and `endGetAccess`, as recorded in test_snapshot_access (durations.ts names the folder). */
import { idKey } from '../arm-id';
import { beingChanged, exportForbidden, invalidParameter, resourceNotFound, type ArmResponse } from '../arm-errors';
import { SNAPSHOT_GRANT_MS, SNAPSHOT_REVOKE_MS } from '../durations';
import { readObject } from '../request-body';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { pause } from '../timers';
import type { Snapshot } from '../world';
import { diskVersions, quotas } from './api-versions';
import type { ComputeContext } from './context';
import { isExportForbidden } from './network-access';

const type = 'Microsoft.Compute/snapshots';
const single = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`;
/** "SAS … limited to 60 days": https://learn.microsoft.com/azure/virtual-machines/linux/download-vhd */
const LONGEST_SECONDS = 60 * 24 * 60 * 60;

export function snapshotAccessOperations(context: ComputeContext): ArmOperation[] {
  const action = (verb: string, act: (snapshot: Snapshot, request: ArmRequest) => ArmResponse): ArmOperation => ({
    apiVersions: diskVersions,
    method: 'POST',
    path: `${single}/${verb}`,
    action: `${type}/${verb}/action`,
    quota: quotas.createSnapshot,
    handle(request) {
      const snapshot = context.world.snapshots.get(idKey(request.path.replace(/\/[^/]+$/, '')));
      if (snapshot) return act(snapshot, request);
      return resourceNotFound(type, request.segments.name ?? '', request.segments.resourceGroup ?? '');
    },
  });
  return [
    action('beginGetAccess', (snapshot, request) => beginGetAccess(context, snapshot, request)),
    action('endGetAccess', (snapshot, request) => endGetAccess(context, snapshot, request)),
  ];
}

function beginGetAccess(context: ComputeContext, snapshot: Snapshot, request: ArmRequest): ArmResponse {
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const { access, durationInSeconds } = body.value;
  if (access !== 'Read') return invalidParameter('access', 'A snapshot can be read only.');
  if (typeof durationInSeconds !== 'number' || durationInSeconds < 1 || durationInSeconds > LONGEST_SECONDS) {
    return invalidParameter('durationInSeconds', 'The value of parameter durationInSeconds is invalid.');
  }
  if (snapshot.provisioningState !== 'Succeeded') return beingChanged(type, snapshot.name);
  if (isExportForbidden(snapshot.network)) return exportForbidden(snapshot.name);
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void pause(SNAPSHOT_GRANT_MS).then(() => {
    operation.succeed({ accessSAS: context.signedAccess.grant(snapshot, durationInSeconds * 1000) });
  });
  return { status: 202, headers: operation.headers('both') };
}

/** assumed: ends as well when no access is open. */
function endGetAccess(context: ComputeContext, snapshot: Snapshot, request: ArmRequest): ArmResponse {
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void pause(SNAPSHOT_REVOKE_MS).then(() => {
    context.signedAccess.revoke(snapshot);
    operation.succeed();
  });
  return { status: 202, headers: operation.headers('both') };
}
