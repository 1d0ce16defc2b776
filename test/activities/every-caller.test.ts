import { activities, type ActivityName } from '../../src/activities';
import type { Progress } from '../../src/activities/progress';
import { vmKeyOf } from '../../src/repair-id';
import { printedTable } from '../support/printed-table';
import { alterVm } from './recovery/support/world';
import type { FakeWorld } from './support/fakes';
import { azureWrites, letAzureGoOn, readyWorlds, type Ready } from './support/ready';
import { vmId } from './support/repair';

/**
 * Whoever calls an activity, by whatever key, meets the same checks. Generated over every activity that is registered: each from a world
 * in which it is about to act, called once with everything in order and once for each reason against it; and each twice at the same time.
 */

const names = Object.keys(activities) as ActivityName[];
const ready: Record<ActivityName, Ready> = readyWorlds;

/** Activities that put right what the record shows as open, whatever stop is on. */
const puttingRight: readonly ActivityName[] = [
  'startPatient',
  'stopForSwapBack',
  'swapBackOsDisk',
  'detachTrialCopy',
  'deleteTrialCopy',
  'detachCopy',
  'detachLookDisk',
  'deleteLookDisk',
  'cleanUp',
];

/** Those of them that start the VM, or stop it and put its disk back. */
const startsOrSwapsBack: readonly ActivityName[] = ['startPatient', 'stopForSwapBack', 'swapBackOsDisk'];

type Input = Ready['input'];

/** A reason against an activity; `arrange` brings it about and may change what the activity is told. */
interface Against {
  what: string;
  /** Whether what is open is put right all the same. */
  isOverridden: boolean;
  /** Undefined if the activity knows no such thing. */
  arrange(world: FakeWorld, input: Input, name: ActivityName): Promise<Input | undefined> | Input | undefined;
}

const otherVm = vmId.replace(/[^/]+$/, 'vm-other');

const reasonsAgainst: readonly Against[] = [
  { what: 'another VM’s id', isOverridden: false, arrange: (_world, input) => ({ ...input, vmId: otherVm }) },
  {
    what: 'a repair that is not on record',
    isOverridden: false,
    arrange: (_world, input) => ({ ...input, repairId: '20260102t030405z-eeeeeeeeee' }),
  },
  {
    what: 'a forged plan',
    isOverridden: false,
    arrange(_world, input) {
      if ('planHash' in input) return { ...input, planHash: 'f'.repeat(64) };
      return 'lookHash' in input ? { ...input, lookHash: 'f'.repeat(64) } : undefined;
    },
  },
  {
    what: 'an orchestration that was begun again',
    isOverridden: false,
    arrange(world, input) {
      const repair = world.ledger.repairs.get(input.repairId);
      if (repair) world.ledger.repairs.set(input.repairId, { ...repair, generation: 7 });
      return input;
    },
  },
  {
    what: 'no stop and no swap on record',
    isOverridden: false,
    arrange(world, input, name) {
      const records = world.ledger.resources.get(input.repairId) ?? [];
      const others = records.filter(({ kind }) => kind !== 'power-off' && kind !== 'os-disk-swap');
      world.ledger.resources.set(input.repairId, others);
      return startsOrSwapsBack.includes(name) ? input : undefined;
    },
  },
  {
    what: 'an ended repair',
    isOverridden: true,
    async arrange(world, input) {
      await world.tools.ledger.updateRepair(input.repairId, { ending: 'not-repaired' });
      return input;
    },
  },
  {
    what: 'no lease',
    isOverridden: true,
    arrange(world, input) {
      world.ledger.leases.delete(vmKeyOf(vmId));
      return input;
    },
  },
  {
    what: 'the kill switch',
    isOverridden: true,
    async arrange(world, input) {
      await world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: '2026-01-02T03:04:05.000Z', reason: 'x' });
      return input;
    },
  },
  {
    what: 'no tag',
    isOverridden: true,
    arrange(world, input) {
      alterVm(world, { tags: {} });
      return input;
    },
  },
  {
    what: 'a cancellation',
    isOverridden: true,
    async arrange(world, input) {
      await world.tools.ledger.updateRepair(input.repairId, { cancelRequestedAt: '2026-01-02T03:04:05.000Z' });
      return input;
    },
  },
];

/** Calls it until it does not wait any more, as the orchestrator does; a call that throws is one that does nothing. */
async function callUntilDone(name: ActivityName, world: FakeWorld, input: Input): Promise<Progress<unknown>> {
  let answer: Progress<unknown> = { kind: 'wait', reason: 'Not asked.' };
  for (let count = 0; count < 60 && answer.kind === 'wait'; count += 1) {
    answer = await activities[name](world.tools, input);
    letAzureGoOn(world);
  }
  return answer;
}

/** All that Azure holds; nobody but the activity changes it. */
function azureOf({ vms, snapshots, runs, recoveryContent: { disks, interfaces } }: FakeWorld): string {
  return JSON.stringify([[...vms], [...snapshots.keys()], [...runs.keys()], [...disks], [...interfaces]]);
}

describe('activities/every-caller: an activity that everything is in order for', () => {
  it.each(names)('%s does its work', async (name) => {
    const { make, input, writes } = ready[name];
    const world = await make();
    world.deeds.length = 0;
    expect(await callUntilDone(name, world, input)).toMatchObject({ kind: 'done' });
    expect(azureWrites(world).length > 0).toBe(writes);
  });
});

describe('activities/every-caller: the matrix of callers', () => {
  type Outcome = 'refused' | 'putRight' | 'none';
  const tell = printedTable('What each activity does for whoever calls it');

  const cells = names.flatMap((name) => reasonsAgainst.map((against) => ({ name, what: against.what, against })));
  const outcomes = new Map<string, Promise<Outcome>>();

  /** Each cell is tried once, by whichever test is the first to ask. */
  function outcomeOf(cell: (typeof cells)[number]): Promise<Outcome> {
    const place = `${cell.name}, with ${cell.what}`;
    const outcome = outcomes.get(place) ?? tryCell(cell);
    outcomes.set(place, outcome);
    return outcome;
  }

  async function tryCell({ name, against }: (typeof cells)[number]): Promise<Outcome> {
    const { make, input, writes } = ready[name];
    const world = await make();
    const given = await against.arrange(world, input, name);
    if (given === undefined) return 'none';
    const before = azureOf(world);
    world.deeds.length = 0;
    const answer = await callUntilDone(name, world, given);
    if (against.isOverridden && puttingRight.includes(name)) {
      expect(answer).toMatchObject({ kind: 'done' });
      expect(azureWrites(world).length > 0).toBe(writes);
      return 'putRight';
    }
    expect(azureWrites(world)).toEqual([]);
    expect(azureOf(world)).toBe(before);
    if (writes) expect(answer.kind).toBe('end');
    return 'refused';
  }

  it.each(cells)('$name, with $what', async (cell) => {
    await outcomeOf(cell);
  });

  it('has both columns', async () => {
    const all = await Promise.all(cells.map(outcomeOf));
    const count = (outcome: Outcome) => all.filter((one) => one === outcome).length;
    tell(`${names.length} activities, ${reasonsAgainst.length} reasons against each: ${cells.length} cells`);
    tell(`refused, and Azure shows no change: ${count('refused')}`);
    tell(`allowed, because the record shows it as open: ${count('putRight')}`);
    tell(`no such thing for that activity: ${count('none')}`);
    const overriding = reasonsAgainst.filter(({ isOverridden }) => isOverridden).length;
    expect(count('putRight')).toBe(overriding * puttingRight.length);
  });
});

describe('activities/every-caller: an activity that is called twice at the same time', () => {
  const tell = printedTable('Each activity called twice at the same time');
  const effects = new Map<ActivityName, Promise<number>>();

  /** How many writes it made, tried once by whichever test is the first to ask. */
  function effectsOf(name: ActivityName): Promise<number> {
    const effect = effects.get(name) ?? callTwice(name);
    effects.set(name, effect);
    return effect;
  }

  async function callTwice(name: ActivityName): Promise<number> {
    const { make, input } = ready[name];
    const alone = await make();
    alone.deeds.length = 0;
    const expected = await callUntilDone(name, alone, input);
    const once = azureWrites(alone);

    const world = await make();
    world.deeds.length = 0;
    const answers: Progress<unknown>[] = [
      { kind: 'wait', reason: 'Not asked.' },
      { kind: 'wait', reason: 'Not asked.' },
    ];
    for (let count = 0; count < 200 && answers.some(({ kind }) => kind === 'wait'); count += 1) {
      const asked = answers.map((answer) =>
        answer.kind === 'wait' ? activities[name](world.tools, input) : Promise.resolve(answer),
      );
      answers.splice(0, 2, ...(await Promise.all(asked)));
      letAzureGoOn(world);
    }

    expect(answers.map(resultOf)).toEqual([resultOf(expected), resultOf(expected)]);
    expect(azureWrites(world).toSorted()).toEqual(once.toSorted());
    expect(world.ledger.resources.get(input.repairId)?.length).toBe(alone.ledger.resources.get(input.repairId)?.length);
    return once.length;
  }

  it.each(names)('%s has one effect and one result', async (name) => {
    await effectsOf(name);
  });

  it('is every one that writes to Azure', async () => {
    const all = await Promise.all(names.map(effectsOf));
    const count = all.reduce((sum, one) => sum + one, 0);
    tell(`${names.length} activities, ${count} writes to Azure, none of them twice`);
    expect(count).toBeGreaterThanOrEqual(names.filter((name) => ready[name].writes).length);
  });
});

/** What the orchestration goes on by; sentences for the timeline may differ by who came first. */
function resultOf(answer: Progress<unknown>): unknown {
  const result = answer.kind === 'done' ? { value: answer.value, outcome: answer.outcome } : answer;
  const text = JSON.stringify({ ...result, kind: answer.kind });
  return JSON.parse(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time')) as unknown;
}
