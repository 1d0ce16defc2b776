import fc from 'fast-check';
import { acceptedAtOf, repairIdOf, repairIdPattern, singletonIdOf, vmKeyOf } from '../src/repair-id';
import { isRepairId } from '../src/ledger/keys';
import { vmId } from './azure/support/machine';

describe('repair-id', () => {
  it('is legal for the door and for the ledger, whatever the signal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.date({ min: new Date(0), noInvalidDate: true, max: new Date(4e12) }),
        (key, at) => {
          const id = repairIdOf(key, at.toISOString());
          expect(id).toMatch(repairIdPattern);
          expect(isRepairId(id)).toBe(true);
          expect(acceptedAtOf(id)).toBe(Math.floor(at.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  it('sorts by time and differs by signal', () => {
    const early = repairIdOf('a', '2026-01-02T03:04:05.000Z');
    expect(early).toMatch(/^20260102t030405z-/);
    expect(early < repairIdOf('a', '2026-01-02T03:04:06.000Z')).toBe(true);
    expect(early).not.toBe(repairIdOf('b', '2026-01-02T03:04:05.000Z'));
  });

  it('has one key and one singleton for a VM, however its id is written', () => {
    expect(vmKeyOf(vmId.toUpperCase())).toBe(vmKeyOf(vmId));
    expect(singletonIdOf(vmId)).toMatch(/^vm-[0-9a-f]{40}$/);
    expect(singletonIdOf(`${vmId}2`)).not.toBe(singletonIdOf(vmId));
  });
});
