/** What the scenarios of the route `recovery-vm` share: a patient that no command reaches, and repairs that are held at a step. */
import { brokenPromises, lookBefore, type PatientBefore } from '../../local/promises';
import type { VmTruth } from '../../local/simulated-azure-client';
import { callDoor } from '../../local/app-client';
import type { RepairReport } from '../../src/report/repair-report';
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

/** Disables the DHCP Client and boots: the guest has no address, and its agent is dead. */
export async function cutOff({ azure }: Scenario, name: string): Promise<void> {
  await azure.patch(`/vms/${name}/tags`, { tags: { 'rdp-lifeline': 'repair' } });
  await azure.post(`/vms/${name}/guest-service`, { service: 'Dhcp', startType: 4 });
  await azure.post(`/vms/${name}/restart`, {});
}

/** Whether the guest is mended, by its own services and addresses. */
export function isMended({ services, addresses }: VmTruth): boolean {
  return addresses.length > 0 && services.some(({ name, startType }) => name === 'Dhcp' && startType === 2);
}

/** Begins the repair of a VM that is cut off. */
export async function begin(scenario: Scenario, name: string): Promise<Held> {
  await cutOff(scenario, name);
  const before = await lookBefore(scenario.azure, name);
  const repairId = await scenario.alert(name);
  return { repairId, before, helper: `rdp-lifeline-${repairId}` };
}

/** Follows it to its end and judges it; `hangs`: Azure never ends an operation on the patient. */
export async function finish(scenario: Scenario, { repairId, before }: Held, hangs = false): Promise<Ended> {
  const report = await scenario.follow(repairId);
  const vm = await scenario.azure.vm(before.name);
  return { report, vm, before, broken: await brokenPromises(scenario.azure, before, report, { isMended, hangs }) };
}

export async function repairCutOff(scenario: Scenario, name: string): Promise<Ended> {
  return finish(scenario, await begin(scenario, name));
}

/**
 * Holds a repair at a run on the recovery VM (`copy-1-prepare`…): Azure does not take it, or does not tell of it, until
 * `letGo`. Resolves when it is held. Each run has a fault of its own, so that several repairs can be held at once.
 */
export async function holdAt(
  scenario: Scenario,
  { repairId }: Held,
  run: string,
  method: 'PUT' | 'GET',
): Promise<void> {
  const pathContains = `${repairId}-${run}`;
  await scenario.azure.post('/faults', {
    match: { method, pathContains },
    times: 100_000,
    when: 'before',
    status: 503,
  });
  await until(async () =>
    (await scenario.azure.calls()).some((call) => call.status === 503 && call.path.includes(pathContains)),
  );
}

/** Azure takes it and tells of it again. */
export async function letGo({ azure }: Scenario, { repairId }: Held, run: string): Promise<void> {
  await azure.delete(`/faults?pathContains=${repairId}-${run}`);
}

/** Cancels, as a person does. */
export async function cancel({ cloud }: Scenario, { repairId }: Held): Promise<void> {
  const { status } = await callDoor(cloud, 'POST', `/api/repairs/${repairId}/cancel`);
  if (status !== 202) throw new Error(`The cancellation was answered ${status}.`);
}

/** Waits until it is so, asking every 20 ms. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
