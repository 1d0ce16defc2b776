import type { Conclusion } from '../activities/progress';
import type { AboutRepair } from '../activities/input';
import { attempt, call, endedByFault, persist, type Steps, type Story } from './durable';
import { ofRollback } from './roll-back';

const cleanUpPatience = {
  deadlineMs: 15 * 60_000,
  late: {
    ending: 'not-repaired',
    code: 'clean-up-late',
    reason: 'Not everything temporary was gone after 15 minutes.',
  },
} as const;

/**
 * The singleton of a VM: one instance for each VM, so the engine itself refuses a second repair at the same time.
 * Whatever becomes of the story, a repair or a rollback, it cleans up, writes the ending and frees the VM.
 */
export function* repairVm(story: Story, about: AboutRepair): Steps<Conclusion> {
  const conclusion =
    about.rollsBack === undefined ? yield* tell(story, 'repair', about) : yield* tellRollback(story, about);
  const cleaned = yield* persist(story, 'cleanUp', { ...about, conclusion }, cleanUpPatience);
  const left = cleaned.kind === 'done' ? cleaned.value.left : [cleaned.conclusion.reason];
  yield* call(story, 'closeRepair', { ...about, conclusion, left });
  return conclusion;
}

function* tell(story: Story, name: 'repair' | 'rollBack', about: AboutRepair): Steps<Conclusion> {
  const told = yield* attempt<Conclusion>(story, name, about, about.repairId);
  return told.ok ? told.value : endedByFault(told.message);
}

function* tellRollback(story: Story, about: AboutRepair): Steps<Conclusion> {
  return ofRollback(yield* tell(story, 'rollBack', about));
}
