/**
 * `Microsoft.Compute/diskEncryptionSets`: GET and list. Whoever makes a disk, a snapshot or a VM that names a set needs
 * `diskEncryptionSets/read` on it: kubernetes-sigs/azuredisk-csi-driver#2609 has ARM's answer whole. Sets are neither made nor
 * changed here; key vaults are not simulated.
 */
import { idKey, resourceGroupOf } from '../arm-id';
import { invalidParameter, resourceNotFound, type ArmResponse } from '../arm-errors';
import { readObject } from '../request-body';
import type { ArmOperation, Demand } from '../resource-provider';
import type { World } from '../world';
import { diskVersions, quotas } from './api-versions';
import type { ComputeContext } from './context';
import type { Disk } from './disk-record';

const type = 'Microsoft.Compute/diskEncryptionSets';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const common = { apiVersions: diskVersions, method: 'GET', action: `${type}/read` } as const;

/** A set: a key of the customer's, by which disks are encrypted. */
export interface DiskEncryptionSet {
  id: string;
  name: string;
  location: string;
  keyUrl: string;
}

export function diskEncryptionSetOperations({ world }: ComputeContext): ArmOperation[] {
  return [
    {
      ...common,
      path: `${collection}/{name}`,
      quota: quotas.getDisk,
      handle({ path, segments }) {
        const set = world.diskEncryptionSets.get(idKey(path));
        if (set) return { status: 200, body: setBody(set) };
        return resourceNotFound(type, segments.name ?? '', segments.resourceGroup ?? '');
      },
    },
    {
      ...common,
      path: collection,
      quota: quotas.listDisks,
      handle: ({ segments }) => ({
        status: 200,
        body: {
          value: [...world.diskEncryptionSets.values()]
            .filter(({ id }) => resourceGroupOf(id)?.toLowerCase() === segments.resourceGroup?.toLowerCase())
            .map(setBody),
        },
      }),
    },
  ];
}

function setBody({ id, name, location, keyUrl }: DiskEncryptionSet): object {
  return {
    id,
    name,
    type,
    location,
    identity: { type: 'SystemAssigned' },
    properties: {
      activeKey: { keyUrl },
      encryptionType: 'EncryptionAtRestWithCustomerKey',
      provisioningState: 'Succeeded',
      rotationToLatestKeyVersionEnabled: false,
    },
  };
}

/** The set that a disk's or snapshot's body names. */
export function linkedSet(body: unknown): Demand[] {
  return demandOn(objectOf(objectOf(objectOf(body).properties).encryption).diskEncryptionSetId);
}

/** The set that a VM's body names for its OS disk. */
export function linkedSetOfMachine(body: unknown): Demand[] {
  const { osDisk } = objectOf(objectOf(objectOf(body).properties).storageProfile);
  return demandOn(objectOf(objectOf(objectOf(osDisk).managedDisk).diskEncryptionSet).id);
}

function demandOn(id: unknown): Demand[] {
  return typeof id === 'string' ? [{ action: `${type}/read`, scope: id }] : [];
}

type Encryption = Disk['encryption'];
type Checked = { ok: true; value: Encryption } | { ok: false; response: ArmResponse };

const platform: Encryption = { type: 'EncryptionAtRestWithPlatformKey' };

/**
 * The encryption that a request asks for, or that of the source where it asks for none and the source has one. The set must be
 * there and in the region of the disk: https://learn.microsoft.com/azure/virtual-machines/disk-encryption#restrictions
 * assumed: the words of the refusals.
 */
export function readEncryption(
  world: World,
  body: unknown,
  { location, inherited = platform }: { location: string; inherited?: Encryption },
): Checked {
  const { encryption } = objectOf(objectOf(body).properties);
  if (encryption === undefined || encryption === null) return { ok: true, value: inherited };
  const { type: kind, diskEncryptionSetId } = objectOf(encryption);
  const isCustomers = typeof kind === 'string' && /CustomerKeys?$/.test(kind);
  const refused = (target: string): Checked => ({
    ok: false,
    response: invalidParameter(target, `The value of parameter ${target} is invalid.`),
  });
  if (typeof kind !== 'string') return refused('encryption.type');
  if (typeof diskEncryptionSetId !== 'string') {
    return isCustomers ? refused('encryption.diskEncryptionSetId') : { ok: true, value: { type: kind } };
  }
  const set = world.diskEncryptionSets.get(idKey(diskEncryptionSetId));
  if (!isCustomers || set?.location.toLowerCase() !== location.toLowerCase()) {
    return refused('encryption.diskEncryptionSetId');
  }
  return { ok: true, value: { type: kind, diskEncryptionSetId: set.id } };
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = readObject(value);
  return object.ok ? object.value : {};
}
