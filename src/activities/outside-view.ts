import { z } from 'zod';
import type { EffectiveRules, NetworkInterface, PublicAddress } from '../azure/outside';
import type { ArmFailure, VirtualMachine } from '../azure/ports';
import { reachOf, type BlockingRule, type PublicAddressKind, type Reach, type SecurityGroup } from '../network/reach';
import type { Shape } from '../schema-shape';
import type { AboutRepair } from './input';
import { wait, type Progress } from './progress';
import type { Tools } from './toolbox';

/** What can be known of the way to a VM's RDP port without the guest. */
export interface OutsideView {
  port: number;
  reach: Reach;
  /** The interface that was looked at, and how many the VM has. */
  interfaceId?: string;
  interfaces?: number;
  privateAddress?: string;
  publicAddress?: string;
  readAt: string;
}

export type OutsideLook = { kind: 'seen'; view: OutsideView } | Extract<Progress<never>, { kind: 'wait' }>;

const documentName = 'outside-view';

/**
 * How long we ask Azure, in ms, before the rules count as not known: nobody's repair fails because they cannot be read.
 * assumed: finding them out takes some seconds.
 */
const patienceMs = 120_000;

const networkInterface: z.ZodType<NetworkInterface> = z.strictObject({
  id: z.string(),
  privateAddress: z.string().optional(),
  publicAddressId: z.string().optional(),
} satisfies Shape<NetworkInterface>);

const blockingRule = z.strictObject({
  groupId: z.string(),
  rule: z.string(),
  priority: z.number(),
} satisfies Shape<BlockingRule>);

const reach = {
  open: z.strictObject({ kind: z.literal('open'), from: z.array(z.string()), groups: z.number().int() }),
  blocked: z.strictObject({ kind: z.literal('blocked'), by: z.array(blockingRule) }),
  unknown: z.strictObject({ kind: z.literal('unknown'), why: z.string() }),
} satisfies { [Kind in Reach['kind']]: z.ZodType<Extract<Reach, { kind: Kind }>> };

const view: z.ZodType<OutsideView> = z.strictObject({
  port: z.number().int(),
  reach: z.discriminatedUnion('kind', [reach.open, reach.blocked, reach.unknown]),
  interfaceId: z.string().optional(),
  interfaces: z.number().int().optional(),
  privateAddress: z.string().optional(),
  publicAddress: z.string().optional(),
  readAt: z.iso.datetime(),
} satisfies Shape<OutsideView>);

/**
 * What is on record of this look: an operation that was begun is found again after a restart. Without a port, it was begun
 * before the guest had said on which one it listens; `notBefore` is when Azure wants to be asked again.
 */
const record = z.strictObject({
  port: z.number().optional(),
  since: z.iso.datetime(),
  notBefore: z.iso.datetime().optional(),
  networkInterface: networkInterface.optional(),
  publicAddress: z.string().optional(),
  publicAddressSku: z.string().optional(),
  operation: z.string().optional(),
  view: view.optional(),
});
type LookRecord = z.infer<typeof record>;

/** Whatever the port, the rules are those of the interface, so they can be asked for before it is known. */
interface Question {
  tools: Tools;
  about: AboutRepair;
  vm: VirtualMachine;
  known: LookRecord;
}

interface Look extends Question {
  port: number;
}

type Asked =
  | { kind: 'asked'; known: LookRecord; found: EffectiveRules }
  | { kind: 'failed'; known: LookRecord; failure: ArmFailure }
  | { kind: 'no-interface' };

/**
 * Asks Azure which rules apply, so that it finds them out while the guest is busy; the answer is for `lookFromOutside`, and
 * so is what stands in the way. Asks once for each repair, however often it is called.
 */
export async function askFromOutside(tools: Tools, about: AboutRepair, vm: VirtualMachine): Promise<void> {
  const kept = await tools.ledger.getDocument(about.repairId, documentName);
  if (kept !== undefined) return;
  const question = { tools, about, vm, known: { since: new Date().toISOString() } };
  const asked = await ask(question);
  if (asked.kind === 'no-interface') return;
  const retryAfterMs = retryAfterOf(asked);
  const notBefore = retryAfterMs === undefined ? undefined : new Date(Date.now() + retryAfterMs).toISOString();
  const operation = asked.kind === 'asked' && asked.found.state === 'running' ? asked.found.operation : undefined;
  await put(question, { ...asked.known, operation, notBefore });
}

/**
 * From where the network security groups let RDP reach the VM: begun in one call, looked at in another, once for each
 * repair and port. What stands in the way makes the answer unknown, and never an error.
 */
export async function lookFromOutside(
  tools: Tools,
  about: AboutRepair,
  vm: VirtualMachine,
  port: number,
): Promise<OutsideLook> {
  // One that is not what we write is none: Azure is asked again, and the guest was proven without it.
  const kept = record.safeParse(await tools.ledger.getDocument(about.repairId, documentName));
  const { notBefore, ...known } = knownOf(kept.data, port);
  if (known.view) return { kind: 'seen', view: known.view };
  const tooSoonMs = notBefore === undefined ? 0 : Date.parse(notBefore) - Date.now();
  const look = { tools, about, vm, port, known };
  if (tooSoonMs > 0 && !isLate(look, tooSoonMs))
    return wait('Azure is finding out which security rules apply.', tooSoonMs);
  return known.operation === undefined ? begin(look) : lookAt(look, known.operation);
}

/** Our patience begins with the first look: what was asked before it had no one waiting for it. */
function knownOf(kept: LookRecord | undefined, port: number): LookRecord {
  const since = new Date().toISOString();
  if (!kept) return { since };
  if (kept.port === undefined) return { ...kept, since };
  return kept.port === port ? kept : { since };
}

async function ask({ tools, vm, known }: Question): Promise<Asked> {
  const { networkInterfaceId } = vm;
  if (networkInterfaceId === undefined) return { kind: 'no-interface' };
  const found = await tools.arm.getNetworkInterface(networkInterfaceId);
  if (!found.ok) return { kind: 'failed', known, failure: found.failure };
  const { address: publicAddress, sku: publicAddressSku } = await publicAddressOf(tools, found.value);
  const seen = { ...known, networkInterface: found.value, publicAddress, publicAddressSku };
  const begun = await tools.arm.beginEffectiveRules(networkInterfaceId);
  if (!begun.ok) return { kind: 'failed', known: seen, failure: begun.failure };
  return { kind: 'asked', known: seen, found: begun.value };
}

function retryAfterOf(asked: Exclude<Asked, { kind: 'no-interface' }>): number | undefined {
  if (asked.kind === 'asked') return asked.found.state === 'running' ? asked.found.retryAfterMs : undefined;
  return asked.failure.kind === 'wait' ? asked.failure.retryAfterMs : undefined;
}

async function begin(look: Look): Promise<OutsideLook> {
  const asked = await ask(look);
  if (asked.kind === 'no-interface') return unknown(look, 'Azure names no primary network interface.');
  const seen = { ...look, known: asked.known };
  if (asked.kind === 'failed') return withoutAnswer(seen, asked.failure);
  if (asked.found.state === 'done') return conclude(seen, asked.found.groups);
  return waitOn(seen, asked.found.operation, asked.found.retryAfterMs);
}

async function lookAt(look: Look, operation: string): Promise<OutsideLook> {
  // As it was when the operation was begun: the VM may have another one by now.
  const { networkInterface } = look.known;
  if (!networkInterface) return unknown(look, 'It is not on record which network interface was asked about.');
  const found = await look.tools.arm.lookAtEffectiveRules(networkInterface.id, operation);
  if (!found.ok) return withoutAnswer(look, found.failure);
  if (found.value.state === 'done') return conclude(look, found.value.groups);
  return waitOn(look, found.value.operation, found.value.retryAfterMs);
}

/** An address that cannot be read is one that is not known; a probe has need of it, and its SKU counts where no group applies. */
async function publicAddressOf(tools: Tools, { publicAddressId }: NetworkInterface): Promise<PublicAddress> {
  if (publicAddressId === undefined) return {};
  const found = await tools.arm.getPublicAddress(publicAddressId);
  return found.ok ? found.value : {};
}

function kindOfPublicAddress({ networkInterface, publicAddressSku }: LookRecord): PublicAddressKind | undefined {
  if (networkInterface?.publicAddressId === undefined) return undefined;
  const sku = publicAddressSku?.toLowerCase();
  if (sku === 'basic') return 'basic';
  // There is a StandardV2, as closed as the first.
  return sku?.startsWith('standard') ? 'standard' : 'not-told';
}

async function waitOn(look: Look, operation: string, retryAfterMs: number | undefined): Promise<OutsideLook> {
  if (isLate(look, retryAfterMs)) return unknown(look, 'Azure did not find them out in time.');
  await put(look, { ...look.known, port: look.port, operation });
  return wait('Azure is finding out which security rules apply.', retryAfterMs);
}

async function withoutAnswer(look: Look, failure: ArmFailure): Promise<OutsideLook> {
  if (failure.kind === 'forbidden') {
    return unknown(look, `It needs ${failure.action} on ${failure.scope}, and no role grants it.`);
  }
  if (failure.kind !== 'wait') return unknown(look, `Azure did not tell (${failure.code}).`);
  if (isLate(look, failure.retryAfterMs)) return unknown(look, `Azure did not answer in time (${failure.code}).`);
  await put(look, { ...look.known, port: look.port });
  return wait(`Azure asks us to wait (${failure.code}).`, failure.retryAfterMs);
}

function isLate({ known }: Question, retryAfterMs = 0): boolean {
  return Date.now() + retryAfterMs > Date.parse(known.since) + patienceMs;
}

function conclude(look: Look, groups: SecurityGroup[]): Promise<OutsideLook> {
  const address = look.known.networkInterface?.privateAddress;
  return keep(look, reachOf(groups, { port: look.port, address, publicAddress: kindOfPublicAddress(look.known) }));
}

function unknown(look: Look, why: string): Promise<OutsideLook> {
  return keep(look, { kind: 'unknown', why });
}

async function keep(look: Look, reach: Reach): Promise<OutsideLook> {
  const { port, known } = look;
  const { networkInterface, publicAddress } = known;
  const view = {
    port,
    reach,
    interfaceId: look.vm.networkInterfaceId,
    interfaces: look.vm.networkInterfaces,
    privateAddress: networkInterface?.privateAddress,
    publicAddress,
    readAt: new Date().toISOString(),
  };
  await put(look, { ...known, port, view });
  return { kind: 'seen', view };
}

async function put({ tools, about }: Question, document: LookRecord): Promise<void> {
  await tools.ledger.putDocument(about.repairId, documentName, document);
}
