import type { HttpResponseInit } from '@azure/functions';
import { readKillSwitch } from '../activities/authorise';
import type { OpenToolbox, Toolbox } from '../activities/toolbox';
import { LedgerFault } from '../ledger/errors';
import { isUnreadable } from '../ledger/readable-rows';
import type { RepairStarter } from '../orchestrators/durable';
import { SettingsError } from '../settings';
import { signatures } from '../signatures';
import type { Log } from '../telemetry/log';
import { json } from './answers';

/** Why a check failed, and what to do: static texts, because anybody may read them. */
const advices = {
  settings: 'Mend the app settings that the reason names.',
  unreachable:
    'The storage account does not answer: look at its network rules, its address in the settings, and its health.',
  late: 'It did not answer in time: ask again; if it stays so, look at the health of the storage account.',
  forbidden:
    'The storage account refuses the app’s identity: give it back its roles for tables, blobs and queues (docs/deploy.md).',
  missing:
    'A table or a container was deleted: restart the app, which creates what is missing, and look who deletes it.',
  unreadable: 'A row is not readable: GET /api/repairs, /api/kept and the log (event 409) name it.',
  refused: 'The storage refused it: the log (event 502) has its code.',
  'engine-silent':
    'The Functions host’s own storage, or its Durable Task extension, does not answer: look at AzureWebJobsStorage.',
} as const;

export type HealthCode = keyof typeof advices;

/** What a check needs. */
interface Checked {
  toolbox: Toolbox;
  starter: RepairStarter;
}

/** What a check has seen by the way. */
interface Seen {
  /** How many rows it has skipped because they cannot be read. */
  unreadableRows?: number;
  killSwitch?: 'on' | 'off';
}

interface Check {
  name: string;
  /** Throws where it does not work. */
  run: (checked: Checked) => Promise<Seen>;
  /** The code of a fault that is none of the ledger. */
  otherwise?: HealthCode;
}

/**
 * Everything that a repair needs, each by a call like those that a repair makes. A queue, or another store, that the app comes to need is
 * checked by one more entry.
 */
const checks: readonly Check[] = [
  { name: 'tables', run: ({ toolbox }) => toolbox.ledger.writeAndReadRows().then(nothingMore) },
  { name: 'blobs', run: ({ toolbox }) => toolbox.ledger.writeAndReadBlob().then(nothingMore) },
  { name: 'leases', run: async ({ toolbox }) => skippedIn(await toolbox.ledger.listLeases()) },
  {
    name: 'repairs',
    run: async ({ toolbox }) => skippedIn(await toolbox.ledger.listRepairs({ pageSize: newestLookedAt })),
  },
  {
    name: 'kill-switch',
    run: async ({ toolbox }) => ({ killSwitch: (await readKillSwitch(toolbox)) === undefined ? 'off' : 'on' }),
  },
  {
    name: 'parked-signals',
    run: async ({ toolbox }) => {
      await toolbox.parkedSignals?.check();
      return {};
    },
  },
  // Of an instance that nobody starts: what is asked is whether the engine answers.
  {
    name: 'durable-engine',
    run: ({ starter }) => starter.look('health').then(nothingMore),
    otherwise: 'engine-silent',
  },
];

const newestLookedAt = 100;

function nothingMore(): Seen {
  return {};
}

function skippedIn({ unreadable }: { unreadable: readonly unknown[] }): Seen {
  return unreadable.length === 0 ? {} : { unreadableRows: unreadable.length };
}

type Finding = ({ name: string; status: 'ok' } & Seen) | { name: string; status: 'failed'; code: HealthCode };

/** How the door keeps from being a way to load the store: nobody needs a key for it. */
interface HealthOptions {
  /** How long all checks may take together (ms). */
  deadlineMs?: number;
  /** How long an answer is given again (ms). */
  keptMs?: number;
  now?: () => number;
}

interface Answer {
  status: number;
  body: unknown;
}

/**
 * `GET /api/health`: whether what repairs need works: settings, every table and the blobs (written and read), the leases, the durable engine;
 * and whether the brakes are off. 503 if not, with a code for each check. `degraded` with 200: all works, and some rows cannot be read, so that
 * whoever they are about is left alone. Anybody may read it, so it names wrong settings, never their values, and nothing of the fleet.
 * One round of checks at a time, whose answer stands for some seconds.
 */
export function healthDoor(
  openToolbox: OpenToolbox,
  { deadlineMs = 5_000, keptMs = 10_000, now = performance.now.bind(performance) }: HealthOptions = {},
): (starter: RepairStarter, log: Log) => Promise<HttpResponseInit> {
  let last: { answer: Promise<Answer>; at: number } | undefined;
  let isUnderWay = false;

  function begin(starter: RepairStarter, log: Log): Promise<Answer> {
    isUnderWay = true;
    const calls: Promise<unknown>[] = [];
    const answer = look({ openToolbox, starter, log, deadlineMs, calls });
    // Calls that are late go on until their own deadlines: until then no others are made.
    void answer.then(() => Promise.allSettled(calls)).finally(() => (isUnderWay = false));
    return answer;
  }

  return async (starter, log) => {
    if (last === undefined || (!isUnderWay && now() - last.at >= keptMs))
      last = { answer: begin(starter, log), at: now() };
    const { status, body } = await last.answer;
    return json(status, body);
  };
}

interface Look {
  openToolbox: OpenToolbox;
  starter: RepairStarter;
  log: Log;
  deadlineMs: number;
  /** Everything that was begun is put here. */
  calls: Promise<unknown>[];
}

async function look(given: Look): Promise<Answer> {
  const { starter, log, calls } = given;
  const deadline = deadlineIn(given.deadlineMs);
  try {
    const opening = given.openToolbox();
    calls.push(opening);
    const toolbox = await Promise.race([opening, deadline.passed]);
    const findings = await Promise.all(
      checks.map(async (check): Promise<Finding> => {
        const call = check.run({ toolbox, starter });
        calls.push(call);
        try {
          return { name: check.name, status: 'ok', ...(await Promise.race([call, deadline.passed])) };
        } catch (error) {
          return failed(log, check.name, codeOf(error, check.otherwise), error);
        }
      }),
    );
    return answerOf(findings);
  } catch (error) {
    const code = codeOf(error);
    const finding = failed(log, error instanceof SettingsError ? 'settings' : 'ledger', code, error);
    return unhealthy([finding], error instanceof SettingsError ? error.message : undefined);
  } finally {
    deadline.end();
  }
}

function failed(log: Log, name: string, code: HealthCode, error: unknown): Extract<Finding, { status: 'failed' }> {
  const message = error instanceof Error ? error.message.slice(0, 500) : undefined;
  log('healthCheckFailed', { check: name, code, message: error instanceof SettingsError ? undefined : message });
  return { name, status: 'failed', code };
}

function answerOf(findings: readonly Finding[]): Answer {
  if (findings.some(({ status }) => status === 'failed')) return unhealthy(findings);
  const unreadableRows = findings.reduce((sum, one) => sum + (one.status === 'ok' ? (one.unreadableRows ?? 0) : 0), 0);
  const body = {
    status: unreadableRows === 0 ? 'healthy' : 'degraded',
    ledger: 'reachable',
    killSwitch: findings.some((one) => one.status === 'ok' && one.killSwitch === 'on') ? 'on' : 'off',
    ...(unreadableRows === 0 ? {} : { unreadableRows, advice: advices.unreadable }),
    checks: findings.map(told),
    signatures: signatures.map(({ id }) => id),
  };
  return { status: 200, body };
}

function unhealthy(findings: readonly Finding[], reason?: string): Answer {
  const names = findings.flatMap((one) => (one.status === 'failed' ? [`${one.name} (${one.code})`] : []));
  const body = {
    status: 'unhealthy',
    reason: reason ?? `What repairs need does not work: ${names.join(', ')}.`,
    checks: findings.map(told),
  };
  return { status: 503, body };
}

function told(finding: Finding) {
  const { name, status } = finding;
  if (finding.status === 'failed') return { ...finding, advice: advices[finding.code] };
  const { unreadableRows } = finding;
  return { name, status, ...(unreadableRows === undefined ? {} : { unreadableRows }) };
}

/** Thrown when the time for all checks is over. */
class Late extends Error {}

function deadlineIn(ms: number): { passed: Promise<never>; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Late()), ms);
  });
  passed.catch(() => undefined);
  return { passed, end: () => clearTimeout(timer) };
}

function codeOf(error: unknown, otherwise: HealthCode = 'unreachable'): HealthCode {
  if (error instanceof SettingsError) return 'settings';
  if (error instanceof Late) return 'late';
  if (isUnreadable(error)) return 'unreadable';
  if (!(error instanceof LedgerFault)) return otherwise;
  const { code = '' } = error;
  if (forbidding.has(code)) return 'forbidden';
  if (code === 'TableNotFound' || code === 'ContainerNotFound') return 'missing';
  return code === '' || /^[A-Z_]+$/.test(code) ? 'unreachable' : 'refused';
}

/** https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes: those of 403, and of an identity that has no token. */
const forbidding: ReadonlySet<string> = new Set([
  'AccountIsDisabled',
  'AuthenticationFailed',
  'AuthorizationFailure',
  'AuthorizationPermissionMismatch',
  'AuthorizationServiceMismatch',
  'InsufficientAccountPermissions',
  'InvalidAuthenticationInfo',
  'KeyBasedAuthenticationNotPermitted',
  'NoAuthenticationInformation',
  'PublicAccessNotPermitted',
]);
