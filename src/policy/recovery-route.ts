import type { ManagedDisk, VirtualMachine } from '../azure/ports';
import type { VolumeState } from '../guest/evidence';
import type { OutcomeSubset } from '../outcome-codes';
import { isSettled } from '../resource-state';
import { bonds, isReplicated } from './bound-to-disk';

/**
 * Whether the route `recovery-vm` is open for a VM: it stops the VM and gives it another OS disk, so whatever could stop us
 * half-way is looked for before anything is touched. Pure.
 */

/** Something that forbids calls on a scope. */
export interface Barrier {
  kind: 'lock' | 'deny-assignment';
  name: string;
  scope: string;
}

/** An action that a step of the route needs, and that no role grants on that scope. */
export interface MissingPermission {
  action: string;
  scope: string;
}

/** What was found on the patient's disk, as far as the decision depends on it. */
export interface FoundFacts {
  /** Whether the failure is at work now, or only waits for the next boot. */
  effect: 'now' | 'next-boot';
  /** As the evidence has it; undefined where nothing read it. */
  isDomainController: boolean | undefined;
  volume: Pick<VolumeState, 'isHibernated' | 'isMarkedDirty'> | undefined;
}

/** Everything that the decision depends on. */
export interface RecoveryFacts {
  /** Undefined before anything was seen: it is only asked whether a recovery VM may look. */
  found: FoundFacts | undefined;
  vm: VirtualMachine;
  disk: ManagedDisk;
  /** Whether a standing recovery VM can be taken, and why others are not: one sentence for each. */
  hasStanding: boolean;
  passedOver: string[];
  /** One of those that were passed over may be had later: another repair has it, or Azure is at it. */
  awaitsStanding: boolean;
  /** Whether there is a place to make a recovery VM in, for this subscription and region. */
  hasWorkbench: boolean;
  barriers: Barrier[];
  missing: MissingPermission[];
  /** Of a recovery VM that is made: sizes that the region has room for, and why others are none. */
  sizes: string[];
  sizeProblems: string[];
  /** Sizes against which nothing stands but a quota that is used up now. */
  fullSizes: string[];
}

export type RecoveryObstacleCode = OutcomeSubset<
  | 'waits-for-next-boot'
  | 'no-workbench'
  | 'standing-vm-unusable'
  | 'disk-encryption'
  | 'confidential-vm'
  | 'managed-vm'
  | 'spot-vm'
  | 'shared-disk'
  | 'site-recovery'
  | 'disk-failed'
  | 'hibernated'
  | 'volume-dirty'
  | 'domain-controller'
  | 'domain-controller-unknown'
  | 'locked'
  | 'denied'
  | 'permission-missing'
  | 'no-size'
  | PassingCode
>;

/** What may be gone the next time that it is asked for. */
export type PassingCode = OutcomeSubset<'disk-busy' | 'standing-vm-busy' | 'quota-used-up'>;

/** `passing`: asked for again until its time is over. `final`: another question would get the same answer. */
export type Lasts = 'passing' | 'final';

/** Why the route is not open. */
export interface RecoveryObstacle {
  code: RecoveryObstacleCode;
  reason: string;
  lasts: Lasts;
}

type Check<Facts = RecoveryFacts> = (facts: Facts) => string | undefined;

/** What stands against any exchange of a VM's OS disk, whatever it is for. */
export type ExchangeFacts = Pick<RecoveryFacts, 'vm' | 'disk' | 'barriers' | 'missing'>;

const ofTheMachine = {
  'disk-encryption': ({ vm, disk }) =>
    vm.diskEncryption || disk.diskEncryption
      ? 'Its disk is encrypted by Azure Disk Encryption: Azure does not exchange such a disk, and Windows may not boot from a copy.'
      : undefined,
  'confidential-vm': ({ vm, disk }) =>
    [vm.configuration?.securityType, disk.securityType].some((type) => type?.startsWith('ConfidentialVM'))
      ? 'It is a confidential VM: no other VM can open its disk.'
      : undefined,
  'managed-vm': ({ vm }) =>
    vm.configuration?.managedBy === undefined
      ? undefined
      : `It belongs to ${vm.configuration.managedBy}, which may take our changes back.`,
  'spot-vm': ({ vm }) =>
    ['Spot', 'Low'].includes(vm.configuration?.priority ?? '')
      ? 'It is a Spot VM: once it is stopped, Azure may not start it again.'
      : undefined,
  'shared-disk': ({ disk }) => ((disk.maxShares ?? 1) > 1 ? 'Its OS disk may be shared by several VMs.' : undefined),
  'site-recovery': ({ vm }) =>
    isReplicated(vm) ? `${bonds['site-recovery'].found} Data could be lost at a failover.` : undefined,
  'disk-failed': ({ disk }) =>
    disk.provisioningState === 'Failed' || disk.provisioningState === 'Canceled'
      ? `Azure calls the last operation on its OS disk ${disk.provisioningState.toLowerCase()}.`
      : undefined,
} satisfies Partial<Record<RecoveryObstacleCode, Check<ExchangeFacts>>>;

const ofItsSurroundings = {
  locked: ({ barriers }) => barrierOf(barriers, 'lock', 'The lock'),
  denied: ({ barriers }) => barrierOf(barriers, 'deny-assignment', 'The deny assignment'),
  'permission-missing': ({ missing }) => {
    const [first, ...others] = missing;
    if (!first) return undefined;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `No role grants ${first.action} on ${first.scope}${more}.`;
  },
} satisfies Partial<Record<RecoveryObstacleCode, Check<ExchangeFacts>>>;

/** What stays as it is, in the order in which it is told: what the VM is, what is on it, what stands around it. */
const finalChecks: Readonly<Record<Exclude<RecoveryObstacleCode, PassingCode>, Check>> = {
  'waits-for-next-boot': ({ found }) =>
    found?.effect === 'next-boot'
      ? 'The failure only waits for the next boot: nothing calls for a downtime now.'
      : undefined,
  'no-workbench': ({ hasStanding, passedOver, hasWorkbench, vm }) =>
    hasStanding || hasWorkbench || passedOver.length > 0 ? undefined : noPlace(vm),
  'standing-vm-unusable': ({ hasStanding, awaitsStanding, passedOver, hasWorkbench, vm }) =>
    hasStanding || awaitsStanding || hasWorkbench || passedOver.length === 0
      ? undefined
      : `${passedOver.join(' ')} ${noPlace(vm)}`,
  ...ofTheMachine,
  hibernated: ({ found }) =>
    found?.volume?.isHibernated ? 'Windows is hibernated: what is on its disk is not all of its state.' : undefined,
  'volume-dirty': ({ found }) =>
    found?.volume?.isMarkedDirty
      ? 'Windows has marked its volume for a check: it must not be written before that.'
      : undefined,
  'domain-controller': ({ found }) =>
    found?.isDomainController
      ? 'It is a domain controller: its directory must not run from a copy without a person’s yes.'
      : undefined,
  'domain-controller-unknown': ({ found }) =>
    found && found.isDomainController === undefined
      ? 'Whether it is a domain controller could not be read, and one is never swapped.'
      : undefined,
  ...ofItsSurroundings,
  'no-size': (facts) => {
    const { hasStanding, awaitsStanding, sizes, fullSizes } = facts;
    return hasStanding || awaitsStanding || sizes.length + fullSizes.length > 0 ? undefined : noSize(facts);
  },
};

/** What may pass by itself, in the order in which it is told, after all that stays. */
const ofTheMoment = {
  'disk-busy': ({ vm, disk }) => {
    if (!isSettled(vm)) return 'Azure is in the middle of another operation on the VM.';
    return isSettled(disk) ? undefined : 'Azure is in the middle of another operation on the VM’s OS disk.';
  },
} satisfies Partial<Record<PassingCode, Check<ExchangeFacts>>>;

const passingChecks: Readonly<Record<PassingCode, Check>> = {
  ...ofTheMoment,
  'standing-vm-busy': ({ hasStanding, awaitsStanding, passedOver, sizes }) =>
    awaitsStanding && !hasStanding && sizes.length === 0 ? passedOver.join(' ') : undefined,
  'quota-used-up': (facts) => {
    const { hasStanding, sizes, fullSizes } = facts;
    return hasStanding || sizes.length > 0 || fullSizes.length === 0 ? undefined : noSize(facts);
  },
};

function noSize({ passedOver, sizeProblems }: RecoveryFacts): string {
  return [...passedOver, `No size of RECOVERY_VM_SIZES can be used there: ${sizeProblems.join('; ')}.`].join(' ');
}

/** Why there is no place to make a recovery VM in. */
export function noPlace({ location }: VirtualMachine): string {
  return `The setting RECOVERY_WORKBENCHES has no entry for this subscription in ${location}.`;
}

function barrierOf(barriers: Barrier[], kind: Barrier['kind'], what: string): string | undefined {
  const found = barriers.find((one) => one.kind === kind);
  return found && `${what} ${found.name} on ${found.scope} would stop us half-way.`;
}

/** The first thing that stands against the route, or undefined if it is open. What stays comes before what may pass. */
export function recoveryObstacle(facts: RecoveryFacts): RecoveryObstacle | undefined {
  return firstOf(finalChecks, facts, 'final') ?? firstOf(passingChecks, facts, 'passing');
}

/** The first thing that stands against exchanging the VM's OS disk at all, or undefined. */
export function exchangeObstacle(facts: ExchangeFacts): RecoveryObstacle | undefined {
  const stays = firstOf({ ...ofTheMachine, ...ofItsSurroundings }, facts, 'final');
  return stays ?? firstOf(ofTheMoment, facts, 'passing');
}

function firstOf<Facts>(
  these: Partial<Record<RecoveryObstacleCode, Check<Facts>>>,
  facts: Facts,
  lasts: Lasts,
): RecoveryObstacle | undefined {
  for (const [code, check] of Object.entries(these) as [RecoveryObstacleCode, Check<Facts>][]) {
    const reason = check(facts);
    if (reason !== undefined) return { code, reason, lasts };
  }
  return undefined;
}

/** What a copy that Azure makes says nothing of, for the report: only the calls themselves tell. */
export const notShownByTrialCopy =
  'It does not show whether Azure lets the VM itself be changed: a policy on virtual machines, or one that is assigned later, may still refuse the swap. The VM then starts again with its own disk.';

/**
 * What the repairing identity does in the steps of the route, by scope (what is only read goes by another identity): of the patient and its group, and of the workbench. The permissions API is
 * asked for these before anything is touched.
 */
export const recoveryActions = {
  patient: [
    'Microsoft.Compute/virtualMachines/powerOff/action',
    'Microsoft.Compute/virtualMachines/start/action',
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Compute/virtualMachines/runCommands/write',
  ],
  disks: [
    'Microsoft.Compute/disks/write',
    'Microsoft.Compute/disks/delete',
    'Microsoft.Compute/disks/beginGetAccess/action',
  ],
  /**
   * On the disk encryption set of a disk that is encrypted by a key of the customer's: the copy names it, and Azure asks whoever names
   * one for the right to read it (kubernetes-sigs/azuredisk-csi-driver#2609).
   */
  keySet: ['Microsoft.Compute/diskEncryptionSets/read'],
  workbench: [
    'Microsoft.Compute/snapshots/write',
    // A snapshot is what a copy is made of.
    'Microsoft.Compute/snapshots/beginGetAccess/action',
    'Microsoft.Compute/virtualMachines/attachDetachDataDisks/action',
    'Microsoft.Compute/virtualMachines/runCommands/write',
  ],
  /** Of the workbench, where a recovery VM is made there: not where a standing one is taken. */
  making: [
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Compute/virtualMachines/delete',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/networkInterfaces/delete',
    'Microsoft.Network/networkInterfaces/join/action',
  ],
  subnet: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
  /** Of the workbench, for a look: the disk that is looked at stands there, and not among the patient's. */
  look: ['Microsoft.Compute/disks/write', 'Microsoft.Compute/disks/delete'],
} as const;
