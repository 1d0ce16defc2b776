import { powerWords } from '../../resource-state';
import { done, end, progressOf, wait, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe } from './debts';
import { permittedOnPatient, type HelperInput } from './input';
import { loanOf } from './names';
import { lookAtStanding } from './standing-vm';

/** How often is asked for one that another repair has, in ms: a repair takes minutes. */
const busyPauseMs = 15_000;

/** A standing recovery VM that the plan has chosen, and the patient's disk. */
interface Loan {
  vmId: string;
  osDiskId: string;
}

/**
 * Has a standing recovery VM lent to this repair. That it is to be given back is on record before; what it looked like when the plan
 * was made is looked at again. Another repair that was faster keeps it: it is waited for, and the patient is not stopped.
 */
export async function borrowRecoveryVm(
  tools: Tools,
  input: HelperInput,
  { vmId, osDiskId }: Loan,
): Promise<Progress<'ready'>> {
  const { ledger, arm } = tools;
  const { repairId } = input;
  const resourceId = loanOf(vmId);
  const debt = await debtOf(tools, repairId, resourceId);
  if (debt?.deletedAt !== undefined) {
    return end('not-repaired', 'cleaned-up-before', 'This repair was begun again after its clean-up. See its steps.');
  }
  if (debt?.createdAt !== undefined) return lookAtLent(tools, vmId);
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const disk = await arm.getDisk(osDiskId);
  if (!disk.ok) return progressOf(disk.failure, 'read the OS disk');
  const look = await lookAtStanding(tools, input, { vm: permit.vm, disk: disk.value }, vmId);
  if (look.kind === 'wait') return look;
  if (look.kind === 'busy') return waitForIt(look.problem);
  if (look.kind !== 'usable') return end('not-repaired', 'standing-vm-unusable', problemOf(look, vmId));
  await owe(tools, repairId, {
    resourceId,
    kind: 'recovery-vm-loan',
    details: { vmId },
    purpose: 'The standing recovery VM is lent to it',
  });
  const lent = await ledger.lendRecoveryVm(vmId, repairId);
  if (lent.kind === 'held') {
    return waitForIt(`The standing recovery VM ${vmId} works for the repair ${lent.repairId}.`);
  }
  const owed = await debtOf(tools, repairId, resourceId);
  if (owed) await incurred(tools, repairId, owed);
  return done('ready', `The standing recovery VM ${vmId} is lent to this repair.`);
}

/** It may be had later; the patient is up meanwhile. */
function waitForIt(problem: string): Progress<'ready'> {
  const reason = `${problem} The VM was not stopped.`;
  return wait(problem, busyPauseMs, { ending: 'not-repaired', code: 'standing-vm-busy', reason });
}

function problemOf(look: { kind: 'problem'; problem: string } | { kind: 'elsewhere' }, vmId: string): string {
  return look.kind === 'problem' ? look.problem : `The standing recovery VM ${vmId} is in another region now.`;
}

/** One that was lent before, for a look for example: all that can have changed is how it is. */
async function lookAtLent({ arm }: Tools, vmId: string): Promise<Progress<'ready'>> {
  const machine = await arm.getVirtualMachine(vmId);
  if (!machine.ok) return progressOf(machine.failure, 'look at the standing recovery VM');
  const { agent, powerState } = machine.value;
  if (powerState === 'running' && agent.usable)
    return done('ready', `The standing recovery VM ${vmId} is lent already.`);
  return wait(`The standing recovery VM is not ready: it is ${powerWords(machine.value)}; ${agent.reason}`);
}
