import { readEvents, type EventQuery, type EventsRead } from '../../disk/event-log/read-events';
import type { Windows } from './windows';

/** What was read of the System log, and what that leaves open. */
export interface SystemLogRead extends EventsRead {
  path: string;
  cautions: string[];
}

/** Reads events of the System log. Throws an UnreadableError if it is not there or no event log. */
export async function readSystemLog(windows: Windows, query: EventQuery): Promise<SystemLogRead> {
  const log = await windows.systemLog();
  const read = await readEvents(log.source, query);
  const cautions = [];
  if (read.isDirty) cautions.push('the event log was in use: its last records may not have been written yet');
  if (read.problems.length > 0) cautions.push(`records may be missing (${read.problems.slice(0, 3).join('; ')})`);
  return { ...read, path: log.path, cautions };
}
