import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = join(__dirname, '../../../infra/roles');

/**
 * What the recovery route needs beyond today's roles, each action in exactly one of them. The roles in `infra/` get them with
 * the stories that use them: a test there holds roles and calls together.
 */
export const recoveryActions: Readonly<Record<string, readonly string[]>> = {
  observe: [
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Authorization/locks/read',
    'Microsoft.Authorization/denyAssignments/read',
    // These two count on a subscription only.
    'Microsoft.Compute/skus/read',
    'Microsoft.Compute/locations/usages/read',
  ],
  repair: [
    'Microsoft.Compute/virtualMachines/powerOff/action',
    'Microsoft.Compute/virtualMachines/start/action',
    'Microsoft.Compute/virtualMachines/deallocate/action',
    // The swap of the OS disk; in the workbench also the recovery VM.
    'Microsoft.Compute/virtualMachines/write',
    // The copy lies beside the original. Deleted is only what carries our tags.
    'Microsoft.Compute/disks/write',
    'Microsoft.Compute/disks/delete',
    // Asked by the identity whose rights they are.
    'Microsoft.Authorization/permissions/read',
  ],
  workbench: [
    'Microsoft.Compute/snapshots/delete',
    'Microsoft.Compute/virtualMachines/delete',
    'Microsoft.Compute/virtualMachines/attachDetachDataDisks/action',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/networkInterfaces/delete',
    'Microsoft.Network/networkInterfaces/join/action',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
  ],
};

/** A folder with the roles as they will be with the recovery route, for the simulated Azure's `--roles`. */
export function recoveryRolesFolder(): string {
  const target = mkdtempSync(join(tmpdir(), 'recovery-roles-'));
  for (const file of readdirSync(folder)) {
    const role = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { Actions: string[] };
    const actions = [...role.Actions, ...(recoveryActions[file.replace('.json', '')] ?? [])];
    writeFileSync(join(target, file), JSON.stringify({ ...role, Actions: actions }));
  }
  return target;
}
