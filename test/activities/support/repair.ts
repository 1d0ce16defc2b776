import { putEvidence } from '../../../src/activities/collected-evidence';
import { makePlan, type Plan } from '../../../src/activities/plan';
import type { AboutRepair } from '../../../src/activities/input';
import type { Conclusion, Progress } from '../../../src/activities/progress';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import type { VirtualMachine } from '../../../src/azure/ports';
import { vmKeyOf } from '../../../src/repair-id';
import type { Settings } from '../../../src/settings';
import { subscriptionId, vmId as armVmId, virtualMachine } from '../../azure/support/machine';
import { configurationOf, listenerOf, statusOf } from '../../signatures/support/evidence';
import { fakeWorld, type FakeWorld } from './fakes';

export const repairId = '20260102t030405z-0123abcd45';
export const vmId = armVmId.toLowerCase();
export const vmKey = vmKeyOf(vmId);
export const about: AboutRepair = { repairId, vmId };
/** How the story ended, as its parent tells the clean-up. */
export const conclusion: Conclusion = { ending: 'not-repaired', code: 'fault', reason: 'It broke down.' };
export const snapshotId = snapshotIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}`);

/** The plan that cures a disabled DHCP Client service. */
export const plan: Plan = makePlan({
  signature: 'dhcp-client-disabled',
  title: 'The DHCP Client service is disabled',
  routes: ['run-command'],
  closed: [
    {
      route: 'recovery-vm',
      code: 'no-workbench',
      reason: 'The setting RECOVERY_WORKBENCHES has no entry for this subscription in westeurope.',
    },
  ],
  changes: [
    { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' },
    { kind: 'start-service', service: 'Dhcp' },
  ],
});

/** A world in which the repair has been accepted, holds the VM's lease and has its plan on record. */
export async function repairWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = fakeWorld(settings);
  const { ledger } = world.tools;
  const acceptedAt = '2026-01-02T03:04:05.000Z';
  await ledger.createRepair({ repairId, vmId, acceptedAt, phase: 'Accepted' });
  await ledger.acquireLease({ vmKey, repairId, vmId, acquiredAt: acceptedAt });
  await ledger.putDocument(repairId, 'plan', plan);
  await ledger.putDocument(repairId, 'inspection', { readAt: new Date().toISOString(), reading: 1 });
  return world;
}

/** Puts a plan on record that policy has permitted, as the steps before would have. */
export async function permitPlan({ tools: { ledger } }: FakeWorld, permitted: Plan): Promise<void> {
  await ledger.putDocument(repairId, 'plan', permitted);
  await ledger.updateRepair(repairId, { permittedPlan: permitted.hash });
}

/** A world whose plan policy has permitted. */
export async function permittedWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await repairWorld(settings);
  await permitPlan(world, plan);
  return world;
}

/** What an activity is told that carries the plan out. */
export const planned = { ...about, planHash: plan.hash };

/** Changes the world's VM. */
export function changeVm(world: FakeWorld, fields: Partial<VirtualMachine>): void {
  world.vms.set(vmId, virtualMachine(fields));
}

/** Sets the VM's tag. */
export function tagVm(world: FakeWorld, mode: string): void {
  changeVm(world, { tags: { 'rdp-lifeline': mode } });
}

/** Records evidence of a disabled service, as the activity before would have. */
export async function recordEvidence(world: FakeWorld, startType = 4, state = 1): Promise<void> {
  const evidence = [configurationOf('Dhcp', startType), statusOf('Dhcp', state), listenerOf(true)];
  await putEvidence(world.tools.ledger, { repairId }, 'run-command', { evidence });
}

/** Calls an activity until it does not wait any more, as the orchestrator does; throws if it never gets there. */
export async function untilDone<T>(act: () => Promise<Progress<T>>): Promise<Exclude<Progress<T>, { kind: 'wait' }>> {
  for (let count = 0; count < 50; count += 1) {
    const progress = await act();
    if (progress.kind !== 'wait') return progress;
  }
  throw new Error('The activity still waits after 50 calls.');
}

/** The deeds that begin with this text. */
export function deedsOf(world: FakeWorld, prefix: string): string[] {
  return world.deeds.filter((deed) => deed.startsWith(prefix));
}

/** Where the first deed with this text stands; -1 if there is none. */
export function placeOf(world: FakeWorld, text: string): number {
  return world.deeds.findIndex((deed) => deed.includes(text));
}
