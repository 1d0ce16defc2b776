import { reportOf } from '../../src/report/repair-report';
import { bonds } from '../../src/policy/bound-to-disk';
import { vmId } from '../azure/support/machine';
import { changeRecord, repairDetail, repairId, snapshotId, snapshotRecord } from './support/details';

const runCommand = { kind: 'run-command', lifetime: 'temporary', resourceId: `${vmId}/runCommands/run-1` } as const;

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
      snapshotRecord({ ...runCommand, purpose: 'Commands in the guest' }),
      snapshotRecord({ ...runCommand, resourceId: `${vmId}/runCommands/gone`, deletedAt: '2026-01-02T03:30:00.000Z' }),
    ];
    const { kept, temporary } = reportOf(repairDetail({ resources }));
    expect(kept.map((one) => one.resourceId)).toEqual([snapshotId]);
    expect(temporary).toEqual([{ resourceId: runCommand.resourceId, purpose: 'Commands in the guest' }]);
  });

  it('tells of signals what people need, and not their keys or outcomes', () => {
    const signal = {
      key: 'secret-key',
      door: 'alert',
      receivedAt: '2026-01-02T03:04:05.000Z',
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
