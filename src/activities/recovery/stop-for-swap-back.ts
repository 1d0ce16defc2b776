import { aboutRepair } from '../input';
import type { Progress } from '../progress';
import type { Tools } from '../toolbox';
import { openSwapOf } from './open-swap';
import { powerOff } from './power-off';
import { controllerStands } from './swap-back-of-controller';

/**
 * Stops a VM that has a copy which does not do, so that it gets its original disk back. The record must show that swap as open. No permit
 * is asked for: leaving the VM with such a copy would be worse than any stop that is on. Only a domain controller keeps it.
 */
export async function stopForSwapBack(tools: Tools, given: unknown): Promise<Progress<'stopped'>> {
  const about = aboutRepair.parse(given);
  return powerOff(tools, about, 'back', async () => {
    const swap = await openSwapOf(tools, about);
    if (swap.kind === 'end') return swap;
    const controller = await controllerStands(tools, about);
    if (controller) return controller;
    return {
      kind: 'occasion',
      occasion: { name: 'back', details: { occasion: 'swap-back' }, refusal: () => Promise.resolve(undefined) },
    };
  });
}
