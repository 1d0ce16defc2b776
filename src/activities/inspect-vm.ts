import { authorise, permittedMode } from './authorise';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { done, type Progress } from './progress';
import type { Tools } from './toolbox';

/**
 * Reads the VM from ARM, records what was seen, and asks policy whether we may look inside. Nothing is created.
 */
export async function inspectVm(tools: Tools, input: unknown): Promise<Progress<{ agentUsable: boolean }>> {
  const about = aboutRepair.parse(input);
  await tools.ledger.updateRepair(about.repairId, { startedAt: new Date().toISOString() });
  return inStep(tools, about.repairId, { step: 'inspect', title: 'Look at the VM through Azure' }, async () => {
    const authorisation = await authorise(tools, about, 'look');
    if (authorisation.kind !== 'authorised') return authorisation;
    const { vm, decision } = authorisation.value;
    await tools.ledger.putDocument(about.repairId, 'inspection', { vm, decision, readAt: new Date().toISOString() });
    const permit = permittedMode(tools, about, decision);
    if (permit.kind === 'end') return permit;
    const detail = `The VM is ${vm.powerState}; ${lowerFirst(vm.agent.reason)} Allowed: ${permit.mode}.`;
    return done({ agentUsable: vm.agent.usable }, detail);
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
