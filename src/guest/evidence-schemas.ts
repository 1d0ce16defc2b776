import { z } from 'zod';
import type { Shape } from '../schema-shape';
import { disbeliefs, safeBootModes, securedKeys, sources } from './evidence';
import type {
  AdapterAddressing,
  BootLoader,
  Disbelief,
  DisbeliefCode,
  Evidence,
  Need,
  Provenance,
  ServiceEvent,
  UnreadableEvidence,
  WeighedFact,
} from './evidence';

/**
 * What evidence must look like when it is read back from a repair's documents: one schema for each kind, in one registry. A kind
 * that is added to `Fact` or `Need`, or a field that is added to one of them, and forgotten here does not compile. Strict: a field
 * that we did not write is as wrong as one that is missing.
 */

type NeedOf<Kind extends Need['kind']> = Extract<Need, { kind: Kind }>;
type EvidenceOf<Kind extends Evidence['kind']> = Extract<Evidence, { kind: Kind }>;

// Times are texts: a guest's own clock prints them as it likes.
const time = z.string();
const count = z.number().int().min(0);
const service = z.string();
const safeBoot = z.union([z.enum(safeBootModes), z.number()]).optional();

const needShapes = {
  'service-configuration': { kind: z.literal('service-configuration'), service },
  'service-status': { kind: z.literal('service-status'), service },
  'service-events': { kind: z.literal('service-events'), service },
  'service-security': { kind: z.literal('service-security'), service },
  'service-group': { kind: z.literal('service-group'), group: z.string() },
  'key-security': { kind: z.literal('key-security'), key: z.enum(securedKeys) },
  'rdp-listener': { kind: z.literal('rdp-listener') },
  'boot-configuration': { kind: z.literal('boot-configuration') },
  'boot-mode': { kind: z.literal('boot-mode') },
  'boot-object': { kind: z.literal('boot-object'), object: z.string() },
  'control-sets': { kind: z.literal('control-sets') },
  'network-addressing': { kind: z.literal('network-addressing') },
  'remote-desktop': { kind: z.literal('remote-desktop') },
  'pending-servicing': { kind: z.literal('pending-servicing') },
  'windows-installation': { kind: z.literal('windows-installation') },
  'volume-state': { kind: z.literal('volume-state') },
} satisfies { [Kind in Need['kind']]: Shape<NeedOf<Kind>> };

const need: z.ZodType<Need> = ofKind(needShapes);

const weighedFact = z.strictObject({
  says: z.string(),
  place: z.string(),
  at: time.optional(),
} satisfies Shape<WeighedFact>);

const disbelief = z.strictObject({
  code: z.enum(Object.keys(disbeliefs) as DisbeliefCode[]),
  told: weighedFact,
  by: weighedFact,
} satisfies Shape<Disbelief>);

const from = z.strictObject({
  source: z.enum(sources),
  place: z.string(),
  readAt: time,
  asOf: time.optional(),
  lastWritten: time.optional(),
  caution: z.string().optional(),
  disbelieved: z.array(disbelief).optional(),
} satisfies Shape<Provenance>);

const serviceEvent = z.strictObject({
  eventId: count,
  at: time,
  code: count.optional(),
  startTypes: z.strictObject({ before: z.string(), after: z.string() }).optional(),
  userSid: z.string().optional(),
} satisfies Shape<ServiceEvent>);

const bootLoader = z.strictObject({
  id: z.string(),
  description: z.string().optional(),
  path: z.string().optional(),
  safeboot: safeBoot,
  safebootSetIn: z.string().optional(),
  alternateShell: z.boolean(),
} satisfies Shape<BootLoader>);

const adapter = z.strictObject({
  id: z.string(),
  dhcp: z.boolean(),
  addresses: z.array(z.string()),
  leasedAddress: z.string().optional(),
} satisfies Shape<AdapterAddressing>);

/** The registry. */
const evidenceShapes = {
  'service-configuration': {
    kind: z.literal('service-configuration'),
    service,
    startType: count,
    type: count.optional(),
    account: z.string().optional(),
    imagePath: z.string().optional(),
    dependsOn: z.array(z.string()).optional(),
    from,
  },
  'service-status': {
    kind: z.literal('service-status'),
    service,
    state: count,
    type: count,
    win32ExitCode: count,
    from,
  },
  'service-events': {
    kind: z.literal('service-events'),
    service,
    since: time,
    until: time,
    events: z.array(serviceEvent),
    isCut: z.boolean(),
    from,
  },
  'service-security': {
    kind: z.literal('service-security'),
    service,
    descriptor: z.string(),
    sid: z.string(),
    from,
  },
  'service-group': { kind: z.literal('service-group'), group: z.string(), services: z.array(z.string()), from },
  'key-security': { kind: z.literal('key-security'), key: z.enum(securedKeys), descriptor: z.string(), from },
  'rdp-listener': { kind: z.literal('rdp-listener'), port: count, listening: z.boolean(), from },
  'boot-configuration': {
    kind: z.literal('boot-configuration'),
    next: bootLoader,
    chosenBy: z.enum(['bootsequence', 'default', 'only-loader']),
    others: z.array(bootLoader),
    firmware: z.enum(['bios', 'uefi']).optional(),
    from,
  },
  'boot-mode': {
    kind: z.literal('boot-mode'),
    mode: z.enum(['normal', 'safe', ...safeBootModes]),
    bootedAt: time.optional(),
    from,
  },
  'boot-object': {
    kind: z.literal('boot-object'),
    object: z.string(),
    safeboot: safeBoot,
    alternateShell: z.boolean(),
    from,
  },
  'control-sets': {
    kind: z.literal('control-sets'),
    next: count,
    current: count,
    failed: count,
    lastKnownGood: count,
    present: z.array(count),
    from,
  },
  'network-addressing': { kind: z.literal('network-addressing'), adapters: z.array(adapter), from },
  'remote-desktop': {
    kind: z.literal('remote-desktop'),
    enabled: z.boolean(),
    byPolicy: z.boolean(),
    port: count,
    listenerEnabled: z.boolean(),
    from,
  },
  'pending-servicing': {
    kind: z.literal('pending-servicing'),
    pendingXml: z.boolean(),
    packagesPending: z.boolean(),
    rebootPending: z.boolean(),
    rebootInProgress: z.boolean(),
    from,
  },
  'windows-installation': {
    kind: z.literal('windows-installation'),
    computerName: z.string(),
    productName: z.string(),
    build: z.string(),
    isDomainController: z.boolean(),
    from,
  },
  'volume-state': {
    kind: z.literal('volume-state'),
    partitionStyle: z.enum(['gpt', 'mbr']),
    fileSystem: z.string(),
    isMarkedDirty: z.boolean(),
    isHibernated: z.boolean(),
    metadataMayBeStale: z.boolean(),
    from,
  },
  unreadable: { kind: z.literal('unreadable'), need, reason: z.string(), from } satisfies Shape<
    UnreadableEvidence & { from: Provenance }
  >,
} satisfies { [Kind in Evidence['kind']]: Shape<EvidenceOf<Kind>> };

/** One item of evidence, as a repair's document holds it. */
export const evidenceItem: z.ZodType<Evidence> = ofKind(evidenceShapes);

/** The union of all kinds of a registry: `kind` says which schema counts, so that an error names the field and not the union. */
function ofKind<Registry extends Record<string, z.ZodRawShape & { kind: z.ZodLiteral<string> }>>(registry: Registry) {
  type Member = { [Kind in keyof Registry]: z.ZodObject<Registry[Kind], z.core.$strict> }[keyof Registry];
  const members = Object.values(registry).map((shape) => z.strictObject(shape)) as Member[];
  return z.discriminatedUnion('kind', members as [Member, ...Member[]]);
}
