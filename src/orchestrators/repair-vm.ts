import type { Conclusion } from '../activities/progress';
import type { AboutRepair } from '../activities/input';
import { attempt, call, childIdOf, endedByFault, nowIn, persist, type Steps, type Story } from './durable';
import { ofRollback } from './roll-back';

const minute = 60_000;

export const patience = {
  operations: {
    deadlineMs: 30 * minute,
    late: {
      ending: 'not-repaired',
      code: 'operations-late',
      reason: 'What was under way in Azure when the repair was begun again had not ended after 30 minutes.',
    },
  },
  cleanUp: {
    deadlineMs: 15 * minute,
    late: {
      ending: 'not-repaired',
      code: 'clean-up-late',
      reason: 'Not everything temporary was gone after 15 minutes.',
    },
  },
} as const;

/**
 * The singleton of a VM: one instance for each VM, so the engine itself refuses a second repair at the same time.
 * Whatever becomes of the story, a repair or a rollback, it cleans up, writes the ending and frees the VM. One that was ended and is begun
 * again takes the repair up first, which keeps what the one before still has under way from writing.
 */
export function* repairVm(story: Story, given: AboutRepair): Steps<Conclusion> {
  const orchestrationStartedAt = new Date(nowIn(story)).toISOString();
  const taken = yield* call(story, 'takeUpRepair', { ...given, orchestrationStartedAt });
  // It is another one's, or over: nothing of it is this one's to clean up.
  if (taken.kind !== 'done') return taken.kind === 'end' ? taken.conclusion : endedByFault(taken.reason);
  const about = { ...given, generation: taken.value };
  const conclusion = yield* tell(story, about);
  // Whatever was not gone in time is told from the record.
  yield* persist(story, 'cleanUp', { ...about, conclusion }, patience.cleanUp);
  yield* call(story, 'closeRepair', about);
  return conclusion;
}

function* tell(story: Story, about: AboutRepair): Steps<Conclusion> {
  const isRollback = about.rollsBack !== undefined;
  const isBegunAgain = about.generation !== 1;
  const before = isBegunAgain
    ? yield* persist(story, 'awaitOperations', about, patience.operations)
    : ({ kind: 'done' } as const);
  const conclusion =
    before.kind === 'end' ? before.conclusion : yield* tellOne(story, isRollback ? 'rollBack' : 'repair', about);
  return isRollback ? ofRollback(conclusion) : conclusion;
}

function* tellOne(story: Story, name: 'repair' | 'rollBack', about: AboutRepair): Steps<Conclusion> {
  const told = yield* attempt<Conclusion>(story, name, about, childIdOf(about));
  return told.ok ? told.value : endedByFault(told.message);
}
