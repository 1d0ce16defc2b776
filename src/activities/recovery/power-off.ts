import { z } from 'zod';
import type { VirtualMachine } from '../../azure/ports';
import type { ResourceDetails } from '../../ledger/ports';
import { isSettled } from '../../resource-state';
import { inStep } from '../in-step';
import type { AboutRepair } from '../input';
import { done, progressOf, wait, type Progress, type Waiting } from '../progress';
import type { StopName } from '../steps';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe } from './debts';
import { powerOffOf } from './names';

/** How a VM is powered off. Which VM may be, and for what, is for the three activities to say that do it. */

/** How long Windows may take to shut down by itself, in ms; then the plug is pulled. */
const gracefulMs = 3 * 60_000;
/** Recorded in azure-cli's test_vm_os_disk_swap: 7.8 s from the request to "stopped". */
const usualMs = 8_000;

/** States in which a guest cannot write to its disk any more. */
const stoppedStates = ['stopped', 'deallocated'];

/** Whether its guest cannot write to its disk any more. */
export function isStopped({ powerState }: VirtualMachine): boolean {
  return powerState !== undefined && stoppedStates.includes(powerState);
}

const stopped = z.object({ changedAt: z.string().optional(), stoppedAt: z.iso.datetime() });
/** How the VM was when it had stopped: whoever finds it otherwise knows that somebody used it since. */
export type Stopped = z.infer<typeof stopped>;

/** How the VM was when this stop was done. */
export async function stoppedAs(tools: Tools, repairId: string, name: StopName): Promise<Stopped | undefined> {
  return readStopped(await tools.ledger.getDocument(repairId, stoppedDocument(name)));
}

/**
 * Whether nobody used the VM since this stop. `not-told`: Azure does not say what that hangs on, and two times that are both missing are
 * not the same time.
 */
export async function useSince(
  tools: Tools,
  repairId: string,
  { name, vm }: { name: StopName; vm: VirtualMachine },
): Promise<'untouched' | 'used' | 'not-told'> {
  const before = await stoppedAs(tools, repairId, name);
  const changedAt = vm.configuration?.changedAt;
  if (before?.changedAt === undefined) return 'used';
  if (vm.powerState === undefined || changedAt === undefined || !isSettled(vm)) return 'not-told';
  return isStopped(vm) && before.changedAt === changedAt ? 'untouched' : 'used';
}

/** How a swap is held up as long as Azure does not say whether somebody used the VM; `ending` if it never does. */
export function useNotTold(ending: 'not-repaired' | 'not-rolled-back'): Waiting {
  const reason = 'Azure does not say whether somebody used the VM since it had stopped.';
  return wait(reason, 2_000, { ending, code: 'vm-use-missing', reason: `${reason} Its OS disk was not exchanged.` });
}

/** Under this name the ledger keeps how the VM was when a stop was done. */
export function stoppedDocument(name: StopName): string {
  return `stopped-${name}`;
}

/** What such a document says; undefined if it is none, and then nothing is known of the stop. */
export function readStopped(document: unknown): Stopped | undefined {
  return stopped.safeParse(document).data;
}

/** What the VM is stopped for. */
export interface Occasion {
  name: StopName;
  details: ResourceDetails['power-off'];
  /** Asked just before each power-off that is begun: how the repair goes on without, or undefined. */
  refusal: () => Promise<Exclude<Progress<never>, { kind: 'done' }> | undefined>;
}

/**
 * Powers the VM off and sees it stopped: Windows shuts down by itself, or is cut off after three minutes. Host and address
 * stay. That it is to be started again is on record before.
 */
export async function powerOff(
  tools: Tools,
  about: AboutRepair,
  name: StopName,
  occasionOf: () => Promise<{ kind: 'occasion'; occasion: Occasion } | Exclude<Progress<never>, { kind: 'done' }>>,
): Promise<Progress<'stopped'>> {
  return inStep(tools, about.repairId, { step: `stop-${name}`, title: 'Stop the VM' }, async () => {
    const known = await occasionOf();
    if (known.kind !== 'occasion') return known;
    const { occasion } = known;
    const debt = await debtOf(tools, about.repairId, powerOffOf(about, name));
    const look = await tools.arm.getVirtualMachine(about.vmId);
    if (!look.ok) return progressOf(look.failure, 'look whether the VM has stopped');
    const vm = look.value;
    // Until the operation has ended, its end is still to be the last thing that happened to the VM.
    const isOver = isSettled(vm);
    const untold = untoldOf(vm);
    if (untold) return untold;
    // What somebody else does with the VM is waited for; only what we have begun has a time limit of its own.
    const blocker = debt ? undefined : await busyWith(tools, vm);
    if (blocker) return blocker;
    const changedAt = vm.configuration?.changedAt;
    if (debt && isOver && isStopped(vm) && changedAt !== undefined) {
      const document: Stopped = { changedAt, stoppedAt: new Date().toISOString() };
      await tools.ledger.putDocument(about.repairId, stoppedDocument(name), document);
      return done('stopped', `The VM is ${vm.powerState}.`);
    }
    const isUnderWay = !isOver || vm.powerState === 'stopping';
    if (!debt || (debt.createdAt === undefined && !isUnderWay)) return begin(tools, about, occasion, false);
    if (Date.now() - Date.parse(debt.createdAt ?? debt.registeredAt) >= gracefulMs) {
      return begin(tools, about, occasion, true);
    }
    return isUnderWay ? wait(`The VM is ${vm.powerState}.`, 2_000) : begin(tools, about, occasion, false);
  });
}

/** What has to be known of the VM before its power-off as much as after it: a stop that cannot be told from another is of no use. */
function untoldOf(vm: VirtualMachine): Waiting | undefined {
  const isTold = vm.powerState !== undefined && (!isSettled(vm) || vm.configuration?.changedAt !== undefined);
  if (isTold) return undefined;
  const reason = 'Azure does not say whether the VM runs, or when that last changed.';
  return wait(reason, 2_000, { ending: 'not-repaired', code: 'power-state-missing', reason });
}

/** Another operation on the VM or its disk, before ours is begun. */
async function busyWith(
  { arm }: Tools,
  vm: VirtualMachine,
): Promise<Exclude<Progress<never>, { kind: 'done' }> | undefined> {
  const disk = vm.osDiskId === undefined ? undefined : await arm.getDisk(vm.osDiskId);
  if (disk && !disk.ok) return progressOf(disk.failure, 'read the OS disk');
  if (isSettled(vm) && disk && isSettled(disk.value)) return undefined;
  const reason = 'Azure is in the middle of another operation on the VM or its OS disk.';
  return wait(reason, 5_000, {
    ending: 'not-repaired',
    code: 'disk-busy',
    reason: `${reason} The VM was not stopped.`,
  });
}

/** Begins a power-off, also one that is begun again. */
async function begin(
  tools: Tools,
  about: AboutRepair,
  { name, details, refusal }: Occasion,
  skipShutdown: boolean,
): Promise<Progress<'stopped'>> {
  const refused = await refusal();
  if (refused) return refused;
  const { repairId, vmId } = about;
  const resourceId = powerOffOf(about, name);
  const purpose = 'The VM is stopped, and to be started again';
  await owe(tools, repairId, { resourceId, kind: 'power-off', details, purpose });
  const begun = await tools.recovery.beginPowerOff(vmId, { skipShutdown });
  if (!begun.ok) return progressOf(begun.failure, 'stop the VM');
  // From now on Windows has its three minutes; a request that Azure did not take is none.
  const debt = await debtOf(tools, repairId, resourceId);
  if (debt) await incurred(tools, repairId, debt);
  return wait(
    skipShutdown ? 'Windows did not shut down in time, so the VM is cut off.' : 'Windows is shutting down.',
    usualMs,
  );
}
