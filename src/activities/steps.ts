import type { Round, StepRecord } from '../ledger/ports';

/**
 * The steps of a timeline, by their names. Whoever opens a step and whoever reads its times back name it by this type, so that a
 * renamed step does not compile.
 */
export type StepName =
  | `begun-again-${number}`
  | ReadingStep
  | `${ReadingStep}-${number}`
  | 'apply'
  | 'restart'
  | 'look-again'
  | `verify-${number}`
  | `verify-copy-${number}`
  | 'recovery-vm'
  // A repair by a recovery VM.
  | 'trial-copy'
  | 'attach-trial-copy'
  | 'rehearse'
  | 'detach-trial-copy'
  | 'trial-copy-gone'
  | `stop-${StopName}`
  | `${'copy' | 'attach' | 'mend' | 'detach' | 'swap'}-${Round}`
  | 'start'
  | 'boot'
  | 'swap-back'
  | 'start-back'
  // A rollback.
  | 'put-original-back';

/** The steps up to the permit. When the evidence is read again, after a long wait, they have its number (readings.ts). */
export type ReadingStep =
  | 'inspect'
  | 'snapshot'
  | 'evidence'
  | 'snapshot-disk'
  | 'diagnose'
  | 'diagnose-again'
  | 'permit'
  // An inspection by a recovery VM.
  | 'look-route'
  | 'look-disk'
  | 'attach-look-disk'
  | 'look'
  | 'detach-look-disk'
  | 'look-disk-gone';

/** What the VM is stopped for: each is done, and on record, once. */
export type StopName = `round-${Round}` | 'back' | 'rollback';

/** A step that is about to be opened, with its title for people. */
export interface Step {
  step: StepName;
  title: string;
}

// Those that read how Windows is, by the beginnings of their names: numbers follow some.
const looksAtVm = ['evidence', 'snapshot-disk', 'look', 'verify'] satisfies string[];

/** Whether the step reads how the VM's Windows is: what happened after it began, it has not seen. */
export function isLookAtVm(step: string): boolean {
  return looksAtVm.some((name) => step === name || new RegExp(`^${name}-(?:again|copy-)?\\d*$`).test(step));
}

/** The step of this name, if it was opened. */
export function stepNamed(steps: readonly StepRecord[], name: StepName): StepRecord | undefined {
  return steps.find(({ step }) => step === name);
}
