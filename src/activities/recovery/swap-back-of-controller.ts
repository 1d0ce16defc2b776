import { isWorthWaiting } from '../asked-since';
import { askWhetherController, saysController } from '../domain-controller';
import type { AboutRepair } from '../input';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/** A guest that takes longer does not say it: its VM has a copy that does not do. */
const patience = { name: 'controller', limitMs: 2 * 60_000 };

type Stop = Exclude<Progress<never>, { kind: 'done' }>;

/**
 * Why a VM keeps the copy that does not do: it turns out to be a domain controller, by what is on record or by what the running guest says,
 * where it can be asked. Its directory has run from the copy, and must not go back. Undefined where nothing says so: what this
 * repair has left open is put right.
 */
export async function controllerStands(tools: Tools, about: AboutRepair): Promise<Stop | undefined> {
  const known = await controllerOnRecord(tools, about);
  if (known) return known;
  const told = await askWhetherController(tools, about, { purpose: 'swap', isOwed: true });
  if (told.kind === 'wait') return (await isWorthWaiting(tools, about, patience)) ? told : undefined;
  return told.kind === 'yes' ? keepsItsCopy : undefined;
}

/** The same by what is on record only, for a VM that is stopped already. */
export async function controllerOnRecord({ ledger }: Tools, { repairId }: AboutRepair): Promise<Stop | undefined> {
  const detail = await ledger.getRepairDetail(repairId);
  return detail && saysController(detail.documents) ? keepsItsCopy : undefined;
}

const keepsItsCopy = end(
  'not-repaired',
  'domain-controller',
  'The VM turns out to be a domain controller. Its directory has run from the copy and must not go back to the original disk, so it keeps the copy.',
);
