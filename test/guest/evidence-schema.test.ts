import fc from 'fast-check';
import { getEvidence, putEvidence } from '../../src/activities/collected-evidence';
import type { BootLoader, Evidence, Fact } from '../../src/guest/evidence';
import { evidence as schema } from '../../src/guest/evidence-schema';
import { fakeWorld } from '../activities/support/fakes';
import { repairId } from '../activities/support/repair';

const at = '2026-01-02T03:04:05.000Z';
const from = {
  source: 'snapshot-disk',
  place: 'x',
  readAt: at,
  asOf: at,
  lastWritten: at,
  caution: 'It may be older.',
} as const;
const loader: BootLoader = {
  ...{ id: '{a}', description: 'Windows', path: '\\Windows', safeboot: 'Minimal', safebootSetIn: '{b}' },
  alternateShell: true,
};

/** One fact of each kind that has all that it can have. */
const facts = {
  'service-configuration': {
    ...{ kind: 'service-configuration', service: 'Dhcp', startType: 4, type: 32, account: 'x', imagePath: 'x' },
    dependsOn: ['Afd'],
  },
  'service-status': { kind: 'service-status', service: 'Dhcp', state: 1, type: 32, win32ExitCode: 1058 },
  'service-events': {
    ...{ kind: 'service-events', service: 'Dhcp', since: at, until: at, isCut: true },
    events: [{ eventId: 7040, at, code: 5, startTypes: { before: 'a', after: 'b' }, userSid: 'S-1-5-18' }],
  },
  'service-security': { kind: 'service-security', service: 'Dhcp', descriptor: 'D:', sid: 'S-1-5-80' },
  'service-group': { kind: 'service-group', group: 'netsvcs', services: ['Dhcp'] },
  'key-security': { kind: 'key-security', key: 'SYSTEM\\CurrentControlSet\\Services\\Dhcp', descriptor: 'D:' },
  'rdp-listener': { kind: 'rdp-listener', port: 3389, listening: false },
  'boot-configuration': {
    ...{ kind: 'boot-configuration', next: loader, chosenBy: 'default', firmware: 'uefi' },
    others: [{ ...loader, safeboot: 7 }],
  },
  'boot-mode': { kind: 'boot-mode', mode: 'Network', bootedAt: at },
  'boot-object': { kind: 'boot-object', object: '{a}', safeboot: 'DsRepair', alternateShell: false },
  'control-sets': { kind: 'control-sets', next: 1, current: 1, failed: 0, lastKnownGood: 2, present: [1, 2] },
  'network-addressing': {
    kind: 'network-addressing',
    adapters: [{ id: '{a}', dhcp: true, addresses: ['10.0.0.4'], leasedAddress: '10.0.0.5' }],
  },
  'remote-desktop': { kind: 'remote-desktop', enabled: true, byPolicy: false, port: 3389, listenerEnabled: true },
  'pending-servicing': {
    ...{ kind: 'pending-servicing', pendingXml: true, packagesPending: false },
    ...{ rebootPending: true, rebootInProgress: false },
  },
  'windows-installation': {
    ...{ kind: 'windows-installation', computerName: 'VM', productName: 'Windows', build: '20348.1' },
    isDomainController: true,
  },
  'volume-state': {
    ...{ kind: 'volume-state', partitionStyle: 'gpt', fileSystem: 'NTFS', isMarkedDirty: false },
    ...{ isHibernated: false, metadataMayBeStale: true },
  },
} as const satisfies { [Kind in Fact['kind']]: Extract<Fact, { kind: Kind }> };

const all: Evidence[] = [
  ...Object.values(facts).map((fact) => ({ ...fact, from })),
  { kind: 'unreadable', need: { kind: 'service-status', service: 'Dhcp' }, reason: 'x', from },
];

describe('guest/evidence-schema', () => {
  it.each(all)('takes a $kind whole, as it was written', (one) => {
    expect(schema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
  });

  it.each(all)('refuses a $kind that lacks what decides, or has it as something else', (one) => {
    const fields = Object.keys(one).filter((field) => field !== 'kind');
    const optional = ['type', 'account', 'imagePath', 'dependsOn', 'firmware', 'bootedAt', 'safeboot'];
    const isState = one.kind === 'service-status';
    for (const field of fields) {
      const { [field as 'kind']: _left, ...less } = one;
      const isNeeded = isState || !optional.includes(field);
      expect([field, schema.safeParse(less).success]).toEqual([field, !isNeeded]);
      expect([field, schema.safeParse({ ...one, [field]: { not: 'this' } }).success]).toEqual([field, false]);
    }
  });

  it('takes nothing else for evidence, whatever a document holds', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(schema.safeParse(JSON.parse(text)).success).toBe(false);
      }),
    );
  });

  it('is held against each document that is read back: a forged one is a fault, and no evidence', async () => {
    const { ledger } = fakeWorld().tools;
    await putEvidence(ledger, repairId, 'snapshot-disk', { evidence: all });
    expect((await getEvidence(ledger, repairId, 'snapshot-disk'))?.evidence).toEqual(all);
    const forged = { ...facts['windows-installation'], isDomainController: 'no', from };
    await ledger.putDocument(repairId, 'evidence-snapshot-disk', { evidence: [...all, forged] });
    await expect(getEvidence(ledger, repairId, 'snapshot-disk')).rejects.toThrow();
  });
});
