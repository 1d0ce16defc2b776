/** How long a repair takes from its acceptance to its proof, beside what no engine could save. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measured, Span, TokensOfVm } from './measured';
import type { Helper } from './stage';

/** What a durable hop is charged, in ms. */
const hopMs = 250;
/** On the engine that costs nothing, everything that waits is looked at this often, in ms. */
const floorLookMs = 50;
/** The same on the long way by a recovery VM: more looks tell no more. */
const floorLookOnCopyMs = 200;

/** A time beside its floor: the same story on an engine without hops that looks all the time. Times in s. */
export interface Pace {
  seconds: number;
  /** What Azure and the guest take by themselves. */
  floorSeconds: number;
  ratio: number;
  /** By step, the greatest first: what it took beyond the floor. */
  gaps: Gap[];
}

interface Gap {
  step: string;
  seconds: number;
}

/** One repair, from its acceptance to its proof. */
export interface RepairSpeed extends Pace {
  conclusion: Measured['conclusion'];
  armCalls: number;
  hops: number;
  /** By the name of each VM that it has to do with. */
  tokens: Record<string, TokensOfVm>;
}

/** Measures a repair of this VM of the simulated fleet, twice, in virtual time. Where nothing may be made to mend a copy of its disk. */
export async function benchRepairSpeed(vm: string): Promise<RepairSpeed> {
  return speedOf(await measureTwice({ vm, helper: 'none' }));
}

/** A repair by a recovery VM. */
export interface RecoverySpeed extends RepairSpeed {
  /** From the request to power off until Azure calls the VM running again. */
  downtime: Pace;
}

/** The same of a VM that only the recovery route reaches, by a recovery VM that is made or one that stands ready. */
export async function benchRecoverySpeed(vm: string, helper: Exclude<Helper, 'none'>): Promise<RecoverySpeed> {
  const pair = await measureTwice({ vm, helper });
  return { ...speedOf(pair), downtime: paceOf({ measured: downtimeOf(pair.measured), floor: downtimeOf(pair.floor) }) };
}

/** A story on the engine that is charged, and on the one that costs nothing. */
interface Pair<T> {
  measured: T;
  floor: T;
}

function speedOf({ measured, floor }: Pair<Measured>): RepairSpeed {
  return {
    ...paceOf({ measured, floor }),
    conclusion: measured.conclusion,
    armCalls: measured.calls,
    tokens: measured.tokens,
    hops: measured.spans.filter(({ kind }) => kind === 'hop').length,
  };
}

/** A stretch of time: what happened in it, and how long it was in ms. */
interface Stretch {
  spans: Span[];
  ms: number;
}

function paceOf({ measured, floor }: Pair<Stretch>): Pace {
  const floorSteps = new Map(stepsOf(floor).map(({ step, ms }) => [step, ms]));
  const gaps = stepsOf(measured).map(({ step, ms }) => ({ step, seconds: (ms - (floorSteps.get(step) ?? 0)) / 1000 }));
  return {
    seconds: measured.ms / 1000,
    floorSeconds: floor.ms / 1000,
    ratio: measured.ms / floor.ms,
    gaps: gaps.filter(({ seconds }) => seconds > 0).sort((one, other) => other.seconds - one.seconds),
  };
}

function downtimeOf({ spans }: Measured): Stretch {
  const of = (activity: string) => spans.filter(({ kind, name }) => kind === 'activity' && name === activity);
  // The first call of the one begins it, the last of the other sees the end.
  const from = of('stopPatient').at(0)?.to;
  const to = of('startPatient').at(-1)?.to;
  if (from === undefined || to === undefined) throw new Error('The VM was not stopped and started again.');
  const within = spans.filter((span) => span.to > from && span.to <= to);
  return { spans: within.map((span) => ({ ...span, from: span.from - from, to: span.to - from })), ms: to - from };
}

/** The steps that end after each other, each from the end of the one before. */
function stepsOf({ spans, ms }: Stretch): { step: string; ms: number }[] {
  const ends = spans.filter(({ kind, answer }) => kind === 'activity' && answer !== 'wait');
  const steps: { step: string; ms: number }[] = [];
  let last = 0;
  for (const { name, to } of ends.sort((one, other) => one.to - other.to)) {
    steps.push({ step: name, ms: to - last });
    last = to;
  }
  return [...steps, { step: 'the end', ms: ms - last }];
}

interface Stage {
  vm: string;
  helper: Helper;
}

async function measureTwice(stage: Stage): Promise<Pair<Measured>> {
  const lookMs = stage.helper === 'none' ? floorLookMs : floorLookOnCopyMs;
  const [measured, floor] = await Promise.all([measure(stage, hopMs), measure(stage, 0, lookMs)]);
  return { measured, floor };
}

async function measure({ vm, helper }: Stage, hop: number, everyMs?: number): Promise<Measured> {
  const args = [vm, helper, String(hop), ...(everyMs === undefined ? [] : [String(everyMs)])];
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'measure.cjs'), ...args]);
  return JSON.parse(stdout) as Measured;
}
