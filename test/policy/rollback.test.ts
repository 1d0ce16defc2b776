import fc from 'fast-check';
import type { ManagedDisk } from '../../src/azure/ports';
import type { RepairRecord } from '../../src/ledger/ports';
import {
  acknowledgementOf,
  isLossAcknowledged,
  obstacleOfController,
  obstacleOfOriginal,
  obstacleOfPresentDisk,
  obstacleOnRecord,
  type Exchange,
  type OriginalNow,
} from '../../src/policy/rollback';
import { virtualMachine } from '../azure/support/machine';

const exchange: Exchange = {
  ...{ round: 1, copyId: '/disks/copy', originalId: '/disks/original' },
  ...{ lossSince: '2026-01-02T03:20:00.000Z', isTakenBack: false },
};
const repair: RepairRecord = {
  ...{ repairId: 'r1', vmId: '/vm', acceptedAt: '2026-01-02T03:04:05.000Z', phase: 'Ended' },
  ending: 'repaired',
};
const disk: ManagedDisk = {
  ...{ id: '/disks/original', location: 'westeurope', zones: [], network: {} },
  diskState: 'Unattached',
};
const original: OriginalNow = { originalId: '/disks/original', disk, differences: [] };
const withDisk = (osDiskId?: string) => virtualMachine({ osDiskId });

describe('policy/rollback', () => {
  it('lets an exchange be taken back that stands, whatever the case in which ids are written', () => {
    expect(obstacleOnRecord(repair, exchange, { isDomainController: false })).toBeUndefined();
    expect(obstacleOfPresentDisk(withDisk('/Disks/Copy'), exchange)).toBeUndefined();
    expect(obstacleOfOriginal(original)).toBeUndefined();
  });

  it.each<[string, Partial<RepairRecord>, Exchange | undefined]>([
    ['repair-runs', { ending: undefined }, exchange],
    ['nothing-exchanged', {}, undefined],
    ['nothing-exchanged', { rollsBack: 'r0' }, exchange],
    ['already-back', {}, { ...exchange, isTakenBack: true }],
    ['already-back', { rolledBackBy: 'r2' }, { ...exchange, isTakenBack: true }],
  ])('says %s of what is on record', (code, fields, made) => {
    const obstacle = obstacleOnRecord({ ...repair, ...fields }, made, { isDomainController: true });
    expect(obstacle).toMatchObject({ code, reason: expect.stringMatching(/^(?:[A-Z]|r1).{15,}\.$/) as string });
    if (fields.rolledBackBy) expect(obstacle?.reason).toContain(fields.rolledBackBy);
  });

  it.each([
    ['yes', 'domain-controller'],
    ['not-told', 'domain-controller-unknown'],
    ['no', undefined],
  ] as const)('never rolls a domain controller back: to the answer %s it says %s', (answer, code) => {
    expect(obstacleOfController(answer)?.code).toBe(code);
    const isDomainController = answer === 'yes';
    expect(obstacleOnRecord(repair, exchange, { isDomainController })?.code).toBe(
      isDomainController ? code : undefined,
    );
  });

  it.each([
    ['already-back', '/disks/ORIGINAL'],
    ['os-disk-changed', '/disks/third'],
    ['os-disk-changed', undefined],
  ])('says %s of a VM with the disk %s', (code, osDiskId) => {
    const obstacle = obstacleOfPresentDisk(withDisk(osDiskId), exchange);
    expect(obstacle).toMatchObject({ code, reason: expect.stringMatching(/^[A-Z].{15,}\.$/) as string });
  });

  it.each<[string, Partial<OriginalNow>]>([
    ['original-gone', { disk: 'gone' }],
    ['original-in-use', { disk: { ...disk, managedBy: '/vms/other' } }],
    ['original-in-use', { disk: { ...disk, diskState: 'Reserved' } }],
    // Nobody said that it is free.
    ['original-in-use', { disk: { ...disk, diskState: undefined } }],
    ['original-differs', { differences: ['hyperVGeneration'] }],
  ])('says %s of the original', (code, fields) => {
    const obstacle = obstacleOfOriginal({ ...original, ...fields });
    expect(obstacle).toMatchObject({ code, reason: expect.stringMatching(/^[A-Z].{15,}\.$/) as string });
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
