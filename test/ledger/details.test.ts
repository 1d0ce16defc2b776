import fc from 'fast-check';
import { diskIdOf, snapshotIdOf, virtualMachineIdOf } from '../../src/azure/resource-id';
import { LedgerFault, LedgerInputError } from '../../src/ledger/errors';
import { rounds, type Resource, type ResourceKind, type ResourceRecord } from '../../src/ledger/ports';
import { asWritten, changeRow, resourceRow } from '../../src/ledger/rows';
import { changeRecord, vmId } from './support/records';
import { recordOf } from './support/resources';

const subscriptionId = '00000000-0000-0000-0000-000000000001';
const [copyId, originalId] = [diskIdOf(subscriptionId, 'rg', 'copy'), diskIdOf(subscriptionId, 'rg', 'original')];
const snapshotId = snapshotIdOf(subscriptionId, 'rg', 'snapshot');

/** Every form that the details of a kind can have. */
const forms = {
  snapshot: [
    { role: 'first' },
    ...rounds.map((round) => ({ role: 'stopped', round }) as const),
    { role: 'before-rollback' },
  ],
  'snapshot-access': [{ snapshotId }],
  'run-command': [{ vmId: virtualMachineIdOf(subscriptionId, 'rg', 'vm'), name: 'run-1' }],
  disk: [
    { role: 'original' },
    { role: 'inspection' },
    { role: 'trial-copy' },
    ...rounds.map((round) => ({ role: 'copy', round }) as const),
  ],
  'virtual-machine': [{ role: 'recovery-vm' }],
  'network-interface': [{ role: 'recovery-vm' }],
  'recovery-vm-loan': [{ vmId }],
  'power-off': [
    { occasion: 'swap-back' },
    { occasion: 'rollback' },
    ...rounds.map((round) => ({ occasion: 'copy', round }) as const),
  ],
  'os-disk-swap': [
    { direction: 'rollback', copyId, originalId },
    ...rounds.map((round) => ({ direction: 'swap', round, copyId, originalId }) as const),
  ],
} satisfies { [Kind in ResourceKind]: ResourceRecord<Kind>['details'][] };

const kinds = Object.keys(forms) as ResourceKind[];
const resources = kinds.flatMap((kind) =>
  forms[kind].map((details) => ({ resourceId: 'x', kind, details }) as Resource),
);

function stored(columns: object) {
  return { ...columns, partitionKey: 'p', rowKey: 'r', etag: 'e' };
}

describe('ledger/details: of a resource', () => {
  it.each(resources)('are read as they were written: $kind, $details', (resource) => {
    const record = recordOf(resource);
    const columns = resourceRow.write(record);
    expect(resourceRow.read(stored(columns))).toEqual(record);
    expect(asWritten(resourceRow, columns)).toEqual(record);
    // A column holds a text, never an object.
    expect(Object.values(columns).every((column) => typeof column !== 'object')).toBe(true);
  });

  const shapes = kinds.flatMap((kind) => forms[kind].map((details) => ({ kind, details })));
  const strangers = kinds.flatMap((kind) =>
    shapes.filter((shape) => !fits(shape.details, kind)).map(({ details }) => ({ kind, details })),
  );

  it.each(strangers)('are refused where they are those of another kind: $kind with $details', ({ kind, details }) => {
    const record = recordOf({ resourceId: 'x', kind, details } as Resource);
    expect(() => resourceRow.write(record)).toThrow(LedgerInputError);
    const row = stored({ ...record, details: JSON.stringify(details) });
    expect(() => resourceRow.read(row)).toThrow(LedgerFault);
  });

  it('do not compile where they are those of another kind', () => {
    // @ts-expect-error A disk has a role of its own.
    const disk: ResourceRecord = recordOf({ resourceId: 'x', kind: 'disk', details: { role: 'first' } });
    // @ts-expect-error No exchange without the disks.
    const swap: Resource = { resourceId: 'x', kind: 'os-disk-swap', details: { direction: 'rollback' } };
    // @ts-expect-error Nothing without details.
    const loan: Resource = { resourceId: 'x', kind: 'recovery-vm-loan' };
    for (const wrong of [disk, swap, loan]) expect(() => resourceRow.write(recordOf(wrong))).toThrow(LedgerInputError);
  });

  it.each([
    ['is no id of a disk', { direction: 'rollback', copyId: `${copyId};id`, originalId }],
    ['is that of something else', { direction: 'rollback', copyId: snapshotId, originalId }],
    ['would have to be cut', { direction: 'rollback', copyId: copyId + 'x'.repeat(40_000), originalId }],
    ['is none', { direction: 'rollback', copyId }],
  ])('are refused with an id that %s', (_what, details) => {
    const record = recordOf({ resourceId: 'x', kind: 'os-disk-swap', details } as Resource);
    expect(() => resourceRow.write(record)).toThrow(LedgerInputError);
  });

  it('are a fault, and no details, where a row holds anything else', () => {
    const record = recordOf({ resourceId: 'x', kind: 'disk', details: { role: 'original' } });
    const column = fc.oneof(fc.string(), fc.json(), fc.constant(undefined), fc.integer());
    fc.assert(
      fc.property(column, (details) => {
        expect(() => resourceRow.read(stored({ ...record, details }))).toThrow(LedgerFault);
      }),
    );
  });
});

describe('ledger/details: of a change', () => {
  it.each([{ kind: 'guest' } as const, ...rounds.map((round) => ({ kind: 'copy', round }) as const)])(
    'say where it was made: %j',
    (place) => {
      const record = changeRecord({ place });
      expect(changeRow.read(stored(changeRow.write(record)))).toEqual(record);
    },
  );

  it.each([undefined, '', '{}', '{"kind":"copy"}', '{"kind":"copy","round":3}', '{"kind":"disk"}'])(
    'are a fault where the row says %j',
    (place) => {
      expect(() => changeRow.read(stored({ ...changeRow.write(changeRecord()), place }))).toThrow(LedgerFault);
    },
  );
});

/** Whether these are details of this kind as well: two kinds may have the same. */
function fits(details: object, kind: ResourceKind): boolean {
  const keys = JSON.stringify(details);
  return forms[kind].some((own) => JSON.stringify(own) === keys) || (kind === 'recovery-vm-loan' && 'vmId' in details);
}
