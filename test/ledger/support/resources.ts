import { parseDiskId } from '../../../src/azure/resource-id';
import type { Resource, ResourceDetails, ResourceKind, ResourceRecord } from '../../../src/ledger/ports';

/** What stands beside a resource in its record. */
export type RecordFields = Partial<Omit<ResourceRecord, 'resourceId' | 'kind' | 'details'>>;

/** The record of a temporary resource that was registered and not seen yet; a test adds what it is about. */
export function recordOf(resource: Resource, fields: RecordFields = {}): ResourceRecord {
  const registeredAt = '2026-01-02T03:20:00.000Z';
  return { purpose: 'x', registeredAt, lifetime: 'temporary', ...fields, ...resource };
}

/** The disks that the records of exchanges in tests name, if not others. */
export interface Disks {
  copyId: string;
  originalId: string;
}

/** The exchange of a repair in a round. */
export function swapped(disks: Disks, round: 1 | 2 = 1): ResourceDetails['os-disk-swap'] {
  return { direction: 'swap', round, ...disks };
}

/** A resource of this kind with this id, for tests that only need one. */
export function resourceOf(kind: ResourceKind, resourceId: string, disks?: Disks): Resource {
  switch (kind) {
    case 'snapshot':
      return { resourceId, kind, details: { role: 'first' } };
    case 'snapshot-access':
      return { resourceId, kind, details: { snapshotId: resourceId.replace(/\/beginGetAccess$/, '') } };
    case 'run-command': {
      const [vmId = '', name = ''] = resourceId.split('/runCommands/');
      return { resourceId, kind, details: { vmId, name } };
    }
    case 'disk':
      return { resourceId, kind, details: isCopy(resourceId) ? { role: 'copy', round: 1 } : { role: 'original' } };
    case 'virtual-machine':
    case 'network-interface':
      return { resourceId, kind, details: { role: 'recovery-vm' } };
    case 'recovery-vm-loan':
      return { resourceId, kind, details: { vmId: resourceId.replace(/\/loan$/, '') } };
    case 'power-off':
      return { resourceId, kind, details: { occasion: 'copy', round: 1 } };
    case 'os-disk-swap':
      if (!disks) throw new Error('An exchange names two disks.');
      return { resourceId, kind, details: swapped(disks) };
  }
}

function isCopy(diskId: string): boolean {
  return parseDiskId(diskId)?.name.startsWith('rdp-lifeline-') === true;
}
