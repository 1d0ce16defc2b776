/**
 * Who may fetch the bytes of a disk or snapshot. Each has its own settings, and a new one is open unless its request
 * says otherwise, whatever its source says (recorded in test_snapshot_access, see durations.ts for the folder):
 * https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
 */
import { conflictingUserInput, invalidParameter, type ArmResponse } from '../arm-errors';

const policies = ['AllowAll', 'AllowPrivate', 'DenyAll'] as const;
const publicAccess = ['Enabled', 'Disabled'] as const;
const authModes = ['None', 'AzureActiveDirectory'] as const;

export interface NetworkAccess {
  networkAccessPolicy: (typeof policies)[number];
  publicNetworkAccess: (typeof publicAccess)[number];
  dataAccessAuthMode?: (typeof authModes)[number];
  diskAccessId?: string;
}

export const openToAll: NetworkAccess = { networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Enabled' };

type Changed = { ok: true; value: NetworkAccess } | { ok: false; response: ArmResponse };

/** The settings after a request with these properties; what it does not name stays as it is. */
export function changeNetworkAccess(now: NetworkAccess, properties: Record<string, unknown>): Changed {
  const choices = { networkAccessPolicy: policies, publicNetworkAccess: publicAccess, dataAccessAuthMode: authModes };
  const next: Record<string, unknown> = { ...now };
  for (const [name, allowed] of Object.entries(choices)) {
    const given = properties[name];
    if (given === undefined || given === null) continue;
    if (!allowed.some((one) => one === given)) return { ok: false, response: notAllowed(name) };
    next[name] = given;
  }
  if (typeof properties.diskAccessId === 'string') next.diskAccessId = properties.diskAccessId;
  if (next.diskAccessId !== undefined && next.networkAccessPolicy !== 'AllowPrivate') {
    // Azure/azure-cli#28510
    const message = 'Disk Access is only supported for disks with NetworkAccessPolicy AllowPrivate';
    return { ok: false, response: conflictingUserInput(message) };
  }
  return { ok: true, value: next as unknown as NetworkAccess };
}

function notAllowed(name: string): ArmResponse {
  return invalidParameter(name, `The value of parameter ${name} is invalid.`);
}

/** Whether nobody at all gets a SAS. `AllowPrivate` gets one; it works on the private network only. */
export function isExportForbidden({ networkAccessPolicy, publicNetworkAccess }: NetworkAccess): boolean {
  if (networkAccessPolicy === 'DenyAll') return true;
  return publicNetworkAccess === 'Disabled' && networkAccessPolicy !== 'AllowPrivate';
}
