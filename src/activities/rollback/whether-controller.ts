import { obstacleOfController } from '../../policy/rollback';
import { askWhetherController } from '../domain-controller';
import type { AboutRepair } from '../input';
import { done, end, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/**
 * Whether the VM of a rollback is a domain controller by what its guest says, and how the rollback ends if it is. A guest that nobody can
 * ask is what its repair has read on its disk. An answer older than `maximumAgeMs` is asked for once more.
 */
export async function whetherController(
  tools: Tools,
  about: AboutRepair,
  maximumAgeMs?: number,
): Promise<Progress<'none'>> {
  const told = await askWhetherController(tools, about, { purpose: 'roll-back', maximumAgeMs });
  if (told.kind === 'wait') return told;
  if (told.kind === 'no') return done('none', 'The guest says that it is no domain controller.');
  if (told.kind === 'not-told' && !told.isAgentUsable) {
    const reason = `Whether the VM was made a domain controller since then is not known: ${told.reason}`;
    return done('none', `The repair read on its disk that it was no domain controller. ${reason}`);
  }
  const obstacle = obstacleOfController(told.kind);
  const why = told.kind === 'not-told' ? ` ${told.reason}` : '';
  return obstacle ? end('refused', obstacle.code, `${obstacle.reason}${why}`) : done('none', '');
}
