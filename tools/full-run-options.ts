/** What `npm run test:full` can be asked for. */
import { parseArgs } from 'node:util';

export const parts = ['tests', 'fuzz', 'faults', 'crash'] as const;
export type Part = (typeof parts)[number];

export interface FullRunOptions {
  /** Above 0, up to 1. */
  share: number;
  seed: number;
  only: Part[];
}

/** The largest seed that fast-check takes: https://fast-check.dev/docs/configuration/user-definable-values/ */
const largestSeed = 2 ** 31 - 1;

/** Reads the arguments; without a seed it is `randomSeed`. Throws an error that says which one is wrong and what it must be. */
export function readOptions(args: readonly string[], randomSeed: number): FullRunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { sample: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  return {
    share: values.sample === undefined ? 1 : readShare(values.sample),
    seed: values.seed === undefined ? randomSeed : readSeed(values.seed),
    only: values.only === undefined ? [...parts] : readParts(values.only),
  };
}

function readShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share <= 1) return share;
  throw new Error(`--sample ${text}: a share is a number above 0, up to 1, such as 0.02`);
}

function readSeed(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= largestSeed) return Number(text);
  throw new Error(`--seed ${text}: a seed is a whole number from 0 to ${largestSeed}`);
}

function readParts(text: string): Part[] {
  const named = text.split(',').map((name) => name.trim());
  const unknown = named.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) throw new Error(`--only ${text}: there is no part '${unknown[0]}', only ${parts.join(', ')}`);
  return parts.filter((part) => named.includes(part));
}

/** The command that runs the same once more. */
export function commandFor({ share, seed, only }: FullRunOptions): string {
  const options = [
    ...(share < 1 ? [`--sample ${share}`] : []),
    `--seed ${seed}`,
    ...(only.length < parts.length ? [`--only ${only.join(',')}`] : []),
  ];
  return `npm run test:full -- ${options.join(' ')}`;
}
