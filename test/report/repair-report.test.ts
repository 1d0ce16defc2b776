import { reportOf } from '../../src/report/repair-report';
import { loanOf } from '../../src/activities/recovery/names';
import { snapshotAccessIdOf } from '../../src/activities/snapshot-id';
import { diskIdOf } from '../../src/azure/resource-id';
import { bonds } from '../../src/policy/bound-to-disk';
import { subscriptionId, vmId } from '../azure/support/machine';
import { recordOf, resourceOf } from '../ledger/support/resources';
import { changeRecord, repairDetail, repairId, snapshotId, snapshotRecord } from './support/details';

const runCommand = `${vmId}/runCommands/run-1`;

describe('report/repair-report', () => {
  it('tells of a repair that has only been accepted', () => {
    expect(JSON.parse(JSON.stringify(reportOf(repairDetail())))).toEqual({
      repairId,
      vmId,
      phase: 'Accepted',
      evidence: {},
      acceptedAt: '2026-01-02T03:04:05.000Z',
      signals: [],
      witnesses: [],
      steps: [],
      changes: [],
      kept: [],
      temporary: [],
      wayBack: [],
    });
  });

  it('tells of the queue until it has its place, and of what stands still until it has ended', () => {
    const times = { since: '2026-01-02T03:10:00.000Z', until: '2026-01-02T15:10:00.000Z' };
    const wait = { kind: 'place' as const, ...times, ahead: 4 };
    const { since, until } = times;
    const still = { overdueSince: until, terminatedAt: until, storyVersion: '9.0' };
    expect(reportOf(repairDetail({}, { wait }))).toMatchObject({
      waiting: { for: 'place', since, until, position: 5, ahead: 4 },
    });
    expect(reportOf(repairDetail({}, { wait: { ...wait, endedAt: until } })).waiting).toBeUndefined();
    expect(reportOf(repairDetail({}, still)).standsStill).toMatchObject([
      { code: 'newer-release' },
      { code: 'overdue', since: until },
      { code: 'terminated', since: until },
    ]);
    const over = reportOf(repairDetail({}, { wait, ...still, ending: 'cancelled' }));
    expect([over.waiting, over.standsStill]).toEqual([undefined, undefined]);
  });

  it('tells what is bound to the disk and what to do about it, from the plan; and nothing of a plan without a swap', () => {
    const boundToDisk = [{ kind: 'azure-backup', state: 'found' }];
    const detail = repairDetail({ documents: { plan: { recovery: { boundToDisk } } } });
    expect(reportOf(detail).boundToDisk).toEqual([
      { ...boundToDisk[0], meaning: bonds['azure-backup'].found, advice: bonds['azure-backup'].advice },
    ]);
    expect(reportOf(repairDetail({ documents: { plan: { hash: 'x' } } })).boundToDisk).toBeUndefined();
    expect(
      reportOf(repairDetail({ documents: { plan: { recovery: { boundToDisk: 'x' } } } })).boundToDisk,
    ).toBeUndefined();
  });

  it('tells how it ended, what was changed and how to get back', () => {
    const detail = repairDetail(
      { changes: [changeRecord()], resources: [snapshotRecord()], documents: { plan: { hash: 'x' } } },
      { ending: 'repaired', endingCode: 'repaired', endingReason: 'Mended.', endedAt: '2026-01-02T03:20:00.000Z' },
    );
    expect(reportOf(detail)).toMatchObject({
      ending: 'repaired',
      code: 'repaired',
      reason: 'Mended.',
      endedAt: '2026-01-02T03:20:00.000Z',
      plan: { hash: 'x' },
      changes: [changeRecord()],
      kept: [{ resourceId: snapshotId, expiresAt: '2026-01-16T03:04:05.000Z' }],
    });
    expect(reportOf(detail).wayBack).toHaveLength(3);
  });

  it('tells what is kept and what temporary is still there, and nothing that is gone', () => {
    const resources = [
      snapshotRecord(),
      snapshotRecord({ resourceId: `${snapshotId}-begun`, createdAt: undefined }),
      recordOf(resourceOf('run-command', runCommand), { purpose: 'Commands in the guest' }),
      recordOf(resourceOf('run-command', `${vmId}/runCommands/gone`), { deletedAt: '2026-01-02T03:30:00.000Z' }),
    ];
    const { kept, temporary } = reportOf(repairDetail({ resources }));
    expect(kept.map((one) => one.resourceId)).toEqual([snapshotId]);
    expect(temporary).toEqual([{ kind: 'run-command', resourceId: runCommand, purpose: 'Commands in the guest' }]);
  });

  it('names the OS disk of a recovery VM that is still there, which has no record of its own', () => {
    const recoveryVm = vmId.replace(/[^/]+$/, 'rdp-lifeline-x');
    const resources = [recordOf(resourceOf('virtual-machine', recoveryVm), { purpose: 'The recovery VM' })];
    const { temporary } = reportOf(repairDetail({ resources }));
    expect(temporary.map((one) => [one.kind, one.resourceId])).toEqual([
      ['virtual-machine', recoveryVm],
      ['disk', recoveryVm.replace(/virtualMachines\/rdp-lifeline-x$/, 'disks/rdp-lifeline-x-os')],
    ]);
  });

  it('gives no id for what is no resource of Azure, and calls no such thing kept', () => {
    const disks = {
      copyId: diskIdOf(subscriptionId, 'rg-app', 'copy'),
      originalId: diskIdOf(subscriptionId, 'rg', 'x'),
    };
    const states = (['power-off', 'os-disk-swap', 'recovery-vm-loan', 'snapshot-access'] as const).map((kind) =>
      resourceOf(kind, kind === 'snapshot-access' ? snapshotAccessIdOf(snapshotId) : loanOf(vmId), disks),
    );
    const createdAt = '2026-01-02T03:30:00.000Z';
    const open = reportOf(repairDetail({ resources: states.map((state) => recordOf(state)) }));
    expect(open.temporary).toEqual(states.map(({ kind }) => ({ kind, purpose: 'x' })));
    const kept = states.map((state) => recordOf(state, { lifetime: 'kept', createdAt }));
    expect(reportOf(repairDetail({ resources: kept }))).toMatchObject({ kept: [], temporary: [] });
    for (const resources of [kept, states.map((state) => recordOf(state))]) {
      const { wayBack } = reportOf(repairDetail({ resources }, { ending: 'not-repaired' }));
      expect(wayBack.flatMap(({ commands }) => commands).join()).not.toMatch(/ delete |\/loan|beginGetAccess/);
    }
  });

  it('tells of signals what people need, and not their keys or outcomes', () => {
    const signal = {
      key: 'secret-key',
      door: 'alert',
      receivedAt: '2026-01-02T03:04:05.000Z',
      occurredAt: '2026-01-02T03:01:05.000Z',
      title: 'VM availability',
      vmId,
      facts: { severity: 'Sev1' },
      outcome: { kind: 'started', repairId },
    } as const;
    expect(reportOf(repairDetail({ signals: [signal] })).signals).toEqual([
      { title: 'VM availability', door: 'alert', receivedAt: '2026-01-02T03:04:05.000Z', facts: { severity: 'Sev1' } },
    ]);
  });

  it('keeps hostile text of a guest as data: no other field changes, no command holds it', () => {
    const hostile = '<img src=x onerror=alert(1)>"; $(id) `id`\r\n{"ending":"repaired"}';
    const detail = repairDetail(
      {
        changes: [changeRecord({ before: hostile, after: hostile })],
        steps: [{ step: 'evidence', title: 'Read', startedAt: '2026-01-02T03:06:00.000Z', detail: hostile }],
        resources: [snapshotRecord()],
        documents: { diagnosis: { reason: hostile } },
      },
      { endingReason: hostile },
    );
    const report = reportOf(detail);
    expect(report).toMatchObject({ ending: undefined, reason: hostile, diagnosis: { reason: hostile } });
    expect(report.wayBack).toEqual(
      reportOf(repairDetail({ changes: [changeRecord()], resources: [snapshotRecord()] })).wayBack,
    );
  });
});
