/**
 * Scenarios run the deployed bundle in the embedded host against the simulated Azure and Azurite, each a process of
 * its own, and judge by what the simulated Azure says. Each test file starts one local cloud.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { availabilityAlert } from '../../../local/alert-payload';
import { callDoor, followRepair } from '../../../local/app-client';
import { startCloud, type Cloud, type CloudOptions } from '../../../local/cloud';
import { describeSharedTime } from '../../../local/shared-time';
import { openSimulatedAzure, type SimulatedAzure, type VmTruth } from '../../../local/simulated-azure-client';
import type { RepairReport } from '../../../src/report/repair-report';

/** A running cloud with the handles that scenarios need. */
export interface Scenario {
  cloud: Cloud;
  azure: SimulatedAzure;
  vmId(name: string): Promise<string>;
  /** Fires an alert; gives the repair's id. Throws if the door does not accept it. */
  alert(name: string): Promise<string>;
  follow(repairId: string): Promise<RepairReport>;
  /** Fires an alert and follows the repair to its ending. */
  repair(name: string): Promise<RepairReport>;
  /** Breaks a VM's DHCP Client again and takes planted faults, removed actions and changed tags back. */
  reset(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Local time runs this much faster in scenarios. */
export const speed = 100;

/** Starts a local cloud in a folder of its own. */
export async function startScenario(options: Partial<CloudOptions> = {}): Promise<Scenario> {
  if (!existsSync(join(__dirname, '../../../dist/main.js'))) throw new Error('Run `npm run build` first.');
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-test-'));
  const cloud = await startCloud({ stateFolder, speed, storageInMemory: true, inexactTimers: 1, ...options });
  const azure = openSimulatedAzure(cloud.azure.controlUrl);

  async function vmId(name: string): Promise<string> {
    return (await azure.vm(name)).id;
  }
  async function alert(name: string): Promise<string> {
    const id = await vmId(name);
    const payload = availabilityAlert(id, { firedAt: await azure.now() });
    const answer = await callDoor(cloud, 'POST', '/api/alerts', payload);
    if (answer.status !== 202)
      throw new Error(`The alert was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    // Azure was busy, and upkeep begins the repair when it is not.
    const { repairId } = answer.body;
    return typeof repairId === 'string' ? repairId : repairOf(payload.data.essentials.alertId);
  }
  async function repairOf(alertId: string): Promise<string> {
    const giveUpAt = performance.now() + giveUpAfterMs;
    for (;;) {
      const { body } = await callDoor(cloud, 'GET', '/api/signals?outcome=started');
      const signals = body.signals as { facts: { alertId?: string }; outcome: { repairId: string } }[];
      const found = signals.find(({ facts }) => facts.alertId === alertId);
      if (found) return found.outcome.repairId;
      if (performance.now() > giveUpAt) throw new Error(`No repair was begun for the alert ${alertId}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  /** The orchestration is asked, which costs one look into the host's own store; a report is put together from many documents. */
  async function follow(repairId: string): Promise<RepairReport> {
    await untilOrchestrationEnds(cloud, repairId);
    return followRepair(cloud, repairId, undefined, 50);
  }
  return {
    cloud,
    azure,
    vmId,
    alert,
    follow,
    repair: async (name) => follow(await alert(name)),
    async reset(name) {
      await azure.delete('/faults');
      await azure.delete('/roles');
      await azure.patch(`/vms/${name}/tags`, { tags: { 'rdp-lifeline': 'repair' } });
      const isRunning = dhcpOf(await azure.vm(name))?.state === 'RUNNING';
      const stop = isRunning ? { state: 'stopped' } : {};
      await azure.post(`/vms/${name}/guest-service`, { service: 'Dhcp', startType: 4, ...stop });
    },
    async stop() {
      await cloud.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

/** Less than a test has, so that it tells what it waits for. */
const giveUpAfterMs = 4 * 60_000;

/** Waits until the repair's own orchestration is over, however it ended; the host may die and come back meanwhile. */
async function untilOrchestrationEnds({ url, durableKey, clockFolder }: Cloud, repairId: string): Promise<void> {
  const status = new URL(`/runtime/webhooks/durabletask/instances/${repairId}?showInput=false`, url);
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    const answer = await fetch(status, {
      headers: { 'x-functions-key': durableKey },
      signal: AbortSignal.timeout(giveUpAfterMs / 4),
    }).catch((error: unknown) => error);
    const text = answer instanceof Response ? await answer.text() : String(answer);
    // 202: it runs; 404: it was not started yet.
    if (answer instanceof Response && answer.status === 200) return;
    if (performance.now() > giveUpAt) {
      throw new Error(`The repair ${repairId} does not end: ${text} ${describeSharedTime(clockFolder)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** The DHCP Client service of a VM, as the guest has it. */
export function dhcpOf(vm: VmTruth): { startType: number; state: string } | undefined {
  const service = vm.services.find(({ name }) => name.toLowerCase() === 'dhcp');
  return service && { startType: service.startType, state: service.state };
}

/** Resources of one VM's repair that are still there. */
export async function resourcesOf(azure: SimulatedAzure, repairId: string) {
  const resources = await azure.resources();
  return resources.filter(({ tags }) => tags['rdp-lifeline-repair'] === repairId);
}

/** Sets the kill switch with `npm run stop-everything`, in a process of its own, as a person does. */
export async function setKillSwitch({ cloud }: Scenario, on: boolean): Promise<void> {
  const args = ['--import', 'tsx', 'tools/stop-everything.ts', ...(on ? ['--reason', 'a test'] : ['--release'])];
  const env = { ...process.env, ...cloud.environment };
  await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, '../../..'), env });
}
