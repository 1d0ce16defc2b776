import type { Round } from '../../ledger/ports';
import { isSameId } from '../../same-id';
import { permittedVm } from '../authorise';
import { done, end, type Progress } from '../progress';
import type { AboutRepair } from '../input';
import type { Tools } from '../toolbox';
import { openSwapOf } from './open-swap';
import { recoveryInputOf, recoveryRequest } from './input';
import { powerOff } from './power-off';

/**
 * Stops the VM so that its disk can be copied. `has-copy`: a story that is begun again finds the swap of this round done, and goes on from there. Policy is asked just before each power-off that is begun, and the VM must still have the
 * disk that the plan was made for.
 */
export async function stopPatient(tools: Tools, given: unknown): Promise<Progress<'stopped' | 'has-copy'>> {
  const request = recoveryRequest.parse(given);
  const { round } = request;
  if (await hasCopy(tools, request)) return done('has-copy', 'The VM has the mended copy already.');
  return powerOff(tools, request, `round-${round}`, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { plan, recovery } = known.input;
    return {
      kind: 'occasion',
      occasion: {
        name: `round-${round}`,
        details: { occasion: 'copy', round },
        async refusal() {
          const permit = await permittedVm(tools, request, 'swap', plan.title);
          if (permit.kind !== 'permitted') return permit;
          const { osDiskId } = permit.vm;
          if (isSameId(osDiskId, recovery.osDiskId)) return undefined;
          const reason = `The VM has another OS disk now than when it was looked at: ${osDiskId}.`;
          return end('not-repaired', 'os-disk-changed', reason);
        },
      },
    };
  });
}

/** By the record of the swap, which must be open, and by the VM itself. */
async function hasCopy(tools: Tools, request: AboutRepair & { round: Round }): Promise<boolean> {
  const open = await openSwapOf(tools, request);
  if (open.kind !== 'open') return false;
  const swap = open.swaps.find(({ details }) => details.round === request.round);
  const look = swap && (await tools.arm.getVirtualMachine(request.vmId));
  return look?.ok === true && isSameId(look.value.osDiskId, swap?.details.copyId ?? '');
}
