/** Whether a disk can be put under a VM. The order of the checks is assumed. */
import { idKey } from '../arm-id';
import type { ArmResponse } from '../arm-errors';
import type { World } from '../world';
import {
  architectureMismatch,
  beingDetached,
  controllerMismatch,
  diskNotFound,
  generationMismatch,
  ownedByAnother,
  premiumNotSupported,
  securityTypeMismatch,
  swapWithDiskEncryption,
  zoneMismatch,
} from './compute-errors';
import type { Disk } from './disk-record';
import type { Machine } from './machine';
import { findSize } from './sizes';

type Checked = { ok: true; disk: Disk } | { ok: false; response: ArmResponse };

/** What holds for every disk of a VM, OS or data. */
export function checkAttachable(world: World, machine: Machine, diskId: string): Checked {
  const disk = world.disks.get(idKey(diskId));
  const refused = (response: ArmResponse): Checked => ({ ok: false, response });
  if (!disk) return refused(diskNotFound(diskId.split('/').at(-1) ?? ''));
  const leaving = [...world.machines.values()].find(({ model }) =>
    model.dataDisks.some((one) => idKey(one.diskId) === idKey(diskId) && one.state === 'detaching'),
  );
  if (leaving) return refused(beingDetached(disk.name, machine.name));
  if (disk.managedBy !== undefined) return refused(ownedByAnother(disk.id, disk.managedBy));
  const [vmZone] = machine.model.zones;
  const [diskZone] = disk.zones;
  // A zone-redundant disk fits any zone: https://learn.microsoft.com/azure/virtual-machines/disks-redundancy
  const isRedundant = disk.sku.endsWith('_ZRS');
  if (!isRedundant && vmZone !== diskZone) return refused(zoneMismatch(disk.id, vmZone ?? '', diskZone));
  const size = findSize(machine.model.size);
  if (disk.sku.startsWith('Premium') && size?.hasPremium === false) {
    return refused(premiumNotSupported(size.name, disk.sku, disk.name));
  }
  return { ok: true, disk };
}

/** What must hold besides for an OS disk that takes the place of another. */
export function checkSwap(world: World, machine: Machine, diskId: string): Checked {
  const { model } = machine;
  const current = world.disks.get(idKey(model.osDisk.diskId));
  const refused = (response: ArmResponse): Checked => ({ ok: false, response });
  if (model.isDiskEncrypted) return refused(swapWithDiskEncryption());
  const attachable = checkAttachable(world, machine, diskId);
  if (!attachable.ok) return attachable;
  const { disk } = attachable;
  const generation = current?.hyperVGeneration ?? 'V1';
  if ((disk.hyperVGeneration ?? 'V1') !== generation) return refused(generationMismatch(generation));
  const { architecture, diskControllerTypes = 'SCSI' } = disk.supportedCapabilities;
  const size = findSize(model.size);
  if (size && architecture !== size.architecture) {
    return refused(architectureMismatch(size.architecture, size.name, disk.id));
  }
  if (!diskControllerTypes.toUpperCase().split(/,\s*/).includes(model.diskControllerType.toUpperCase())) {
    return refused(controllerMismatch(model.diskControllerType, disk.id, diskControllerTypes));
  }
  if ((disk.securityType ?? 'Standard') !== (current?.securityType ?? 'Standard'))
    return refused(securityTypeMismatch());
  return attachable;
}
