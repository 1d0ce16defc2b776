import { copyOf, rollbackOf, swapOf } from '../../src/activities/recovery/names';
import { diskIdOf } from '../../src/azure/resource-id';
import type { RepairDetail, RepairRecord, ResourceDetails, ResourceRecord } from '../../src/ledger/ports';
import { reportOf } from '../../src/report/repair-report';
import { wayBack } from '../../src/report/way-back';
import { subscriptionId, vmId } from '../azure/support/machine';
import { recordOf, resourceOf, swapped } from '../ledger/support/resources';
import { repairDetail, repairId } from './support/details';

const at = '2026-01-02T03:30:00.000Z';
const lossSince = '2026-01-02T03:20:00.000Z';
const originalId = diskIdOf(subscriptionId, 'rg-app', 'vm-1_OsDisk');
const copyId = copyOf({ repairId, vmId }, { osDiskId: originalId } as never, 1);
const call = `curl -X POST -H "x-functions-key: $KEY" -H "content-type: application/json" -d '{"acknowledgeDataLossSince":"${lossSince}"}' "$APP/api/repairs/${repairId}/rollback"`;

const disks = { copyId, originalId };
const swap = exchangeOf(swapOf({ repairId, vmId }, 1), swapped(disks));
const documents = { 'stopped-round-1': { stoppedAt: lossSince } };
const exchange = [`az vm stop --ids ${vmId}`, `az vm update --ids ${vmId} --os-disk ${originalId}`];
const ended: Partial<RepairRecord> = { ending: 'repaired' };

function exchangeOf(resourceId: string, details: ResourceDetails['os-disk-swap']): ResourceRecord {
  const fields = { registeredAt: at, createdAt: at, lifetime: 'kept' } as const;
  return recordOf({ resourceId, kind: 'os-disk-swap', details }, fields);
}

function commandsOf(detail: RepairDetail): string[][] {
  return wayBack(detail).map(({ commands }) => commands);
}

describe('report/way-back-rollback: of the repair that exchanged the disk', () => {
  it('has the exact call of the door, which names the moment since which the original lacks what was written, beside the commands', () => {
    const ways = wayBack(repairDetail({ resources: [swap], documents }, ended));
    expect(ways.map(({ commands }) => commands)).toEqual([[call], [...exchange, `az vm start --ids ${vmId}`]]);
    expect(ways[0]?.undoes).toContain(`since ${lossSince} stays on ${copyId} only`);
  });

  it.each<[string, Partial<RepairDetail>, Partial<RepairRecord>]>([
    ['while the repair runs', { resources: [swap] }, {}],
    ['once the exchange was taken back', { resources: [{ ...swap, deletedAt: at }] }, ended],
    ['when it is not known when the VM stopped', { resources: [swap], documents: {} }, ended],
    ['when that is no time', { resources: [swap], documents: { 'stopped-round-1': { stoppedAt: "x';id" } } }, ended],
    [
      'when a disk id is hostile',
      { resources: [exchangeOf(swap.resourceId, swapped({ copyId, originalId: `${originalId};id` }))] },
      ended,
    ],
    ['when nothing was exchanged', {}, ended],
  ])('has none %s', (_when, fields, repair) => {
    expect(
      commandsOf(repairDetail({ documents, ...fields }, repair))
        .flat()
        .join(),
    ).not.toContain('curl');
  });

  it('says by which rollback the VM has its original again', () => {
    const rolledBackBy = '20260105t080910z-abcdef0123';
    expect(reportOf(repairDetail({}, { ...ended, rolledBackBy })).rolledBackBy).toBe(rolledBackBy);
  });
});

describe('report/way-back-rollback: of the rollback', () => {
  const made = exchangeOf(rollbackOf({ repairId, vmId }), { direction: 'rollback', ...disks });
  const again = [
    `az vm stop --ids ${vmId}`,
    `az vm update --ids ${vmId} --os-disk ${copyId}`,
    `az vm start --ids ${vmId}`,
  ];
  const repair: Partial<RepairRecord> = { ending: 'rolled-back', rollsBack: '20260101t030405z-0123abcd45' };

  const withoutExpiry = `az disk update --ids ${copyId} --remove tags.rdp-lifeline-expires`;
  const copy = (expiresAt?: string) =>
    recordOf(resourceOf('disk', copyId), { lifetime: 'kept', createdAt: at, expiresAt });

  it('leads back to the mended copy, which must not expire then, and says what is lost', () => {
    const [way] = wayBack(repairDetail({ resources: [made, copy(at)] }, repair));
    expect(way?.commands).toEqual([withoutExpiry, ...again]);
    // The command would fail.
    const [bare] = wayBack(repairDetail({ resources: [made, copy()] }, repair));
    expect(bare?.commands).toEqual(again);
    expect(way?.undoes).toContain(`what was written since stays on ${originalId} only`);
  });

  it('looks first which disk the VM has while the outcome is not known', () => {
    const begun = { ...made, createdAt: undefined, lifetime: 'temporary' as const };
    const [way] = wayBack(repairDetail({ resources: [begun] }, repair));
    expect(way?.commands).toEqual([expect.stringContaining('az vm show'), ...again, withoutExpiry]);
    expect(way?.note).toContain('The last command fails where the copy has no expiry');
    expect(way?.undoes).toContain(`only if it is ${originalId}`);
  });

  it('is nothing once the exchange is known not to have come to be, and for a hostile id', () => {
    expect(commandsOf(repairDetail({ resources: [{ ...made, deletedAt: at }] }, repair))).toEqual([]);
    for (const hostile of [{ copyId: `${copyId};id` }, { originalId: `${originalId};id` }]) {
      const details = { direction: 'rollback', ...disks, ...hostile } as const;
      expect(commandsOf(repairDetail({ resources: [exchangeOf(made.resourceId, details)] }, repair))).toEqual([]);
    }
  });

  it('says which repair it rolls back, and what the person has acknowledged', () => {
    const asked = { ...repair, acknowledgedLossSince: lossSince };
    expect(reportOf(repairDetail({}, asked))).toMatchObject(asked);
  });
});
