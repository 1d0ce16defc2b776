import { isSameId } from '../../same-id';
import { end, type Progress } from '../progress';
import { powerOff } from '../recovery/power-off';
import type { Tools } from '../toolbox';
import { errandOf, rollbackInput, rollbackStop } from './errand';
import { permitted } from './permitted';
import { whetherController } from './whether-controller';

/** A rollback may have waited an hour for its place: for so long (ms) it counts that a VM said to be no domain controller. */
const controllerAgeMs = 10 * 60_000;

/**
 * Stops the VM so that it gets its original disk back because a person asked for that. Policy is asked just before each power-off that is
 * begun, and the VM must still have the copy that the person has spoken of.
 */
export async function stopForRollback(tools: Tools, given: unknown): Promise<Progress<'stopped'>> {
  const about = rollbackInput.parse(given);
  return powerOff(tools, about, rollbackStop, async () => {
    const known = await errandOf(tools, about);
    if (known.kind === 'end') return known;
    const { copyId } = known.errand;
    return {
      kind: 'occasion',
      occasion: {
        name: rollbackStop,
        details: { occasion: 'rollback' },
        async refusal() {
          const permit = await permitted(tools, about);
          if (permit.kind !== 'permitted') return permit;
          const { osDiskId } = permit.vm;
          if (!isSameId(osDiskId, copyId)) {
            const reason = `The VM has another OS disk now than when it was looked at: ${osDiskId}.`;
            return end('not-rolled-back', 'os-disk-changed', reason);
          }
          const controller = await whetherController(tools, about, controllerAgeMs);
          return controller.kind === 'done' ? undefined : controller;
        },
      },
    };
  });
}
