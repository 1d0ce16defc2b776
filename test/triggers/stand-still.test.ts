import { activities } from '../../src/activities';
import {
  registerActivity,
  registerDoor,
  registerOrchestrator,
  type RepairStarter,
  type Singleton,
} from '../../src/orchestrators/durable';
import { repair } from '../../src/orchestrators/repair';
import { repairVm } from '../../src/orchestrators/repair-vm';
import { untilDone } from '../../src/orchestrators/until-done';
import { singletonIdOf } from '../../src/repair-id';
import { longestRepairMs, reviveRepairs } from '../../src/triggers/revive-repairs';
import { deedsOf, repairId, repairWorld, vmId, vmKey } from '../activities/support/repair';
import type { FakeWorld } from '../activities/support/fakes';
import { gate, testHost, type Gate, type TestHost } from '../conformance/support/test-host';

/** Stories that stand still in the embedded host, whose engine goes on saying that they are at work. */

const singletonId = singletonIdOf(vmId);
const secondId = singletonIdOf(vmId, 2);
const input = { repairId, vmId };

/** Each test has a host and a world of its own. */
let host: TestHost;
let world: FakeWorld;

beforeEach(async () => {
  host = await testHost(
    () => {
      registerOrchestrator('repairVm', repairVm);
      registerOrchestrator('repair', repair);
      registerOrchestrator('untilDone', untilDone);
      for (const [name, activity] of Object.entries(activities)) {
        registerActivity(name, (given) => activity(world.tools, given));
      }
      const handler = async (_request: unknown, _context: unknown, starter: RepairStarter) => {
        await reviveRepairs(world.tools, { ...starter, look: async (id) => longAgo(await starter.look(id)) });
        return { status: 204 };
      };
      registerDoor({ name: 'upkeep', methods: ['POST'], route: 'upkeep', authLevel: 'anonymous', handler });
    },
    {
      hostJson: {
        version: '2.0',
        extensions: {
          durableTask: {
            defaultVersion: '1.0',
            versionMatchStrategy: 'CurrentOrOlder',
            versionFailureStrategy: 'Reject',
            overridableExistingInstanceStates: 'NonRunningStates',
          },
        },
      },
    },
  );
  world = await repairWorld();
  world.ledger.leases.set(vmKey, { vmKey, repairId, vmId, acquiredAt: new Date().toISOString() });
});

describe('triggers/stand-still: an orchestration that is at work for ever', () => {
  it('is terminated and ended, its VM is free, and what it still had under way writes nothing', async () => {
    const held = holdFirst(world);
    await upkeep();
    await held.reached.opened;
    expect((await host.status(singletonId))?.runtimeStatus).toBe('Running');

    await grow(world, 'old');
    await upkeep();
    expect(events()).toEqual(['repairRevived', 'repairOverdue']);
    await grow(world, 'warned');
    await upkeep();
    expect((await host.ended(singletonId)).runtimeStatus).toBe('Terminated');
    // The engine ends the parent only.
    expect((await host.status(repairId))?.runtimeStatus).toBe('Running');

    await upkeep();
    await untilFree(world);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'cancelled', generation: 2 });

    held.letGo.open();
    expect((await host.ended(repairId)).output).toMatchObject({ ending: expect.stringMatching(/cancelled|refused/) });
    expect(deedsOf(world, 'arm.beginSnapshot')).toEqual([]);
    expect(world.snapshots.size).toBe(0);
  });

  it('is ended under another id where the release was rolled back and it waits for the newer one', async () => {
    await world.tools.ledger.updateRepair(repairId, { storyVersion: '9.0' });
    await host.client.startNew('repairVm', { instanceId: singletonId, input, version: '9.0' });
    await upkeep();
    expect(events()).toEqual(['repairOfNewerRelease']);

    await grow(world, 'old');
    await upkeep();
    await grow(world, 'warned');
    await upkeep();
    await grow(world, 'terminated');
    await upkeep();
    await untilFree(world);
    expect(events().filter((event) => event !== 'repairOfNewerRelease')).toEqual(
      expect.arrayContaining(['repairOverdue', 'repairTerminated', 'repairRevived', 'repairEnded']),
    );
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'cancelled', singleton: 2 });
    expect((await host.status(singletonId))?.runtimeStatus).toBe('Pending');
    expect((await host.ended(secondId)).output).toMatchObject({ ending: 'cancelled' });
  });
});

function events(): string[] {
  return world.logged.map(({ event }) => event).filter((event) => event !== 'stepEnded' && event !== 'changeRefused');
}

async function upkeep(): Promise<void> {
  const answer = await fetch(`${host.url}/api/upkeep`, { method: 'POST' });
  if (answer.status !== 204) throw new Error(`Upkeep was answered ${answer.status}: ${await answer.text()}`);
}

/** What was begun in this test was begun an hour ago. */
function longAgo(singleton: Singleton): Singleton {
  return { ...singleton, createdAt: singleton.createdAt - 60 * 60_000 };
}

/** Time passes: the repair is older than it may be, or its warning or its termination is some minutes ago. */
async function grow({ tools, ledger }: FakeWorld, how: 'old' | 'warned' | 'terminated'): Promise<void> {
  const before = (ms: number) => new Date(Date.now() - ms).toISOString();
  if (how === 'old') ledger.leases.set(vmKey, { vmKey, repairId, vmId, acquiredAt: before(longestRepairMs + 60_000) });
  if (how === 'warned') await tools.ledger.updateRepair(repairId, { overdueSince: before(10 * 60_000) });
  if (how === 'terminated') await tools.ledger.updateRepair(repairId, { terminatedAt: before(5 * 60_000) });
}

/** The first look for the snapshot hangs until it is let go. */
function holdFirst({ tools: { arm } }: FakeWorld): { reached: Gate; letGo: Gate } {
  const held = { reached: gate(), letGo: gate() };
  const getSnapshot = arm.getSnapshot.bind(arm);
  let isFirst = true;
  arm.getSnapshot = async (id) => {
    if (!isFirst) return getSnapshot(id);
    isFirst = false;
    held.reached.open();
    await held.letGo.opened;
    return getSnapshot(id);
  };
  return held;
}

async function untilFree({ ledger }: FakeWorld): Promise<void> {
  while (ledger.leases.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
