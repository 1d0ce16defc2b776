import { z } from 'zod';
import {
  safeBootModes,
  securedKeys,
  sources,
  type AdapterAddressing,
  type BootLoader,
  type Evidence,
  type Fact,
  type Need,
  type Provenance,
  type ServiceEvent,
} from './evidence';

/**
 * What evidence looks like when it is read back from a record. Decisions rest on it long after it was read, so a document that
 * was cut, forged or written by another release is a fault and no evidence.
 */

/** One schema for each field: one that is added to a fact and forgotten here does not compile. */
type Fields<T> = { [K in keyof T]-?: z.ZodType<T[K]> };

const safeboot = z.union([z.enum(safeBootModes), z.number()]).optional();

const provenance = z.object({
  source: z.enum(sources),
  place: z.string(),
  readAt: z.string(),
  asOf: z.string().optional(),
  lastWritten: z.string().optional(),
  caution: z.string().optional(),
} satisfies Fields<Provenance>);

const event = z.object({
  eventId: z.number(),
  at: z.string(),
  code: z.number().optional(),
  startTypes: z.object({ before: z.string(), after: z.string() }).optional(),
  userSid: z.string().optional(),
} satisfies Fields<ServiceEvent>);

const loader = z.object({
  id: z.string(),
  description: z.string().optional(),
  path: z.string().optional(),
  safeboot,
  safebootSetIn: z.string().optional(),
  alternateShell: z.boolean(),
} satisfies Fields<BootLoader>);

const adapter = z.object({
  id: z.string(),
  dhcp: z.boolean(),
  addresses: z.array(z.string()),
  leasedAddress: z.string().optional(),
} satisfies Fields<AdapterAddressing>);

/** By kind: a kind of fact that is added and forgotten here does not compile. */
const facts = {
  'service-configuration': {
    kind: z.literal('service-configuration'),
    service: z.string(),
    startType: z.number(),
    type: z.number().optional(),
    account: z.string().optional(),
    imagePath: z.string().optional(),
    dependsOn: z.array(z.string()).optional(),
  },
  'service-status': {
    kind: z.literal('service-status'),
    service: z.string(),
    state: z.number(),
    type: z.number(),
    win32ExitCode: z.number(),
  },
  'service-events': {
    kind: z.literal('service-events'),
    service: z.string(),
    since: z.string(),
    until: z.string(),
    events: z.array(event),
    isCut: z.boolean(),
  },
  'service-security': {
    kind: z.literal('service-security'),
    service: z.string(),
    descriptor: z.string(),
    sid: z.string(),
  },
  'service-group': { kind: z.literal('service-group'), group: z.string(), services: z.array(z.string()) },
  'key-security': { kind: z.literal('key-security'), key: z.enum(securedKeys), descriptor: z.string() },
  'rdp-listener': { kind: z.literal('rdp-listener'), port: z.number(), listening: z.boolean() },
  'boot-configuration': {
    kind: z.literal('boot-configuration'),
    next: loader,
    chosenBy: z.enum(['bootsequence', 'default', 'only-loader']),
    others: z.array(loader),
    firmware: z.enum(['bios', 'uefi']).optional(),
  },
  'boot-mode': {
    kind: z.literal('boot-mode'),
    mode: z.enum(['normal', 'safe', ...safeBootModes]),
    bootedAt: z.string().optional(),
  },
  'boot-object': { kind: z.literal('boot-object'), object: z.string(), safeboot, alternateShell: z.boolean() },
  'control-sets': {
    kind: z.literal('control-sets'),
    next: z.number(),
    current: z.number(),
    failed: z.number(),
    lastKnownGood: z.number(),
    present: z.array(z.number()),
  },
  'network-addressing': { kind: z.literal('network-addressing'), adapters: z.array(adapter) },
  'remote-desktop': {
    kind: z.literal('remote-desktop'),
    enabled: z.boolean(),
    byPolicy: z.boolean(),
    port: z.number(),
    listenerEnabled: z.boolean(),
  },
  'pending-servicing': {
    kind: z.literal('pending-servicing'),
    pendingXml: z.boolean(),
    packagesPending: z.boolean(),
    rebootPending: z.boolean(),
    rebootInProgress: z.boolean(),
  },
  'windows-installation': {
    kind: z.literal('windows-installation'),
    computerName: z.string(),
    productName: z.string(),
    build: z.string(),
    isDomainController: z.boolean(),
  },
  'volume-state': {
    kind: z.literal('volume-state'),
    partitionStyle: z.enum(['gpt', 'mbr']),
    fileSystem: z.string(),
    isMarkedDirty: z.boolean(),
    isHibernated: z.boolean(),
    metadataMayBeStale: z.boolean(),
  },
} satisfies { [Kind in Fact['kind']]: Fields<Extract<Fact, { kind: Kind }>> };

const needs = {
  'service-configuration': { kind: z.literal('service-configuration'), service: z.string() },
  'service-status': { kind: z.literal('service-status'), service: z.string() },
  'service-events': { kind: z.literal('service-events'), service: z.string() },
  'service-security': { kind: z.literal('service-security'), service: z.string() },
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
} satisfies { [Kind in Need['kind']]: Fields<Extract<Need, { kind: Kind }>> };

const need: z.ZodType<Need> = z.union(Object.values(needs).map((one) => z.object(one)));

const from = { from: provenance };
const unreadable = z.object({ kind: z.literal('unreadable'), need, reason: z.string(), ...from });

/** A fact or why there is none, as `Evidence` has it. */
export const evidence: z.ZodType<Evidence> = z.union([
  ...Object.values(facts).map((fact) => z.object({ ...fact, ...from })),
  unreadable,
]);
