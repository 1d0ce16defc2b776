/**
 * Long-running operations: the two headers, and the resources that they point to. Shapes from the recordings
 * test_run_command_v2, test_vm_os_disk_swap and test_completion_percent (see durations.ts for the folder); none of
 * them carries Retry-After.
 */
import { randomUUID } from 'node:crypto';
import type { ArmResponse } from './arm-errors';
import { pause } from './timers';

/** Why an operation ended badly. */
export interface OperationError {
  code: string;
  message: string;
}

/** How an operation ends that a planted fault has struck. */
export type OperationFate =
  | { kind: 'fails'; error: OperationError }
  | { kind: 'never-ends' }
  /** It goes well, so many ms later than usual. */
  | { kind: 'lasts'; ms: number };

interface OperationRecord {
  id: string;
  startedAt: number;
  endedAt?: number;
  output?: unknown;
  error?: OperationError;
}

/** An operation that was begun. End it exactly once. */
export interface LongRunningOperation {
  /** Headers of the answer that begins it. Compute's VM PUT and PATCH carry only the first of the two. */
  headers: (shown: 'both' | 'async-operation-only') => Record<string, string>;
  succeed: (output?: unknown) => void;
  fail: (error: OperationError) => void;
}

export interface LongRunningOperations {
  begin: (given: { kind: 'operations' | 'DiskOperations'; apiVersion: string }) => LongRunningOperation;
  /** The answer to a GET of the operation at `target` (path and query); `monitor` is the Location header's form. */
  look: (id: string, monitor: boolean, target: string) => ArmResponse | undefined;
}

/** What an operation does, and what becomes of it when it fails. */
interface Work {
  durationMs: number;
  fate: OperationFate | undefined;
  /** Does it, and gives the operation's output. */
  apply: () => unknown;
  /** Called instead when a planted fault lets it fail. */
  failed?: (error: OperationError) => void;
}

/** Lets an operation take its time and then do its work, unless a planted fault has it end otherwise. */
export async function carryOut(operation: LongRunningOperation, work: Work): Promise<void> {
  const { fate } = work;
  await pause(work.durationMs + (fate?.kind === 'lasts' ? fate.ms : 0));
  if (fate?.kind === 'never-ends') return;
  if (fate?.kind === 'fails') {
    work.failed?.(fate.error);
    operation.fail(fate.error);
    return;
  }
  operation.succeed(work.apply());
}

interface Place {
  endpoint: () => string;
  subscriptionId: string;
  location: string;
}

export function createLongRunningOperations(place: Place): LongRunningOperations {
  const records = new Map<string, OperationRecord>();
  // The same for all operations of a deployment in the recordings; what it stands for is not documented.
  const partition = randomUUID();

  function urlOf(id: string, kind: string, apiVersion: string, monitor: boolean): string {
    const path = `/subscriptions/${place.subscriptionId}/providers/Microsoft.Compute/locations/${place.location}/${kind}/${id}`;
    return `${place.endpoint()}${path}?p=${partition}${monitor ? '&monitor=true' : ''}&api-version=${apiVersion}`;
  }
  return {
    begin({ kind, apiVersion }) {
      const record: OperationRecord = { id: randomUUID(), startedAt: Date.now() };
      records.set(record.id, record);
      const asyncOperation = urlOf(record.id, kind, apiVersion, false);
      const location = urlOf(record.id, kind, apiVersion, true);
      return {
        headers: (shown) => ({
          'azure-asyncoperation': asyncOperation,
          ...(kind === 'operations' ? { 'azure-asyncnotification': 'Enabled' } : {}),
          ...(shown === 'both' ? { location } : {}),
        }),
        succeed(output) {
          record.endedAt = Date.now();
          record.output = output;
        },
        fail(error) {
          record.endedAt = Date.now();
          record.error = error;
        },
      };
    },
    look(id, monitor, target) {
      const record = records.get(id.toLowerCase());
      if (!record) return undefined;
      return monitor ? monitorAnswer(record, place.endpoint() + target) : statusAnswer(record);
    },
  };
}

function statusAnswer(record: OperationRecord): ArmResponse {
  const status = record.endedAt === undefined ? 'InProgress' : record.error ? 'Failed' : 'Succeeded';
  return {
    status: 200,
    body: {
      startTime: azureTime(record.startedAt),
      ...(record.endedAt === undefined ? {} : { endTime: azureTime(record.endedAt) }),
      status,
      ...(record.output === undefined ? {} : { properties: { output: record.output } }),
      ...(record.error ? { error: record.error } : {}),
      name: record.id,
    },
  };
}

/** While it runs 202 with the same Location, then the resource or nothing (powerOff's final GET is an empty 200). */
function monitorAnswer(record: OperationRecord, requestUrl: string): ArmResponse {
  if (record.endedAt === undefined) return { status: 202, headers: { location: requestUrl } };
  if (record.error) return { status: 409, body: { error: record.error } };
  return { status: 200, body: record.output };
}

/** Azure's times in bodies: seven decimals and an offset. */
export function azureTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000+00:00');
}
