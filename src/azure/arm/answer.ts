import type { ComputeManagementClient } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import { toArmFailure } from '../errors';
import type { Answer } from '../ports';
import type { VirtualMachineId } from '../resource-id';

/** Ids were checked at the door; one that is wrong here is a fault of ours, not an answer of Azure. */
export function idOf(id: string, parse: (id: string) => VirtualMachineId | undefined): VirtualMachineId {
  const parts = parse(id);
  if (!parts) throw new Error(`Not an ARM id of the expected type: ${id.slice(0, 300)}`);
  return parts;
}

/** What the call gives, or Azure's failure as data. */
export async function answer<T>(
  connecting: Promise<ComputeManagementClient>,
  call: (client: ComputeManagementClient) => Promise<T>,
): Promise<Answer<T>> {
  const client = await connecting;
  try {
    return { ok: true, value: await call(client) };
  } catch (error) {
    return { ok: false, failure: toArmFailure(error) };
  }
}
