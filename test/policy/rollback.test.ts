import fc from 'fast-check';
import type { ManagedDisk } from '../../src/azure/ports';
import type { RepairRecord } from '../../src/ledger/ports';
import {
  acknowledgementOf,
  isLossAcknowledged,
  obstacleAmongDisks,
  obstacleOnRecord,
  rollbackObstacle,
  type DiskFacts,
  type Exchange,
} from '../../src/policy/rollback';
import { virtualMachine } from '../azure/machine';

const exchange: Exchange = {
  ...{ copyId: '/disks/copy', originalId: '/disks/original' },
  ...{ lossSince: '2026-01-02T03:20:00.000Z', isTakenBack: false },
};
const repair: RepairRecord = {
  ...{ repairId: 'r1', vmId: '/vm', acceptedAt: '2026-01-02T03:04:05.000Z', phase: 'Ended' },
  ending: 'repaired',
};
const disk: ManagedDisk = { id: '/disks/original', location: 'westeurope', zones: [], network: {} };
const facts: DiskFacts = {
  vm: virtualMachine({ osDiskId: '/Disks/Copy' }),
  exchange,
  original: disk,
  copy: { ...disk, id: '/disks/copy' },
  differences: [],
};

describe('policy/rollback', () => {
  it('lets an exchange be taken back that stands, whatever the case in which ids are written', () => {
    expect(obstacleOnRecord(repair, exchange)).toBeUndefined();
    expect(rollbackObstacle({ ...facts, disk, barriers: [], missing: [] })).toBeUndefined();
  });

  it.each<[string, Partial<RepairRecord>, Exchange | undefined]>([
    ['repair-runs', { ending: undefined }, exchange],
    ['nothing-exchanged', {}, undefined],
    ['nothing-exchanged', { rollsBack: 'r0' }, exchange],
    ['already-back', {}, { ...exchange, isTakenBack: true }],
    ['already-back', { rolledBackBy: 'r2' }, { ...exchange, isTakenBack: true }],
  ])('says %s of what is on record', (code, fields, made) => {
    const obstacle = obstacleOnRecord({ ...repair, ...fields }, made);
    expect(obstacle).toMatchObject({ code, reason: expect.stringMatching(/^(?:[A-Z]|r1).{15,}\.$/) as string });
    if (fields.rolledBackBy) expect(obstacle?.reason).toContain(fields.rolledBackBy);
  });

  it.each<[string, Partial<DiskFacts>]>([
    ['already-back', { vm: virtualMachine({ osDiskId: '/disks/ORIGINAL' }) }],
    ['os-disk-changed', { vm: virtualMachine({ osDiskId: '/disks/third' }) }],
    ['os-disk-changed', { vm: virtualMachine({ osDiskId: undefined }) }],
    ['original-gone', { original: 'gone' }],
    ['original-in-use', { original: { ...disk, managedBy: '/vms/other' } }],
    ['original-in-use', { original: { ...disk, diskState: 'Reserved' } }],
    ['original-differs', { differences: ['hyperVGeneration'] }],
  ])('says %s of the disks', (code, fields) => {
    const obstacle = obstacleAmongDisks({ ...facts, ...fields });
    expect(obstacle).toMatchObject({ code, reason: expect.stringMatching(/^[A-Z].{15,}\.$/) as string });
  });

  it('names what would stop the exchange half-way as the route by a recovery VM does', () => {
    const barriers = [{ kind: 'lock', name: 'freeze', scope: '/s' }] as const;
    expect(rollbackObstacle({ ...facts, disk, barriers: [...barriers], missing: [] })).toMatchObject({
      code: 'locked',
    });
    const encrypted = { ...facts, disk: { ...disk, diskEncryption: true }, barriers: [], missing: [] };
    expect(rollbackObstacle(encrypted)).toMatchObject({ code: 'disk-encryption' });
  });

  it('takes the very moment as acknowledged however it is written, and no other', () => {
    expect(isLossAcknowledged('2026-01-02T05:20:00+02:00', exchange)).toBe(true);
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const isSame = date.getTime() === Date.parse(exchange.lossSince);
        expect(isLossAcknowledged(date.toISOString(), exchange)).toBe(isSame);
      }),
    );
    for (const wrong of ['', 'yes', '2026-01-02']) expect(isLossAcknowledged(wrong, exchange)).toBe(false);
  });

  it('says what is lost, where it stays, and what to send', () => {
    const text = acknowledgementOf(exchange);
    expect(text).toContain('"acknowledgeDataLossSince": "2026-01-02T03:20:00.000Z"');
    expect(text).toContain('/disks/copy');
  });
});
