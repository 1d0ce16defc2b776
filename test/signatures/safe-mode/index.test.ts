import fc from 'fast-check';
import type { BootConfiguration, BootMode, Evidence, SafeBootMode } from '../../../src/guest/evidence';
import { safeMode } from '../../../src/signatures/safe-mode';
import { anyEvidence, bootConfigurationOf, bootModeOf, from, installationOf, unreadableOf } from '../support/evidence';

const store = { kind: 'boot-configuration' } as const;

describe('signatures/safe-mode/index', () => {
  it.each<[SafeBootMode, boolean]>([
    ['Minimal', false],
    ['Minimal', true],
    ['Network', false],
    ['Network', true],
  ])(
    'is present and at work when the next boot is flagged %s (alternate shell: %s) and the last one went there',
    (safeboot, alternateShell) => {
      const evidence = [bootConfigurationOf({ safeboot, alternateShell }), bootModeOf(safeboot)];
      const recognition = safeMode.recognise(evidence);
      expect(recognition).toMatchObject({ kind: 'present', effect: 'now' });
      expect(recognition).not.toHaveProperty('leaveAlone');
      expect(textOf(evidence)).toContain(`flagged for safe mode (${safeboot}`);
      expect(textOf(evidence).includes('command prompt')).toBe(alternateShell);
    },
  );

  it('tells a machine that is flagged for the next boot from one that booted so', () => {
    const flagged = [bootConfigurationOf({ safeboot: 'Minimal' }), bootModeOf('normal')];
    expect(safeMode.recognise(flagged)).toMatchObject({ kind: 'present', effect: 'next-boot' });
    expect(textOf(flagged)).toContain('was a normal one');
    const booted = [bootConfigurationOf({}), bootModeOf('Minimal')];
    expect(safeMode.recognise(booted)).toMatchObject({ kind: 'present', effect: 'now' });
    expect(textOf(booted)).toContain('has no safe-boot flag');
    expect(textOf(booted)).toContain('went into safe mode');
  });

  it('takes the flag as being at work when nothing is known of the last boot', () => {
    expect(safeMode.recognise([bootConfigurationOf({ safeboot: 'Network' })])).toMatchObject({ effect: 'now' });
  });

  it('is absent without a flag, also when another loader of the store has one', () => {
    const others: BootConfiguration['others'] = [{ id: '{other}', safeboot: 'Minimal', alternateShell: false }];
    expect(safeMode.recognise([bootConfigurationOf({}, { others })])).toMatchObject({ kind: 'absent' });
    expect(safeMode.recognise([bootConfigurationOf({}), bootModeOf('normal')])).toMatchObject({ kind: 'absent' });
  });

  it('reports directory services repair mode and says to leave it alone (hazard: a domain controller being restored)', () => {
    const leaveAlone = expect.stringContaining('on purpose') as string;
    for (const evidence of [
      [bootConfigurationOf({ safeboot: 'DsRepair' })],
      [bootConfigurationOf({}), bootModeOf('DsRepair')],
      [bootModeOf('DsRepair')],
    ]) {
      expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', leaveAlone });
    }
  });

  it('leaves a value alone that Windows does not define', () => {
    expect(safeMode.recognise([bootConfigurationOf({ safeboot: 7 })])).toMatchObject({
      kind: 'present',
      leaveAlone: expect.stringContaining('7') as string,
    });
  });

  it('is present by the last boot alone when the store could not be read', () => {
    const evidence = [unreadableOf(store, 'no store was found'), bootModeOf('safe')];
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
  });

  it('is unknown with the reason when the store could not be read and the last boot was a normal one or not known', () => {
    for (const more of [[], [bootModeOf('normal')]]) {
      expect(safeMode.recognise([unreadableOf(store, 'no store was found'), ...more])).toEqual({
        kind: 'unknown',
        why: 'Whether the next boot is one into safe mode is not known: no store was found (run-command).',
      });
    }
    expect(safeMode.recognise([])).toMatchObject({ kind: 'unknown' });
  });

  it('tells the commands for this very loader, and never what a hostile store calls it', () => {
    const flagged = bootConfigurationOf({ safeboot: 'Minimal', alternateShell: true });
    expect(safeMode.byHand([flagged]).slice(1)).toEqual([
      'bcdedit /deletevalue {c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00} safeboot',
      'bcdedit /deletevalue {c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00} safebootalternateshell',
      'shutdown /r /t 0',
    ]);
    const inherited = bootConfigurationOf({
      safeboot: 'Minimal',
      safebootSetIn: '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}',
    });
    expect(safeMode.byHand([inherited])[1]).toContain('/deletevalue {6efb52bf-1766-41db-a6b3-0ee5eff72bd7} safeboot');
    const hostile = bootConfigurationOf({ id: '{a} & format c:', safeboot: 'Minimal' });
    expect(safeMode.byHand([hostile])[1]).toBe('bcdedit /deletevalue {default} safeboot');
  });

  describe('cure', () => {
    const server = installationOf(false);
    const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
    const settings = '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}';
    const deleting = (element: string, from = object) => ({ kind: 'delete-boot-element', object: from, element });
    const restart = {
      kind: 'restart-from-safe-mode',
      delaySeconds: 60,
      bootedBefore: '2026-01-02T02:00:00.000Z',
    };

    it('deletes what is set and restarts a Windows that runs in safe mode', () => {
      const flagged = bootConfigurationOf({ safeboot: 'Minimal', alternateShell: true });
      expect(safeMode.cure([flagged, bootModeOf('Minimal'), server])).toEqual({
        kind: 'changes',
        changes: [deleting('safeboot'), deleting('safebootalternateshell'), restart],
      });
      expect(safeMode.cure([bootConfigurationOf({}), bootModeOf('safe'), server])).toMatchObject({
        changes: [restart],
      });
    });

    it('restarts nothing that runs normally, or of which it is not known (hazard: a downtime nobody asked for)', () => {
      const flagged = bootConfigurationOf({ safeboot: 'Network' });
      for (const mode of [[bootModeOf('normal')], []]) {
        expect(safeMode.cure([flagged, ...mode, server])).toEqual({ kind: 'changes', changes: [deleting('safeboot')] });
      }
    });

    it('takes an inherited flag away where it is set, though the running Windows does not show it', () => {
      const onDisk = (item: Evidence): Evidence => ({ ...item, from: { ...from, source: 'snapshot-disk' } });
      const disk = onDisk(bootConfigurationOf({ safeboot: 'Minimal', safebootSetIn: settings }));
      const evidence = [bootConfigurationOf({}), bootModeOf('normal'), server, disk];
      expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'next-boot' });
      expect(safeMode.cure(evidence)).toEqual({ kind: 'changes', changes: [deleting('safeboot', settings)] });
      const own = onDisk(bootConfigurationOf({ safeboot: 'Minimal' }));
      expect(safeMode.recognise([bootConfigurationOf({}), bootModeOf('normal'), own])).toMatchObject({
        kind: 'absent',
      });
    });

    it.each<[string, Evidence[]]>([
      ['the store was not read', [bootModeOf('safe'), server]],
      ['it is not known whether it is a domain controller', [bootConfigurationOf({ safeboot: 'Minimal' })]],
      ['the entry has no GUID', [bootConfigurationOf({ id: '{current}', safeboot: 'Minimal' }), server]],
    ])('is none when %s', (_what, evidence) => {
      expect(safeMode.cure(evidence)).toMatchObject({ kind: 'none' });
    });

    it('is never asked for a domain controller, whichever source knows that it is one', () => {
      const controller: Evidence = { ...installationOf(true), from: { ...from, source: 'snapshot-disk' } };
      for (const evidence of [
        [bootConfigurationOf({ safeboot: 'Minimal' }), server, controller],
        [bootConfigurationOf({}), bootModeOf('Network'), controller],
        [bootModeOf('safe'), controller],
      ]) {
        expect(safeMode.recognise(evidence)).toMatchObject({
          kind: 'present',
          leaveAlone: expect.stringContaining('domain controller') as string,
        });
      }
      expect(safeMode.recognise([bootConfigurationOf({}), controller])).toMatchObject({ kind: 'absent' });
    });

    it('never throws, and names nothing but GUIDs, whatever the evidence', () => {
      fc.assert(
        fc.property(anyEvidence, (evidence) => {
          const cure = safeMode.cure(evidence);
          if (cure.kind === 'none') return;
          for (const change of cure.changes) {
            if (change.kind === 'delete-boot-element') expect(change.object).toMatch(/^\{[0-9a-f-]{36}\}$/);
          }
        }),
      );
    });
  });

  it('never throws; without store and mode it is unknown, and it is never absent while a flag is set', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const { kind } = safeMode.recognise(evidence);
        const configuration = evidence.find((item) => item.kind === 'boot-configuration');
        if (configuration?.kind === 'boot-configuration' && configuration.next.safeboot !== undefined) {
          expect(kind).toBe('present');
        }
        if (!evidence.some((item) => item.kind === 'boot-configuration' || item.kind === 'boot-mode')) {
          expect(kind).toBe('unknown');
        }
      }),
    );
  });

  it('says where each reason was read', () => {
    const mode: BootMode['mode'] = 'Minimal';
    const recognition = safeMode.recognise([bootConfigurationOf({ safeboot: 'Minimal' }), bootModeOf(mode)]);
    expect(recognition.kind === 'present' && recognition.reasons.map((reason) => reason.from)).toEqual([from, from]);
  });
});

function textOf(evidence: Evidence[]): string {
  const recognition = safeMode.recognise(evidence);
  return recognition.kind === 'unknown' ? '' : recognition.reasons.map(({ text }) => text).join(' ');
}
