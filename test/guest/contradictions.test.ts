import fc from 'fast-check';
import { contradictionsIn, disbelievedIn } from '../../src/guest/contradictions';
import {
  inOrderOfFreshness,
  type BootConfiguration,
  type BootMode,
  type Disbelief,
  type Provenance,
} from '../../src/guest/evidence';
import { anyEvidence, configurationOf, from } from '../signatures/support/evidence';

const onDisk: Provenance = { source: 'snapshot-disk', place: 'SYSTEM › …', readAt: '2026-01-02T03:04:06Z' };
const loader = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';

function boots(safeboot: 'Minimal' | undefined, at: Provenance, id = loader) {
  const next = { id, safeboot, alternateShell: false };
  return { kind: 'boot-configuration', next, chosenBy: 'default', others: [], from: at } satisfies BootConfiguration & {
    from: Provenance;
  };
}

describe('guest/contradictions', () => {
  it('is silent where sources agree', () => {
    expect(contradictionsIn([configurationOf('Dhcp', 4), { ...configurationOf('Dhcp', 4), from: onDisk }])).toEqual([]);
  });

  it('shows what each source says, the freshest first', () => {
    const found = contradictionsIn(
      inOrderOfFreshness([{ ...configurationOf('Dhcp', 4), from: onDisk }, configurationOf('Dhcp', 2)]),
    );
    expect(found).toEqual([
      {
        about: 'the start type of the service Dhcp',
        statements: [
          { source: 'run-command', says: '2', from },
          { source: 'snapshot-disk', says: '4', from: onDisk },
        ],
      },
    ]);
  });

  it('compares accounts by SID, and not the bytes of a code page with Unicode', () => {
    const pair = (live: string, disk: string) =>
      contradictionsIn([
        configurationOf('Dhcp', 2, { account: live }),
        { ...configurationOf('Dhcp', 2, { account: disk }), from: onDisk },
      ]);
    expect(pair('NT-AUTORIT\u008eT\\LOKALER DIENST', 'NT-AUTORITÄT\\LOKALER DIENST')).toEqual([]);
    expect(pair('NT AUTHORITY\\Local Service', 'NT AUTHORITY\\LocalService')).toEqual([]);
    expect(pair('.\\J\u0094rg', '.\\Jörg')).toEqual([]);
    expect(pair('.\\J\u0094rg', 'LocalSystem')).toMatchObject([
      { statements: [{ says: 'a name that is not plain ASCII' }, { says: 'localsystem' }] },
    ]);
    expect(pair('CORP\\one', 'CORP\\two')).toHaveLength(1);
  });

  it('does not compare different services', () => {
    expect(contradictionsIn([configurationOf('Dhcp', 2), { ...configurationOf('NSI', 4), from: onDisk }])).toEqual([]);
  });

  it('sees a safe-boot flag that only one source knows', () => {
    expect(contradictionsIn([boots(undefined, from), boots('Minimal', onDisk)])).toMatchObject([
      { about: 'the safe-boot flag of the next boot', statements: [{ says: 'none' }, { says: 'Minimal' }] },
    ]);
  });

  it('takes an alias for no loader of its own', () => {
    expect(contradictionsIn([boots(undefined, from, '{current}'), boots(undefined, onDisk)])).toEqual([]);
  });

  it('never finds one in the evidence of a single source', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const ofOne = evidence.map((item) => ({ ...item, from }));
        expect(contradictionsIn(ofOne)).toEqual([]);
      }),
    );
  });
});

describe('guest/contradictions: two boots', () => {
  const booted = (mode: BootMode['mode'], bootedAt: string | undefined, at: Provenance) =>
    ({ kind: 'boot-mode', mode, ...(bootedAt === undefined ? {} : { bootedAt }), from: at }) satisfies BootMode & {
      from: Provenance;
    };
  const before = '2026-01-01T00:00:00Z';
  const now = '2026-01-02T03:00:00Z';

  it('that sources tell of do not contradict each other, and the earlier is shown as not believed', () => {
    const evidence = [booted('Minimal', now, from), booted('normal', before, onDisk)];
    expect(contradictionsIn(evidence)).toEqual([]);
    expect(disbelievedIn(evidence)).toMatchObject([
      { code: 'older-than-boot', told: { at: before, place: onDisk.place }, by: { at: now, place: from.place } },
    ]);
  });

  it.each([
    ['of the same boot', '2026-01-02T03:00:20Z'],
    ['of a boot without a time', undefined],
  ])('contradict each other where they tell %s', (_, bootedAt) => {
    const evidence = [booted('Minimal', now, from), booted('normal', bootedAt, onDisk)];
    expect(contradictionsIn(evidence)).toMatchObject([{ about: 'whether Windows runs in safe mode' }]);
    expect(disbelievedIn(evidence)).toEqual([]);
  });

  it('leave what a source itself did not believe to be shown, once', () => {
    const fact = { says: 'x', place: 'y' };
    const disbelieved: Disbelief[] = [{ code: 'log-off', told: fact, by: fact }];
    const evidence = [booted('normal', now, { ...onDisk, disbelieved }), configurationOf('Dhcp', 2)];
    expect(disbelievedIn([...evidence, { ...configurationOf('NSI', 2), from: { ...onDisk, disbelieved } }])).toEqual(
      disbelieved,
    );
  });
});
