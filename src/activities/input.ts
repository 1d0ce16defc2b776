import { z } from 'zod';
import { parseVirtualMachineId } from '../azure/resource-id';
import { repairIdPattern } from '../repair-id';

/**
 * What every activity is told about its repair. Whoever holds the Durable system key can start any orchestration with any input, so
 * the guard (guard.ts) believes none of it but the id, and puts what is on record in its place.
 */
export const aboutRepair = z.object({
  repairId: z.string().regex(repairIdPattern),
  vmId: z.string().refine((id) => parseVirtualMachineId(id) !== undefined, 'is no id of a virtual machine'),
  requestedMode: z.enum(['off', 'observe', 'diagnose', 'approve', 'repair']).optional(),
  /** The repair whose exchange of the OS disk is to be taken back. */
  rollsBack: z.string().regex(repairIdPattern).optional(),
  /** Which orchestration calls: the number that the record gave it when it took the repair up; 0 before that. */
  generation: z.number().int().min(0).default(0),
  /** How often the VM is inspected and its evidence read, this time included: as the record has it. */
  reading: z.number().int().min(1).default(1),
});

/** The same before it is parsed: who does not say a generation is of none. */
export type AboutRepair = z.input<typeof aboutRepair>;
