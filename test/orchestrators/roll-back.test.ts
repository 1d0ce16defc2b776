import { done, end } from '../../src/activities/progress';
import { repairVm } from '../../src/orchestrators/repair-vm';
import { rollBack } from '../../src/orchestrators/roll-back';
import { Fault, namesOf, tell, type Answers } from './support/tell';

const about = { repairId: '20260105t080910z-abcdef0123', vmId: '/vm', rollsBack: '20260102t030405z-0123abcd45' };
const found = (state: 'to-be-put-back' | 'is-back') =>
  done(
    {
      ...{ state, copyId: '/copy', originalId: '/original' },
      ...{ lossSince: '2026-01-02T03:20:00.000Z', keptUntil: '2026-01-19T08:09:10.000Z' },
    },
    '',
  );
const good: Answers = {
  inspectRollback: found('to-be-put-back'),
  obtainRollbackPermit: done('permitted', ''),
  stopForRollback: done('stopped', ''),
  keepPresentDisk: done({ snapshotId: '/snapshot' }, ''),
  putOriginalBack: done('back', ''),
  startPatient: done('running', ''),
  awaitAgent: done('ready', ''),
};
const order = Object.keys(good);
const tellIt = (answers: Answers) => tell((story) => rollBack(story, about), { ...good, ...answers });

describe('orchestrators/roll-back: the story of a rollback', () => {
  it('looks, asks, stops, keeps the present disk, puts the original back, starts and waits for the agent', () => {
    const { result, asked } = tellIt({});
    expect(result).toMatchObject({ ending: 'rolled-back', code: 'rolled-back' });
    for (const word of ['/original', '/copy', '2026-01-02T03:20:00.000Z']) expect(result.reason).toContain(word);
    expect(namesOf(asked)).toEqual(order);
  });

  it('looks again before it stops the VM where its wait made what it saw old', () => {
    const { result, asked } = tellIt({ obtainRollbackPermit: [done('read-again', ''), done('permitted', '')] });
    expect(result).toMatchObject({ code: 'rolled-back' });
    expect(namesOf(asked)).toEqual([...order.slice(0, 2), ...order]);
  });

  it.each(order.slice(0, 5).map((name, index) => [name, index] as const))(
    'ends where %s says so; the rest is the clean-up’s',
    (name, index) => {
      const { result, asked } = tellIt({ [name]: end('refused', 'kill-switch', 'Because.') });
      expect(result).toEqual({ ending: 'refused', code: 'kill-switch', reason: 'Because.' });
      expect(namesOf(asked)).toEqual(order.slice(0, index + 1));
    },
  );

  it.each([
    ['startPatient', 'rolled-back-not-running'],
    ['awaitAgent', 'rolled-back-agent-silent'],
  ])('takes the original out no more: at %s it ends as %s', (step, code) => {
    const { result, asked } = tellIt({ [step]: end('not-repaired', 'start-late', 'It was late.') });
    expect(result).toMatchObject({ ending: 'rolled-back', code, reason: expect.stringContaining('late') as string });
    expect(namesOf(asked)).toEqual(order.slice(0, order.indexOf(step) + 1));
  });

  it.each(['startPatient', 'awaitAgent'])('tries %s again after a fault: the original is in', (name) => {
    const { result } = tellIt({ [name]: [new Fault('The ledger is away.'), good[name]] });
    expect(result).toMatchObject({ ending: 'rolled-back', code: 'rolled-back' });
  });

  it('stops and exchanges nothing again when it is begun again after the exchange', () => {
    const { result, asked } = tellIt({ inspectRollback: found('is-back') });
    expect(result).toMatchObject({ ending: 'rolled-back', code: 'rolled-back' });
    expect(namesOf(asked)).toEqual(['inspectRollback', 'putOriginalBack', 'startPatient', 'awaitAgent']);
  });
});

describe('orchestrators/roll-back: the singleton of a VM with a rollback', () => {
  const cleaned = { takeUpRepair: done(1, ''), cleanUp: done({ left: [] }, ''), closeRepair: done('closed', '') };
  const tellSingleton = (answer: unknown) => tell((story) => repairVm(story, about), { ...cleaned, rollBack: answer });

  it('tells the story of a rollback, cleans up and closes it', () => {
    const conclusion = { ending: 'rolled-back', code: 'rolled-back', reason: 'So it is.' };
    const { result, asked } = tellSingleton(conclusion);
    expect(result).toEqual(conclusion);
    expect(namesOf(asked)).toEqual(['takeUpRepair', 'rollBack', 'cleanUp', 'closeRepair']);
    expect(asked[1]).toMatchObject({ instanceId: about.repairId, input: { ...about, generation: 1 } });
  });

  it.each([
    ['broke down', new Fault('Boom.'), 'fault'],
    [
      'ended in a step that repairs have too',
      { ending: 'not-repaired', code: 'stop-late', reason: 'Late.' },
      'stop-late',
    ],
  ])('says that nothing was rolled back when the story %s', (_what, answer, code) => {
    expect(tellSingleton(answer).result).toMatchObject({ ending: 'not-rolled-back', code });
  });
});
