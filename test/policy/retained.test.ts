import { swapOf } from '../../src/activities/recovery/names';
import { diskIdOf } from '../../src/azure/resource-id';
import type { ResourceRecord } from '../../src/ledger/ports';
import { retainedBy } from '../../src/policy/retained';
import { subscriptionId, virtualMachine, vmId } from '../azure/support/machine';
import { recordOf, resourceOf, type RecordFields } from '../ledger/support/resources';

const originalId = virtualMachine().osDiskId ?? '';
const at = '2026-01-02T03:04:05.000Z';
const later = '2026-01-03T03:04:05.000Z';

function kept(kind: Parameters<typeof resourceOf>[0], id: string, fields: RecordFields = {}): ResourceRecord {
  const copyId = diskIdOf(subscriptionId, 'rg-app', 'copy');
  const resource = resourceOf(kind, id, { copyId, originalId });
  return recordOf(resource, { registeredAt: at, createdAt: at, lifetime: 'kept', ...fields });
}

describe('policy/retained', () => {
  const copyId = diskIdOf(subscriptionId, 'rg-app', 'copy');
  const disk = (id: string, role: 'original' | 'copy') =>
    ({ ...kept('disk', id), details: role === 'copy' ? { role, round: 1 } : { role } }) as ResourceRecord;
  const swap = (fields: RecordFields = {}) => kept('os-disk-swap', swapOf({ repairId: 'r', vmId }, 1), fields);

  it('is the original that a VM has left, and not the copy that it has', () => {
    const original = disk(originalId, 'original');
    expect(retainedBy([swap(), original, disk(copyId, 'copy')])).toEqual([original]);
  });

  it('is nothing once that original is gone, or back', () => {
    const gone = { ...disk(originalId, 'original'), deletedAt: later };
    expect(retainedBy([swap(), gone, disk(copyId, 'copy')])).toEqual([]);
    expect(retainedBy([swap({ deletedAt: later }), disk(originalId, 'original')])).toEqual([]);
  });

  it('is a copy that no VM has got', () => {
    expect(retainedBy([disk(copyId, 'copy')])).toHaveLength(1);
  });
});
