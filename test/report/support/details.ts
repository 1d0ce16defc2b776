import type { ChangeRecord, RepairDetail, RepairRecord, ResourceRecord } from '../../../src/ledger/ports';
import { undoBy } from '../../../src/guest/undo';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import type { RecordFields } from '../../ledger/support/resources';
import { subscriptionId, vmId } from '../../azure/support/machine';

export const repairId = '20260102t030405z-0123abcd45';
export const snapshotId = snapshotIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}`);

/** The ledger's detail of a repair that did nothing yet; a test adds what it is about. */
export function repairDetail(fields: Partial<RepairDetail> = {}, repair: Partial<RepairRecord> = {}): RepairDetail {
  return {
    repair: { repairId, vmId, acceptedAt: '2026-01-02T03:04:05.000Z', phase: 'Accepted', ...repair },
    signals: [],
    steps: [],
    changes: [],
    resources: [],
    documents: {},
    unreadable: [],
    ...fields,
  };
}

/** A change that was made. */
export function changeRecord(fields: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    change: 'set-service-start-type:Dhcp',
    place: { kind: 'guest' },
    title: 'Set the start type of the service Dhcp to automatic',
    before: 'Start = 4 (disabled)',
    after: 'Start = 2 (automatic)',
    at: '2026-01-02T03:10:00.000Z',
    undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
    written: true,
    ...fields,
  };
}

/** A snapshot that was made and is kept. */
export function snapshotRecord(
  fields: RecordFields & Partial<Pick<ResourceRecord<'snapshot'>, 'resourceId' | 'details'>> = {},
): ResourceRecord {
  return {
    resourceId: snapshotId,
    kind: 'snapshot',
    details: { role: 'first' },
    purpose: 'The OS disk as it was before anything was done',
    registeredAt: '2026-01-02T03:05:00.000Z',
    lifetime: 'kept',
    expiresAt: '2026-01-16T03:04:05.000Z',
    createdAt: '2026-01-02T03:05:10.000Z',
    ...fields,
  };
}
