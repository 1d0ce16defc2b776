import { z } from 'zod';
import { parseVirtualMachineId } from '../azure/resource-id';
import { shortHash } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { isOtherState } from './alert-meaning';
import { inCanonicalSpelling } from './key-spelling';
import { readTime } from './read-time';

/**
 * Events of Azure Resource Notifications on the health of resources, in the CloudEvents 1.0 schema and in Event Grid's own:
 * lenient in reading, strict in acting.
 * https://learn.microsoft.com/azure/event-grid/event-schema-health-resources
 */
const text = z.string().max(2048).nullish().catch(null);
const propertiesSchema = z.object({
  targetResourceId: text,
  occurredTime: text,
  availabilityState: text,
  previousAvailabilityState: text,
  annotationName: text,
  context: text,
});
const healthEvent = z.object({
  id: z.string().min(1).max(1024),
  // CloudEvents say `type`, Event Grid's own schema says `eventType`.
  type: text,
  eventType: text,
  subject: text,
  data: z
    .object({
      resourceInfo: z
        .object({
          properties: z
            .preprocess((value) => inCanonicalSpelling(value, Object.keys(propertiesSchema.shape)), propertiesSchema)
            .nullish()
            .catch(null),
        })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});

const family = 'microsoft.resourcenotifications.healthresources.';

/** What an event says, as far as we use it. */
export interface HealthEventReading {
  key: string;
  title: string;
  facts: Record<string, string>;
  /** Lower-cased ARM id of the machine, if it is about one. */
  vmId?: string;
  meaning: HealthMeaning;
  /** When it happened (ISO 8601), if that can be read. */
  occurredAt?: string;
}

/** `nothing`: neither a reason to look nor one to stop. */
type HealthMeaning = 'unavailable' | 'available' | 'asked-for' | 'nothing' | { ignored: IgnoredSignal };

/** Reads one event. Gives undefined for what is none. */
export function readHealthEvent(event: unknown): HealthEventReading | undefined {
  const parsed = healthEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const { id, subject, data } = parsed.data;
  const type = parsed.data.type ?? parsed.data.eventType ?? '';
  const said = data?.resourceInfo?.properties ?? undefined;
  const target = said?.targetResourceId ?? subject ?? '';
  return {
    key: shortHash(`health-event\n${id}`, 40),
    title: titleOf(type, said),
    facts: factsOf({ eventId: id, eventType: type, ...said }),
    vmId: parseVirtualMachineId(target) === undefined ? undefined : target.toLowerCase(),
    meaning: meaningOf(type.toLowerCase(), said),
    occurredAt: readTime(said?.occurredTime),
  };
}

type Said = z.infer<typeof propertiesSchema> | undefined;

function meaningOf(type: string, said: Said): HealthMeaning {
  if (type === `${family}availabilitystatuschanged`) return stateOf(said);
  if (type !== `${family}resourceannotated`) {
    return { ignored: { code: 'event-not-handled', reason: 'Only events on the health of resources are handled.' } };
  }
  // Who caused it: https://learn.microsoft.com/azure/service-health/resource-health-vm-annotation
  return said?.context?.toLowerCase() === 'customer initiated' ? 'asked-for' : 'nothing';
}

/** An event that repeats a state, or does not tell the one before, says of "available" nothing new. */
function stateOf(said: Said): HealthMeaning {
  const state = said?.availabilityState?.toLowerCase();
  if (state === 'unavailable') return 'unavailable';
  return state === 'available' && isOtherState(said?.previousAvailabilityState, state) ? 'available' : 'nothing';
}

function titleOf(type: string, said: Said): string {
  const what = said?.annotationName ?? said?.availabilityState ?? type.split('.').at(-1) ?? '';
  return `Resource Health: ${what}`.slice(0, 200);
}

function factsOf(facts: Record<string, string | null | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (typeof value !== 'string' ? [] : [[name, value.slice(0, 500)]])),
  );
}
