/** What the scenarios of the route `recovery-vm` share: a patient that no command reaches, and repairs that are held at a step. */
import { cutOff, isMended } from '../../../local/cut-off';
import { holdRun, letGo } from '../../../local/hold-run';
import { brokenPromises, lookBefore, type PatientBefore } from '../../../local/promises';
import type { VmTruth } from '../../../local/simulated-azure-client';
import { callDoor } from '../../../local/app-client';
import type { RepairReport } from '../../../src/report/repair-report';
import type { Scenario } from './scenario';

/** Places for many repairs at once. */
export const manyPlaces = { MAXIMUM_MUTATING_REPAIRS: '20' };

/** A repair that was followed to its end, with what is broken of the promises. */
export interface Ended {
  report: RepairReport;
  vm: VmTruth;
  before: PatientBefore;
  broken: string[];
}

/** A repair under way. */
export interface Held {
  repairId: string;
  before: PatientBefore;
  /** The name of the recovery VM. */
  helper: string;
}

/** Begins the repair of a VM that is cut off. */
export async function begin(scenario: Scenario, name: string): Promise<Held> {
  await cutOff(scenario.azure, name);
  const before = await lookBefore(scenario.azure, name);
  const repairId = await scenario.alert(name);
  return { repairId, before, helper: `rdp-lifeline-${repairId}` };
}

/** Follows it to its end and judges it. */
export async function finish(scenario: Scenario, { repairId, before }: Held): Promise<Ended> {
  const report = await scenario.follow(repairId);
  const vm = await scenario.azure.vm(before.name);
  return { report, vm, before, broken: await brokenPromises(scenario.azure, before, report, { isMended }) };
}

export async function repairCutOff(scenario: Scenario, name: string): Promise<Ended> {
  return finish(scenario, await begin(scenario, name));
}

/** Cancels, as a person does. */
export async function cancel({ cloud }: Scenario, { repairId }: Held): Promise<void> {
  const { status } = await callDoor(cloud, 'POST', `/api/repairs/${repairId}/cancel`);
  if (status !== 202) throw new Error(`The cancellation was answered ${status}.`);
}

/** A repair in which somebody starts the VM so often, each time just when its copy is made. */
export async function startedByAPerson(scenario: Scenario, name: string, rounds: number): Promise<Ended> {
  const held = await begin(scenario, name);
  for (let round = 1; round <= rounds; round += 1) {
    const run = { ...held, run: `copy-${round}-prepare` };
    await holdRun(scenario.azure, run, 'PUT');
    await scenario.azure.post(`/vms/${name}/start`, {});
    await letGo(scenario.azure, run);
  }
  return finish(scenario, held);
}

/** A repair that is stopped so while its VM is. */
export async function stoppedHalfWay(
  scenario: Scenario,
  name: string,
  stop: (held: Held) => Promise<void>,
): Promise<Ended> {
  const held = await begin(scenario, name);
  const run = { ...held, run: 'copy-1-prepare' };
  await holdRun(scenario.azure, run, 'PUT');
  expect((await scenario.azure.vm(name)).powerState).toBe('stopped');
  await stop(held);
  await letGo(scenario.azure, run);
  return finish(scenario, held);
}
