import { parseSnapshotId, parseVirtualMachineId } from '../azure/resource-id';
import type { ChangeRecord, RepairDetail, ResourceRecord } from '../ledger/ports';

/** One way to undo by hand: what it undoes and the exact commands, in order. */
export interface WayBack {
  undoes: string;
  commands: string[];
}

/**
 * How to get back by hand, with exact Azure CLI commands. Ids come from ARM and are made of characters that no shell
 * interprets (src/azure/resource-id.ts); anything else is left out rather than quoted.
 */
export function wayBack(detail: RepairDetail): WayBack[] {
  const vmId = detail.repair.vmId;
  const ways: WayBack[] = [];
  const changes = detail.changes.filter(({ undo }) => !undo.startsWith('('));
  // The last change is undone first.
  if (changes.length > 0) ways.push(undoChanges(vmId, [...changes].reverse()));
  for (const snapshot of detail.resources.filter(isKeptSnapshot))
    ways.push(restoreDisk(vmId, snapshot), drop(snapshot));
  return ways.filter(({ commands }) => commands.length > 0);
}

function undoChanges(vmId: string, changes: ChangeRecord[]): WayBack {
  const scripts = changes.map(({ undo }) => `"${undo}"`).join(' ');
  return {
    undoes: `the changes in the guest: ${changes.map(({ title }) => title).join('; ')}`,
    commands: [`az vm run-command invoke --ids ${vmId} --command-id RunPowerShellScript --scripts ${scripts}`],
  };
}

function isKeptSnapshot({ kind, lifetime, createdAt, deletedAt }: ResourceRecord): boolean {
  return kind === 'snapshot' && lifetime === 'kept' && createdAt !== undefined && deletedAt === undefined;
}

/** Puts a disk made from the snapshot under the VM; the present disk stays as it is. */
function restoreDisk(vmId: string, { resourceId }: ResourceRecord): WayBack {
  const vm = parseVirtualMachineId(vmId);
  const snapshot = parseSnapshotId(resourceId);
  const undoes =
    'everything on the OS disk since the snapshot (data written since then stays on the present disk only)';
  if (!vm || !snapshot) return { undoes, commands: [] };
  const disk = `${vm.name}-${snapshot.name}`.slice(0, 80);
  const group = `--subscription ${vm.subscriptionId} --resource-group ${vm.resourceGroup}`;
  return {
    undoes,
    commands: [
      `az disk create ${group} --name ${disk} --source ${resourceId}`,
      `az vm stop --ids ${vmId}`,
      `az vm update --ids ${vmId} --os-disk ${disk}`,
      `az vm start --ids ${vmId}`,
    ],
  };
}

function drop({ resourceId }: ResourceRecord): WayBack {
  return {
    undoes: 'the snapshot itself, when it is no longer wanted',
    commands: [`az snapshot delete --ids ${resourceId}`],
  };
}
