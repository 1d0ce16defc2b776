/**
 * A process that runs one embedded host after another, so that a host can die and come back in the time that loading the
 * app takes. A death is `crash()` of the host: its database is closed in the middle of what it does, its requests and
 * connections are cut, its code hears of nothing any more; the next host loads the app anew. What a real process would
 * lose beyond that, the sweep by SIGKILL shows.
 */
import { installClock } from '../../../../local/clock';

// Local time must rule before the app's libraries take hold of Date, so all else is loaded after this line.
installClock();

import type { Host } from '../../../../local/host';
import type { CrashPoint, CrashSwitch } from '../../../../local/host/crash-point';

/** What the process is told. */
export type Order =
  | { kind: 'start'; app: string; hostJsonFile: string; stateFolder: string; inexactTimers: number }
  /** From now on deeds are counted; the host dies at the point if there is one. */
  | { kind: 'set'; point?: CrashPoint }
  | { kind: 'tell-deeds' };

/** What it says. */
export type News =
  | { kind: 'up' }
  | { kind: 'started'; url: string }
  | { kind: 'died' }
  /** Everything that was done since the last `set`. */
  | { kind: 'deeds'; deeds: string[] };

let host: Host | undefined;
let crash: CrashSwitch | undefined;
let deeds: string[] = [];

async function start({
  app,
  stateFolder,
  hostJsonFile,
  inexactTimers,
}: Extract<Order, { kind: 'start' }>): Promise<void> {
  const { startHost } = await import('../../../../local/host/index.js');
  const { crashSwitch } = await import('../../../../local/host/crash-point.js');
  const { readHostJson } = await import('../../../../local/host/host-json.js');
  const { set, watch } = crashSwitch(die);
  crash = { set, watch };
  host = await startHost({
    ...{ app, stateFolder, port: 0, hostJson: readHostJson(hostJsonFile), inexactTimers },
    watch(when, deed) {
      if (when === 'after') deeds.push(deed);
      watch(when, deed);
    },
  });
  if (host.error) throw new Error(`The app could not be loaded: ${host.error}`);
  say({ kind: 'started', url: host.url });
}

function die(): void {
  host?.crash();
  say({ kind: 'died' });
}

function obey(order: Order): void {
  switch (order.kind) {
    case 'start':
      start(order).catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
      return;
    case 'set':
      deeds = [];
      crash?.set(order.point);
      return;
    case 'tell-deeds':
      say({ kind: 'deeds', deeds });
  }
}

function say(news: News): void {
  process.send?.(news);
}

process.on('message', obey);
process.on('disconnect', () => process.exit(0));
say({ kind: 'up' });
