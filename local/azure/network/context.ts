/** What the operations of Microsoft.Network share. */
import type { World } from '../world';
import type { OperationResults } from './operation-results';
import { callsIn } from '../throttling';

export interface NetworkContext {
  world: World;
  results: OperationResults;
}

/** Versions that Azure publishes for these types; any recent one does. */
export const apiVersions = [
  '2022-07-01',
  '2023-09-01',
  '2023-11-01',
  '2024-01-01',
  '2024-03-01',
  '2024-05-01',
  '2025-01-01',
  '2025-05-01',
] as const;

/** assumed: the names and numbers; https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling has 10,000 reads in five minutes. */
export const quotas = {
  read: callsIn(3, { group: 'NetworkRead', limit: 6_000 }),
  act: callsIn(3, { group: 'NetworkWrite', limit: 600 }),
} as const;
