/**
 * host.json: the settings that this host honours. Everything else in the file is ignored, as it concerns Azure.
 * Reference: https://learn.microsoft.com/azure/azure-functions/functions-host-json and
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

/** `d.hh:mm:ss` or `hh:mm:ss`, in ms; `-1` means without end. */
const timeSpan = z.string().transform((text, context) => {
  if (text === '-1') return Infinity;
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
  if (match) {
    const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
    ];
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
  context.addIssue({ code: 'custom', message: `'${text}' is no time span such as 00:05:00` });
  return z.NEVER;
});

// Ten per processor is the extension's default outside of the Consumption plan.
const perProcessor = 10 * availableParallelism();

/**
 * For how long a message stays invisible that a host has taken, in ms. The extension refuses what is not within 1 and 60 minutes:
 * Azure/azure-functions-durable-extension:src/WebJobs.Extensions.DurableTask/Options/AzureStorageOptions.cs (Validate). For the queue of
 * work items it checks nothing, as read there; Azure Storage's own bound is 7 days. It is held to the same here.
 */
const visibilityTimeout = timeSpan
  .refine((ms) => ms >= 60_000 && ms <= 60 * 60_000, { message: 'must be between 1 and 60 minutes' })
  .prefault('00:05:00');

const storageProvider = z.object({
  controlQueueVisibilityTimeout: visibilityTimeout,
  workItemQueueVisibilityTimeout: visibilityTimeout,
  maxQueuePollingInterval: timeSpan
    .refine((ms) => ms > 0, { message: 'must be more than nothing' })
    .prefault('00:00:30'),
});

const durableTask = z.object({
  // A name that stays unresolved would spoil the links; the real host refuses to start with it.
  hubName: z
    .string()
    .default('TestHubName')
    .transform((name) => (name.includes('%') ? 'TestHubName' : name)),
  defaultVersion: z.string().optional(),
  versionMatchStrategy: z.enum(['None', 'Strict', 'CurrentOrOlder']).default('CurrentOrOlder'),
  versionFailureStrategy: z.enum(['Reject', 'Fail']).default('Reject'),
  maxConcurrentActivityFunctions: z.number().int().positive().default(perProcessor),
  maxConcurrentOrchestratorFunctions: z.number().int().positive().default(perProcessor),
  storageProvider: storageProvider.prefault({}),
  useGracefulShutdown: z.boolean().default(false),
  overridableExistingInstanceStates: z.enum(['NonRunningStates', 'AnyState']).default('NonRunningStates'),
});

const hostJson = z.object({
  functionTimeout: timeSpan.default(Infinity),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      durableTask: durableTask.prefault({}),
    })
    .prefault({}),
});

export type DurableSettings = z.output<typeof durableTask>;

export interface HostSettings {
  /** In ms; Infinity when there is none. */
  functionTimeout: number;
  /** Without slashes at its ends; may be empty. */
  routePrefix: string;
  durable: DurableSettings;
}

/** Reads the settings from the parsed content of a host.json. Throws, naming every setting that is not understood. */
export function parseHostJson(content: unknown): HostSettings {
  const result = hostJson.safeParse(resolveAppSettings(content ?? {}));
  if (!result.success) throw new Error(`host.json is not understood:\n${z.prettifyError(result.error)}`);
  const { functionTimeout, extensions } = result.data;
  return {
    functionTimeout,
    routePrefix: extensions.http.routePrefix.replace(/^\/+|\/+$/g, ''),
    durable: extensions.durableTask,
  };
}

/** Reads and parses a host.json. Throws when it cannot be read or is no JSON. */
export function readHostJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** The nearest host.json in the folder of `entry` or above it, as the app's root is not told otherwise. */
export function findHostJson(entry: string): string | undefined {
  for (let folder = path.dirname(path.resolve(entry)); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'host.json');
    if (existsSync(file)) return file;
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** Replaces `%NAME%` in every text by the app setting (environment variable) of that name; unknown names stay. */
export function resolveAppSettings<T>(value: T): T {
  if (typeof value === 'string') {
    return value.replace(/%([^%\s]+)%/g, (whole, name: string) => process.env[name] ?? whole) as T;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => resolveAppSettings(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveAppSettings(item as unknown)]),
  ) as T;
}
