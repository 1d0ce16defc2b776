/** Power of a machine together with what its disks say of it. */
import { idKey } from '../arm-id';
import type { World } from '../world';
import { powerOff, start, type Machine } from './machine';

/** Starts; a running machine is left as it is. Answers false when another operation runs. */
export async function startMachine(world: World, machine: Machine): Promise<boolean> {
  const wasDeallocated = machine.power === 'deallocated';
  const isDone = await start(machine);
  if (isDone && wasDeallocated) touchDisks(world, machine);
  return isDone;
}

/** Powers off or deallocates. Answers false when another operation runs. */
export async function stopMachine(
  world: World,
  machine: Machine,
  to: 'stopped' | 'deallocated',
  skipShutdown = false,
): Promise<boolean> {
  const isDone = await powerOff(machine, to, skipShutdown);
  if (isDone && to === 'deallocated') touchDisks(world, machine);
  return isDone;
}

/**
 * `LastOwnershipUpdateTime` is when a disk changed between attached, detached and reserved (Azure/azure-rest-api-specs#25039):
 * stopping without deallocation and starting again leave no trace in it.
 */
function touchDisks(world: World, { model }: Machine): void {
  for (const id of [model.osDisk.diskId, ...model.dataDisks.map(({ diskId }) => diskId)]) {
    const disk = world.disks.get(idKey(id));
    if (disk) disk.ownershipChangedAt = Date.now();
  }
}
