/** One repair of a VM of its own, during which the host dies once. */
import { setTimeout as delay } from 'node:timers/promises';
import { availabilityAlert } from '../../../../local/alert-payload';
import { callDoor, getReport } from '../../../../local/app-client';
import type { CrashPoint } from '../../../../local/host/crash-point';
import type { SimulatedAzure } from '../../../../local/simulated-azure-client';
import { singletonIdOf } from '../../../../src/repair-id';
import { factsOf, type Facts } from './facts';
import type { HostPlace, Life } from './hosts';

/** Where repairs happen, one after another. */
export interface Stage {
  azure: SimulatedAzure;
  place: HostPlace;
  /** The host that lives there. */
  life: Life;
  /** Keys of the rows in the ledger's table of leases. */
  leases: () => Promise<string[]>;
}

/** Which repair, and when the host dies. */
export interface Script {
  /** The VM of the fleet whose like is repaired. */
  like: string;
  /** Names the VM; unique. */
  name: string;
  /** Without it the host lives. */
  point?: CrashPoint;
}

export interface Outcome {
  /** False: the repair was over before the point. */
  died: boolean;
  facts: Facts;
}

/** A repair that has not ended by then, in real ms, is taken as one that stands still. */
const giveUpAfterMs = 5 * 60_000;

/** Plays it through; the host that sees it end stays. Rejects if the repair does not come to an end. */
export async function playRepair(stage: Stage, { like, name, point }: Script): Promise<Outcome> {
  const { azure } = stage;
  const before = await azure.addVm(name, like);
  const alert = availabilityAlert(before.id);
  stage.life.set(point);
  const told = await follow(stage.life, before.id, alert);
  if (told.died) {
    stage.life = await stage.place.start();
    const rest = await follow(stage.life, before.id, told.repairId === undefined ? alert : undefined);
    told.repairId ??= rest.repairId;
  }
  const report = await getReport(stage.life, told.repairId ?? 'none');
  const facts = await factsOf({ azure, before, report, leases: await stage.leases() });
  await azure.delete(`/vms/${name}`);
  return { died: told.died, facts };
}

/**
 * Fires the alert if there is one, and follows the repair of the VM until it has ended or the host has died. An alert that
 * nobody answered is fired again at the next host, as Azure Monitor does.
 */
async function follow(life: Life, vmId: string, alert?: unknown): Promise<{ died: boolean; repairId?: string }> {
  const told: { died: boolean; repairId?: string } = { died: false };
  const death = life.died.then(() => {
    told.died = true;
  });
  async function live(): Promise<void> {
    if (alert !== undefined) told.repairId = await fire(life, alert);
    await untilEnded(life, vmId);
  }
  // What a dying host does not answer any more is no fault.
  const ended = live().catch(async (error: unknown) => {
    await Promise.race([death, delay(1_000)]);
    if (!told.died) throw error;
  });
  await Promise.race([death, ended]);
  return told;
}

async function fire(life: Life, alert: unknown): Promise<string> {
  const { status, body } = await callDoor(life, 'POST', '/api/alerts', alert);
  if (status !== 202) throw new Error(`The alert was answered ${status}: ${JSON.stringify(body)}`);
  return String(body.repairId);
}

async function untilEnded({ url, durableKey }: Life, vmId: string): Promise<void> {
  const instance = `${url}/runtime/webhooks/durabletask/instances/${singletonIdOf(vmId)}?code=${durableKey}`;
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    const answer = await fetch(instance);
    // Until it is started there is none: a door that died on the way is helped on by upkeep.
    const { runtimeStatus = 'not started' } =
      answer.status === 404 ? {} : ((await answer.json()) as { runtimeStatus?: string });
    if (runtimeStatus === 'Completed' || runtimeStatus === 'Failed') return;
    if (performance.now() > giveUpAt)
      throw new Error(`After ${giveUpAfterMs / 1000} s the repair is ${runtimeStatus}.`);
    await delay(100);
  }
}
