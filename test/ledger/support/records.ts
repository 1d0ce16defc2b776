/** Valid records to start from; a test overrides what it is about. */
import { undoBy } from '../../../src/guest/undo';
import type { ChangeRecord, RepairRecord, ResourceRecord, SignalRecord } from '../../../src/ledger/ports';

import type { RecordFields } from './resources';

export const repairId = '20260102t030405z-0123abcd';

export const vmId =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm-1';

export function repairRecord(fields: Partial<RepairRecord> = {}): RepairRecord {
  return { repairId, vmId, acceptedAt: '2026-01-02T03:04:05.000Z', phase: 'accepted', ...fields };
}

export function signalRecord(fields: Partial<SignalRecord> = {}): SignalRecord {
  return {
    key: 'alert-1',
    door: 'alert',
    receivedAt: '2026-01-02T03:04:05.678Z',
    occurredAt: '2026-01-02T03:01:05.678Z',
    title: 'VM availability',
    vmId,
    facts: { severity: 'Sev1' },
    outcome: { kind: 'started', repairId },
    ...fields,
  };
}

export function changeRecord(fields: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    change: 'dhcp-start-type',
    place: { kind: 'guest' },
    title: 'Start type of the DHCP Client service',
    before: 'disabled',
    at: '2026-01-02T03:10:00.000Z',
    undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
    ...fields,
  };
}

export function resourceRecord(fields: RecordFields & { resourceId?: string } = {}): ResourceRecord {
  return {
    resourceId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/snapshots/snap-1',
    kind: 'snapshot',
    details: { role: 'first' },
    purpose: 'The way back',
    registeredAt: '2026-01-02T03:05:00.000Z',
    lifetime: 'kept',
    expiresAt: '2026-02-02T03:05:00.000Z',
    ...fields,
  };
}

/** Texts that break careless keys, filters, markup and terminals. */
export const hostileTexts = [
  'a/b\\c#d?e',
  "' or PartitionKey ne '",
  '"quoted" %27 %2f & + =',
  '\u0000\u0001\u001b[2J\u007f\u0085',
  'line\r\n--batch\r\nPOST http://x HTTP/1.1',
  '🔥 起動 \u202e rtl',
  '\ud800 lone',
  'x'.repeat(10_000),
  '../../other',
  '__proto__',
  '<script>alert(1)</script>',
];
