/** VMs that the route `recovery-vm` must not touch: each is repaired once, and judged. */
import {
  arrangeRefusal,
  refusalCases,
  refusalCasesAlone,
  refusalCasesByTrial,
  refusalProblems,
  type RefusalCase,
} from '../../../local/refusal-cases';
import type { Scenario } from './scenario';

/** A case, with how it is told to a person. */
export interface Refusal {
  one: RefusalCase;
  title: string;
}

/** All of them. */
export const refusals: readonly Refusal[] = [
  ...[...refusalCases, ...refusalCasesAlone].map((one) => ({ one, title: `${one.vm} (${one.what}): ${one.code}` })),
  ...refusalCasesByTrial.map((one) => ({
    one,
    title: `${one.vm} (${one.what}), which the trial copy tells: ${one.code}`,
  })),
];

/** Those of these VMs. Throws where there is none. */
export function refusalsOf(vms: readonly string[]): Refusal[] {
  return vms.map((vm) => {
    const found = refusals.find(({ one }) => one.vm === vm);
    if (!found) throw new Error(`There is no case of ${vm}.`);
    return found;
  });
}

/** What is not as it should be, by the VM: those side by side that may be, the others one after another. */
export async function judgeRefusals(
  scenario: Scenario,
  given: readonly Refusal[],
): Promise<Record<string, readonly string[]>> {
  const cases = given.map(({ one }) => one);
  const sharing = cases.filter((one) => !isAlone(one));
  const problems = await Promise.all(sharing.map(async (one) => [one.vm, await judge(scenario, one)] as const));
  for (const one of cases.filter(isAlone)) {
    problems.push([one.vm, await judge(scenario, one)]);
    await one.takeBack?.(scenario.azure);
  }
  return Object.fromEntries(problems);
}

function isAlone({ takeBack }: RefusalCase): boolean {
  return takeBack !== undefined;
}

/** Repairs the VM and gives what is not as it should be. */
export async function judge(scenario: Scenario, one: RefusalCase): Promise<string[]> {
  const before = await arrangeRefusal(scenario.azure, one);
  return refusalProblems(scenario.azure, one, before, await scenario.repair(one.vm));
}
