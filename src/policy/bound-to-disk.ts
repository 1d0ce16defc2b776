import type { VirtualMachine } from '../azure/ports';

/**
 * What outside the VM is bound to its OS disk, and stays with that disk when another one takes its place. Told before the stop, in the
 * plan and in the report; Site Recovery closes the route, because data could be lost. Pure.
 */

/** `not-known`: we may not look, or Azure does not say: not "none". */
export type BondState = 'found' | 'not-known';

interface BondEntry {
  /** What the swap does to it, by what is known of it. */
  found: string;
  notKnown: string;
  /** What a person does about it after the swap. */
  advice: string;
}

/** The one table: every kind with its texts. */
export const bonds = {
  'site-recovery': {
    found: 'Site Recovery replicates this disk by its id; another disk would not be replicated.',
    notKnown: 'Whether Site Recovery replicates the disk is not known: Azure did not list the VM’s extensions.',
    advice: 'Disable the replication, let the VM be repaired, and enable it again for the new disk.',
  },
  'azure-backup': {
    found:
      'Azure Backup takes backups of the VM. It goes on by the VM’s id; the recovery points so far hold the original disk, and the next backup may be a full one.',
    notKnown: 'Whether Azure Backup or another product takes backups of the disk is not known.',
    advice: 'Run a backup on demand after the swap, and look that it succeeds.',
  },
  'delete-option': {
    found:
      'The OS disk is deleted with the VM (deleteOption Delete). After the swap that is the copy; the original stays, belongs to no VM and costs money.',
    notKnown: 'Whether the OS disk is deleted with the VM is not known.',
    advice: 'Delete the original by hand when it is needed no more.',
  },
  'disk-lock': {
    found: 'A lock stands on the original disk itself, and stays there; the copy has none.',
    notKnown: 'Whether a lock stands on the disk itself is not known.',
    advice: 'Set the lock on the VM’s new disk.',
  },
  'disk-roles': {
    found: 'Roles are assigned on the original disk itself, and stay there; the copy has none.',
    notKnown: 'Whether roles are assigned on the disk itself is not known: no role of ours lets us look.',
    advice: 'Run `az role assignment list --scope <original disk>`, and assign on the new disk what it lists.',
  },
  'deployment-state': {
    found: 'A template or state file names the original disk.',
    notKnown:
      'Whether Terraform, Bicep or another tool has the disk’s name in its state is not known. With another name, the next apply may want to make the VM anew.',
    advice:
      'Before the next apply or deployment, run its plan or what-if, and take the new disk over into the state (`terraform import`, or the name in the template).',
  },
} as const satisfies Record<string, BondEntry>;

export type BondKind = keyof typeof bonds;

/** One thing that is, or may be, bound to the disk. */
export interface Bond {
  kind: BondKind;
  state: BondState;
}

/** Whether a value that is read back is one of them. */
export function isBond(value: unknown): value is Bond {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('state' in value)) return false;
  const { kind, state } = value;
  return typeof kind === 'string' && Object.hasOwn(bonds, kind) && (state === 'found' || state === 'not-known');
}

/** Publishers of Site Recovery's extension `SiteRecovery-Windows`, as public templates and LISA's tests of extensions name them: with and without a 2. */
const siteRecovery = /^Microsoft\.Azure\.RecoveryServices\.SiteRecovery\d*$/i;
/** Of Azure Backup's VMSnapshot: https://learn.microsoft.com/azure/virtual-machines/extensions/vmsnapshot-windows. Agentless backups have none. */
const backup = { publisher: /^Microsoft\.Azure\.RecoveryServices$/i, type: /^VMSnapshot/i };

/** Whether Site Recovery replicates the VM: a disk is replicated by its id (New-AzRecoveryServicesAsrAzureToAzureDiskReplicationConfig -DiskId). */
export function isReplicated({ configuration }: VirtualMachine): boolean {
  return configuration?.extensions?.some(({ publisher }) => siteRecovery.test(publisher ?? '')) === true;
}

function isBackedUp({ configuration }: VirtualMachine): boolean {
  return (
    configuration?.extensions?.some(
      ({ publisher, type }) => backup.publisher.test(publisher ?? '') && backup.type.test(type ?? ''),
    ) === true
  );
}

/** Everything that is or may be bound to the VM's OS disk; `diskLocks`: names of locks on the disk itself, undefined if we may not look. */
export function boundToDisk(vm: VirtualMachine, diskLocks: readonly string[] | undefined): Bond[] {
  const { extensions, osDisk } = vm.configuration ?? {};
  const deleteOption = osDisk?.deleteOption?.toLowerCase();
  const states: Record<BondKind, BondState | 'none'> = {
    'site-recovery': extensions === undefined ? 'not-known' : isReplicated(vm) ? 'found' : 'none',
    'azure-backup': isBackedUp(vm) ? 'found' : 'not-known',
    'delete-option': deleteOption === undefined ? 'not-known' : deleteOption === 'delete' ? 'found' : 'none',
    'disk-lock': diskLocks === undefined ? 'not-known' : diskLocks.length > 0 ? 'found' : 'none',
    'disk-roles': 'not-known',
    'deployment-state': 'not-known',
  };
  return (Object.entries(states) as [BondKind, BondState | 'none'][]).flatMap(([kind, state]) =>
    state === 'none' ? [] : [{ kind, state }],
  );
}

/** A bond as it is told to a person. */
export function toldBond({ kind, state }: Bond): Bond & { meaning: string; advice: string } {
  const { found, notKnown, advice } = bonds[kind];
  return { kind, state, meaning: state === 'found' ? found : notKnown, advice };
}
