import { z } from 'zod';
import { parseSubnetId } from './azure/network-id';
import { parseVirtualMachineId } from './azure/resource-id';
import { readTags, type Tags } from './resource-tags';

/**
 * The app's settings: the environment, read once. Every variable is listed here, with its default and what it does;
 * infra/main.bicep sets them in Azure, local.settings.sample.json shows them.
 */

const subscriptionId = z.guid().transform((id) => id.toLowerCase());

function commaSeparated(item: z.ZodType<string, string>) {
  return z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item));
}

const optionalText = z
  .string()
  .optional()
  .transform((text) => (text?.trim() ? text.trim() : undefined));

/** Where recovery VMs of one subscription and region are made. */
export interface Workbench {
  subscriptionId: string;
  location: string;
  subnetId: string;
}

/** Reads `westeurope=/subscriptions/…/subnets/recovery`; undefined if it is not that. The subscription is the subnet's own. */
function readWorkbench(text: string): Workbench | undefined {
  const [, location = '', subnetId = ''] = /^([A-Za-z0-9]{1,60})=(.+)$/.exec(text) ?? [];
  const parts = parseSubnetId(subnetId);
  return parts && { subscriptionId: parts.subscriptionId.toLowerCase(), location: location.toLowerCase(), subnetId };
}

/** Sizes that nearly every region has, with SCSI disks: https://learn.microsoft.com/azure/virtual-machines/sizes/overview */
const defaultSizes = ['Standard_D2s_v5', 'Standard_D2as_v5', 'Standard_D2s_v4', 'Standard_B2ms'];

/** A switch that a slip of the pen must not turn: `on`, or `off`. */
const onOrOff = z
  .string()
  .default('off')
  .refine((text) => /^\s*(?:on|off)\s*$/i.test(text), 'must be on or off');

function isOn(text: string): boolean {
  return text.trim().toLowerCase() === 'on';
}

const httpsAddress = z.url({ protocol: /^https$/ });

/** Values of RDP_PROBE. */
const rdpProbes = ['off', 'private-address', 'public-address'] as const;

const environment = z
  .object({
    /** Table endpoint of the ledger's storage account (identity-based). */
    LEDGER_TABLE_SERVICE_URI: httpsAddress.optional(),
    /** Blob endpoint of the ledger's storage account (identity-based). */
    LEDGER_BLOB_SERVICE_URI: httpsAddress.optional(),
    /** Instead of the two above, for local storage only: it holds a key. */
    LEDGER_CONNECTION_STRING: optionalText,
    /** Client id of the managed identity that reads and writes the ledger; the default identity if empty. */
    LEDGER_IDENTITY_CLIENT_ID: optionalText,
    /**
     * Queue endpoint of another storage account (identity-based), where alerts wait that the ledger could not take. Without it such an alert is
     * answered with 503, and is lost when the sender gives up.
     */
    PARKED_SIGNALS_QUEUE_SERVICE_URI: httpsAddress.optional(),
    /** Instead of it, for local storage only: it holds a key. */
    PARKED_SIGNALS_CONNECTION_STRING: optionalText,
    /** How long the ledger and Azure may take with an alert, in seconds, before it is parked. */
    PARK_AFTER_SECONDS: z.coerce.number().int().min(1).max(120).default(4),
    /** `on`: upkeep looks through Azure's own record of alerts for those that never came. Needs the role of infra/roles/alerts.json. */
    LIST_FIRED_ALERTS: onOrOff,
    /** Client id of the managed identity that only looks. */
    OBSERVE_IDENTITY_CLIENT_ID: optionalText,
    /** Client id of the managed identity that may snapshot and run commands. */
    REPAIR_IDENTITY_CLIENT_ID: optionalText,
    /** Azure Resource Manager's endpoint; another one in sovereign clouds. */
    ARM_ENDPOINT: httpsAddress.default('https://management.azure.com'),
    /** The scope of ARM's tokens. */
    ARM_AUDIENCE: z.string().default('https://management.azure.com/.default'),
    /**
     * Hosts, or ends of their names, that may serve a snapshot's bytes, comma separated; Azure Storage's if empty. Another
     * address from ARM is not fetched from.
     */
    SNAPSHOT_BLOB_HOSTS: commaSeparated(z.string().regex(/^[a-z0-9.-]{1,253}$/)),
    /** Name of the resource group, one in each subscription, where snapshots are put. */
    WORKBENCH_RESOURCE_GROUP: z
      .string()
      .regex(/^[-\w().]{0,89}[-\w()]$/)
      .default('rg-rdp-lifeline-workbench'),
    /** Subscriptions whose VMs may be looked at, comma separated. None: nothing is ever started. */
    ALLOWED_SUBSCRIPTIONS: commaSeparated(subscriptionId),
    /** ARM ids of the alert rules whose alerts count, comma separated. */
    ALERT_RULE_IDS: commaSeparated(z.string().transform((id) => id.toLowerCase())),
    /** `on` stops every repair before its next change. Anything but `off` or empty counts as on. */
    KILL_SWITCH: z
      .string()
      .default('off')
      .transform((text) => !['', 'off'].includes(text.trim().toLowerCase())),
    /** How many repairs may change VMs at the same time. */
    MAXIMUM_MUTATING_REPAIRS: z.coerce.number().int().min(0).max(100).default(3),
    /** How many hours a repair waits in the queue for one of these places; at most five days. */
    PLACE_WAIT_HOURS: z.coerce.number().int().min(1).max(120).default(12),
    /**
     * Where recovery VMs are made: `<region>=<id of a subnet>`, comma separated, one entry for each subscription (the subnet's) and
     * region. The subnet needs a way out to Azure (port 443) and none in. Where there is no entry, no VM is stopped and no disk is
     * swapped.
     */
    RECOVERY_WORKBENCHES: commaSeparated(
      z.string().refine((text) => readWorkbench(text) !== undefined, 'is no <region>=<id of a subnet>'),
    ),
    /** Sizes of recovery VMs, the first to be tried first; small ones with SCSI disks and room for two data disks. */
    RECOVERY_VM_SIZES: commaSeparated(z.string().regex(/^[A-Za-z0-9_-]{1,60}$/)),
    /**
     * Ids of VMs of your own that stand ready as recovery VMs, comma separated, in the workbench's resource group. Each works for one
     * repair at a time. One is taken where it can be, because it is there at once; otherwise a recovery VM is made.
     */
    STANDING_RECOVERY_VMS: commaSeparated(
      z.string().refine((text) => parseVirtualMachineId(text) !== undefined, 'is no id of a virtual machine'),
    ),
    /** `on`: a mended copy also gets Azure's serial console switched on, for the next time. */
    RECOVERY_ENABLE_SERIAL_CONSOLE: onOrOff,
    /** `on`: a mended copy also gets complete memory dumps switched on, by a non-maskable interrupt too, for the next time. */
    RECOVERY_ENABLE_CRASH_DUMP: onOrOff,
    /** `on`: what a recovery VM does is rehearsed on the trial copy before each stop, and not only until a recovery has worked once. */
    RECOVERY_ALWAYS_REHEARSE: onOrOff,
    /**
     * Tags on everything that the app creates besides its own, because a policy may demand them: `name=value` pairs, comma separated, or
     * a JSON object. A copy of a disk has the original's tags first.
     */
    RESOURCE_TAGS: z
      .string()
      .default('')
      .superRefine((text, context) => {
        const read = readTags(text);
        if (!read.ok) context.addIssue({ code: 'custom', message: read.problem });
      }),
    /** Days until a snapshot's expiry tag. */
    SNAPSHOT_RETENTION_DAYS: z.coerce.number().int().min(1).max(365).default(14),
    /** Days after its end that a repair stays in the ledger; then it is exported to the archive, and its rows are deleted. */
    LEDGER_RETENTION_DAYS: z.coerce.number().int().min(30).max(3_650).default(365),
    /** Days that the durable engine keeps the histories of what has ended. */
    HISTORY_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
    /**
     * Whether the app itself tries the RDP port after a repair, and at which of the VM's addresses: `off`, `private-address`
     * (the app must be on its network) or `public-address`. The address is read from Azure.
     */
    RDP_PROBE: z
      .string()
      .default('off')
      .refine((text) => rdpProbes.some((probe) => probe === text), `must be one of ${rdpProbes.join(', ')}`),
  })
  .superRefine((value, context) => {
    // What we may do on a recovery VM is granted on that group alone.
    const isElsewhere = (id: string) =>
      parseVirtualMachineId(id)?.resourceGroup.toLowerCase() !== value.WORKBENCH_RESOURCE_GROUP.toLowerCase();
    if (value.STANDING_RECOVERY_VMS.some(isElsewhere)) {
      const message = 'holds a VM that is not in the workbench’s resource group';
      context.addIssue({ code: 'custom', path: ['STANDING_RECOVERY_VMS'], message });
    }
    if (value.LEDGER_CONNECTION_STRING) return;
    for (const name of ['LEDGER_TABLE_SERVICE_URI', 'LEDGER_BLOB_SERVICE_URI'] as const) {
      if (value[name]) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'is missing: where shall the ledger be kept?' });
    }
  });

/** The parsed settings. */
export interface Settings {
  ledger:
    | { kind: 'identity'; tableServiceUri: string; blobServiceUri: string; clientId?: string }
    | { kind: 'connection-string'; connectionString: string };
  /** Where alerts are parked; absent where no queue is set. */
  parkedSignals?:
    | { kind: 'identity'; queueServiceUri: string; clientId?: string }
    | { kind: 'connection-string'; connectionString: string };
  parkAfterSeconds: number;
  listFiredAlerts: boolean;
  observeClientId?: string;
  repairClientId?: string;
  armEndpoint: string;
  armAudience: string;
  /** Empty: those of Azure Storage. */
  snapshotBlobHosts: string[];
  workbenchResourceGroup: string;
  allowedSubscriptions: string[];
  alertRuleIds: string[];
  killSwitch: boolean;
  maximumMutatingRepairs: number;
  placeWaitHours: number;
  recoveryWorkbenches: Workbench[];
  recoveryVmSizes: string[];
  /** ARM ids. */
  standingRecoveryVms: string[];
  recoveryEnableSerialConsole: boolean;
  recoveryEnableCrashDump: boolean;
  recoveryAlwaysRehearse: boolean;
  resourceTags: Tags;
  snapshotRetentionDays: number;
  ledgerRetentionDays: number;
  historyRetentionDays: number;
  rdpProbe: (typeof rdpProbes)[number];
}

/** The environment does not make sense; the message names each variable and what is wrong with it. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** Every variable that the app reads. */
export const settingNames = Object.keys(environment.shape).sort();

/** Reads the settings; a blank variable counts as one that is not set. Throws a SettingsError that names every wrong variable, and never its value. */
export function parseSettings(variables: Record<string, string | undefined>): Settings {
  const given = Object.entries(variables).filter(([, text]) => text?.trim() !== '');
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SettingsError(`These settings need mending: ${problems.join('; ')}`);
  }
  const value = parsed.data;
  return {
    ledger: ledgerSettings(value),
    parkedSignals: parkingSettings(value),
    parkAfterSeconds: value.PARK_AFTER_SECONDS,
    listFiredAlerts: isOn(value.LIST_FIRED_ALERTS),
    observeClientId: value.OBSERVE_IDENTITY_CLIENT_ID,
    repairClientId: value.REPAIR_IDENTITY_CLIENT_ID,
    armEndpoint: value.ARM_ENDPOINT,
    armAudience: value.ARM_AUDIENCE,
    snapshotBlobHosts: value.SNAPSHOT_BLOB_HOSTS,
    workbenchResourceGroup: value.WORKBENCH_RESOURCE_GROUP,
    allowedSubscriptions: value.ALLOWED_SUBSCRIPTIONS,
    alertRuleIds: value.ALERT_RULE_IDS,
    killSwitch: value.KILL_SWITCH,
    maximumMutatingRepairs: value.MAXIMUM_MUTATING_REPAIRS,
    placeWaitHours: value.PLACE_WAIT_HOURS,
    recoveryWorkbenches: value.RECOVERY_WORKBENCHES.flatMap((text) => readWorkbench(text) ?? []),
    recoveryVmSizes: value.RECOVERY_VM_SIZES.length === 0 ? defaultSizes : value.RECOVERY_VM_SIZES,
    standingRecoveryVms: value.STANDING_RECOVERY_VMS,
    recoveryEnableSerialConsole: isOn(value.RECOVERY_ENABLE_SERIAL_CONSOLE),
    recoveryEnableCrashDump: isOn(value.RECOVERY_ENABLE_CRASH_DUMP),
    recoveryAlwaysRehearse: isOn(value.RECOVERY_ALWAYS_REHEARSE),
    resourceTags: tagsIn(value.RESOURCE_TAGS),
    snapshotRetentionDays: value.SNAPSHOT_RETENTION_DAYS,
    ledgerRetentionDays: value.LEDGER_RETENTION_DAYS,
    historyRetentionDays: value.HISTORY_RETENTION_DAYS,
    rdpProbe: rdpProbes.find((probe) => probe === value.RDP_PROBE) ?? 'off',
  };
}

function ledgerSettings(value: z.infer<typeof environment>): Settings['ledger'] {
  if (value.LEDGER_CONNECTION_STRING) {
    return { kind: 'connection-string', connectionString: value.LEDGER_CONNECTION_STRING };
  }
  return {
    kind: 'identity',
    tableServiceUri: value.LEDGER_TABLE_SERVICE_URI ?? '',
    blobServiceUri: value.LEDGER_BLOB_SERVICE_URI ?? '',
    clientId: value.LEDGER_IDENTITY_CLIENT_ID,
  };
}

function parkingSettings(value: z.infer<typeof environment>): Settings['parkedSignals'] {
  if (value.PARKED_SIGNALS_CONNECTION_STRING) {
    return { kind: 'connection-string', connectionString: value.PARKED_SIGNALS_CONNECTION_STRING };
  }
  if (!value.PARKED_SIGNALS_QUEUE_SERVICE_URI) return undefined;
  return {
    kind: 'identity',
    queueServiceUri: value.PARKED_SIGNALS_QUEUE_SERVICE_URI,
    clientId: value.LEDGER_IDENTITY_CLIENT_ID,
  };
}

function tagsIn(text: string): Tags {
  const read = readTags(text);
  return read.ok ? read.tags : {};
}
