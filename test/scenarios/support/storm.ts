/** Many VMs that break at once, and few places for those that repair them. */
import { once } from 'node:events';
import { join } from 'node:path';
import { callDoor } from '../../../local/app-client';
import { until } from '../../../local/hold-run';
import { startProcess } from '../../../local/processes';
import type { RepairReport } from '../../../src/report/repair-report';
import type { Scenario } from './scenario';

/** Adds so many VMs whose DHCP Client service is disabled; gives their names. */
export async function addBroken({ azure }: Scenario, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `vm-storm-${index + 1}`);
  for (const name of names) await azure.addVm(name, 'vm-dhcp-disabled');
  return names;
}

/** Holds all `cap` places from now on, until so many minutes of local time after `letGo` was called; that waits for it. */
export async function holdPlaces(
  { cloud }: Scenario,
  { cap, minutes }: { cap: number; minutes: number },
): Promise<{ letGo: () => Promise<void> }> {
  const environment = { ...process.env, ...cloud.environment };
  const holder = await startProcess(join(__dirname, 'hold-places.ts'), [String(cap), String(minutes)], environment);
  async function letGo(): Promise<void> {
    const exited = once(holder.child, 'exit');
    holder.child.kill('SIGUSR2');
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`The process that held the places ended with ${code}.`);
  }
  return { letGo };
}

/** Fires an alert for each VM; gives the repairs in the order of the names. */
export function fireAll(scenario: Scenario, names: string[]): Promise<string[]> {
  return Promise.all(names.map((name) => scenario.alert(name)));
}

/** The reports as they are now. */
export function reportsOf({ cloud }: Scenario, repairIds: string[]): Promise<RepairReport[]> {
  return Promise.all(
    repairIds.map(async (repairId) => {
      const { body } = await callDoor(cloud, 'GET', `/api/repairs/${repairId}`);
      return body as unknown as RepairReport;
    }),
  );
}

/** Waits until all of these are in the queue, each at a position of its own; gives their reports. */
export async function untilQueued(scenario: Scenario, repairIds: string[]): Promise<RepairReport[]> {
  let reports: RepairReport[] = [];
  await until(async () => {
    reports = await reportsOf(scenario, repairIds);
    const positions = new Set(reports.map(({ waiting }) => waiting?.position));
    return repairIds.every((_, index) => positions.has(index + 1));
  });
  return reports;
}

/** When a repair had its place: when its permit was given. */
export function permittedAt({ steps }: RepairReport): string {
  const permits = steps.filter(({ step }) => /^permit(-\d+)?$/.test(step));
  return permits.at(-1)?.endedAt ?? '';
}
