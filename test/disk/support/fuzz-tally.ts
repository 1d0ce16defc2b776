import { appendFileSync } from 'node:fs';
import { UnreadableError } from '../../../src/disk/byte-source';

/**
 * What became of the cases of a fuzz test. One whose changes make no difference, or are nearly all refused at the door,
 * shows nothing about the readers behind it, so that fails. `npm run test:fuzz` has the counts written to the file
 * FUZZ_REPORT and prints them.
 */
export interface FuzzTally {
  /**
   * Counts what a question comes to: `same` as the honest answer, `answered` otherwise, or the code of an
   * UnreadableError, for which undefined is given. Rejects with any other error.
   */
  ask<T>(question: Promise<T>): Promise<T | undefined>;
  /** Throws if less than a tenth of the cases were answered, or less than a tenth made a difference behind the door. */
  finish(): void;
}

/** `honest` is the answer without changes, as data; without it no answer counts as the same. */
export function fuzzTally(honest?: unknown): FuzzTally {
  const outcomes = new Map<string, number>();
  const honestText = JSON.stringify(honest);

  function add(outcome: string): void {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  return {
    async ask(question) {
      try {
        const answer = await question;
        add(honest !== undefined && JSON.stringify(answer) === honestText ? 'same' : 'answered');
        return answer;
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        add(error.code);
        return undefined;
      }
    },
    finish() {
      const cases = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
      const of = (outcome: string) => outcomes.get(outcome) ?? 0;
      const counts = Object.fromEntries(outcomes);
      const name = expect.getState().currentTestName ?? '';
      const line = JSON.stringify({ name, cases, counts });
      if (process.env.FUZZ_REPORT) appendFileSync(process.env.FUZZ_REPORT, `${line}\n`);
      const answered = of('answered') + of('same');
      const behindTheDoor = cases - of('same') - of('not-this-format');
      if (answered < cases / 10 || behindTheDoor < cases / 10) throw new Error(`too shallow: ${line}`);
    },
  };
}
