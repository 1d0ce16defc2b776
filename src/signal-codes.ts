import { z } from 'zod';

/**
 * Why a signal started nothing: one table, from which the type, the ledger's schema and the table of docs/operate.md are derived.
 * These are no outcome codes: no repair ended, because none began. They stand in records: once released, none is renamed.
 */

/** What a code stands for. */
interface SignalEntry {
  meaning: string;
  advice: string;
}

export const ignoredSignals = {
  'rule-not-listed': {
    meaning: 'The alert’s rule is not in `ALERT_RULE_IDS`, and it has no custom property `rdp-lifeline`.',
    advice: 'Add one of the two, if the rule is meant for us.',
  },
  'test-notification': { meaning: 'Somebody pressed "Test action group": it arrived.', advice: 'Nothing.' },
  'service-not-handled': {
    meaning: 'An alert of a service that never tells of one machine: Service Health, budgets, policy.',
    advice: 'Take the action group out of that rule.',
  },
  'user-initiated': {
    meaning: 'The VM is unavailable because somebody stopped or restarted it.',
    advice: 'Nothing, if they meant it.',
  },
  'no-change': {
    meaning: 'Resource Health says "available", and not that the VM was anything else before.',
    advice: 'Nothing.',
  },
  'cancelled-since': {
    meaning: 'It tells of what happened before a person cancelled a repair of the VM.',
    advice: 'Ask for a repair if one is wanted after all.',
  },
  'event-not-handled': {
    meaning: 'An Event Grid event that is not on the health of resources.',
    advice: 'Narrow the event subscription.',
  },
  'event-too-old': {
    meaning: 'An Event Grid event of what happened more than an hour ago.',
    advice: 'Ask for a repair if the VM is still out of reach.',
  },
  'not-unavailable': {
    meaning: 'Resource Health calls the VM degraded or unknown, which is no reason to look inside.',
    advice: 'Ask for a repair if RDP does not reach it.',
  },
  'not-opted-in': {
    meaning: 'An event about a VM without the tag `rdp-lifeline`, for which no alert rule asks.',
    advice: 'Tag it, if we may look at it.',
  },
  'permission-missing': {
    meaning: 'No role lets us read the VM.',
    advice: '[Grant the action](deploy.md) that the reason names.',
  },
  'azure-rejected': {
    meaning: 'Azure refused to show the VM; the reason quotes it.',
    advice: 'Remove what the reason names.',
  },
  'lookup-failed': {
    meaning:
      'The alert has only a VM’s name, and Resource Graph refused to say whose it is; or Azure was busy for an hour.',
    advice: 'Split the rule by a column of resource ids, or grant the right to read.',
  },
  'no-virtual-machine': {
    meaning: 'Neither the alert’s targets nor its dimensions name a VM.',
    advice: 'Split the rule by a column of resource ids.',
  },
  'several-virtual-machines': {
    meaning: 'The alert names several VMs, or several have the name.',
    advice: 'Split the rule by a column of resource ids.',
  },
  'vm-not-found': {
    meaning: 'Azure does not know the VM, or no VM that we may see has the name.',
    advice: 'Look whether it was deleted, and whether we may see its subscription.',
  },
  'resolved-without-repair': {
    meaning: 'The alert was resolved, and no repair of that VM runs or is begun for it.',
    advice: 'Nothing.',
  },
  'subscription-not-allowed': {
    meaning: 'The VM’s subscription is not in `ALLOWED_SUBSCRIPTIONS`.',
    advice: 'Add it, if we may work there.',
  },
  'unknown-schema': {
    meaning: 'The body is not in the common alert schema, or the event in none of Event Grid’s.',
    advice: 'Turn the common alert schema on in the action group.',
  },
  'malformed-json': { meaning: 'The body is no JSON.', advice: 'Look at what sends it.' },
  'body-too-large': {
    meaning: 'The body is larger than Azure Monitor sends.',
    advice: 'Look at what sends it.',
  },
  'invalid-request': {
    meaning: 'A person’s request that names no VM, an unknown mode, or no moment for a rollback.',
    advice: 'Correct what the answer names and send it again.',
  },
} as const satisfies Record<string, SignalEntry>;

export type SignalCode = keyof typeof ignoredSignals;

/** A code that is read back from a record. */
export const signalCode = z.enum(Object.keys(ignoredSignals) as SignalCode[], 'is no code of a signal');

/** Why a signal starts nothing: the code, and a sentence for people. */
export interface IgnoredSignal {
  code: SignalCode;
  reason: string;
}
