import fc from 'fast-check';
import { contradictionsIn } from '../../src/guest/contradictions';
import { inOrderOfFreshness, type BootConfiguration, type Provenance } from '../../src/guest/evidence';
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
