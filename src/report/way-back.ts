import { z } from 'zod';
import { parseSnapshotId, parseVirtualMachineId } from '../azure/resource-id';
import type { ChangeRecord, RepairDetail, ResourceRecord } from '../ledger/ports';
import { quoted, type WayBack } from './az';
import { leftovers, startAgain, swapBack, swapOnRecord } from './way-back-from-copy';
import { copyAgain, rollback } from './way-back-rollback';

/**
 * How to get back by hand, with exact Azure CLI commands, for bash and PowerShell alike. What is not made of the
 * characters of ARM ids (src/azure/resource-id.ts) and of our own undo commands is left out rather than escaped.
 */
export function wayBack(detail: RepairDetail): WayBack[] {
  const vmId = detail.repair.vmId;
  if (!parseVirtualMachineId(vmId)) return [];
  const ways: WayBack[] = [...startAgain(detail)];
  const changes = detail.changes.filter((change) => isUndoable(detail, change));
  // The last change is undone first.
  if (changes.length > 0) ways.push(undoChanges(vmId, [...changes].reverse()));
  ways.push(...rollback(detail), ...swapBack(detail), ...copyAgain(detail));
  for (const snapshot of detail.resources.filter(isKeptSnapshot))
    ways.push(restoreDisk(detail, snapshot), drop(snapshot));
  ways.push(...leftovers(detail));
  return ways.filter(({ commands }) => commands.length > 0);
}

/** One that was made on a copy is in the guest only while the VM is known to run from that copy. */
function isUndoable(detail: RepairDetail, { place, undo, written }: ChangeRecord): boolean {
  // One change on a disk may be several writes, one for each control set.
  const lines = place.kind === 'guest' ? [undo] : undo.split('\n');
  if (written === false || !lines.every((line) => undoCommand.test(line))) return false;
  if (place.kind === 'guest') return true;
  const swap = swapOnRecord(detail);
  return swap?.isConfirmed === true && swap.round === place.round;
}

/** What our undo commands are made of: plain words, GUIDs and accounts in quotes; a note in brackets is none. Of the registry, keys of the guest's own. */
const undoWord = String.raw`(?:[A-Za-z0-9_.=:/-]+|\{[0-9a-f-]{36}\}|"[A-Za-z0-9 ]+(?:\\[A-Za-z0-9]+)?"|HKLM(?:\\[A-Za-z0-9]+)+)`;
const undoCommand = new RegExp(`^${undoWord}(?: ${undoWord})*$`);

/**
 * To the PowerShell that runs it in the guest braces are a block of code; in quotes they are text. Quotes become single
 * ones, because the whole stands in double ones.
 */
function forPowerShell(command: string): string {
  return command.replaceAll(/\{[0-9a-f-]{36}\}/g, "'$&'").replaceAll('"', "'");
}

function undoChanges(vmId: string, changes: ChangeRecord[]): WayBack {
  const lines = changes.flatMap(({ undo }) => undo.split('\n'));
  const scripts = lines.map((line) => `"${forPowerShell(line)}"`).join(' ');
  return {
    undoes: `the changes in the guest: ${changes.map(({ title }) => title).join('; ')}`,
    commands: [`az vm run-command invoke --ids ${quoted(vmId)} --command-id RunPowerShellScript --scripts ${scripts}`],
  };
}

function isKeptSnapshot({ resourceId, kind, lifetime, createdAt, deletedAt }: ResourceRecord): boolean {
  if (!parseSnapshotId(resourceId)) return false;
  return kind === 'snapshot' && lifetime === 'kept' && createdAt !== undefined && deletedAt === undefined;
}

/** Puts a disk made from the snapshot under the VM; the present disk stays as it is. */
function restoreDisk(detail: RepairDetail, { resourceId }: ResourceRecord): WayBack {
  const { vmId } = detail.repair;
  const vm = parseVirtualMachineId(vmId);
  const snapshot = parseSnapshotId(resourceId);
  const undoes =
    'everything on the OS disk since the snapshot (data written since then stays on the present disk only)';
  if (!vm || !snapshot) return { undoes, commands: [] };
  const disk = `${vm.name}-${snapshot.name}`.slice(0, 80);
  const group = `--subscription ${vm.subscriptionId} --resource-group ${quoted(vm.resourceGroup)}`;
  return {
    undoes,
    commands: [
      `az disk create ${group} --name ${disk} --source ${quoted(resourceId)}${traitsOf(detail)}`,
      `az vm stop --ids ${quoted(vmId)}`,
      `az vm update --ids ${quoted(vmId)} --os-disk ${disk}`,
      `az vm start --ids ${quoted(vmId)}`,
    ],
  };
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
      securityType: trait,
    }),
  }),
});

/**
 * The traits that the disk must share with the one that it replaces, as the repair saw them: by default Azure takes the
 * group's location and generation 1, and refuses the swap. https://learn.microsoft.com/cli/azure/disk#az-disk-create
 */
function traitsOf({ documents }: RepairDetail): string {
  const seen = inspection.safeParse(documents.inspection);
  if (!seen.success) return '';
  const { location, zone, sku, hyperVGeneration, securityType } = seen.data.vm.osDiskTraits;
  const options = {
    location,
    zone,
    sku,
    'os-type': 'Windows',
    'hyper-v-generation': hyperVGeneration,
    'security-type': securityType === 'TrustedLaunch' ? securityType : undefined,
  };
  return Object.entries(options)
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`]))
    .join('');
}

function drop({ resourceId }: ResourceRecord): WayBack {
  return {
    undoes: 'the snapshot itself, when it is no longer wanted',
    commands: [`az snapshot delete --ids ${quoted(resourceId)}`],
  };
}
