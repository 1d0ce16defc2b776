import type { ArmFailure } from '../azure/ports';
import type { ResourceRecord } from '../ledger/ports';
import type { Requested } from './begun';
import type { AboutRepair } from './input';
import type { Tools } from './toolbox';

/** What became of one open record. */
export type Settled =
  { kind: 'settled' } | { kind: 'wait'; reason: string; afterMs?: number } | { kind: 'left'; reason: string };

/** It is gone, or never came to be. */
export async function markGone(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  await tools.ledger.recordResource(about.repairId, { ...resource, deletedAt: new Date().toISOString() });
  return { kind: 'settled' };
}

/** What a request means that is to bring it about. */
export function settledBy(requested: Requested, resource: ResourceRecord): Settled {
  return 'kind' in requested ? requested : leftBy(requested.failure, resource);
}

/** What a failed call means for something that is to go: wait for it, or leave it behind and say so. */
export function leftBy(failure: ArmFailure, resource: ResourceRecord): Settled {
  if (failure.kind === 'wait') return { kind: 'wait', reason: failure.message, afterMs: failure.retryAfterMs };
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action}` : failure.code;
  return { kind: 'left', reason: `${resource.resourceId} is left behind: ${why}.` };
}
