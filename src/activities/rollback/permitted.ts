import { permittedVm } from '../authorise';
import type { AboutRepair } from '../input';
import type { Tools } from '../toolbox';

/** Asks policy, on the VM as it is now, whether the original disk may be put back: before each thing that is created or changed. */
export function permitted(tools: Tools, about: AboutRepair): ReturnType<typeof permittedVm> {
  return permittedVm(tools, about, 'roll-back');
}
