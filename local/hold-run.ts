/** Holds a repair at one of its runs in a guest, so that somebody can do something at that very moment. */
import type { SimulatedAzure } from './simulated-azure-client';

/** A run of a repair: `copy-1-prepare`, `copy-1-release`… */
export interface HeldRun {
  repairId: string;
  run: string;
}

/**
 * Until `letGo`, Azure does not take the run (`PUT`), or does not tell of it (`GET`). Resolves when it is held. Each run has a
 * fault of its own, so that several repairs can be held at once.
 */
export async function holdRun(azure: SimulatedAzure, { repairId, run }: HeldRun, method: 'PUT' | 'GET'): Promise<void> {
  const pathContains = `${repairId}-${run}`;
  await azure.post('/faults', { match: { method, pathContains }, times: 100_000, when: 'before', status: 503 });
  await azure.untilCalls((calls) => calls.some(({ status }) => status === 503), pathContains);
}

/** Azure takes it and tells of it again. */
export async function letGo(azure: SimulatedAzure, { repairId, run }: HeldRun): Promise<void> {
  await azure.delete(`/faults?pathContains=${repairId}-${run}`);
}

/** Waits until it is so, asking every 20 ms. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * Somebody writes over the copy when it was mended and read again, just before the recovery VM lets it go: both partition tables
 * and what begins after them.
 */
export async function damageCopy(azure: SimulatedAzure, repairId: string): Promise<void> {
  const held = { repairId, run: 'copy-1-release' };
  await holdRun(azure, held, 'GET');
  await azure.post(`/vms/rdp-lifeline-${repairId}/overwrite`, { lun: 2, offset: 0, length: 4 * 1024 * 1024 });
  await letGo(azure, held);
}
