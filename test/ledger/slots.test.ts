import fc from 'fast-check';
import { queueSilenceMs } from '../../src/ledger/leases';
import type { Ledger, SlotAnswer } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, overtakenLedger, startAzurite, type Azurite } from './support/azurite';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(() => azurite.stop());

const begin = Date.parse('2026-01-02T03:04:05.000Z');

/** The time so many seconds after the beginning. */
function at(seconds: number): string {
  return new Date(begin + seconds * 1_000).toISOString();
}

function ask(ledger: Ledger, repairId: string, cap: number, seconds = 0): Promise<SlotAnswer> {
  return ledger.acquireSlot(repairId, { cap, at: at(seconds) });
}

function held(answers: SlotAnswer[]): number {
  return answers.filter(({ kind }) => kind === 'held').length;
}

async function takeAll(ledger: Ledger, repairIds: string[], cap = repairIds.length): Promise<void> {
  for (const repairId of repairIds) expect(await ask(ledger, repairId, cap)).toEqual({ kind: 'held' });
}

describe('ledger/slots: the slots of repairs that change something', () => {
  it('are never more than the cap, however many ask at once', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => ask(ledgers[index % 2]!, `repair-${index}`, 3)),
    );
    expect(held(answers)).toBeLessThanOrEqual(3);
    // Those that come first may have waited for each other: asked again, in any order, they have theirs.
    const again = await Promise.all(
      Array.from({ length: 12 }, (_, index) => ask(ledgers[index % 2]!, `repair-${index}`, 3, 1)),
    );
    expect(held(again)).toBe(3);
  });

  it('are held once by a repair that asks again', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['first', 'first', 'second'], 2);
    expect(await ask(ledger, 'third', 2)).toEqual({ kind: 'queued', since: at(0), ahead: 0 });
    expect((await ledger.listSlots()).sort()).toEqual(['first', 'second', 'third']);
  });

  it('are free for others after a release, which may be repeated', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['first']);
    await ledger.releaseSlot('first');
    await ledger.releaseSlot('first');
    await takeAll(ledger, ['second']);
    await ledger.releaseSlot('first');
    expect(await ask(ledger, 'third', 1)).toMatchObject({ kind: 'queued' });
  });

  it('count holders above a cap that was lowered', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['slot-0', 'slot-1', 'slot-2', 'slot-3']);
    await ledger.releaseSlot('slot-0');
    await ledger.releaseSlot('slot-1');
    // Two hold the slots 2 and 3; the cap is 3 now, so one more of all who ask may have one.
    const answers: SlotAnswer[] = [];
    for (let index = 0; index < 6; index += 1) answers.push(await ask(ledger, `late-${index}`, 3, index));
    expect(held(answers)).toBe(1);
    expect(await ask(ledger, 'slot-3', 3)).toEqual({ kind: 'held' });
    expect(await ask(ledger, 'even-later', 2, 9)).toMatchObject({ kind: 'queued' });
  });

  it('stay within a lowered cap when holders change between the look and the write', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await takeAll(ledger, ['a', 'b', 'c', 'd']);
    await ledger.releaseSlot('b');
    await ledger.releaseSlot('c');
    // Slots 0 and 3 are held. While one repair looks, the first of them is freed and two others come.
    const late = overtakenLedger(azurite, prefix, 'createEntity', async () => {
      await ledger.releaseSlot('a');
      await takeAll(ledger, ['e', 'f'], 3);
    });
    expect(await ask(late, 'late', 3)).toMatchObject({ kind: 'queued' });
  });

  it('are none when the cap is 0, and a cap that is no number is refused', async () => {
    const ledger = await freshLedger(azurite);
    expect(await ask(ledger, 'first', 0)).toMatchObject({ kind: 'queued', ahead: 0 });
    await expect(ask(ledger, 'first', Number.NaN)).rejects.toMatchObject({ name: 'LedgerInputError' });
  });
});

describe('ledger/slots: the queue for a slot', () => {
  it('tells how many come before, and calls up in the order of the first asks (hazard: the last one that asks gets it)', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['holder']);
    for (const [index, one] of ['first', 'second', 'third'].entries()) {
      expect(await ask(ledger, one, 1, index + 1)).toEqual({ kind: 'queued', since: at(index + 1), ahead: index });
    }
    await ledger.releaseSlot('holder');
    expect(await ask(ledger, 'third', 1, 10)).toMatchObject({ kind: 'queued', ahead: 2 });
    expect(await ask(ledger, 'newcomer', 1, 11)).toMatchObject({ kind: 'queued', ahead: 3 });
    expect(await ask(ledger, 'first', 1, 12)).toEqual({ kind: 'held' });
    expect(await ask(ledger, 'third', 1, 13)).toEqual({ kind: 'queued', since: at(3), ahead: 1 });
  });

  it('lets as many go as there are free slots, whoever of them asks first', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['a', 'b']);
    for (const [index, one] of ['first', 'second', 'third'].entries()) await ask(ledger, one, 2, index);
    await ledger.releaseSlot('a');
    await ledger.releaseSlot('b');
    expect(await ask(ledger, 'second', 2, 10)).toEqual({ kind: 'held' });
    expect(await ask(ledger, 'third', 2, 11)).toMatchObject({ kind: 'queued', ahead: 1 });
    expect(await ask(ledger, 'first', 2, 12)).toEqual({ kind: 'held' });
  });

  it('passes over one that has fallen silent, and keeps its rank', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['holder']);
    await ask(ledger, 'silent', 1, 1);
    await ask(ledger, 'second', 1, 2);
    await ask(ledger, 'third', 1, 3);
    const silence = queueSilenceMs / 1_000;
    for (const seconds of [100, 200, silence]) {
      await ask(ledger, 'second', 1, seconds);
      await ask(ledger, 'third', 1, seconds);
    }
    await ledger.releaseSlot('holder');
    expect(await ask(ledger, 'third', 1, silence + 5)).toMatchObject({ kind: 'queued', ahead: 1 });
    expect(await ask(ledger, 'second', 1, silence + 6)).toEqual({ kind: 'held' });
    expect(await ask(ledger, 'silent', 1, silence + 7)).toEqual({ kind: 'queued', since: at(1), ahead: 0 });
    await ledger.releaseSlot('second');
    expect(await ask(ledger, 'third', 1, silence + 8)).toMatchObject({ kind: 'queued', ahead: 1 });
  });

  it('waits for the others to come back where all were silent (hazard: after an outage the last one is first)', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['holder']);
    await ask(ledger, 'first', 1, 1);
    await ask(ledger, 'second', 1, 2);
    await ledger.releaseSlot('holder');
    const outage = 3_600;
    expect(await ask(ledger, 'second', 1, outage)).toMatchObject({ kind: 'queued', ahead: 1 });
    expect(await ask(ledger, 'second', 1, outage + 60)).toMatchObject({ kind: 'queued', ahead: 1 });
    expect(await ask(ledger, 'first', 1, outage + 61)).toEqual({ kind: 'held' });
  });

  it('is left at the release, and a rank is not kept beyond it', async () => {
    const ledger = await freshLedger(azurite);
    await takeAll(ledger, ['holder']);
    await ask(ledger, 'first', 1, 1);
    await ledger.releaseSlot('first');
    expect(await ledger.listSlots()).toEqual(['holder']);
    await ask(ledger, 'second', 1, 2);
    expect(await ask(ledger, 'first', 1, 3)).toEqual({ kind: 'queued', since: at(3), ahead: 1 });
  });

  it('is of one row for each repair, however often and in whichever order its calls come', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await takeAll(ledger, ['holder']);
    await ask(ledger, 'first', 1, 50);
    const late = overtakenLedger(azurite, prefix, 'createEntity', () => ask(ledger, 'second', 1, 60));
    expect(await ask(late, 'second', 1, 55)).toEqual({ kind: 'queued', since: at(60), ahead: 1 });
    expect(await ledger.listSlots()).toEqual(expect.arrayContaining(['holder', 'first', 'second']));
    expect(await ledger.listSlots()).toHaveLength(3);
  });

  it('calls up in order, never beyond the cap, whoever asks at the same instant and whoever is asked twice', async () => {
    const plan = fc.record({
      cap: fc.integer({ min: 1, max: 3 }),
      repairs: fc.integer({ min: 2, max: 7 }),
      rounds: fc.array(fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ cap, repairs, rounds }) => {
        const prefix = freshPrefix();
        const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
        const names = Array.from({ length: repairs }, (_, index) => `repair-${index}`);
        // Each has its rank before the first is called up.
        for (const [index, name] of names.entries()) await ask(ledgers[0]!, name, 0, index);
        const holders = new Set<string>();
        const calledUp: string[] = [];
        let seconds = 100;
        for (const round of [...rounds, ...names.map(() => names.map((_, index) => index))]) {
          seconds += 1;
          const asking = round.map((index) => names[index % repairs]!).filter((name) => !calledUp.includes(name));
          const answers = await Promise.all(asking.map((name, index) => ask(ledgers[index % 2]!, name, cap, seconds)));
          const got = new Set(asking.filter((_, index) => answers[index]?.kind === 'held'));
          // Nobody is called up who has more before him, of those that still wait, than there were free slots.
          const waiting = names.filter((name) => !calledUp.includes(name));
          for (const name of got) expect(waiting.indexOf(name)).toBeLessThan(cap - holders.size);
          for (const name of got) holders.add(name);
          calledUp.push(...got);
          expect(holders.size).toBeLessThanOrEqual(cap);
          const [done] = holders;
          if (done === undefined) continue;
          await ledgers[0]!.releaseSlot(done);
          holders.delete(done);
        }
        expect(calledUp.sort()).toEqual(names);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
