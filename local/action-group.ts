/**
 * Azure Monitor between an alert and the app: puts the alert on Azure's own record, and delivers it as an action group's webhook does.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups#webhook: a call that fails, or is answered with one of four codes, is repeated
 * five times; after that nothing goes to that endpoint for 15 minutes.
 */
import type { AppAddress } from './app-client';

/** Between the first call and the five that follow it (ms). */
const gapsMs = [5_000, 20_000, 5_000, 40_000, 5_000];
const silenceMs = 15 * 60_000;
const repeated = [408, 429, 503, 504];

/** What became of a delivery. */
export type Delivery =
  | { kind: 'answered'; status: number; body: Record<string, unknown>; calls: number }
  /** Azure has given up. */
  | { kind: 'given-up'; calls: number }
  /** Nothing was sent: Azure had given up on another one a moment before. */
  | { kind: 'not-sent' };

/** One action group with one webhook. */
export interface ActionGroup {
  /** Puts the alert on record and delivers it. Resolves when Azure is done with it, which may take minutes of local time. */
  fire(payload: object): Promise<Delivery>;
}

/** An action group that calls this app; `speed` is that of the app's local time. */
export function createActionGroup(app: AppAddress, controlUrl: string, speed: number): ActionGroup {
  let silentUntil = 0;

  async function call(payload: object): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
    try {
      const response = await fetch(new URL('/api/alerts', app.url), {
        method: 'POST',
        headers: { 'x-functions-key': app.key, 'content-type': 'application/json' },
        body: JSON.stringify(payload),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    } catch {
      return undefined;
    }
  }

  async function deliver(payload: object): Promise<Delivery> {
    if (performance.now() < silentUntil) return { kind: 'not-sent' };
    for (let calls = 1; ; calls += 1) {
      const answer = await call(payload);
      if (answer && !repeated.includes(answer.status)) return { kind: 'answered', ...answer, calls };
      const gap = gapsMs[calls - 1];
      if (gap === undefined) {
        silentUntil = performance.now() + silenceMs / speed;
        return { kind: 'given-up', calls };
      }
      await new Promise((resolve) => setTimeout(resolve, gap / speed));
    }
  }

  return {
    async fire(payload) {
      const recorded = await fetch(new URL('/alerts', controlUrl), { method: 'POST', body: JSON.stringify(payload) });
      if (!recorded.ok) throw new Error(`The simulated Azure refused the alert: ${await recorded.text()}`);
      return deliver(payload);
    },
  };
}
