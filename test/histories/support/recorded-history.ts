import type { HistoryEvent } from '../../../local/host/durable/history';

/** One orchestration of a release, as the engine kept it. */
export interface RecordedHistory {
  orchestrator: string;
  instanceId: string;
  parentInstanceId: string | null;
  input: unknown;
  events: HistoryEvent[];
}

/** A release's recording of one repair: its singleton, its story and what they waited for. */
export interface RecordedRepair {
  /** The VM of the simulated fleet. */
  vm: string;
  ending: string;
  histories: RecordedHistory[];
}
