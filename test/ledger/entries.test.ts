import { nothingToUndo } from '../../src/guest/undo';
import type { Ledger } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, overtakenLedger, startAzurite, type Azurite } from './support/azurite';
import { changeRecord, hostileTexts, repairId, repairRecord, resourceRecord } from './support/records';

let azurite: Azurite;
let ledger: Ledger;
let prefix: string;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(async () => {
  prefix = freshPrefix();
  ledger = await freshLedger(azurite, prefix);
  await ledger.createRepair(repairRecord());
});
afterAll(() => azurite.stop());

async function detail() {
  const found = await ledger.getRepairDetail(repairId);
  if (found === undefined) throw new Error('The repair is gone.');
  return found;
}

const step = { step: 'snapshot', title: 'Snapshot the OS disk', startedAt: '2026-01-02T03:05:00.000Z' };
const done = { endedAt: '2026-01-02T03:06:00.000Z', outcome: 'done', detail: 'Took snap-1.' } as const;

describe('ledger/entries: a step', () => {
  it('has no outcome while it runs', async () => {
    await ledger.beginStep(repairId, step);
    expect((await detail()).steps).toEqual([step]);
  });

  it('keeps its first start when it is begun again', async () => {
    await ledger.beginStep(repairId, step);
    await ledger.beginStep(repairId, { ...step, startedAt: '2026-01-02T09:00:00.000Z', title: 'again' });
    expect((await detail()).steps).toEqual([step]);
  });

  it('keeps its first outcome when it is ended again, and when it is begun after its end', async () => {
    await ledger.beginStep(repairId, step);
    await ledger.endStep(repairId, 'snapshot', done);
    await ledger.endStep(repairId, 'snapshot', { endedAt: '2026-01-02T09:00:00.000Z', outcome: 'failed' });
    await ledger.beginStep(repairId, { ...step, startedAt: '2026-01-02T09:00:00.000Z' });
    expect((await detail()).steps).toEqual([{ ...step, ...done }]);
  });

  it('keeps the outcome of whoever wrote first when two end it at the same instant', async () => {
    await ledger.beginStep(repairId, step);
    const late = overtakenLedger(azurite, prefix, 'updateEntity', () => ledger.endStep(repairId, 'snapshot', done));
    await late.endStep(repairId, 'snapshot', {
      endedAt: '2026-01-02T03:07:00.000Z',
      outcome: 'failed',
      detail: 'late',
    });
    expect((await detail()).steps).toEqual([{ ...step, ...done }]);
  });

  it('can not end before it was begun', async () => {
    await expect(ledger.endStep(repairId, 'never', done)).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('never begun') as string,
    });
  });

  it('keeps what a guest printed bounded and without control characters', async () => {
    await ledger.beginStep(repairId, step);
    await ledger.endStep(repairId, 'snapshot', { ...done, detail: '\u001b[2J' + 'A'.repeat(2_000_000) });
    expect((await detail()).steps[0]?.detail).toMatch(/^␛\[2JA+ …\[cut, was 2,000,004 characters\]$/);
  });
});

describe('ledger/entries: a change', () => {
  it('keeps the first value before, also against one that is recorded again after the write', async () => {
    await ledger.recordChange(repairId, changeRecord());
    await ledger.recordChange(repairId, changeRecord({ before: 'auto', undo: nothingToUndo('x'), after: 'auto' }));
    expect((await detail()).changes).toEqual([changeRecord({ after: 'auto' })]);
  });

  it('keeps the value after when it is recorded again without one', async () => {
    await ledger.recordChange(repairId, changeRecord({ after: 'auto' }));
    await ledger.recordChange(repairId, changeRecord());
    expect((await detail()).changes).toEqual([changeRecord({ after: 'auto' })]);
  });

  it('is refused when its undo is too long to be kept whole, and then nothing is recorded', async () => {
    await expect(
      ledger.recordChange(repairId, changeRecord({ undo: { kind: 'impossible', why: 'x'.repeat(40_000) } })),
    ).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('undo') as string,
    });
    expect((await detail()).changes).toEqual([]);
  });
});

describe('ledger/entries: a resource', () => {
  it('is one, however its id is spelled, and knows what became of it', async () => {
    const registered = resourceRecord();
    await ledger.recordResource(repairId, registered);
    await ledger.recordResource(
      repairId,
      resourceRecord({ resourceId: registered.resourceId.toUpperCase(), createdAt: '2026-01-02T03:06:00.000Z' }),
    );
    await ledger.recordResource(repairId, resourceRecord({ deletedAt: '2026-01-02T04:00:00.000Z' }));
    expect((await detail()).resources).toEqual([
      { ...registered, createdAt: '2026-01-02T03:06:00.000Z', deletedAt: '2026-01-02T04:00:00.000Z' },
    ]);
  });

  it('does not forget its creation when its registration is repeated', async () => {
    const created = resourceRecord({ createdAt: '2026-01-02T03:06:00.000Z' });
    await ledger.recordResource(repairId, created);
    await ledger.recordResource(repairId, resourceRecord({ registeredAt: '2026-01-02T09:00:00.000Z' }));
    expect((await detail()).resources).toEqual([created]);
  });

  it('loses nothing that was written between its read and its write', async () => {
    await ledger.recordResource(repairId, resourceRecord());
    const createdAt = '2026-01-02T03:06:00.000Z';
    const deletedAt = '2026-01-02T04:00:00.000Z';
    const late = overtakenLedger(azurite, prefix, 'updateEntity', () =>
      ledger.recordResource(repairId, resourceRecord({ createdAt })),
    );
    await late.recordResource(repairId, resourceRecord({ createdAt: '2026-01-02T09:00:00.000Z', deletedAt }));
    expect((await detail()).resources).toEqual([resourceRecord({ createdAt, deletedAt })]);
  });

  it('keeps all facts that are written at the same instant', async () => {
    await Promise.all([
      ledger.recordResource(repairId, resourceRecord()),
      ledger.recordResource(repairId, resourceRecord({ createdAt: '2026-01-02T03:06:00.000Z' })),
      ledger.recordResource(repairId, resourceRecord({ deletedAt: '2026-01-02T04:00:00.000Z' })),
    ]);
    expect((await detail()).resources).toEqual([
      resourceRecord({ createdAt: '2026-01-02T03:06:00.000Z', deletedAt: '2026-01-02T04:00:00.000Z' }),
    ]);
  });
});

describe('ledger/entries: the detail of a repair', () => {
  it('is the repair alone when nothing happened yet', async () => {
    expect(await detail()).toEqual({
      repair: repairRecord(),
      unreadable: [],
      signals: [],
      steps: [],
      changes: [],
      resources: [],
      documents: {},
    });
  });

  it('has the steps in the order they began', async () => {
    for (const [name, minute] of [
      ['c', '01'],
      ['a', '02'],
      ['b', '03'],
    ] as const) {
      await ledger.beginStep(repairId, { ...step, step: name, startedAt: `2026-01-02T03:${minute}:00.000Z` });
    }
    expect((await detail()).steps.map((one) => one.step)).toEqual(['c', 'a', 'b']);
  });

  it('keeps entries with hostile names apart', async () => {
    for (const text of hostileTexts) {
      await ledger.beginStep(repairId, { ...step, step: text });
      await ledger.endStep(repairId, text, { ...done, detail: text });
      await ledger.recordChange(repairId, changeRecord({ change: text, before: text, after: text }));
      await ledger.recordResource(repairId, resourceRecord({ resourceId: text }));
    }
    const { steps, changes, resources } = await detail();
    expect(steps.map((one) => one.outcome)).toEqual(hostileTexts.map(() => 'done'));
    expect(changes).toHaveLength(hostileTexts.length);
    expect(resources).toHaveLength(hostileTexts.length);
  });

  it('holds nothing of another repair', async () => {
    const other = '20260102t030406z-0123abcd';
    await ledger.createRepair(repairRecord({ repairId: other }));
    await ledger.beginStep(other, step);
    await ledger.putDocument(other, 'plan', { of: other });
    expect(await detail()).toMatchObject({ steps: [], documents: {} });
  });
});

describe('ledger/entries: a document', () => {
  it('is read back as it was written, alone and in the detail', async () => {
    const evidence = { texts: hostileTexts.filter((text) => text !== '\ud800 lone'), none: null, number: 1.5 };
    await ledger.putDocument(repairId, 'evidence', evidence);
    await ledger.putDocument(repairId, 'plan-2', ['a']);
    expect(await ledger.getDocument(repairId, 'evidence')).toEqual(evidence);
    expect((await detail()).documents).toEqual({ evidence, 'plan-2': ['a'] });
  });

  it('replaces one of the same name', async () => {
    await ledger.putDocument(repairId, 'plan', { version: 1, long: 'x'.repeat(1_000) });
    await ledger.putDocument(repairId, 'plan', { version: 2 });
    expect(await ledger.getDocument(repairId, 'plan')).toEqual({ version: 2 });
  });

  it('is undefined when it was never written', async () => {
    expect(await ledger.getDocument(repairId, 'plan')).toBeUndefined();
  });

  it.each(['', '../secrets', 'a/b', 'Plan', 'plan.json', 'plän', 'x'.repeat(101)])(
    'is refused under the name %j',
    async (name) => {
      await expect(ledger.putDocument(repairId, name, {})).rejects.toMatchObject({ name: 'LedgerInputError' });
      expect(await ledger.getDocument(repairId, name)).toBeUndefined();
    },
  );

  it('is refused when it is larger than 4 MiB, and kept when it is just as large', async () => {
    const largest = 'x'.repeat(4 * 1024 * 1024 - 2);
    await ledger.putDocument(repairId, 'evidence', largest);
    expect(await ledger.getDocument(repairId, 'evidence')).toHaveLength(largest.length);
    await expect(ledger.putDocument(repairId, 'evidence', `${largest}x`)).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('4194305 bytes') as string,
    });
  });

  it('is refused when it is no JSON', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const document of [undefined, () => 1, circular, 1n]) {
      await expect(ledger.putDocument(repairId, 'plan', document)).rejects.toMatchObject({ name: 'LedgerInputError' });
    }
  });
});
