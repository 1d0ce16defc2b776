import { callDoor } from '../../../local/app-client';
import type { SignalRecord } from '../../../src/ledger/ports';
import type { Scenario } from './scenario';

/** Every signal on record, page by page, newest first. */
export async function everySignal({ cloud }: Pick<Scenario, 'cloud'>): Promise<SignalRecord[]> {
  const signals: SignalRecord[] = [];
  let token: string | undefined;
  do {
    const more = token === undefined ? '' : `&continuationToken=${encodeURIComponent(token)}`;
    const { status, body } = await callDoor(cloud, 'GET', `/api/signals?pageSize=200${more}`);
    if (status !== 200) throw new Error(`GET /api/signals answered ${status}: ${JSON.stringify(body)}`);
    signals.push(...(body.signals as SignalRecord[]));
    token = body.continuationToken as string | undefined;
  } while (token !== undefined);
  return signals;
}

/** Less than a test has. */
const giveUpAfterMs = 4 * 60_000;

/**
 * Waits until the alerts of these instances are on record, and gives their signals. Throws when one is there twice, or after four minutes with those that
 * are missing.
 */
export async function untilOnRecord(
  scenario: Pick<Scenario, 'cloud'>,
  instances: readonly string[],
): Promise<SignalRecord[]> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    const signals = await everySignal(scenario).catch(() => []);
    const found = instances.map((instance) => signals.filter(({ facts }) => facts.alertId?.endsWith(instance)));
    const doubled = instances.filter((_instance, index) => (found[index]?.length ?? 0) > 1);
    if (doubled.length > 0) throw new Error(`On record more than once: ${doubled.join(', ')}.`);
    if (found.every(({ length }) => length === 1)) return found.flat();
    if (performance.now() > giveUpAt) {
      const missing = instances.filter((_instance, index) => found[index]?.length === 0);
      throw new Error(
        `${missing.length} of ${instances.length} alerts are not on record: ${missing.slice(0, 3).join(', ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
