/**
 * Whether this host, at `defaultVersion`, may run an instance of some version.
 * Rules: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
 */
import type { DurableSettings } from '../host-json';

/** True when the settings allow it; always so while no `defaultVersion` is set. */
export function acceptsVersion(settings: DurableSettings, version: string | null): boolean {
  const { defaultVersion, versionMatchStrategy } = settings;
  if (!defaultVersion || versionMatchStrategy === 'None') return true;
  const order = compareVersions(version ?? '', defaultVersion);
  return versionMatchStrategy === 'Strict' ? order === 0 : order <= 0;
}

/** Negative when `left` is older. Dotted numbers are compared part by part, anything else as text. */
function compareVersions(left: string, right: string): number {
  if (!isDotted(left) || !isDotted(right)) return left.toLowerCase().localeCompare(right.toLowerCase());
  const leftParts = left.split('.').map(Number);
  const rightParts = right.split('.').map(Number);
  const length = Math.max(leftParts.length, rightParts.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (leftParts[index] ?? 0) - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isDotted(version: string): boolean {
  return /^\d+(\.\d+){0,3}$/.test(version);
}
