import type { ArmFailure, ManagedDisk, VirtualMachine } from '../../azure/ports';
import { parseDiskId, parseVirtualMachineId } from '../../azure/resource-id';
import { exhaustedQuota, unfitFor, untoldOf } from '../../azure/sizes';
import { factOf, type Evidence } from '../../guest/evidence';
import type { Finding } from '../../signatures/diagnose';
import type { OutcomeCode } from '../../outcome-codes';
import { boundToDisk, type Bond } from '../../policy/bound-to-disk';
import { readMode, reaches } from '../../policy/modes';
import { noPlace, recoveryActions, recoveryObstacle } from '../../policy/recovery-route';
import type { Workbench } from '../../settings';
import { isWorthWaiting } from '../asked-since';
import type { AboutRepair } from '../input';
import type { Obstacle, RecoveryPlan } from '../plan';
import { progressOf, wait, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { debtOf } from './debts';
import { groupOf, lookAround, workbenchGroupOf, type Scope } from './look-around';
import { lookOnRecord } from './look-plan';
import { loanOf, recoveryVmIdOf } from './names';
import { findStandingVm, standingVmsFor } from './standing-vm';

/** Whether the route `recovery-vm` is open, and what it would work with. */
export type RecoveryRoute =
  | { kind: 'open'; recovery: RecoveryPlan }
  | { kind: 'closed'; obstacle: Obstacle }
  /** Closed now, by something that may pass; `recovery` is what it would work with then, where that is known. */
  | { kind: 'busy'; obstacle: Obstacle; recovery: RecoveryPlan | undefined }
  | { kind: 'wait'; reason: string; afterMs?: number };

/**
 * The image that the recovery VM is made of: the other partition style than the patient's, so that no copy of the patient's disk
 * has the same identity (docs/decisions). Generation 1 is MBR, generation 2 is GPT.
 * https://learn.microsoft.com/azure/virtual-machines/generation-2
 */
const images = {
  V1: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-g2' },
  V2: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter' },
} as const;

function imageFor(disk: ManagedDisk) {
  return generationOf(disk) === 'V2'
    ? { image: images.V2, generation: 'V1' as const }
    : { image: images.V1, generation: 'V2' as const };
}

/** A disk that says none is of generation 1, which came first. */
function generationOf({ hyperVGeneration }: ManagedDisk): 'V1' | 'V2' {
  return hyperVGeneration === 'V2' ? 'V2' : 'V1';
}

/** What was diagnosed, as far as the route depends on it. */
interface Found {
  finding: Finding;
  evidence: Evidence[];
}

/**
 * Looks for everything that could stop us half-way, before anything is touched. Nothing is created. Without `found` it is asked
 * for a look only: what a look has yet to tell is left out, and all else counts, because a look is worth its VM only where the
 * repair may go on from it.
 */
export async function checkRecoveryRoute(tools: Tools, about: AboutRepair, found?: Found): Promise<RecoveryRoute> {
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) return unclear(look.failure, 'read the VM');
  const vm = look.value;
  const tagged = readMode(vm.tags);
  const isRepair =
    tagged.kind === 'mode' && reaches(tagged.mode, 'repair') && (about.requestedMode ?? 'repair') === 'repair';
  if (!isRepair) return closed('not-allowed', 'It needs the mode repair.');
  const osDiskId = vm.osDiskId ?? '';
  const workbench = workbenchOf(tools, vm);
  const isAnywhere = workbench !== undefined || standingVmsFor(tools, vm.id).length > 0;
  if (!isAnywhere || parseDiskId(osDiskId) === undefined) return closed('no-workbench', noPlace(vm));
  const disk = await tools.arm.getDisk(osDiskId);
  if (!disk.ok) return unclear(disk.failure, 'read the OS disk');
  const machine = await machineFor(tools, about, { vm, disk: disk.value, workbench });
  if (machine.kind === 'wait') return machine;
  const isLook = found === undefined;
  const around = await lookAround(
    tools,
    scopesOf(tools, about, { disk: disk.value, machine: machine.machine, isLook }),
  );
  if (around.kind === 'wait') return around;
  const obstacle = recoveryObstacle({
    found: found && {
      effect: found.finding.effect,
      isDomainController: isDomainController(found.evidence),
      volume: factOf(found.evidence, 'volume-state'),
    },
    vm,
    disk: disk.value,
    hasStanding: machine.machine?.kind === 'standing' && !machine.isAwaited,
    passedOver: machine.passedOver,
    awaitsStanding: machine.machine?.kind === 'standing' && machine.isAwaited,
    hasWorkbench: workbench !== undefined,
    barriers: around.barriers,
    missing: around.missing,
    sizes: machine.machine?.kind === 'made' && !machine.isAwaited ? machine.machine.sizes : [],
    sizeProblems: machine.sizeProblems,
    fullSizes: machine.machine?.kind === 'made' && machine.isAwaited ? machine.machine.sizes : [],
  });
  const resourceGroup = tools.settings.workbenchResourceGroup;
  const recovery = machine.machine && {
    ...{ osDiskId, diskGeneration: generationOf(disk.value), resourceGroup },
    ...{ machine: machine.machine, options: optionsOf(tools) },
  };
  if (obstacle) {
    const { code, reason, lasts } = obstacle;
    return lasts === 'final' ? closed(code, reason) : { kind: 'busy', obstacle: { code, reason }, recovery };
  }
  if (recovery) return { kind: 'open', recovery: { ...recovery, boundToDisk: await bondsOf(tools, vm, disk.value) } };
  return closed('no-workbench', noPlace(vm));
}

/** The way is open, so no lock stands above the disk: whatever is listed there is its own. Busy or forbidden, it is not known. */
async function bondsOf({ recovery }: Tools, vm: VirtualMachine, disk: ManagedDisk): Promise<Bond[]> {
  const locks = await recovery.getLocks(disk.id);
  return boundToDisk(vm, locks.ok ? locks.value.map(({ name }) => name) : undefined);
}

/** How long what may pass is waited for before it closes the route, in ms, and how often is asked. */
const awaitedMs = 15 * 60_000;
const awaitedPauseMs = 30_000;

/** A route that is closed by something that may pass: to be asked for again; undefined once that has lasted for too long. */
export async function waitForRoute(
  tools: Tools,
  about: AboutRepair,
  { obstacle }: Extract<RecoveryRoute, { kind: 'busy' }>,
): Promise<Extract<Progress<never>, { kind: 'wait' }> | undefined> {
  const awaited = { name: `route-${obstacle.code}`, limitMs: awaitedMs };
  return (await isWorthWaiting(tools, about, awaited)) ? wait(obstacle.reason, awaitedPauseMs) : undefined;
}

interface Patient {
  vm: VirtualMachine;
  disk: ManagedDisk;
  workbench: Workbench | undefined;
}

type MachineChoice =
  | {
      kind: 'chosen';
      machine: RecoveryPlan['machine'] | undefined;
      /** It cannot be had now, but that may pass. */
      isAwaited: boolean;
      passedOver: string[];
      sizeProblems: string[];
    }
  | { kind: 'wait'; reason: string; afterMs?: number };

/** A standing recovery VM where one can be taken, because it is there at once; otherwise one that is made. */
async function machineFor(tools: Tools, about: AboutRepair, { vm, disk, workbench }: Patient): Promise<MachineChoice> {
  const chosen = { kind: 'chosen', isAwaited: false, passedOver: [], sizeProblems: [] } as const;
  const inUse = await machineInUse(tools, about);
  if (inUse) return { ...chosen, passedOver: [], sizeProblems: [], machine: inUse };
  const standing = await findStandingVm(tools, about, { vm, disk });
  if (standing.kind === 'wait') return standing;
  const { passedOver, awaited } = standing;
  const standingOf = (vmId: string) => ({ kind: 'standing', vmId }) as const;
  if (standing.vmId !== undefined) {
    return { ...chosen, machine: standingOf(standing.vmId), passedOver, sizeProblems: [] };
  }
  const orAwaited = { ...chosen, machine: awaited === undefined ? undefined : standingOf(awaited), isAwaited: true };
  if (!workbench) return { ...orAwaited, passedOver, sizeProblems: [] };
  const sizes = await usableSizes(tools, vm, disk);
  if (sizes.kind === 'wait') return sizes;
  const { usable, full, unchecked, problems: sizeProblems } = sizes;
  if (usable.length === 0 && awaited !== undefined) return { ...orAwaited, passedOver, sizeProblems };
  const { image, generation } = imageFor(disk);
  const { subnetId } = workbench;
  const isAwaited = usable.length === 0 && full.length > 0;
  const made = { kind: 'made', subnetId, sizes: isAwaited ? full : usable, unchecked, passedOver } as const;
  return { ...chosen, machine: { ...made, image, generation }, isAwaited, passedOver, sizeProblems };
}

function optionsOf({ settings }: Tools): RecoveryPlan['options'] {
  return [
    ...(settings.recoveryEnableSerialConsole ? (['enable-serial-console'] as const) : []),
    ...(settings.recoveryEnableCrashDump ? (['enable-crash-dump'] as const) : []),
  ];
}

function closed(code: OutcomeCode, reason: string): RecoveryRoute {
  return { kind: 'closed', obstacle: { code, reason } };
}

/** Azure being busy is waited for; what it refuses to show is an obstacle by itself. */
function unclear(failure: ArmFailure, doing: string): RecoveryRoute {
  const progress = progressOf(failure, doing);
  return progress.kind === 'wait' ? progress : closed(progress.conclusion.code, progress.conclusion.reason);
}

function workbenchOf({ settings }: Tools, { id, location }: VirtualMachine): Workbench | undefined {
  const subscriptionId = parseVirtualMachineId(id)?.subscriptionId.toLowerCase();
  return settings.recoveryWorkbenches.find(
    (one) => one.subscriptionId === subscriptionId && one.location === location.toLowerCase(),
  );
}

/** Either source may know it; one that says yes is believed. */
function isDomainController(evidence: Evidence[]): boolean | undefined {
  const told = evidence.filter((item) => item.kind === 'windows-installation');
  return told.length === 0 ? undefined : told.some((item) => item.isDomainController);
}

interface Places {
  /** The patient's OS disk. */
  disk: ManagedDisk;
  machine: RecoveryPlan['machine'] | undefined;
  /** The disk that is looked at is made in the workbench, too. */
  isLook: boolean;
}

/** Every scope that the route works in. A standing recovery VM stands in the workbench. */
function scopesOf({ settings }: Tools, { vmId }: AboutRepair, { disk, machine, isLook }: Places): Scope[] {
  const inWorkbench = [
    ...recoveryActions.workbench,
    ...(machine?.kind === 'made' ? recoveryActions.making : []),
    ...(isLook ? recoveryActions.look : []),
  ];
  const subnet = machine?.kind === 'made' ? [{ scope: machine.subnetId, actions: recoveryActions.subnet }] : [];
  const keySet = disk.diskEncryptionSetId;
  return [
    { scope: vmId, actions: recoveryActions.patient },
    { scope: groupOf(disk.id), actions: recoveryActions.disks },
    ...(keySet === undefined ? [] : [{ scope: keySet, actions: recoveryActions.keySet, isOnlyRead: true } as const]),
    { scope: workbenchGroupOf(settings, vmId), actions: inWorkbench, isOurs: true },
    ...subnet,
  ];
}

type Sizes =
  | {
      kind: 'seen';
      usable: string[];
      /** Fit, but for a quota that is used up now. */
      full: string[];
      problems: string[];
      unchecked: string[];
    }
  | { kind: 'wait'; reason: string; afterMs?: number };

/**
 * The recovery VM of a look that is there already: it is the one that mends, and the room that it takes would be counted
 * against it otherwise.
 */
async function machineInUse(tools: Tools, about: AboutRepair): Promise<RecoveryPlan['machine'] | undefined> {
  const look = await lookOnRecord(tools.ledger, about.repairId);
  if (!look) return undefined;
  const recoveryVmId = recoveryVmIdOf(about, look.recovery);
  const debtId = look.recovery.machine.kind === 'standing' ? loanOf(recoveryVmId) : recoveryVmId;
  const debt = await debtOf(tools, about.repairId, debtId);
  return debt?.createdAt === undefined || debt.deletedAt !== undefined ? undefined : look.recovery.machine;
}

/**
 * The sizes of the settings that the region has room for. Where Azure does not show that (it takes a right on the subscription),
 * all of them are tried in order when the VM is made, before the patient is stopped, and `unchecked` tells why.
 */
async function usableSizes({ recovery, settings }: Tools, vm: VirtualMachine, disk: ManagedDisk): Promise<Sizes> {
  const [zone] = disk.zones;
  const subscriptionId = parseVirtualMachineId(vm.id)?.subscriptionId ?? '';
  const wanted = settings.recoveryVmSizes;
  const found = await recovery.findSizes({ subscriptionId, location: vm.location, zone, sizes: wanted });
  if (!found.ok && found.failure.kind === 'wait') return waitForSizes(found.failure);
  if (!found.ok)
    return {
      ...{ kind: 'seen', usable: [...wanted], full: [], problems: [] },
      unchecked: [uncheckedFor('Sizes', found.failure)],
    };
  const families = found.value.map(({ family }) => family);
  const quota = await recovery.getComputeQuota({ subscriptionId, location: vm.location, families });
  if (!quota.ok && quota.failure.kind === 'wait') return waitForSizes(quota.failure);
  const premiumStorage = disk.sku?.toLowerCase().startsWith('premium') === true;
  const needs = { generation: imageFor(disk).generation, premiumStorage };
  const judged = found.value.map((one) => {
    const stays = one.unusable ?? unfitFor(one, needs);
    const full = quota.ok ? exhaustedQuota(one, quota.value) : undefined;
    const problem = stays ?? (full === undefined ? undefined : `${full} quota used up`);
    return { size: one.size, problem, isFull: stays === undefined && full !== undefined, untold: untoldOf(one, needs) };
  });
  const untold = judged.flatMap(({ problem, untold: what }) =>
    problem === undefined && what !== undefined ? [what] : [],
  );
  return {
    kind: 'seen',
    usable: judged.flatMap(({ size, problem }) => (problem === undefined ? [size] : [])),
    full: judged.flatMap(({ size, isFull }) => (isFull ? [size] : [])),
    problems: judged.flatMap(({ size, problem }) => (problem === undefined ? [] : [`${size}: ${problem}`])),
    unchecked: [...(quota.ok ? [] : [uncheckedFor('The quota', quota.failure)]), ...untold],
  };
}

function waitForSizes({ code, retryAfterMs }: Extract<ArmFailure, { kind: 'wait' }>): Sizes {
  return wait(`Azure asks us to wait (${code}) before we look for a size.`, retryAfterMs);
}

function uncheckedFor(what: string, failure: ArmFailure): string {
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action} on ${failure.scope}` : failure.code;
  return `${what} could not be checked: ${why}.`;
}
