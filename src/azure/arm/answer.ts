import type { ComputeManagementClient } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import { toArmFailure } from '../errors';
import type { AdapterRefusal } from '../failure-codes';
import type { Answer, ArmFailure } from '../ports';
import type { VirtualMachineId } from '../resource-id';

/** Ids were checked at the door; one that is wrong here is a fault of ours, not an answer of Azure. */
export function idOf(id: string, parse: (id: string) => VirtualMachineId | undefined): VirtualMachineId {
  const parts = parse(id);
  if (!parts) throw new Error(`Not an ARM id of the expected type: ${id.slice(0, 300)}`);
  return parts;
}

/** What a call with the SDK gives, or ARM's failure. */
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

/** The part of the SDK's poller that begins an operation. */
interface Beginning {
  submitted(): Promise<void>;
}

/** Begins an operation with the SDK; resolves once ARM has taken the request. */
export async function begin(
  connecting: Promise<ComputeManagementClient>,
  call: (client: ComputeManagementClient) => Beginning,
): Promise<Answer<'begun'>> {
  return answer(connecting, async (client) => {
    await call(client).submitted();
    return 'begun' as const;
  });
}

export const begun: Answer<'begun'> = { ok: true, value: 'begun' };

/** A no of ours, before ARM was asked. */
export function refused(
  code: AdapterRefusal,
  message: string,
): { ok: false; failure: { kind: 'rejected'; code: string; message: string; status: number } } {
  return { ok: false, failure: { kind: 'rejected', code, message, status: 409 } };
}

/** An answer of ARM's lacks what the call hangs on: nothing was asked for, and the same call may be made again. */
export function untold(what: string): { ok: false; failure: ArmFailure } {
  return {
    ok: false,
    failure: { kind: 'wait', code: 'FieldMissing', message: `${what} is missing in Azure’s answer.` },
  };
}

/** For a deletion: what is not there is deleted. */
export function goneIsDone(deleted: Answer<'begun'>): Answer<'begun'> {
  return !deleted.ok && deleted.failure.kind === 'not-found' ? begun : deleted;
}

/**
 * An answer to a list. The SDK's paging keeps status and code of a refusal, but not Azure's words, which name the action that is
 * missing; so the caller says which one it needs.
 */
export function naming<T>(answered: Answer<T>, needed: { action: string; scope: string }): Answer<T> {
  if (answered.ok || answered.failure.kind !== 'forbidden') return answered;
  const message = `Azure refused it (403): '${needed.action}' is needed on '${needed.scope}'.`;
  return { ok: false, failure: { ...answered.failure, ...needed, message } };
}
