/**
 * The crash sweep: the host dies at one deed of a repair after another, and each repair must end like the one that nobody
 * disturbed. Points are counted up until one is not reached any more, so none is left out, however many there are.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSurroundings, type Surroundings } from '../../../../local/cloud';
import { counting, type CrashPoint } from '../../../../local/host/crash-point';
import { openSimulatedAzure } from '../../../../local/simulated-azure-client';
import { differences, type Facts } from './facts';
import { openProcessPlace, openWarmPlace, type HostPlace } from './hosts';
import { takenRows } from './ledger-rows';
import { playRepair, type Stage } from './one-repair';

/** A sweep that finds so many differences has found what it can. */
const enoughDifferences = 20;

/** So many points that were not reached are the end of a range. */
const missesAtEnd = 3;

/** What of a host's doings is swept. */
export const kinds = ['ARM calls', 'commits', 'ledger writes'] as const;
export type Kind = (typeof kinds)[number];

/** The points at which the host of a repair dies. */
export interface Range {
  /** The VM of the fleet whose like is repaired. */
  like: string;
  when: CrashPoint['when'];
  /** `effects`: commits and what changes something in Azure or the ledger. */
  of: Kind | 'effects';
  /** Only deeds from the first on that fits the one regular expression, and before the first that fits the other. */
  from?: string;
  until?: string;
  /** Only these, counted from 1; all if not given. */
  only?: number[];
}

interface Point {
  range: Range;
  nth: number;
}

/** One death that was not without consequences. */
export interface Difference {
  /** `vm-dhcp-disabled: after 17 of the commits` */
  at: string;
  problems: string[];
}

/** A repair that nobody disturbed. */
export interface Reference {
  facts: Facts;
  /** Everything that its host did. */
  deeds: string[];
}

export interface Sweep {
  /** The repair that nobody disturbs. */
  reference(like: string): Promise<Reference>;
  /** Lets hosts die at all points of the ranges, until there are too many differences. */
  run(ranges: Range[], way: 'in-process' | 'SIGKILL', onDeath?: (death: Death) => void): Promise<Swept>;
  /** How many of the deeds are of a kind. */
  countOf(kind: Kind | 'effects', deeds: string[], within?: Pick<Range, 'from' | 'until'>): number;
  stop(): Promise<void>;
}

/** What came of one point. */
export interface Death extends Difference {
  died: boolean;
}

export interface Swept {
  deaths: number;
  differences: Difference[];
}

interface SweepOptions {
  /** Repairs at the same time. */
  workers: number;
  /** How many local ms pass in one real ms. */
  speed: number;
}

/** Starts a simulated Azure, and storage with an account for each place of a worker's hosts. Needs the bundle. */
export async function openSweep({ workers, speed }: SweepOptions): Promise<Sweep> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-sweep-'));
  // A ledger for each place: what one host has begun, the upkeep of another one with the same ledger would begin again.
  const accountsOf = (name: string) => Array.from({ length: workers }, (_, index) => `${name}${index + 1}`);
  const accounts = { warm: accountsOf('warm'), processes: accountsOf('processes') };
  const all = [...accounts.warm, ...accounts.processes];
  // The rehearsal is a part of each repair, not only of the first.
  const settings = { RECOVERY_ALWAYS_REHEARSE: 'on' };
  const surroundings = await startSurroundings({ stateFolder, speed, settings, accounts: all });
  const patterns = patternsOf(surroundings, all);
  const warm = places(surroundings, accounts.warm, openWarmPlace);
  const processes = places(surroundings, accounts.processes, openProcessPlace);
  const references = new Map<string, Promise<Reference>>();
  let repairs = 0;
  let isStopped = false;

  function play(stage: Stage, like: string, point?: CrashPoint) {
    repairs += 1;
    return playRepair(stage, { like, name: `vm-crash-${repairs}`, point });
  }
  async function undisturbed(like: string): Promise<Reference> {
    const stage = await warm.stage(0);
    const { facts } = await play(stage, like);
    return { facts, deeds: await stage.place.deeds() };
  }
  function reference(like: string): Promise<Reference> {
    const known = references.get(like) ?? undisturbed(like);
    references.set(like, known);
    return known;
  }

  /** Whether the host died at this point, and what was different then. */
  async function dieAt(stage: Stage, { range, nth }: Point): Promise<{ died: boolean; problems: string[] }> {
    const { like, of, ...rest } = range;
    const expected = await reference(like);
    try {
      const { died, facts } = await play(stage, like, { ...rest, nth, deeds: patterns[of] });
      return { died, problems: differences(expected.facts, facts) };
    } catch (error) {
      return { died: true, problems: [error instanceof Error ? error.message : String(error)] };
    }
  }

  return {
    reference,
    async run(ranges, way, onDeath = () => undefined) {
      // While nothing else goes on: what comes out is what all else is held against.
      for (const { like } of ranges) await reference(like);
      const points = pointsOf(ranges);
      const swept: Swept = { deaths: 0, differences: [] };
      async function work(stage: Stage): Promise<void> {
        for (let point = points.take(); point; point = points.take()) {
          const { died, problems } = await dieAt(stage, point);
          if (died) swept.deaths += 1;
          else points.miss(point);
          const at = `${nameOf(point)}${died ? '' : ' (not reached)'}`;
          if (problems.length > 0) swept.differences.push({ at, problems });
          if (isStopped || swept.differences.length >= enoughDifferences) return;
          onDeath({ at, died, problems });
        }
      }
      const place = way === 'SIGKILL' ? processes : warm;
      await Promise.all(all.slice(0, workers).map(async (_, worker) => work(await place.stage(worker))));
      return swept;
    },
    countOf: (kind, deeds, within) => deeds.filter(counting({ deeds: patterns[kind], ...within })).length,
    async stop() {
      isStopped = true;
      warm.close();
      processes.close();
      await surroundings.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

function nameOf({ range: { like, when, of }, nth }: Point): string {
  return `${like}: ${when} ${nth} of the ${of}`;
}

/** Where the workers' hosts live; opened when they are first needed. */
function places(
  surroundings: Surroundings,
  accounts: string[],
  open: (environment: NodeJS.ProcessEnv) => Promise<HostPlace>,
) {
  const { azure, storage } = surroundings;
  const simulated = openSimulatedAzure(azure.controlUrl);
  const opened = new Map<number, Promise<Stage>>();
  const all: HostPlace[] = [];
  async function openStage(worker: number): Promise<Stage> {
    const account = accounts[worker] ?? '';
    const place = await open(surroundings.hostEnvironment(surroundings.environment(account)));
    all.push(place);
    const leases = () => takenRows(storage, account, azure.caFile);
    return { azure: simulated, place, leases, life: await place.start() };
  }
  return {
    stage(worker: number): Promise<Stage> {
      const known = opened.get(worker) ?? openStage(worker);
      opened.set(worker, known);
      return known;
    },
    close() {
      for (const place of all) place.close();
    },
  };
}

/** Regular expressions for deeds, by their kind. */
function patternsOf({ azure, storage }: Surroundings, accounts: string[]): Record<Kind | 'effects', string> {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const ledgers = accounts.flatMap((account) => {
    const { tableServiceUri, blobServiceUri } = storage.of(account);
    return [tableServiceUri, blobServiceUri].map(escaped);
  });
  const write = '(?!GET|HEAD)[A-Z]+';
  const arm = `${escaped(azure.armEndpoint)}/`;
  return {
    'ARM calls': `^[A-Z]+ ${arm}`,
    commits: '^commit$',
    'ledger writes': `^${write} (${ledgers.join('|')})/`,
    // What was refused because it is there already, or has become another, has had no effect.
    effects: `^commit$|^${write} (${arm}|(${ledgers.join('|')})/).*(?<! 409| 412)$`,
  };
}

/**
 * Gives the points of the ranges one after another. A range ends where points are not reached any more: of two repairs the
 * one may look once more often than the other, so one such point alone says little.
 */
function pointsOf(ranges: Range[]) {
  const left = ranges.map((range) => ({ range, given: 0, missed: 0, end: range.only?.length ?? Infinity }));
  return {
    take(): Point | undefined {
      const next = left.find(({ given, missed, end }) => given < end && missed < missesAtEnd);
      if (!next) return undefined;
      next.given += 1;
      return { range: next.range, nth: next.range.only?.[next.given - 1] ?? next.given };
    },
    miss({ range }: Point): void {
      const found = left.find((one) => one.range === range);
      if (found) found.missed += 1;
    },
  };
}
