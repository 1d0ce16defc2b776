import type { VirtualMachine } from '../../azure/ports';
import { authorise, permittedMode } from '../authorise';
import type { AboutRepair } from '../input';
import type { Progress } from '../progress';
import type { Tools } from '../toolbox';

/** Asks policy, on the VM as it is now, whether the original disk may be put back: before each thing that is created or changed. */
export async function permitted(
  tools: Tools,
  about: AboutRepair,
): Promise<{ kind: 'permitted'; vm: VirtualMachine } | Exclude<Progress<never>, { kind: 'done' }>> {
  const authorisation = await authorise(tools, about, 'roll-back');
  if (authorisation.kind !== 'authorised') return authorisation;
  const { vm, decision } = authorisation.value;
  const permit = permittedMode(tools, about, decision);
  return permit.kind === 'end' ? permit : { kind: 'permitted', vm };
}
