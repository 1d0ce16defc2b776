import fc from 'fast-check';
import type { Need } from '../../src/guest/evidence';
import { signatures } from '../../src/signatures';
import type { Recognition, Signature } from '../../src/signatures/define-signature';
import { diagnose, diagnosisNeeds } from '../../src/signatures/diagnose';
import { anyEvidence, from, listenerOf } from './support/evidence';

const absent: Recognition = { kind: 'absent', reasons: [] };
const reasons = [{ text: 'It is so.', from }];
const present = { kind: 'present', effect: 'now', reasons } satisfies Recognition;
const waiting = { kind: 'present', effect: 'next-boot', reasons } satisfies Recognition;
const unknown: Recognition = { kind: 'unknown', why: 'Not known.' };

describe('signatures/diagnose', () => {
  it('finds the first signature that is present, and tells the verdict on each', () => {
    const diagnosis = diagnose([signature('a', absent), signature('b', present), signature('c', present)], []);
    expect(diagnosis).toMatchObject({ kind: 'found', signature: 'b', title: 'Title of b', reasons: present.reasons });
    expect(diagnosis.verdicts.map(({ verdict }) => verdict)).toEqual(['absent', 'present', 'present']);
  });

  it('prefers what is at work now to what waits for the next boot, and finds that too if there is no other', () => {
    const list = [signature('a', waiting), signature('b', present)];
    expect(diagnose(list, [])).toMatchObject({ signature: 'b', effect: 'now' });
    expect(diagnose(list.slice(0, 1), [])).toMatchObject({ signature: 'a', effect: 'next-boot' });
  });

  it('hands on why a finding must be left alone', () => {
    const deliberate: Recognition = { ...present, leaveAlone: 'Somebody wants it so.' };
    expect(diagnose([signature('a', deliberate)], [])).toMatchObject({ leaveAlone: 'Somebody wants it so.' });
  });

  it('finds one that is present although another could not be told', () => {
    expect(diagnose([signature('a', unknown), signature('b', present)], [])).toMatchObject({ signature: 'b' });
  });

  it('says healthy only when all are absent and the guest listens', () => {
    expect(diagnose([signature('a', absent)], [listenerOf(true)])).toMatchObject({ kind: 'healthy' });
  });

  it.each([
    ['a signature could not be told', [signature('a', unknown)], [listenerOf(true)], 'Not known.'],
    ['the guest does not listen', [signature('a', absent)], [listenerOf(false)], 'does not listen'],
    ['whether it listens was not read', [signature('a', absent)], [], 'could not be read'],
  ])('says "not recognised" and never "healthy" when %s', (_when, list, evidence, reason) => {
    const diagnosis = diagnose(list, evidence);
    expect(diagnosis).toMatchObject({ kind: 'not-recognised', reason: expect.stringContaining(reason) });
  });

  it('asks for each need once, and always for the Remote Desktop listener', () => {
    const need: Need = { kind: 'service-status', service: 'Dhcp' };
    const list = [signature('a', absent, [need]), signature('b', absent, [need, { kind: 'rdp-listener' }])];
    expect(diagnosisNeeds(list).slice(0, 2)).toEqual([need, { kind: 'rdp-listener' }]);
    expect(diagnosisNeeds(list).filter(({ kind }) => kind === 'service-status')).toEqual([need]);
    expect(diagnosisNeeds([])[0]).toEqual({ kind: 'rdp-listener' });
  });

  it('asks for what a person wants to see around the finding, whatever the signatures need', () => {
    const kinds = diagnosisNeeds([]).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['windows-installation', 'control-sets', 'remote-desktop']));
  });

  it('never throws, and is healthy only with a listener, whatever the evidence', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const diagnosis = diagnose(signatures, evidence);
        const listening = evidence.some((item) => item.kind === 'rdp-listener' && item.listening);
        expect(diagnosis.verdicts).toHaveLength(signatures.length);
        expect(diagnosis.kind !== 'healthy' || listening).toBe(true);
      }),
    );
  });
});

function signature(id: string, recognition: Recognition, needs: Need[] = []): Signature {
  const rest = { documents: [], needs, cure: () => ({ kind: 'none', why: '' }) as const, byHand: () => [] };
  return { id, title: `Title of ${id}`, recognise: () => recognition, ...rest };
}
