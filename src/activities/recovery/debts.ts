import type { Resource, ResourceRecord } from '../../ledger/ports';
import type { Tools } from '../toolbox';

/**
 * What the route owes: things that it makes and states that it brings the patient into. A debt is on record before it is made,
 * and stays open until it is known to be gone.
 */

/** The record with this id, if the repair has one. */
export async function debtOf(
  { ledger }: Tools,
  repairId: string,
  resourceId: string,
): Promise<ResourceRecord | undefined> {
  const { resources } = await ledger.getTimeline(repairId);
  return resources.find((one) => one.resourceId.toLowerCase() === resourceId.toLowerCase());
}

/** Puts on record what is about to be made. */
export async function owe(
  { ledger }: Tools,
  repairId: string,
  debt: Resource & { purpose: string; keptUntil?: string },
): Promise<void> {
  const { keptUntil, ...rest } = debt;
  await ledger.recordResource(repairId, {
    ...rest,
    registeredAt: new Date().toISOString(),
    lifetime: keptUntil === undefined ? 'temporary' : 'kept',
    expiresAt: keptUntil,
  });
}

/** It is there now. */
export async function incurred(tools: Tools, repairId: string, debt: ResourceRecord): Promise<void> {
  if (debt.createdAt !== undefined) return;
  await tools.ledger.recordResource(repairId, { ...debt, createdAt: new Date().toISOString() });
}

/** It is over: deleted, or taken back. */
export async function settled(tools: Tools, repairId: string, debt: ResourceRecord): Promise<void> {
  if (debt.deletedAt !== undefined) return;
  await tools.ledger.recordResource(repairId, { ...debt, deletedAt: new Date().toISOString() });
}
