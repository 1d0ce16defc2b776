/** Loads an app into this process and collects what it registers. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { noWatch } from '../deeds';
import { messageOf, type Log } from '../log';
import { collectRegistrations, type AppRegistrations } from './functions-core';
import { hostLogLevel, runHooks } from './invocation';
import { requireAnew } from './require-hook';
import { watchedNetwork, type Network } from './watched-network';

/** An entry file, or a function that registers with the libraries. */
export type App = string | (() => void | Promise<void>);

const supportedTriggers = [
  'httptrigger',
  'timertrigger',
  'eventgridtrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
];

interface LoadedApp {
  registrations: AppRegistrations;
  /** What the app threw; then nothing is registered, as with the real host. */
  error?: string;
}

/** Never rejects: an app that cannot be loaded leaves a host without functions. A CommonJS file is loaded anew each time. */
export async function loadApp(app: App, log: Log, network = watchedNetwork(noWatch)): Promise<LoadedApp> {
  const systemLog: AppRegistrations['systemLog'] = (level, message) => log(hostLogLevel(level), message);
  try {
    const registrations = await collectRegistrations(
      systemLog,
      typeof app === 'string' ? () => load(app, network) : app,
    );
    await runHooks(registrations, 'appStart', {
      functionAppDirectory: typeof app === 'string' ? path.dirname(path.resolve(app)) : process.cwd(),
      hookData: {},
      appHookData: registrations.appHookData,
    });
    warnOfUnsupported(registrations, log);
    return { registrations };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log('error', `The app could not be loaded, so there are no functions: ${text}`);
    const registrations = await collectRegistrations(systemLog, () => undefined);
    return { registrations, error: messageOf(error) };
  }
}

async function load(entry: string, network: Network): Promise<void> {
  const file = path.resolve(entry);
  if (file.endsWith('.mjs')) await import(pathToFileURL(file).href);
  else requireAnew(file, network);
}

function warnOfUnsupported({ functions }: AppRegistrations, log: Log): void {
  for (const [name, { metadata }] of functions) {
    for (const { type, direction } of Object.values(metadata.bindings)) {
      const known = [...supportedTriggers, 'durableclient', 'orchestrationclient', 'http'];
      if (known.includes(type?.toLowerCase() ?? '')) continue;
      log(
        'warn',
        `Function '${name}': the embedded host does nothing for its ${direction ?? ''} binding '${type ?? ''}'.`,
      );
    }
  }
}
