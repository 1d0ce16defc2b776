/** Recovery VMs of the operator's own, one for each generation, in an app that may make none. */
import { manyPlaces } from './recovery-cases';
import { startScenario, type Scenario } from './scenario';

const subscriptionId = '5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6';

export const standingVms = { V1: 'vm-rescue-mbr', V2: 'vm-rescue-gpt' } as const;

export function standingVmId(name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/rg-rdp-lifeline-workbench/providers/Microsoft.Compute/virtualMachines/${name}`;
}

/** Starts a local cloud whose app is told of them; they are not there yet. */
export function startWithStandingVms(): Promise<Scenario> {
  return startScenario({
    settings: {
      ...manyPlaces,
      RECOVERY_WORKBENCHES: '',
      STANDING_RECOVERY_VMS: Object.values(standingVms).map(standingVmId).join(','),
    },
  });
}

export async function addStandingVms({ azure }: Scenario): Promise<void> {
  for (const generation of ['V1', 'V2'] as const)
    await azure.addVm(standingVms[generation], 'vm-healthy', { generation, isInWorkbench: true });
}

/** What became of a standing recovery VM. */
export async function stateOf({ azure }: Scenario, name: string) {
  const { powerState, dataDisks } = await azure.vm(name);
  return { powerState, dataDisks };
}

export const asItWas = { powerState: 'running', dataDisks: [] };
