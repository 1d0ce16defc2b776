/** Talks to a running app as a person or an action group would: over HTTP with a function key. */
import type { RepairReport } from '../src/report/repair-report';

/** Where the app is and a key for its doors. */
export interface AppAddress {
  url: string;
  key: string;
}

/** What a door answered. */
export interface DoorAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** Calls a door. Throws only if the app cannot be reached. */
export async function callDoor(app: AppAddress, method: string, path: string, body?: unknown): Promise<DoorAnswer> {
  const response = await fetch(new URL(path, app.url), {
    method,
    headers: { 'x-functions-key': app.key, 'content-type': 'application/json' },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

/** A repair's report. Throws if there is none. */
export async function getReport(app: AppAddress, repairId: string): Promise<RepairReport> {
  const answer = await callDoor(app, 'GET', `/api/repairs/${repairId}`);
  if (answer.status !== 200) throw new Error(`GET /api/repairs/${repairId} answered ${answer.status}`);
  return answer.body as unknown as RepairReport;
}

/** Follows a repair to its ending; `onReport` sees every report on the way. `pauseMs` is real time. */
export async function followRepair(
  app: AppAddress,
  repairId: string,
  onReport: (report: RepairReport) => void = () => undefined,
  pauseMs = 250,
): Promise<RepairReport> {
  for (;;) {
    // A connection that was kept open may be closed just when it is used again.
    const report = await getReport(app, repairId).catch(() => getReport(app, repairId));
    onReport(report);
    if (report.ending) return report;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
