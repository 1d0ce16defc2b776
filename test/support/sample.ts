/**
 * The full run's cases, or a seeded sample of them: `.ci/run` tries some of them, others each time, and prints the seed.
 * `npm run test:full -- --sample 0.05 --seed 7` sets these variables.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';

/** The share of its cases that each table of the full run tries, above 0 up to 1. */
export const share = Number(process.env.TEST_SAMPLE ?? 1);
/** Which ones they are. */
export const seed = Number(process.env.TEST_SEED ?? 1);

/** These cases, or of a sample at least one of them, in their order. */
export function sampled<Case>(cases: readonly Case[]): Case[] {
  const count = Math.max(1, Math.round(cases.length * share));
  if (count >= cases.length) return [...cases];
  const indices = cases.map((_case, index) => index);
  const [chosen = []] = fc.sample(fc.shuffledSubarray(indices, { minLength: count, maxLength: count }), {
    seed,
    numRuns: 1,
  });
  return [...chosen].sort((one, other) => one - other).flatMap((index) => cases.slice(index, index + 1));
}

/** How many random cases a property tries, of those that the full run tries. */
export function sampledRuns(runs: number): number {
  return Math.max(1, Math.round(runs * share));
}

/**
 * So many of the cases, in their order, by their names. For cases that are known only once something has run: where one of
 * them comes or goes, the others that a seed picks stay.
 */
export function pickedByName<Case>(cases: readonly Case[], nameOf: (one: Case) => string, count: number): Case[] {
  const rank = (one: Case) =>
    createHash('sha256')
      .update(`${seed} ${nameOf(one)}`)
      .digest('hex');
  const ranks = cases.map(rank).sort();
  const last = ranks[Math.max(1, count) - 1] ?? '~';
  return cases.filter((one) => rank(one) <= last);
}
