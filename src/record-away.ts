/**
 * The record could not be reached, so nothing was decided: data, and no fault, because a storage account may be away for longer than
 * faults are tried again. The orchestration waits by timers and asks once more (src/orchestrators/durable.ts).
 */
export interface RecordAway {
  kind: 'record-away';
  reason: string;
}

/** Whether an answer says so; it may have come from a history. */
export function isRecordAway(answer: unknown): answer is RecordAway {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'record-away';
}
