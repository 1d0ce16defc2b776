import { isSameId } from '../../same-id';
import { permittedVm } from '../authorise';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { recoveryInputOf, recoveryRequest } from './input';
import { powerOff } from './power-off';

/**
 * Stops the VM so that its disk can be copied. Policy is asked just before each power-off that is begun, and the VM must still have the
 * disk that the plan was made for.
 */
export async function stopPatient(tools: Tools, given: unknown): Promise<Progress<'stopped'>> {
  const request = recoveryRequest.parse(given);
  const { round } = request;
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
