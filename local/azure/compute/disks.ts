/**
 * `Microsoft.Compute/disks`: GET, lists, PUT (a copy of a disk or snapshot), PATCH, DELETE. Fields as recorded in
 * test_completion_percent and test_vm_os_disk_swap (durations.ts names the folder).
 */
import { idKey, resourceGroupOf, resourceId } from '../arm-id';
import {
  beingChanged,
  invalidParameter,
  propertyChangeNotAllowed,
  resourceNotFound,
  sourceNotFound,
  type ArmResponse,
} from '../arm-errors';
import { DISK_COPY_MS, DISK_DELETE_MS, DISK_UPDATE_MS } from '../durations';
import { azureTime, carryOut } from '../long-running-operations';
import { readObject, readTags } from '../request-body';
import type { ArmOperation, ArmRequest, Demand } from '../resource-provider';
import type { World } from '../world';
import { diskVersions, quotas } from './api-versions';
import { diskIsAttached, securityTypeOfCopy } from './compute-errors';
import type { ComputeContext } from './context';
import { linkedSet, readEncryption } from './disk-encryption-sets';
import { refuseProperties, usualTier, type AskedDisk } from './disk-properties';
import { GIB, newDisk, traitsOf, type Disk, type DiskTraits } from './disk-record';
import { withoutRoomFor } from './disk-quota';
import { changeNetworkAccess, openToAll } from './network-access';

const type = 'Microsoft.Compute/disks';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const single = `${collection}/{name}`;
const common = { apiVersions: diskVersions } as const;

export function diskOperations(context: ComputeContext): ArmOperation[] {
  const { world } = context;
  const onDisk = (handle: (disk: Disk, request: ArmRequest) => ArmResponse) => (request: ArmRequest) => {
    const disk = world.disks.get(idKey(request.path));
    return disk ? handle(disk, request) : missing(request);
  };
  const list = (path: string, keep: (disk: Disk, request: ArmRequest) => boolean): ArmOperation => ({
    ...common,
    method: 'GET',
    path,
    action: `${type}/read`,
    quota: quotas.listDisks,
    handle: (request) => ({
      status: 200,
      body: {
        value: [...world.disks.values()].filter((disk) => keep(disk, request)).map((disk) => diskBody(disk, world)),
      },
    }),
  });
  return [
    {
      ...common,
      method: 'GET',
      path: single,
      action: `${type}/read`,
      quota: quotas.getDisk,
      handle: onDisk((disk) => ({ status: 200, body: diskBody(disk, world) })),
    },
    list(
      collection,
      ({ id }, { segments }) => resourceGroupOf(id)?.toLowerCase() === segments.resourceGroup?.toLowerCase(),
    ),
    list(`/subscriptions/{subscriptionId}/providers/${type}`, () => true),
    {
      ...common,
      method: 'PUT',
      path: single,
      action: `${type}/write`,
      linked: ({ body }) => [...linkedSource(body), ...linkedSet(body)],
      quota: quotas.changeDisks,
      handle: (request) => putDisk(context, request),
    },
    {
      ...common,
      method: 'PATCH',
      path: single,
      action: `${type}/write`,
      quota: quotas.changeDisks,
      handle: onDisk((disk, request) => patchDisk(context, disk, request)),
    },
    {
      ...common,
      method: 'DELETE',
      path: single,
      action: `${type}/delete`,
      quota: quotas.changeDisks,
      handle(request) {
        const disk = world.disks.get(idKey(request.path));
        return disk ? deleteDisk(context, disk, request) : { status: 204 };
      },
    },
  ];
}

function missing({ segments }: ArmRequest): ArmResponse {
  return resourceNotFound(type, segments.name ?? '', segments.resourceGroup ?? '');
}

/** Of a disk: MicrosoftDocs/azure-docs#11362. assumed: of a snapshot it is the same action on the snapshot. */
function linkedSource(body: unknown): Demand[] {
  const { sourceResourceId } = creationDataOf(body);
  if (typeof sourceResourceId !== 'string') return [];
  const source = /\/providers\/Microsoft\.Compute\/snapshots\//i.test(sourceResourceId) ? 'snapshots' : 'disks';
  return [{ action: `Microsoft.Compute/${source}/beginGetAccess/action`, scope: sourceResourceId }];
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = readObject(value);
  return object.ok ? object.value : {};
}

function propertiesOf(body: unknown): Record<string, unknown> {
  return objectOf(objectOf(body).properties);
}

function creationDataOf(body: unknown): Record<string, unknown> {
  return objectOf(propertiesOf(body).creationData);
}

/** What a disk is made of. */
interface Source {
  id: string;
  uniqueId: string;
  sizeGiB: number;
  location: string;
  traits: DiskTraits;
  isReady: boolean;
  bytes: Disk['bytes'];
}

function findSource(world: World, id: string): Source | undefined {
  const disk = world.disks.get(idKey(id));
  if (disk) return { ...disk, traits: traitsOf(disk), isReady: disk.provisioningState === 'Succeeded' };
  const snapshot = world.snapshots.get(idKey(id));
  if (!snapshot) return undefined;
  const { sizeGiB } = snapshot.source;
  return {
    ...snapshot,
    sizeGiB,
    traits: traitsOf(snapshot.source),
    isReady: snapshot.provisioningState === 'Succeeded',
  };
}

function putDisk(context: ComputeContext, request: ArmRequest): ArmResponse {
  const { world } = context;
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const { location } = body.value;
  if (typeof location !== 'string')
    return invalidParameter('location', "Required parameter 'location' is missing (null).");
  const { createOption, sourceResourceId } = creationDataOf(request.body);
  // assumed: the words for the other options, which are not simulated.
  if (createOption !== 'Copy') {
    return invalidParameter(
      'creationData.createOption',
      'The value of parameter creationData.createOption is invalid.',
    );
  }
  if (typeof sourceResourceId !== 'string') {
    const target = 'creationData.sourceResourceId';
    return invalidParameter(target, `Required parameter '${target}' is missing (null).`);
  }
  const source = findSource(world, sourceResourceId);
  // As of a snapshot: Azure looks in the new disk's location only.
  if (source?.location.toLowerCase() !== location.toLowerCase()) {
    return sourceNotFound(sourceResourceId.split('/').at(-1) ?? '');
  }
  const existing = world.disks.get(idKey(request.path));
  if (existing) return putAgain(context, request, existing, tags.value);
  if (!source.isReady)
    return beingChanged(source.id.split('/').slice(-3, -1).join('/'), source.id.split('/').at(-1) ?? '');
  const network = changeNetworkAccess(openToAll, propertiesOf(request.body));
  if (!network.ok) return network.response;
  const { securityType } = objectOf(propertiesOf(request.body).securityProfile);
  if (typeof securityType === 'string') return securityTypeOfCopy(securityType);
  const refusal = refuseProperties(askedOf(request, source));
  if (refusal) return refusal;
  const encryption = readEncryption(world, request.body, { location });
  if (!encryption.ok) return encryption.response;
  const disk = copyOf(request, source, { location, tags: tags.value ?? {}, encryption: encryption.value });
  disk.network = network.value;
  const full = withoutRoomFor(world, disk.sku, location);
  if (full) return full;
  world.disks.set(idKey(disk.id), disk);
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: DISK_COPY_MS,
    fate: request.fate,
    apply() {
      if (disk.provisioningState === 'Updating') disk.provisioningState = 'Succeeded';
      return diskBody(disk, world);
    },
    failed() {
      disk.provisioningState = 'Failed';
    },
  });
  return { status: 202, body: acceptedBody(disk), headers: operation.headers('both') };
}

function askedOf({ body }: ArmRequest, { sizeGiB }: Source): AskedDisk {
  const { zones = [], sku } = objectOf(body) as { zones?: string[]; sku?: { name?: string } };
  const properties = propertiesOf(body);
  const { hyperVGeneration } = properties as { hyperVGeneration?: string };
  return {
    sku: sku?.name ?? defaultSku,
    zones,
    sizeGiB,
    hyperVGeneration,
    properties,
    creationData: creationDataOf(body),
  };
}

/** https://learn.microsoft.com/rest/api/compute/disks/create-or-update */
const defaultSku = 'Standard_LRS';

/**
 * What Azure takes from the source by itself is recorded (osType, architecture), told in issues (the security type:
 * Azure/azure-sdk-for-python#30479), or assumed (the purchase plan). All else is as the request says: copies whose request left
 * the generation out could not be swapped in (MicrosoftDocs/SupportArticles-docs#214).
 */
function copyOf(request: ArmRequest, source: Source, given: Pick<Disk, 'location' | 'tags' | 'encryption'>): Disk {
  const { subscriptionId = '', resourceGroup = '', name = '' } = request.segments;
  const properties = propertiesOf(request.body) as Partial<Disk>;
  const { zones, sku } = objectOf(request.body) as { zones?: string[]; sku?: { name?: string } };
  return newDisk({
    ...given,
    id: resourceId(subscriptionId, resourceGroup, type, name),
    name,
    zones: zones ?? [],
    sku: sku?.name ?? defaultSku,
    sizeGiB: source.sizeGiB,
    provisioningState: 'Updating',
    creationData: { createOption: 'Copy', sourceResourceId: source.id, sourceUniqueId: source.uniqueId },
    osType: properties.osType ?? source.traits.osType,
    hyperVGeneration: properties.hyperVGeneration,
    supportedCapabilities: {
      ...properties.supportedCapabilities,
      architecture: properties.supportedCapabilities?.architecture ?? source.traits.supportedCapabilities.architecture,
    },
    securityType: source.traits.securityType,
    purchasePlan: properties.purchasePlan ?? source.traits.purchasePlan,
    tier: properties.tier,
    burstingEnabled: properties.burstingEnabled,
    maxShares: properties.maxShares,
    optimizedForFrequentAttach: properties.optimizedForFrequentAttach,
    bytes: source.bytes.copy(),
  });
}

/** The same PUT once more changes nothing but tags. */
function putAgain(
  context: ComputeContext,
  request: ArmRequest,
  disk: Disk,
  tags: Record<string, string> | undefined,
): ArmResponse {
  const { sourceResourceId } = creationDataOf(request.body);
  if (idKey(disk.creationData.sourceResourceId ?? '') !== idKey(String(sourceResourceId))) {
    return propertyChangeNotAllowed('creationData.sourceResourceId');
  }
  if (disk.provisioningState !== 'Succeeded') return beingChanged(type, disk.name);
  disk.tags = tags ?? {};
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  operation.succeed(diskBody(disk, context.world));
  return { status: 202, body: diskBody(disk, context.world), headers: operation.headers('both') };
}

/** Tags and network access; an attached disk may be changed too. */
function patchDisk(context: ComputeContext, disk: Disk, request: ArmRequest): ArmResponse {
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const network = changeNetworkAccess(disk.network ?? openToAll, propertiesOf(request.body));
  if (!network.ok) return network.response;
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: DISK_UPDATE_MS,
    fate: request.fate,
    apply() {
      if (tags.value) disk.tags = tags.value;
      disk.network = network.value;
      return diskBody(disk, context.world);
    },
  });
  return { status: 202, body: diskBody(disk, context.world), headers: operation.headers('both') };
}

/**
 * A disk that is just being attached still counts as unattached, so it can be deleted; the VM then holds on to a disk that is
 * not there (kubernetes/kubernetes#82714).
 */
function deleteDisk(context: ComputeContext, disk: Disk, request: ArmRequest): ArmResponse {
  if (disk.managedBy !== undefined) return diskIsAttached(disk.name, disk.managedBy);
  disk.provisioningState = 'Deleting';
  const operation = context.operations.begin({ kind: 'DiskOperations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: DISK_DELETE_MS,
    fate: request.fate,
    apply() {
      context.world.disks.delete(idKey(disk.id));
    },
    failed() {
      disk.provisioningState = 'Succeeded';
    },
  });
  return { status: 202, headers: operation.headers('both') };
}

/** The first answer repeats the request, with what Azure takes from the source; recorded in test_vm_os_disk_swap. */
function acceptedBody(disk: Disk): object {
  return {
    name: disk.name,
    location: disk.location,
    tags: disk.tags,
    sku: { name: disk.sku },
    ...(disk.zones.length > 0 ? { zones: disk.zones } : {}),
    properties: {
      osType: disk.osType,
      hyperVGeneration: disk.hyperVGeneration,
      supportedCapabilities: disk.supportedCapabilities,
      creationData: disk.creationData,
      publicNetworkAccess: disk.network?.publicNetworkAccess ?? 'Enabled',
      provisioningState: 'Updating',
      isArmResource: true,
    },
  };
}

function diskBody(disk: Disk, world: World): object {
  const owner = disk.managedBy === undefined ? undefined : world.machines.get(idKey(disk.managedBy));
  // "Reserved" is a disk of a deallocated VM: https://learn.microsoft.com/rest/api/compute/disks/get#diskstate
  const attached = owner?.power === 'deallocated' ? 'Reserved' : 'Attached';
  const { ownershipChangedAt } = disk;
  return {
    name: disk.name,
    id: disk.id,
    type,
    location: disk.location,
    tags: disk.tags,
    ...(disk.zones.length > 0 ? { zones: disk.zones } : {}),
    managedBy: disk.managedBy,
    sku: { name: disk.sku, tier: disk.sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    properties: {
      osType: disk.osType,
      hyperVGeneration: disk.hyperVGeneration,
      supportedCapabilities: disk.supportedCapabilities,
      purchasePlan: disk.purchasePlan,
      ...(disk.securityType ? { securityProfile: { securityType: disk.securityType } } : {}),
      creationData: disk.creationData,
      diskSizeGB: disk.sizeGiB,
      diskSizeBytes: disk.sizeGiB * GIB,
      diskIOPSReadWrite: 500,
      diskMBpsReadWrite: 100,
      encryption: disk.encryption,
      tier: disk.tier ?? usualTier(disk.sku, disk.sizeGiB),
      burstingEnabled: disk.burstingEnabled,
      maxShares: disk.maxShares,
      optimizedForFrequentAttach: disk.optimizedForFrequentAttach,
      ...(disk.network ?? openToAll),
      timeCreated: azureTime(disk.createdAt),
      provisioningState: disk.provisioningState,
      diskState: owner ? attached : 'Unattached',
      uniqueId: disk.uniqueId,
      // Written so by Azure: Azure/azure-rest-api-specs#25039.
      ...(ownershipChangedAt === undefined ? {} : { LastOwnershipUpdateTime: azureTime(ownershipChangedAt) }),
    },
  };
}
