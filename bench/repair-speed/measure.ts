/**
 * Measures one repair of one VM of the simulated fleet in virtual time: the deployed orchestrators and activities, and the
 * real adapter against the simulated Azure over HTTPS; the ledger is in memory. A process of its own, because time is
 * virtual in all of it: `node bench/repair-speed/measure.cjs <vm> <made, made-first, standing or none> <ms of a hop> [<ms between two looks>]`.
 * Prints one line of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRequireHook } from '../../local/host/worker/require-hook';
import { playCleanUp, playStory } from './durable-engine';
import type { Measured } from './measured';
import { helpers, openStage, type Helper } from './stage';
import { beginVirtualTime } from './virtual-time';

interface Order {
  vm: string;
  helper: Helper;
  hopMs: number;
  everyMs: number | undefined;
}

async function main({ vm, helper, hopMs, everyMs }: Order): Promise<Measured> {
  installRequireHook();
  const stateFolder = mkdtempSync(join(tmpdir(), 'bench-repair-'));
  const realNow = Date.now();
  const time = beginVirtualTime();
  try {
    const { tools, about, calls, tokens } = await openStage({
      ...{ stateFolder, vm, realNow, helper },
      // The floor looks all the time, which no Azure would allow.
      isUnlimited: everyMs !== undefined,
    });
    const from = time.now();
    const { result, spans } = await time.passUntil(playStory({ time, tools, hopMs, everyMs }, about));
    const since = spans.map((span) => ({ ...span, from: span.from - from, to: span.to - from }));
    const conclusion = result as Measured['conclusion'];
    const measured = { vm, conclusion, ms: time.now() - from, calls: calls(), spans: since };
    await time.passUntil(playCleanUp({ time, tools, hopMs, everyMs }, { ...about, conclusion }));
    return { ...measured, tokens: tokens() };
  } finally {
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

const [vm = '', wanted = '', hopMs = '', everyMs] = process.argv.slice(2);
main({
  vm,
  helper: helpers.find((one) => one === wanted) ?? 'none',
  hopMs: Number(hopMs),
  everyMs: everyMs === undefined ? undefined : Number(everyMs),
}).then(
  (measured) => {
    process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
