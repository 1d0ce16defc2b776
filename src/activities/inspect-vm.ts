import type { VirtualMachine } from '../azure/ports';
import {
  consoleUnknown,
  isConsoleOfInterest,
  routesOf,
  type ConsoleKnowledge,
  type RouteState,
} from '../policy/routes';
import { powerWords } from '../resource-state';
import { authorise, isSubscriptionAllowed, permittedMode } from './authorise';
import { inStep } from './in-step';
import { aboutRepair, type AboutRepair } from './input';
import { conclusionOnRecord } from './on-record';
import { done, type Progress } from './progress';
import { freshReading, ofReading, recordInspection } from './readings';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Reads the VM from ARM, records what was seen and which routes to it are open, and asks policy whether we may look inside.
 * Nothing is created.
 */
export async function inspectVm(tools: Tools, input: unknown): Promise<Progress<{ agentUsable: boolean }>> {
  const about = await freshReading(tools, aboutRepair.parse(input));
  await tools.ledger.updateRepair(about.repairId, { startedAt: new Date().toISOString() });
  const step: Step = { step: ofReading('inspect', about), title: 'Look at the VM through Azure' };
  return inStep(tools, about.repairId, step, async () => {
    const told = await conclusionOnRecord(tools.ledger, about.repairId);
    if (told) return { kind: 'end', conclusion: told };
    const authorisation = await authorise(tools, about, 'look');
    if (authorisation.kind !== 'authorised') return authorisation;
    const { vm, decision } = authorisation.value;
    await recordInspection(tools, about, { vm, decision });
    await tools.ledger.putDocument(about.repairId, 'routes', await routesTo(tools, about, vm));
    const permit = permittedMode(tools, about, decision);
    if (permit.kind !== 'permit') return permit;
    const detail = `The VM is ${powerWords(vm)}; ${lowerFirst(vm.agent.reason)} Allowed: ${permit.mode}.`;
    return done({ agentUsable: vm.agent.usable }, detail);
  });
}

/** What can't be found out here is said, and never stands in a repair's way. */
async function routesTo(tools: Tools, { vmId }: AboutRepair, vm: VirtualMachine): Promise<RouteState[]> {
  const isAsked = isConsoleOfInterest(vm) && isSubscriptionAllowed(tools, vmId);
  return routesOf(vm, isAsked ? await serialConsoleOf(tools, vmId) : { known: false, why: 'it was not asked for.' });
}

async function serialConsoleOf({ arm }: Tools, vmId: string): Promise<ConsoleKnowledge> {
  const answer = await arm.getSerialConsole(vmId);
  return answer.ok ? { known: true, state: answer.value } : consoleUnknown(answer.failure);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
