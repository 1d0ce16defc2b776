import { z } from 'zod';
import type { NetworkInterface } from '../azure/outside';
import type { ArmFailure, VirtualMachine } from '../azure/ports';
import { reachOf, type Reach, type SecurityGroup } from '../network/reach';
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

/** What is on record of this look: an operation that was begun is found again after a restart. */
const record = z.object({
  port: z.number(),
  since: z.iso.datetime(),
  networkInterface: z.custom<NetworkInterface>().optional(),
  publicAddress: z.string().optional(),
  operation: z.string().optional(),
  view: z.custom<OutsideView>().optional(),
});
type LookRecord = z.infer<typeof record>;

interface Look {
  tools: Tools;
  about: AboutRepair;
  vm: VirtualMachine;
  known: LookRecord;
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
  const kept = record.safeParse(await tools.ledger.getDocument(about.repairId, documentName));
  const known =
    kept.success && kept.data.port === port ? kept.data : ({ port, since: new Date().toISOString() } as LookRecord);
  if (known.view) return { kind: 'seen', view: known.view };
  const look = { tools, about, vm, known };
  return known.operation === undefined ? begin(look) : lookAt(look, known.operation);
}

async function begin(look: Look): Promise<OutsideLook> {
  const { tools, vm } = look;
  const { networkInterfaceId } = vm;
  if (networkInterfaceId === undefined) return unknown(look, 'Azure names no primary network interface.');
  const found = await tools.arm.getNetworkInterface(networkInterfaceId);
  if (!found.ok) return withoutAnswer(look, found.failure);
  const publicAddress = await publicAddressOf(look, found.value);
  const seen = { ...look, known: { ...look.known, networkInterface: found.value, publicAddress } };
  const begun = await tools.arm.beginEffectiveRules(networkInterfaceId);
  if (!begun.ok) return withoutAnswer(seen, begun.failure);
  if (begun.value.state === 'done') return conclude(seen, begun.value.groups);
  return waitOn(seen, begun.value.operation, begun.value.retryAfterMs);
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

/** An address that cannot be read is one that is not known; only a probe has need of it. */
async function publicAddressOf({ tools }: Look, { publicAddressId }: NetworkInterface): Promise<string | undefined> {
  if (publicAddressId === undefined) return undefined;
  const found = await tools.arm.getPublicAddress(publicAddressId);
  return found.ok ? found.value : undefined;
}

async function waitOn(look: Look, operation: string, retryAfterMs: number | undefined): Promise<OutsideLook> {
  if (isLate(look, retryAfterMs)) return unknown(look, 'Azure did not find them out in time.');
  await put(look, { ...look.known, operation });
  return wait('Azure is finding out which security rules apply.', retryAfterMs);
}

async function withoutAnswer(look: Look, failure: ArmFailure): Promise<OutsideLook> {
  if (failure.kind === 'forbidden') {
    return unknown(look, `It needs ${failure.action} on ${failure.scope}, and no role grants it.`);
  }
  if (failure.kind !== 'wait') return unknown(look, `Azure did not tell (${failure.code}).`);
  if (isLate(look, failure.retryAfterMs)) return unknown(look, `Azure did not answer in time (${failure.code}).`);
  await put(look, look.known);
  return wait(`Azure asks us to wait (${failure.code}).`, failure.retryAfterMs);
}

function isLate({ known }: Look, retryAfterMs = 0): boolean {
  return Date.now() + retryAfterMs > Date.parse(known.since) + patienceMs;
}

function conclude(look: Look, groups: SecurityGroup[]): Promise<OutsideLook> {
  const { port, networkInterface } = look.known;
  return keep(look, reachOf(groups, { port, address: networkInterface?.privateAddress }));
}

function unknown(look: Look, why: string): Promise<OutsideLook> {
  return keep(look, { kind: 'unknown', why });
}

async function keep(look: Look, reach: Reach): Promise<OutsideLook> {
  const { port, networkInterface, publicAddress } = look.known;
  const view = {
    port,
    reach,
    interfaceId: look.vm.networkInterfaceId,
    interfaces: look.vm.networkInterfaces,
    privateAddress: networkInterface?.privateAddress,
    publicAddress,
    readAt: new Date().toISOString(),
  };
  await put(look, { ...look.known, view });
  return { kind: 'seen', view };
}

async function put({ tools, about }: Look, document: LookRecord): Promise<void> {
  await tools.ledger.putDocument(about.repairId, documentName, document);
}
