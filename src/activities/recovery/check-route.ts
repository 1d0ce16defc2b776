import type { ArmFailure, VirtualMachine } from '../../azure/ports';
import { parseDiskId, parseVirtualMachineId } from '../../azure/resource-id';
import { exhaustedQuota } from '../../azure/sizes';
import { factOf, type Evidence } from '../../guest/evidence';
import type { Finding } from '../../signatures/diagnose';
import { readMode, reaches } from '../../policy/modes';
import { recoveryActions, recoveryObstacle } from '../../policy/recovery-route';
import type { Workbench } from '../../settings';
import type { AboutRepair } from '../input';
import type { Obstacle, RecoveryPlan } from '../plan';
import { progressOf, wait } from '../progress';
import type { Tools } from '../toolbox';
import { debtOf } from './debts';
import { groupOf, lookAround, workbenchGroupOf, type Scope } from './look-around';
import { lookOnRecord } from './look-plan';
import { recoveryVmOf } from './names';

/** Whether the route `recovery-vm` is open, and what it would work with. */
export type RecoveryRoute =
  | { kind: 'open'; recovery: RecoveryPlan }
  | { kind: 'closed'; obstacle: Obstacle }
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
  const workbench = workbenchOf(tools, vm);
  const osDiskId = vm.osDiskId ?? '';
  if (!workbench || parseDiskId(osDiskId) === undefined) return closed('no-workbench', noWorkbench(vm));
  const disk = await tools.arm.getDisk(osDiskId);
  if (!disk.ok) return unclear(disk.failure, 'read the OS disk');
  const around = await lookAround(tools, scopesOf(tools, about, { osDiskId, workbench, isLook: found === undefined }));
  if (around.kind === 'wait') return around;
  const sizes = (await sizeInUse(tools, about)) ?? (await usableSizes(tools, vm, disk.value.zones[0]));
  if (sizes.kind === 'wait') return sizes;
  const obstacle = recoveryObstacle({
    found: found && {
      effect: found.finding.effect,
      isDomainController: isDomainController(found.evidence),
      volume: factOf(found.evidence, 'volume-state'),
    },
    vm,
    disk: disk.value,
    hasWorkbench: true,
    barriers: around.barriers,
    missing: around.missing,
    sizes: sizes.usable,
    sizeProblems: sizes.problems,
  });
  if (obstacle) return closed(obstacle.code, obstacle.reason);
  const { resourceGroup, subnetId } = {
    resourceGroup: tools.settings.workbenchResourceGroup,
    subnetId: workbench.subnetId,
  };
  const image = disk.value.hyperVGeneration === 'V2' ? images.V2 : images.V1;
  const { usable, unchecked } = sizes;
  return {
    kind: 'open',
    recovery: {
      osDiskId,
      workbench: { resourceGroup, subnetId },
      sizes: usable,
      unchecked,
      image,
      options: optionsOf(tools),
    },
  };
}

function optionsOf({ settings }: Tools): RecoveryPlan['options'] {
  return [
    ...(settings.recoveryEnableSerialConsole ? (['enable-serial-console'] as const) : []),
    ...(settings.recoveryEnableCrashDump ? (['enable-crash-dump'] as const) : []),
  ];
}

function closed(code: string, reason: string): RecoveryRoute {
  return { kind: 'closed', obstacle: { code, reason } };
}

function noWorkbench({ location }: VirtualMachine): string {
  return `The setting RECOVERY_WORKBENCHES has no entry for this subscription in ${location}.`;
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
  osDiskId: string;
  workbench: Workbench;
  /** The disk that is looked at is made in the workbench, too. */
  isLook: boolean;
}

/** Every scope that the route works in. */
function scopesOf({ settings }: Tools, { vmId }: AboutRepair, { osDiskId, workbench, isLook }: Places): Scope[] {
  const inWorkbench = [...recoveryActions.workbench, ...(isLook ? recoveryActions.look : [])];
  return [
    { scope: vmId, actions: recoveryActions.patient },
    { scope: groupOf(osDiskId), actions: recoveryActions.disks },
    { scope: workbenchGroupOf(settings, vmId), actions: inWorkbench, isOurs: true },
    { scope: workbench.subnetId, actions: recoveryActions.subnet },
  ];
}

type Sizes =
  | { kind: 'seen'; usable: string[]; problems: string[]; unchecked: string[] }
  | { kind: 'wait'; reason: string; afterMs?: number };

/**
 * The sizes of a look whose recovery VM is there already: it is the one that mends, and the room that it takes would be counted
 * against it otherwise.
 */
async function sizeInUse(tools: Tools, about: AboutRepair): Promise<Sizes | undefined> {
  const look = await lookOnRecord(tools.ledger, about.repairId);
  if (!look) return undefined;
  const machine = await debtOf(tools, about.repairId, recoveryVmOf(about, look.recovery).recoveryVmId);
  if (machine?.createdAt === undefined || machine.deletedAt !== undefined) return undefined;
  return { kind: 'seen', usable: look.recovery.sizes, problems: [], unchecked: look.recovery.unchecked };
}

/**
 * The sizes of the settings that the region has room for. Where Azure does not show that (it takes a right on the subscription),
 * all of them are tried in order when the VM is made, before the patient is stopped, and `unchecked` tells why.
 */
async function usableSizes(
  { recovery, settings }: Tools,
  vm: VirtualMachine,
  zone: string | undefined,
): Promise<Sizes> {
  const subscriptionId = parseVirtualMachineId(vm.id)?.subscriptionId ?? '';
  const wanted = settings.recoveryVmSizes;
  const found = await recovery.findSizes({ subscriptionId, location: vm.location, zone, sizes: wanted });
  if (!found.ok && found.failure.kind === 'wait') return waitForSizes(found.failure);
  if (!found.ok)
    return { kind: 'seen', usable: [...wanted], problems: [], unchecked: [uncheckedFor('Sizes', found.failure)] };
  const families = found.value.map(({ family }) => family);
  const quota = await recovery.getComputeQuota({ subscriptionId, location: vm.location, families });
  if (!quota.ok && quota.failure.kind === 'wait') return waitForSizes(quota.failure);
  const judged = found.value.map((one) => {
    const full = quota.ok ? exhaustedQuota(one, quota.value) : undefined;
    return { size: one.size, problem: one.unusable ?? (full === undefined ? undefined : `${full} quota used up`) };
  });
  return {
    kind: 'seen',
    usable: judged.flatMap(({ size, problem }) => (problem === undefined ? [size] : [])),
    problems: judged.flatMap(({ size, problem }) => (problem === undefined ? [] : [`${size}: ${problem}`])),
    unchecked: quota.ok ? [] : [uncheckedFor('The quota', quota.failure)],
  };
}

function waitForSizes({ code, retryAfterMs }: Extract<ArmFailure, { kind: 'wait' }>): Sizes {
  return wait(`Azure asks us to wait (${code}) before we look for a size.`, retryAfterMs);
}

function uncheckedFor(what: string, failure: ArmFailure): string {
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action} on ${failure.scope}` : failure.code;
  return `${what} could not be checked: ${why}.`;
}
