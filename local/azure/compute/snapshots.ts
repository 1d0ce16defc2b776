/** `Microsoft.Compute/snapshots`: PUT (a copy of a disk), GET, list, PATCH of tags and network access, DELETE. */
import { randomUUID } from 'node:crypto';
import { idKey, resourceGroupOf, resourceId } from '../arm-id';
import {
  accessOutstanding,
  beingChanged,
  invalidParameter,
  propertyChangeNotAllowed,
  resourceNotFound,
  sourceNotFound,
  type ArmResponse,
} from '../arm-errors';
import { SNAPSHOT_CREATE_MS, SNAPSHOT_DELETE_MS } from '../durations';
import { azureTime, carryOut } from '../long-running-operations';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { readObject, readTags } from '../request-body';
import type { Disk, Snapshot } from '../world';
import { diskVersions, quotas } from './api-versions';
import type { ComputeContext } from './context';
import { linkedSet, readEncryption } from './disk-encryption-sets';
import { GIB, traitsOf } from './disk-record';
import { changeNetworkAccess, openToAll } from './network-access';

const type = 'Microsoft.Compute/snapshots';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const single = `${collection}/{name}`;
const common = { apiVersions: diskVersions } as const;

export function snapshotOperations(context: ComputeContext): ArmOperation[] {
  const { snapshots } = context.world;
  const find = (request: ArmRequest) => snapshots.get(idKey(request.path));
  const missing = (request: ArmRequest) =>
    resourceNotFound(type, request.segments.name ?? '', request.segments.resourceGroup ?? '');
  const show = (snapshot: Snapshot) => snapshotBody(context, snapshot);
  const list = (keep: (snapshot: Snapshot) => boolean): ArmResponse => ({
    status: 200,
    body: { value: [...snapshots.values()].filter(keep).map(show) },
  });
  return [
    {
      ...common,
      method: 'PUT',
      path: single,
      action: `${type}/write`,
      // A copy reads its source: the caller needs access to that disk too (Azure/OpenShift#186).
      linked: (request) => {
        const source = sourceOf(request.body);
        const sets = linkedSet(request.body);
        if (source === undefined) return sets;
        return [{ action: 'Microsoft.Compute/disks/beginGetAccess/action', scope: source }, ...sets];
      },
      quota: quotas.createSnapshot,
      handle: (request) => putSnapshot(context, request),
    },
    {
      ...common,
      method: 'GET',
      path: single,
      action: `${type}/read`,
      quota: quotas.getDisk,
      handle(request) {
        const snapshot = find(request);
        return snapshot ? { status: 200, body: show(snapshot) } : missing(request);
      },
    },
    {
      ...common,
      method: 'GET',
      path: collection,
      action: `${type}/read`,
      quota: quotas.listDisks,
      handle: ({ segments }) =>
        list(({ id }) => resourceGroupOf(id)?.toLowerCase() === segments.resourceGroup?.toLowerCase()),
    },
    {
      ...common,
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/providers/${type}`,
      action: `${type}/read`,
      quota: quotas.listDisks,
      handle: () => list(() => true),
    },
    {
      ...common,
      method: 'PATCH',
      path: single,
      action: `${type}/write`,
      quota: quotas.changeDisks,
      handle(request) {
        const snapshot = find(request);
        if (!snapshot) return missing(request);
        const tags = readTags(request.body);
        if (!tags.ok) return tags.response;
        const network = changeNetworkAccess(snapshot.network, propertiesOf(request.body));
        if (!network.ok) return network.response;
        if (tags.value) snapshot.tags = tags.value;
        snapshot.network = network.value;
        return { status: 200, body: show(snapshot) };
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: single,
      action: `${type}/delete`,
      quota: quotas.changeDisks,
      handle(request) {
        const snapshot = find(request);
        if (!snapshot) return { status: 204 };
        if (context.signedAccess.isOpen(snapshot)) return accessOutstanding(snapshot.name);
        snapshot.provisioningState = 'Deleting';
        const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
        void carryOut(operation, {
          durationMs: SNAPSHOT_DELETE_MS,
          fate: request.fate,
          apply() {
            snapshots.delete(idKey(snapshot.id));
          },
          failed() {
            snapshot.provisioningState = 'Succeeded';
          },
        });
        return { status: 202, headers: operation.headers('both') };
      },
    },
  ];
}

function sourceOf(body: unknown): string | undefined {
  const properties = propertiesOf(body);
  const creationData = readObject(properties.creationData);
  if (!creationData.ok) return undefined;
  const { sourceResourceId } = creationData.value;
  return typeof sourceResourceId === 'string' ? sourceResourceId : undefined;
}

function propertiesOf(body: unknown): Record<string, unknown> {
  const object = readObject(body);
  const properties = object.ok ? readObject(object.value.properties) : object;
  return properties.ok ? properties.value : {};
}

function putSnapshot(context: ComputeContext, request: ArmRequest): ArmResponse {
  const { world } = context;
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const { location } = body.value;
  const sourceId = sourceOf(request.body);
  if (typeof location !== 'string')
    return invalidParameter('location', "Required parameter 'location' is missing (null).");
  if (sourceId === undefined) {
    const target = 'creationData.sourceResourceId';
    return invalidParameter(target, `Required parameter '${target}' is missing (null).`);
  }
  const disk = world.disks.get(idKey(sourceId));
  // Azure looks for the disk in the snapshot's location only, and so misses it in any other.
  if (disk?.location.toLowerCase() !== location.toLowerCase()) return sourceNotFound(sourceId.split('/').at(-1) ?? '');
  const network = changeNetworkAccess(openToAll, propertiesOf(request.body));
  if (!network.ok) return network.response;
  const existing = world.snapshots.get(idKey(request.path));
  if (existing) return putAgain(context, request, { existing, disk, tags: tags.value });
  // "Snapshots created from disks that are encrypted with … customer-managed keys must be encrypted with the same customer-managed
  // keys": https://learn.microsoft.com/azure/virtual-machines/disk-encryption#restrictions
  // assumed: one that names no key gets that of its source, which asks for no right to the set.
  const encryption = readEncryption(world, request.body, { location, inherited: disk.encryption });
  if (!encryption.ok) return encryption.response;
  const { diskEncryptionSetId: ofSource } = disk.encryption;
  if (ofSource !== undefined && encryption.value.diskEncryptionSetId !== ofSource) {
    return invalidParameter('encryption', 'The value of parameter encryption is invalid.');
  }
  const snapshot = newSnapshot(request, disk, {
    encryption: encryption.value,
    location,
    tags: tags.value ?? {},
    incremental: propertiesOf(request.body).incremental === true,
    network: network.value,
  });
  world.snapshots.set(idKey(snapshot.id), snapshot);
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: SNAPSHOT_CREATE_MS,
    fate: request.fate,
    apply() {
      if (snapshot.provisioningState === 'Updating') snapshot.provisioningState = 'Succeeded';
      return snapshotBody(context, snapshot);
    },
    failed() {
      snapshot.provisioningState = 'Failed';
    },
  });
  return { status: 202, body: acceptedBody(snapshot), headers: operation.headers('both') };
}

/** The same PUT once more changes nothing but tags: the content stays that of the first. */
function putAgain(
  context: ComputeContext,
  request: ArmRequest,
  given: { existing: Snapshot; disk: Disk; tags: Record<string, string> | undefined },
): ArmResponse {
  const { existing, disk } = given;
  if (idKey(existing.source.id) !== idKey(disk.id)) return propertyChangeNotAllowed('creationData.sourceResourceId');
  if (existing.provisioningState !== 'Succeeded') return beingChanged(type, existing.name);
  existing.tags = given.tags ?? {};
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  operation.succeed(snapshotBody(context, existing));
  return { status: 202, body: snapshotBody(context, existing), headers: operation.headers('both') };
}

function newSnapshot(
  request: ArmRequest,
  disk: Disk,
  given: Pick<Snapshot, 'location' | 'tags' | 'incremental' | 'network' | 'encryption'>,
): Snapshot {
  const { subscriptionId = '', resourceGroup = '', name = '' } = request.segments;
  return {
    ...given,
    id: resourceId(subscriptionId, resourceGroup, type, name),
    name,
    provisioningState: 'Updating',
    source: { id: disk.id, uniqueId: disk.uniqueId, sizeGiB: disk.sizeGiB, ...traitsOf(disk) },
    uniqueId: randomUUID(),
    createdAt: Date.now(),
    bytes: disk.bytes.copy({ readOnly: true }),
  };
}

/** The first answer repeats the request, recorded in test_completion_percent. */
function acceptedBody(snapshot: Snapshot): object {
  return {
    name: snapshot.name,
    id: snapshot.id,
    type,
    location: snapshot.location,
    tags: snapshot.tags,
    properties: {
      creationData: { createOption: 'Copy', sourceResourceId: snapshot.source.id },
      incremental: snapshot.incremental,
      provisioningState: 'Updating',
    },
  };
}

function snapshotBody({ signedAccess }: ComputeContext, snapshot: Snapshot): object {
  const { source } = snapshot;
  return {
    name: snapshot.name,
    id: snapshot.id,
    type,
    location: snapshot.location,
    tags: snapshot.tags,
    // Incremental snapshots are on Standard HDD: https://learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      osType: source.osType,
      hyperVGeneration: source.hyperVGeneration,
      supportedCapabilities: source.supportedCapabilities,
      purchasePlan: source.purchasePlan,
      ...(source.securityType ? { securityProfile: { securityType: source.securityType } } : {}),
      creationData: { createOption: 'Copy', sourceResourceId: source.id, sourceUniqueId: source.uniqueId },
      diskSizeGB: source.sizeGiB,
      diskSizeBytes: source.sizeGiB * GIB,
      encryption: snapshot.encryption,
      incremental: snapshot.incremental,
      ...(snapshot.incremental ? { incrementalSnapshotFamilyId: source.uniqueId } : {}),
      ...snapshot.network,
      timeCreated: azureTime(snapshot.createdAt),
      provisioningState: snapshot.provisioningState,
      // assumed: an access that has expired counts as ended at once.
      diskState: signedAccess.isOpen(snapshot) ? 'ActiveSAS' : 'Unattached',
      uniqueId: snapshot.uniqueId,
      completionPercent: snapshot.provisioningState === 'Updating' ? 0 : 100,
    },
  };
}
