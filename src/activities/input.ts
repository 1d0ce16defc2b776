import { z } from 'zod';
import { parseVirtualMachineId } from '../azure/resource-id';
import { repairIdPattern } from '../repair-id';

/**
 * What every activity is told about its repair. Checked again in each activity: whoever holds the Durable system key
 * can start any orchestration with any input.
 */
export const aboutRepair = z.object({
  repairId: z.string().regex(repairIdPattern),
  vmId: z.string().refine((id) => parseVirtualMachineId(id) !== undefined, 'is no id of a virtual machine'),
  requestedMode: z.enum(['off', 'observe', 'diagnose', 'approve', 'repair']).optional(),
  /** The repair whose exchange of the OS disk is to be taken back. */
  rollsBack: z.string().regex(repairIdPattern).optional(),
});

export type AboutRepair = z.infer<typeof aboutRepair>;
