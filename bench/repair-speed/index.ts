/** How long a repair takes from its acceptance to its proof, beside what no engine could save. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measured } from './measured';

/** What a durable hop is charged, in ms. */
const hopMs = 250;
/** On the engine that costs nothing, everything that waits is looked at this often, in ms. */
const floorLookMs = 50;

/** One repair; times in s. */
export interface RepairSpeed {
  conclusion: Measured['conclusion'];
  seconds: number;
  /** The same story on an engine without hops that looks all the time: what Azure and the guest take by themselves. */
  floorSeconds: number;
  ratio: number;
  armCalls: number;
  hops: number;
  /** By step, the greatest first: what it took beyond the floor. */
  gaps: { step: string; seconds: number }[];
}

/** Measures a repair of this VM of the simulated fleet, twice, in virtual time. */
export async function benchRepairSpeed(vm: string): Promise<RepairSpeed> {
  const [measured, floor] = await Promise.all([measure(vm, hopMs), measure(vm, 0, floorLookMs)]);
  const floorSteps = new Map(stepsOf(floor).map(({ step, ms }) => [step, ms]));
  const gaps = stepsOf(measured).map(({ step, ms }) => ({ step, seconds: (ms - (floorSteps.get(step) ?? 0)) / 1000 }));
  return {
    conclusion: measured.conclusion,
    seconds: measured.ms / 1000,
    floorSeconds: floor.ms / 1000,
    ratio: measured.ms / floor.ms,
    armCalls: measured.calls,
    hops: measured.spans.filter(({ kind }) => kind === 'hop').length,
    gaps: gaps.filter(({ seconds }) => seconds > 0).sort((one, other) => other.seconds - one.seconds),
  };
}

/** The steps that end after each other, each from the end of the one before. */
function stepsOf({ spans, ms }: Measured): { step: string; ms: number }[] {
  const ends = spans.filter(({ kind, answer }) => kind === 'activity' && answer !== 'wait');
  const steps: { step: string; ms: number }[] = [];
  let last = 0;
  for (const { name, to } of ends.sort((one, other) => one.to - other.to)) {
    steps.push({ step: name, ms: to - last });
    last = to;
  }
  return [...steps, { step: 'the end', ms: ms - last }];
}

async function measure(vm: string, hop: number, everyMs?: number): Promise<Measured> {
  const args = [vm, String(hop), ...(everyMs === undefined ? [] : [String(everyMs)])];
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'measure.cjs'), ...args]);
  return JSON.parse(stdout) as Measured;
}
