/** `npm run demo`, after the fleet: what becomes of a recovery that goes wrong, and which VMs it leaves alone. */
import type { RepairReport } from '../src/report/repair-report';
import { cutOff, isMended } from './cut-off';
import { damageCopy } from './hold-run';
import { brokenPromises, lookBefore } from './promises';
import { arrangeRefusal, codeOf, refusalProblems, type RefusalCase } from './refusal-cases';
import type { SimulatedAzure } from './simulated-azure-client';

/** What was seen of one case; `problems` is empty if it ended as it must. */
export interface CaseVerdict {
  vm: string;
  what: string;
  ended: string;
  problems: string[];
}

/** Fires an alert for a VM and follows the repair; `begun` is told its id as soon as it has one. */
export type Repair = (name: string, begun?: (repairId: string) => void) => Promise<RepairReport>;

/** Somebody damages the mended copy just before it goes in: it must give way to the original. */
export async function damagedCopy(azure: SimulatedAzure, repair: Repair): Promise<CaseVerdict> {
  const vm = 'vm-copy-damaged';
  await azure.addVm(vm, 'vm-dhcp-rebooted');
  const before = await lookBefore(azure, vm);
  let damage: Promise<void> | undefined;
  const report = await repair(vm, (repairId) => {
    damage = damageCopy(azure, repairId);
  });
  await damage;
  const after = await azure.vm(vm);
  const problems = await brokenPromises(azure, before, report, { isMended });
  if (report.code !== 'swapped-back') problems.push(`its code is ${report.code}`);
  if (after.osDiskId !== before.osDiskId) problems.push('it does not have its original disk');
  return { vm, what: 'its copy is damaged before it goes in', ended: endedAs(report), problems };
}

/** A security group lets nobody in: what is mended on the copy is kept, and the group is named. */
export async function shutOutCopy(azure: SimulatedAzure, repair: Repair): Promise<CaseVerdict> {
  const vm = 'vm-copy-shut-out';
  await azure.addVm(vm, 'vm-nsg-blocked');
  await cutOff(azure, vm);
  const before = await lookBefore(azure, vm);
  const report = await repair(vm);
  const after = await azure.vm(vm);
  const problems = await brokenPromises(azure, before, report, { isMended });
  if (report.code !== 'blocked-by-nsg') problems.push(`its code is ${report.code}`);
  if (after.osDiskId === before.osDiskId) problems.push('the fix was not kept');
  return { vm, what: 'a security group keeps everybody out', ended: endedAs(report), problems };
}

/** One VM that must be left alone. */
export async function refusal(azure: SimulatedAzure, repair: Repair, one: RefusalCase): Promise<CaseVerdict> {
  const before = await arrangeRefusal(azure, one);
  const report = await repair(one.vm);
  const problems = await refusalProblems(azure, one, before, report);
  await one.takeBack?.(azure);
  return { vm: one.vm, what: one.what, ended: `${report.ending}: ${codeOf(one, report)}`, problems };
}

function endedAs({ ending, code }: RepairReport): string {
  return `${ending}: ${code}`;
}
