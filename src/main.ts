import { activities } from './activities';
import { orRecordAway } from './activities/record-away';
import { openToolbox } from './composition';
import {
  registerActivity,
  registerDoor,
  registerEventDoor,
  registerOrchestrator,
  registerUpkeep,
  type Door,
} from './orchestrators/durable';
import { lookByRecoveryVm } from './orchestrators/look-by-recovery-vm';
import { mendOnCopy } from './orchestrators/mend-on-copy';
import { repair } from './orchestrators/repair';
import { repairVm } from './orchestrators/repair-vm';
import { rollBack } from './orchestrators/roll-back';
import { untilDone } from './orchestrators/until-done';
import { isUnreadable } from './ledger/readable-rows';
import { SettingsError } from './settings';
import { logTo } from './telemetry/log';
import type { Tools } from './activities/toolbox';
import { isRecordAway } from './record-away';
import { answerAlert } from './triggers/alerts';
import { problem } from './triggers/answers';
import { cancelRepair } from './triggers/cancel-repair';
import { doAll } from './triggers/do-all';
import { findAlerts } from './triggers/find-alerts';
import { takeHealthEvent } from './triggers/health-events';
import { healthDoor } from './triggers/health';
import { listRepairs } from './triggers/list-repairs';
import { listSignals } from './triggers/list-signals';
import { requestRepair } from './triggers/request-repair';
import { requestRollback } from './triggers/request-rollback';
import { retryLookups } from './triggers/retry-lookups';
import { purgeEnded } from './triggers/purge-ended';
import { reviveRepairs } from './triggers/revive-repairs';
import { showKept } from './triggers/show-kept';
import { showRepair } from './triggers/show-repair';
import { startFollowUps } from './triggers/start-follow-ups';
import { sweepExpired } from './triggers/sweep-expired';
import { takeInParked } from './triggers/take-in-parked';

/** The one entry file: names everything that is deployed. Names of orchestrators and activities, once released, stay. */

type Sink = Parameters<typeof logTo>[0];

async function toolsFor(sink: Sink): Promise<Tools> {
  return { ...(await openToolbox()), log: logTo(sink) };
}

/** A door that cannot answer says so. */
function guarded(handler: Door['handler'], status: 500 | 503): Door['handler'] {
  return async (request, context, starter) => {
    try {
      return await handler(request, context, starter);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      logTo(context)('doorFault', { name: fault.name, message: fault.message.slice(0, 500) });
      if (isUnreadable(error)) return problem(500, 'record-unreadable', error.message);
      const known = fault instanceof SettingsError;
      return problem(
        status,
        known ? 'settings' : 'fault',
        known ? fault.message : 'The ledger or Azure could not be reached.',
      );
    }
  };
}

for (const [name, activity] of Object.entries(activities)) {
  registerActivity(name, async (input, context) => {
    const answer = await orRecordAway(async () => activity(await toolsFor(context), input));
    if (isRecordAway(answer)) logTo(context)('recordAway', { activity: name, reason: answer.reason.slice(0, 500) });
    return answer;
  });
}

registerOrchestrator('repairVm', repairVm);
registerOrchestrator('repair', repair);
registerOrchestrator('lookByRecoveryVm', lookByRecoveryVm);
registerOrchestrator('mendOnCopy', mendOnCopy);
registerOrchestrator('rollBack', rollBack);
registerOrchestrator('untilDone', untilDone);

const health = healthDoor(openToolbox);

const doors: Door[] = [
  {
    name: 'alert',
    methods: ['POST'],
    route: 'alerts',
    authLevel: 'function',
    handler: async (request, context, starter) => answerAlert(await toolsFor(context), starter, request),
  },
  {
    name: 'requestRepair',
    methods: ['POST'],
    route: 'repairs',
    authLevel: 'function',
    handler: async (request, context, starter) => requestRepair(await toolsFor(context), starter, request),
  },
  {
    name: 'listRepairs',
    methods: ['GET'],
    route: 'repairs',
    authLevel: 'function',
    handler: async (request, context) => listRepairs(await toolsFor(context), request),
  },
  {
    name: 'listSignals',
    methods: ['GET'],
    route: 'signals',
    authLevel: 'function',
    handler: async (request, context) => listSignals(await toolsFor(context), request),
  },
  {
    name: 'showRepair',
    methods: ['GET'],
    route: 'repairs/{repairId}',
    authLevel: 'function',
    handler: async (request, context) => showRepair(await toolsFor(context), request),
  },
  {
    name: 'cancelRepair',
    methods: ['POST'],
    route: 'repairs/{repairId}/cancel',
    authLevel: 'function',
    handler: async (request, context) => cancelRepair(await toolsFor(context), request),
  },
  {
    name: 'requestRollback',
    methods: ['POST'],
    route: 'repairs/{repairId}/rollback',
    authLevel: 'function',
    handler: async (request, context, starter) => requestRollback(await toolsFor(context), starter, request),
  },
  {
    name: 'showKept',
    methods: ['GET'],
    route: 'kept',
    authLevel: 'function',
    handler: async (_request, context) => showKept(await toolsFor(context)),
  },
  {
    name: 'health',
    methods: ['GET'],
    route: 'health',
    authLevel: 'anonymous',
    handler: (_request, context, starter) => health(starter, logTo(context)),
  },
];
// An action group sends an alert again that was answered with 503, and not one that was answered with 500.
for (const door of doors) {
  registerDoor({ ...door, handler: guarded(door.handler, door.name === 'alert' ? 503 : 500) });
}

registerEventDoor('vmHealthEvent', async (event, context, starter) => {
  await takeHealthEvent(await toolsFor(context), starter, event);
});

registerUpkeep('takeInSignals', '30 * * * * *', async (starter, context) => {
  const tools = await toolsFor(context);
  await doAll([
    () => takeInParked(tools, starter),
    () => retryLookups(tools, starter),
    () => startFollowUps(tools, starter),
  ]);
});

registerUpkeep('reviveRepairs', '0 */5 * * * *', async (starter, context) => {
  const tools = await toolsFor(context);
  await doAll([() => reviveRepairs(tools, starter), () => findAlerts(tools, starter)]);
});

// Once a day: what is old is not in a hurry.
registerUpkeep('purgeEnded', '0 47 2 * * *', async (_starter, context, purgeHistories) => {
  await purgeEnded(await toolsFor(context), purgeHistories);
});

// Not on the hour, when everybody else's timers ask Azure.
registerUpkeep('sweepExpired', '0 23 * * * *', async (_starter, context) => {
  await sweepExpired(await toolsFor(context));
});
