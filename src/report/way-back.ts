import { z } from 'zod';
import { parseSnapshotId, parseVirtualMachineId } from '../azure/resource-id';
import { ofKind } from '../ledger/of-kind';
import type { RepairDetail, ResourceRecord } from '../ledger/ports';
import { quoted, type WayBack } from './az';
import { diskLevelUndo } from './disk-level-undo';
import { undoChanges } from './undo-changes';
import { leftovers, startAgain, swapBack } from './way-back-from-copy';
import { copyAgain, rollback } from './way-back-rollback';

/**
 * How to get back by hand, with exact Azure CLI commands, for bash and PowerShell alike. An id that is not made of the characters
 * of ARM ids (src/azure/resource-id.ts) stands in no command.
 */
export function wayBack(detail: RepairDetail): WayBack[] {
  if (!parseVirtualMachineId(detail.repair.vmId)) return [];
  const snapshots = ofKind(detail.resources, 'snapshot').filter(isKeptSnapshot);
  const ofDisks = [...rollback(detail), ...swapBack(detail), ...copyAgain(detail)];
  return [
    ...startAgain(detail),
    ...undoChanges(detail),
    ...diskLevelUndo(detail, [...ofDisks, ...snapshots.flatMap((snapshot) => restoreDisk(detail, snapshot))]),
    ...snapshots.map(drop),
    ...leftovers(detail),
  ];
}

function isKeptSnapshot({ resourceId, lifetime, createdAt, deletedAt }: ResourceRecord<'snapshot'>): boolean {
  return (
    Boolean(parseSnapshotId(resourceId)) && lifetime === 'kept' && createdAt !== undefined && deletedAt === undefined
  );
}

/** Which snapshot it is: a repair may have several. */
function named({ details }: ResourceRecord<'snapshot'>): string {
  switch (details.role) {
    case 'first':
      return 'the first snapshot, taken before anything was done';
    case 'reading':
      return `the snapshot of reading ${details.reading}, taken before anything was done`;
    case 'stopped':
      return `the snapshot of the stopped disk, of round ${details.round}`;
    case 'before-rollback':
      return 'the snapshot of the copy, taken before the rollback';
  }
}

/** Puts a disk made from the snapshot under the VM; the present disk stays as it is. */
function restoreDisk(detail: RepairDetail, record: ResourceRecord<'snapshot'>): WayBack[] {
  const { vmId } = detail.repair;
  const vm = parseVirtualMachineId(vmId);
  const snapshot = parseSnapshotId(record.resourceId);
  if (!vm || !snapshot) return [];
  // The name of the snapshot tells them apart, so it is the VM's that is cut: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
  const disk = `${vm.name.slice(0, Math.max(1, 79 - snapshot.name.length))}-${snapshot.name}`.slice(0, 80);
  const group = `--subscription ${vm.subscriptionId} --resource-group ${quoted(vm.resourceGroup)}`;
  return [
    {
      undoes: `everything on the OS disk since ${named(record)} (data written since then stays on the present disk only)`,
      commands: [
        `az disk create ${group} --name ${disk} --source ${quoted(record.resourceId)}${traitsOf(detail)}`,
        `az vm stop --ids ${quoted(vmId)}`,
        `az vm update --ids ${quoted(vmId)} --os-disk ${disk}`,
        `az vm start --ids ${quoted(vmId)}`,
      ],
    },
  ];
}

const trait = z
  .string()
  .regex(/^[A-Za-z0-9_]{1,64}$/)
  .optional()
  .catch(undefined);
const inspection = z.object({
  vm: z.object({
    osDiskTraits: z.object({
      location: trait,
      zone: trait,
      sku: trait,
      hyperVGeneration: trait,
    }),
  }),
});

/**
 * The traits that the disk must share with the one that it replaces, as the repair saw them: by default Azure takes the
 * group's location and generation 1, and refuses the swap. https://learn.microsoft.com/cli/azure/disk#az-disk-create. Not the security
 * type, which Azure takes from the snapshot, and refuses to be told (Azure/azure-cli#22561).
 */
function traitsOf({ documents }: RepairDetail): string {
  const seen = inspection.safeParse(documents.inspection);
  if (!seen.success) return '';
  const { location, zone, sku, hyperVGeneration } = seen.data.vm.osDiskTraits;
  const options = {
    location,
    zone,
    sku,
    'os-type': 'Windows',
    'hyper-v-generation': hyperVGeneration,
  };
  return Object.entries(options)
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`]))
    .join('');
}

function drop(snapshot: ResourceRecord<'snapshot'>): WayBack {
  return {
    undoes: `${named(snapshot)}, itself, when it is no longer wanted`,
    commands: [`az snapshot delete --ids ${quoted(snapshot.resourceId)}`],
  };
}
