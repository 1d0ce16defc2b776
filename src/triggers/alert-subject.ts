import { z } from 'zod';
import { parseVirtualMachineId } from '../azure/resource-id';
import { inCanonicalSpelling } from './key-spelling';

/**
 * Which machine an alert is about. Each kind of alert says it in another place: a metric alert among its targets, a log
 * search alert in a dimension, a Connection Monitor alert in the dimensions of the destination only.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples
 */

/** What an alert names. `ids` are lower-cased ARM ids of virtual machines; `names` are for want of an id. */
export interface AlertSubject {
  ids: string[];
  names: string[];
}

/** What of an alert's context is looked at; whatever is not as expected is left out, never refused. */
const dimension = spelt(z.object({ name: z.string(), value: z.string() }));
const dimensions = lenientList(dimension);
const criterion = spelt(z.object({ metricNamespace: z.string().nullish().catch(null), dimensions }));
const context = spelt(
  z.object({
    condition: spelt(z.object({ allOf: lenientList(criterion) }))
      .nullish()
      .catch(null),
    // Log search alerts of the old kind (V1) have them here.
    dimensions,
  }),
);

type Dimension = z.infer<typeof dimension>;

/** The same, whatever the case of its keys. */
function spelt<T extends z.ZodObject>(schema: T) {
  return z.preprocess((value) => inCanonicalSpelling(value, Object.keys(schema.shape)), schema);
}

/** The items of a list that are as expected; none if it is no list. */
function lenientList<T>(item: z.ZodType<T>) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((given) => {
        const parsed = item.safeParse(given);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

// The metric's own dimensions: https://learn.microsoft.com/azure/network-watcher/connection-monitor-overview#metrics-in-azure-monitor
const connectionMonitors = 'microsoft.network/networkwatchers/connectionmonitors';
const destination = { id: ['destinationresourceid'], name: ['destinationname'] };
// The columns by which a log search alert is split by resource, and the dimensions of metrics over several resources:
// https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema (configurationItems)
const resource = {
  id: ['_resourceid', 'resourceid', 'resource', 'microsoft.resourceid', 'destinationresourceid'],
  name: ['computer'],
};

/** The machine, or machines, that an alert is about. */
export function alertSubject(essentials: AlertPlaces, alertContext: unknown): AlertSubject {
  const parsed = context.safeParse(alertContext);
  const { condition, dimensions: old = [] } = parsed.success ? parsed.data : {};
  const said = (condition?.allOf ?? []).map((one) => readDimensions(one.dimensions, one.metricNamespace));
  said.push(readDimensions(old, undefined));
  const isLog = essentials.signalType?.toLowerCase() === 'log';
  const items = essentials.configurationItems ?? [];
  const ids = [
    ...said.flatMap((one) => one.ids),
    ...(essentials.alertTargetIDs ?? []).flatMap(virtualMachineId),
    ...items.flatMap(virtualMachineId),
  ];
  // A metric alert's configuration item is the name of its target, whatever kind of thing that is; a log search alert's
  // is taken from a column that names a machine.
  const names = [...said.flatMap((one) => one.names), ...(isLog ? items.flatMap(machineName) : [])];
  return { ids: [...new Set(ids)], names: ids.length > 0 ? [] : [...new Set(names)] };
}

/** Where the essentials may name a machine. */
export interface AlertPlaces {
  signalType?: string | null;
  alertTargetIDs?: string[] | null;
  configurationItems?: string[] | null;
}

function readDimensions(given: Dimension[], metricNamespace: string | null | undefined): AlertSubject {
  // A connection has two ends, and only the one that does not answer is to be repaired.
  const places = metricNamespace?.toLowerCase() === connectionMonitors ? destination : resource;
  const valuesOf = (names: readonly string[]) =>
    given.filter(({ name }) => names.includes(name.toLowerCase())).map(({ value }) => value);
  return {
    ids: valuesOf(places.id).flatMap(virtualMachineId),
    names: valuesOf(places.name).flatMap(machineName),
  };
}

function virtualMachineId(text: string): string[] {
  return parseVirtualMachineId(text) === undefined ? [] : [text.toLowerCase()];
}

// The rules of a virtual machine's name (src/azure/resource-id.ts); a computer's name within them, domain and all.
const name = /^[a-z0-9_](?:[a-z0-9_.-]{0,253}[a-z0-9_-])?$/;

function machineName(text: string): string[] {
  const lowered = text.toLowerCase();
  return name.test(lowered) && !lowersToAscii.test(text) ? [lowered] : [];
}

// The Kelvin sign becomes an ordinary k in lower case: it would name another machine.
const lowersToAscii = /[\u0130\u212a]/;
