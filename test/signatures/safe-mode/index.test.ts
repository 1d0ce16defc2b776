import fc from 'fast-check';
import type { BootConfiguration, BootMode, Evidence, SafeBootMode } from '../../../src/guest/evidence';
import { safeMode } from '../../../src/signatures/safe-mode';
import { anyEvidence, bootConfigurationOf, bootModeOf, from, unreadableOf } from '../evidence';

const store = { kind: 'boot-configuration' } as const;

describe('signatures/safe-mode', () => {
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
