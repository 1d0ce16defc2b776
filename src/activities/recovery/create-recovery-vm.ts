import { z } from 'zod';
import { saysFullNow, saysNoRoom } from '../../azure/failure-codes';
import type { ArmFailure, VirtualMachine } from '../../azure/ports';
import { readDocument } from '../documents';
import { recoveryOsDiskSuffix } from '../../recovery-os-disk';
import { inStep } from '../in-step';
import type { MachineToMake } from '../plan';
import { notOurs } from '../ownership';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { expiringTagsOf } from '../tags';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { borrowRecoveryVm } from './borrow-recovery-vm';
import { debtOf, incurred, owe } from './debts';
import { helperInputOf, helperRequest, permittedOnPatient, type HelperInput } from './input';
import { madeVmOf } from './names';

/** assumed: from the request until a network interface is there, in ms. */
const usualInterfaceMs = 2_000;
/** From the request until a recovery VM can be ready, in ms. Recorded in azure-cli's test_vm_os_disk_swap: 88 s, of Linux. */
const usualMs = 75_000;
/** From when on it is late, and looked at with the usual back-off. */
const lateMs = 2 * usualMs;

/** How often is asked again where all is full, in ms. */
const fullPauseMs = 60_000;

/**
 * Gets the recovery VM while the patient is still up: a standing one is lent, another is made, and waited for until its agent is
 * Ready. One that was made for a look is the
 * one that mends. Its network interface has no public address; nobody knows its password; it has no identity. Both are on record
 * before they are begun, and found again by name.
 */
export async function createRecoveryVm(tools: Tools, given: unknown): Promise<Progress<'ready'>> {
  const request = helperRequest.parse(given);
  const step: Step = { step: 'recovery-vm', title: 'Get a recovery VM ready' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await helperInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const { recovery } = input;
    const { machine: wanted, osDiskId } = recovery;
    if (wanted.kind === 'standing') return borrowRecoveryVm(tools, input, { vmId: wanted.vmId, osDiskId });
    const making = { ...wanted, ...madeVmOf(input, recovery) };
    const { recoveryVmId } = making;
    // What is on record as gone stays gone: made again, nobody would clean it up.
    if ((await debtOf(tools, input.repairId, recoveryVmId))?.deletedAt !== undefined) {
      return end('not-repaired', 'cleaned-up-before', 'This repair was begun again after its clean-up. See its steps.');
    }
    const machine = await tools.arm.getVirtualMachine(recoveryVmId);
    if (machine.ok) return lookAt(tools, input, making, machine.value);
    if (machine.failure.kind !== 'not-found') return progressOf(machine.failure, 'look for the recovery VM');
    const wired = await networkInterface(tools, input, making);
    return wired.kind === 'done' ? begin(tools, input, making) : wired;
  });
}

/** What is to be made, and under which names. */
type Making = MachineToMake & ReturnType<typeof madeVmOf>;

async function lookAt(
  tools: Tools,
  input: HelperInput,
  making: Making,
  machine: VirtualMachine,
): Promise<Progress<'ready'>> {
  const { repairId } = input;
  const debt = await debtOf(tools, repairId, machine.id);
  const foreign = notOurs({ id: machine.id, tags: machine.tags, isOnRecord: debt !== undefined }, repairId);
  if (foreign || !debt) return foreign ?? wait('The recovery VM is not on record yet.');
  if (machine.provisioningState === 'Failed') return replace(tools, input, making, machine);
  if (machine.provisioningState === 'Deleting') return wait('A recovery VM that could not be made is being deleted.');
  if (!machine.agent.usable) {
    return wait(`The recovery VM is not ready yet: ${machine.agent.reason}`, nextLookMs(debt.registeredAt));
  }
  await incurred(tools, repairId, debt);
  return done('ready', [`The recovery VM ${machine.name} is ready.`, ...making.passedOver].join(' '));
}

/** Sizes that turned out to have no room, and Azure's codes for it. Kept, so that the next one is tried after a restart too. */
const outOfRoom = z.array(z.object({ size: z.string(), code: z.string() }));

async function outOfRoomIn({ ledger }: Tools, { repairId }: HelperInput) {
  return (await readDocument(ledger, repairId, 'sizes-without-room', outOfRoom)) ?? [];
}

/**
 * A VM that Azure took and could not make. Where the host for it was missing, which Azure often finds out only then
 * (https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/allocation-failure), it is deleted, and the next size tried.
 */
async function replace(
  tools: Tools,
  input: HelperInput,
  { sizes }: Making,
  machine: VirtualMachine,
): Promise<Progress<'ready'>> {
  const { code = 'Unknown', message = '' } = machine.configuration?.provisioningFailure ?? {};
  const size = machine.configuration?.size ?? '';
  const known = await outOfRoomIn(tools, input);
  const full = [...known.filter((one) => one.size !== size), { size, code }];
  const isLast = sizes.every((one) => full.some((other) => isSame(other.size, one)));
  if (!saysNoRoom(code) || isLast) {
    return end('not-repaired', 'recovery-vm-failed', `The recovery VM could not be made (${code}): ${message}`);
  }
  await tools.ledger.putDocument(input.repairId, 'sizes-without-room', full);
  const begun = await tools.recovery.beginDeleteMachine(machine.id, { 'rdp-lifeline-repair': input.repairId });
  if (!begun.ok) return progressOf(begun.failure, 'delete a recovery VM that could not be made');
  return wait(`Azure has no room for ${size} (${code}): the next size is tried.`);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Seldom while it can only have failed, often when it is due. */
function nextLookMs(registeredAt: string): number | undefined {
  const underWayMs = Date.now() - Date.parse(registeredAt);
  if (underWayMs < usualMs) return Math.min(10_000, usualMs - underWayMs);
  return underWayMs < lateMs ? 2_000 : undefined;
}

async function networkInterface(tools: Tools, input: HelperInput, making: Making): Promise<Progress<'wired'>> {
  const { networkInterfaceId, subnetId } = making;
  const existing = await tools.recovery.getNetworkInterface(networkInterfaceId);
  if (existing.ok) {
    const debt = await debtOf(tools, input.repairId, networkInterfaceId);
    const { tags } = existing.value;
    const foreign = notOurs({ id: networkInterfaceId, tags, isOnRecord: debt !== undefined }, input.repairId);
    if (foreign) return foreign;
    if (existing.value.provisioningState !== 'Succeeded') return wait('The network interface is being made.', 1_000);
    if (debt) await incurred(tools, input.repairId, debt);
    return done('wired', '');
  }
  if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the network interface');
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const purpose = 'The network interface of the recovery VM';
  const details = { role: 'recovery-vm' } as const;
  await owe(tools, input.repairId, { resourceId: networkInterfaceId, kind: 'network-interface', details, purpose });
  const begun = await tools.recovery.beginCreateNetworkInterface({
    networkInterfaceId,
    location: permit.vm.location,
    subnetId,
    // What is deleted with the repair has an expiry too: whoever finds it later knows that nobody needs it.
    tags: expiringTagsOf(input, tools.settings),
  });
  return begun.ok
    ? wait('The network interface was begun.', usualInterfaceMs)
    : progressOf(begun.failure, 'make a network interface');
}

/** Tries the sizes in the plan's order: a region may have run out of one since the plan was made. */
async function begin(tools: Tools, input: HelperInput, making: Making): Promise<Progress<'ready'>> {
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const { vm } = permit;
  const { name, recoveryVmId, networkInterfaceId, computerName } = making;
  await owe(tools, input.repairId, {
    resourceId: recoveryVmId,
    kind: 'virtual-machine',
    details: { role: 'recovery-vm' },
    purpose: 'The recovery VM',
  });
  const full = await outOfRoomIn(tools, input);
  const problems = full.map(({ size, code }) => `${size}: ${code}`);
  const sizes = making.sizes.filter((size) => !full.some((other) => isSame(other.size, size)));
  let isWorthAsking = false;
  for (const size of sizes) {
    const begun = await tools.recovery.beginCreateRecoveryMachine({
      vmId: recoveryVmId,
      location: vm.location,
      zone: vm.configuration?.zones[0],
      size,
      image: { ...making.image, version: 'latest' },
      generation: making.generation,
      computerName,
      networkInterfaceId,
      osDiskName: `${name}${recoveryOsDiskSuffix}`,
      osDiskSku: 'StandardSSD_LRS',
      tags: expiringTagsOf(input, tools.settings),
    });
    if (begun.ok) return wait(`The recovery VM was begun, as ${size}.`, 10_000);
    if (!isOutOfRoom(begun.failure)) return progressOf(begun.failure, 'make a recovery VM');
    problems.push(`${size}: ${begun.failure.code}`);
    isWorthAsking ||= saysFullNow(begun.failure.code);
  }
  const reason = `No size of a recovery VM can be had now: ${problems.join(', ')}.`;
  const conclusion = { ending: 'not-repaired', code: 'recovery-vm-failed', reason } as const;
  // The patient is up meanwhile, and others give back what they have.
  return isWorthAsking ? wait(reason, fullPauseMs, conclusion) : { kind: 'end', conclusion };
}

function isOutOfRoom(failure: ArmFailure): boolean {
  return failure.kind === 'rejected' && saysNoRoom(failure.code);
}
