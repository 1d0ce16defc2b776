import { benchOf } from '../activities/recovery/names';
import { parseDiskId, parseNetworkInterfaceId, parseSnapshotId, parseVirtualMachineId } from '../azure/resource-id';
import { ofKind } from '../ledger/of-kind';
import type { RepairDetail, ResourceDetails, ResourceRecord, Round } from '../ledger/ports';
import { quoted, type WayBack } from './az';

/**
 * The ways back that only the route `recovery-vm` needs: power, the original disk, and what was left behind. Every id is read
 * strictly before it stands in a command.
 */

/** An exchange of the OS disk that is not taken back, as it is on record. */
interface Swap {
  copyId: string;
  originalId: string;
  round: Round;
  /** Whether we saw that the VM has the copy. */
  isConfirmed: boolean;
  at: string;
}

function present({ resources }: RepairDetail): ResourceRecord[] {
  return resources.filter(({ deletedAt }) => deletedAt === undefined);
}

/** The last exchange that is not taken back. */
export function swapOnRecord(detail: RepairDetail): Swap | undefined {
  const swaps = ofKind(present(detail), 'os-disk-swap').flatMap(({ details, createdAt, registeredAt }): Swap[] => {
    if (details.direction !== 'swap') return [];
    const { round, copyId, originalId } = details;
    if (!parseDiskId(copyId) || !parseDiskId(originalId)) return [];
    return [{ round, copyId, originalId, isConfirmed: createdAt !== undefined, at: createdAt ?? registeredAt }];
  });
  return swaps.find(({ isConfirmed }) => isConfirmed) ?? swaps.at(-1);
}

/** A VM that we stopped and that nobody has seen run since. */
export function startAgain(detail: RepairDetail): WayBack[] {
  const { vmId } = detail.repair;
  if (!present(detail).some(({ kind }) => kind === 'power-off')) return [];
  return [
    {
      undoes: 'the stop: the VM was stopped for the repair and has not been seen running since',
      commands: [`az vm start --ids ${quoted(vmId)}`],
    },
  ];
}

/** The original disk under the VM again. `az vm stop` keeps the host and the address; a deallocation would not. */
export function swapBack(detail: RepairDetail): WayBack[] {
  const { vmId } = detail.repair;
  const swap = swapOnRecord(detail);
  if (!swap) return [];
  const exchange = [
    `az vm stop --ids ${quoted(vmId)}`,
    `az vm update --ids ${quoted(vmId)} --os-disk ${quoted(swap.originalId)}`,
    `az vm start --ids ${quoted(vmId)}`,
  ];
  const lost = `what was written since stays on ${swap.copyId} only`;
  if (swap.isConfirmed) {
    return [
      {
        undoes: `the exchange of the OS disk at ${swap.at}: the VM runs from its original disk again, without the cure (${lost}, which is not deleted)`,
        commands: exchange,
      },
    ];
  }
  const show = `az vm show --ids ${quoted(vmId)} --query storageProfile.osDisk.managedDisk.id --output tsv`;
  return [
    {
      undoes: `an exchange of the OS disk whose outcome is not known: the first command tells which disk the VM has; only if it is ${swap.copyId} go on to put the original back (${lost})`,
      commands: [show, ...exchange],
    },
  ];
}

/** What is there only for the repair, and disks that are kept: to be removed by hand, the VM before what hangs on it. */
export function leftovers(detail: RepairDetail): WayBack[] {
  const swap = swapOnRecord(detail);
  const inUse = [swap?.copyId, swap?.originalId].map((id) => id?.toLowerCase());
  const isRunning = detail.repair.ending === undefined;
  const when = isRunning ? 'only once the repair has ended and it is still there' : 'when it is no longer wanted';
  const found = present(detail).filter(({ resourceId }) => !inUse.includes(resourceId.toLowerCase()));
  // While it runs, a repair has several of these at any time, and takes them back itself.
  const isPassing = ({ kind }: ResourceRecord) => kind === 'run-command' || kind === 'snapshot-access';
  const left = isRunning ? found.filter((one) => !isPassing(one)) : found;
  const removed = removals.flatMap((removalOf) => left.flatMap((one) => removalOf(one) ?? []));
  const removedWhen = removed.map(({ what, command }) => ({ undoes: `${what}, ${when}`, commands: [command] }));
  const loans = isRunning ? [] : ofKind(found, 'recovery-vm-loan');
  return [...loans.flatMap((loan) => loanBack(loan, detail)), ...removedWhen];
}

/** A standing recovery VM that may still have a disk of ours: detached by hand, and restarted so that it holds on to nothing of it. */
function loanBack({ details: { vmId } }: ResourceRecord<'recovery-vm-loan'>, detail: RepairDetail): WayBack[] {
  const machine = parseVirtualMachineId(vmId);
  if (!machine) return [];
  const { subscriptionId, resourceGroup, name } = machine;
  const where = `--subscription ${subscriptionId} --resource-group ${quoted(resourceGroup)}`;
  const disks = ofKind(present(detail), 'disk').filter(({ details }) => benchOf(details) !== undefined);
  const detach = disks
    .flatMap((one) => parseDiskId(one.resourceId)?.name ?? [])
    .map((disk) => `az vm disk detach ${where} --vm-name ${quoted(name)} --name ${quoted(disk)}`);
  const undoes = 'the loan of the standing recovery VM, if it still has a disk of the repair';
  return [{ undoes, commands: [...detach, `az vm restart --ids ${quoted(vmId)}`] }];
}

/** What it is and the command that takes it away; undefined for what is not to be deleted. */
type Removal = { what: string; command: string } | undefined;

/** In the order in which they go: a VM before what hangs on it. */
const removals: readonly ((resource: ResourceRecord) => Removal)[] = [
  ({ kind, resourceId }) =>
    kind === 'virtual-machine' && parseVirtualMachineId(resourceId)
      ? {
          what: 'the recovery VM, with its disk and network interface',
          command: `az vm delete --ids ${quoted(resourceId)} --yes`,
        }
      : undefined,
  ({ kind, resourceId }) =>
    kind === 'network-interface' && parseNetworkInterfaceId(resourceId)
      ? {
          what: 'the recovery VM’s network interface, if it did not go with the VM',
          command: `az network nic delete --ids ${quoted(resourceId)}`,
        }
      : undefined,
  (resource) => (resource.kind === 'disk' ? removalOfDisk(resource) : undefined),
  (resource) => (resource.kind === 'run-command' ? removalOfRun(resource) : undefined),
  (resource) => (resource.kind === 'snapshot-access' ? endOfAccess(resource) : undefined),
];

/** The original is the customer's: nothing of ours says how to delete it. */
function removalOfDisk({ resourceId, details }: ResourceRecord<'disk'>): Removal {
  if (details.role === 'original' || !parseDiskId(resourceId)) return undefined;
  return { what: diskInWords(details), command: `az disk delete --ids ${quoted(resourceId)} --yes` };
}

function diskInWords(details: Exclude<ResourceDetails['disk'], { role: 'original' }>): string {
  switch (details.role) {
    case 'copy':
      return `the copy of the OS disk, of round ${details.round}`;
    case 'inspection':
      return 'the disk of the first snapshot that the recovery VM read';
    case 'trial-copy':
      return 'the trial copy of the first snapshot';
  }
}

/** A run on a recovery VM goes with it; one on the VM itself does not. */
function removalOfRun({ details: { vmId, name } }: ResourceRecord<'run-command'>): Removal {
  const vm = parseVirtualMachineId(vmId);
  if (!vm || !/^[A-Za-z0-9-]{1,80}$/.test(name)) return undefined;
  const where = `--subscription ${vm.subscriptionId} --resource-group ${quoted(vm.resourceGroup)}`;
  return {
    what: `the Run Command ${name} on ${vm.name}`,
    command: `az vm run-command delete ${where} --vm-name ${quoted(vm.name)} --name ${name} --yes`,
  };
}

function endOfAccess({ details: { snapshotId } }: ResourceRecord<'snapshot-access'>): Removal {
  if (!parseSnapshotId(snapshotId)) return undefined;
  return {
    what: 'the access to the bytes of the first snapshot',
    command: `az snapshot revoke-access --ids ${quoted(snapshotId)}`,
  };
}
