import type { NetworkAccess, SnapshotReadFailure } from '../ports';

/** The settings alone, of a disk or a snapshot that has them; a setting that ARM did not tell is left out. */
export function readNetworkAccess(resource: NetworkAccess): NetworkAccess {
  const { networkAccessPolicy, diskAccessId, publicNetworkAccess, dataAccessAuthMode } = resource;
  return {
    ...(networkAccessPolicy ? { networkAccessPolicy } : {}),
    ...(diskAccessId ? { diskAccessId } : {}),
    ...(publicNetworkAccess ? { publicNetworkAccess } : {}),
    ...(dataAccessAuthMode ? { dataAccessAuthMode } : {}),
  };
}

/**
 * The settings as a new disk or snapshot may be given them: a disk access goes with `AllowPrivate` alone (Azure/azure-cli#28510), and
 * Azure shows one that it was given before, too.
 */
export function networkAccessToSend(resource: NetworkAccess): NetworkAccess {
  const { diskAccessId, ...others } = readNetworkAccess(resource);
  return others.networkAccessPolicy === 'AllowPrivate' && diskAccessId !== undefined
    ? { ...others, diskAccessId }
    : others;
}

type ExportDenied = Extract<SnapshotReadFailure, { kind: 'export-denied' }>;

/**
 * What forbids us a snapshot's bytes for certain, read from its settings rather than from Azure's refusal, whose words
 * are not documented. `AllowPrivate` forbids nothing yet: we may be behind the private endpoint, which only trying tells.
 */
export function exportDenied(network: NetworkAccess): ExportDenied | undefined {
  const { networkAccessPolicy, publicNetworkAccess, dataAccessAuthMode } = network;
  if (networkAccessPolicy === 'DenyAll') {
    return denied('networkAccessPolicy', 'Its network access policy is DenyAll: nobody may export it.');
  }
  if (dataAccessAuthMode === 'AzureActiveDirectory') {
    return denied('dataAccessAuthMode', 'Its bytes are given only to who signs in with Microsoft Entra ID as well.');
  }
  // "Disabled" with "AllowPrivate" still lets private endpoints in:
  // https://learn.microsoft.com/rest/api/compute/disks/get#publicnetworkaccess
  if (publicNetworkAccess === 'Disabled' && networkAccessPolicy !== 'AllowPrivate') {
    return denied('publicNetworkAccess', 'Public network access to it is disabled, and it has no private endpoint.');
  }
  return undefined;
}

/** For a snapshot that is open to private endpoints only, when its bytes were refused to us. */
export function notByPrivateEndpoint(): ExportDenied {
  return denied('networkAccessPolicy', 'Its network access policy is AllowPrivate, and we are not on that network.');
}

function denied(setting: ExportDenied['setting'], why: string): ExportDenied {
  return { kind: 'export-denied', code: 'export-denied', setting, message: `The snapshot may not be read. ${why}` };
}
