import { exchangeOf } from '../activities/rollback/exchange';
import { parseDiskId } from '../azure/resource-id';
import { ofKind } from '../ledger/of-kind';
import type { RepairDetail } from '../ledger/ports';
import { expiryTag } from '../policy/sweep';
import { isSameId } from '../same-id';
import { repairIdPattern } from '../repair-id';
import { quoted, type WayBack } from './az';

/** The rollback as a way back from an exchange of the OS disk, and the way back from a rollback. */

/**
 * The app does itself what the commands for the exchange do by hand, and keeps a snapshot. `APP` and `KEY` are the app's address
 * and a function key, as in docs/operate.md.
 */
export function rollback(detail: RepairDetail): WayBack[] {
  const { repairId, ending, rollsBack } = detail.repair;
  const exchange = exchangeOf(detail);
  const isOpen = ending !== undefined && rollsBack === undefined && exchange?.isTakenBack === false;
  if (!isOpen || !repairIdPattern.test(repairId)) return [];
  const { lossSince, copyId, originalId } = exchange;
  if (!parseDiskId(copyId) || !parseDiskId(originalId)) return [];
  const body = JSON.stringify({ acknowledgeDataLossSince: lossSince });
  return [
    {
      undoes: `the exchange of the OS disk, by this app: it stops the VM, keeps a snapshot, and puts the original disk back; what was written since ${lossSince} stays on ${copyId} only`,
      commands: [
        `curl -X POST -H "x-functions-key: $KEY" -H "content-type: application/json" -d '${body}' "$APP/api/repairs/${repairId}/rollback"`,
      ],
    },
  ];
}

/**
 * Takes our expiry off a disk, whatever its value is by now, and fails if it is not there. The CLI’s `tag update` with the operation
 * Delete goes by pairs of name and value, and says nothing where it deletes none: https://learn.microsoft.com/rest/api/resources/tags/update-at-scope.
 * A hyphen is part of a name here: Azure/azure-cli:src/azure-cli-core/azure/cli/core/commands/arm.py, _get_internal_path.
 */
function withoutExpiry(diskId: string): string {
  return `az disk update --ids ${quoted(diskId)} --remove tags.${expiryTag}`;
}

/** The mended copy under the VM again, after a rollback. As the VM's disk it must not expire, which is seen to first. */
export function copyAgain({ repair: { vmId }, resources }: RepairDetail): WayBack[] {
  const open = ofKind(resources, 'os-disk-swap').filter(({ deletedAt }) => deletedAt === undefined);
  return open.flatMap(({ details, createdAt }) => {
    const { copyId, originalId } = details;
    if (details.direction !== 'rollback' || !parseDiskId(copyId) || !parseDiskId(originalId)) return [];
    const exchange = [
      `az vm stop --ids ${quoted(vmId)}`,
      `az vm update --ids ${quoted(vmId)} --os-disk ${quoted(copyId)}`,
      `az vm start --ids ${quoted(vmId)}`,
    ];
    const lost = `what was written since stays on ${originalId} only`;
    if (createdAt !== undefined) {
      const undoes = `the rollback at ${createdAt}: the VM runs from the mended copy again (${lost}, which is not deleted)`;
      const hasExpiry = ofKind(resources, 'disk').some(
        ({ resourceId, expiresAt }) => isSameId(resourceId, copyId) && expiresAt !== undefined,
      );
      return [{ undoes, commands: hasExpiry ? [withoutExpiry(copyId), ...exchange] : exchange }];
    }
    const show = `az vm show --ids ${quoted(vmId)} --query storageProfile.osDisk.managedDisk.id --output tsv`;
    const undoes = `a rollback whose outcome is not known: the first command tells which disk the VM has; only if it is ${originalId} go on to give it the mended copy again (${lost})`;
    const note = 'The last command fails where the copy has no expiry, and then there is nothing to take off.';
    return [{ undoes, commands: [show, ...exchange, withoutExpiry(copyId)], note }];
  });
}
