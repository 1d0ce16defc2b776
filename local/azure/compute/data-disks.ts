/**
 * `virtualMachines/attachDetachDataDisks`. No recording of it was found; that it is a long-running operation whose result is the
 * storage profile is in @azure/arm-compute 24.1, and that it works, in kubernetes-sigs/cloud-provider-azure. A subscription could
 * be without it in 2024 (Azure/azure-sdk-for-go#22773).
 */
import { idKey } from '../arm-id';
import { beingChanged, type ArmResponse } from '../arm-errors';
import { DISK_ATTACH_MS, DISK_DETACH_MS } from '../durations';
import { carryOut, type OperationError } from '../long-running-operations';
import { readObject } from '../request-body';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import type { World } from '../world';
import { quotas, virtualMachineVersions } from './api-versions';
import { lunInUse, lunOutOfRange, notAttached, tooManyDataDisks } from './compute-errors';
import type { ComputeContext } from './context';
import type { Machine } from './machine';
import type { DataDisk } from './machine-settings';
import { checkAttachable } from './os-disk-rules';
import { findSize } from './sizes';
import { failMachine } from './struck-machine';
import { storageProfile } from './virtual-machine-body';
import { findMachine, missingMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines';

interface Wanted {
  attach: { diskId: string; lun?: number; caching?: DataDisk['caching']; deleteOption?: DataDisk['deleteOption'] }[];
  detach: { diskId: string }[];
}

export function dataDiskOperations(context: ComputeContext): ArmOperation[] {
  return [
    {
      apiVersions: virtualMachineVersions,
      method: 'POST',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}/attachDetachDataDisks`,
      action: `${type}/attachDetachDataDisks/action`,
      // assumed: as for an OS disk, on what is attached anew.
      linked: ({ body }) =>
        readWanted(body)
          .attach.filter(({ diskId }) => context.world.disks.get(idKey(diskId))?.managedBy === undefined)
          .map(({ diskId }) => ({ action: 'Microsoft.Compute/disks/write', scope: diskId })),
      quota: quotas.updateVm,
      handle(request) {
        const machine = findMachine(context, request);
        return machine ? changeDataDisks(context, machine, request) : missingMachine(request);
      },
    },
  ];
}

function readWanted(body: unknown): Wanted {
  const object = readObject(body);
  const { dataDisksToAttach, dataDisksToDetach } = object.ok ? object.value : {};
  const listOf = <T>(value: unknown) => (Array.isArray(value) ? (value as T[]) : []);
  return { attach: listOf(dataDisksToAttach), detach: listOf(dataDisksToDetach) };
}

function changeDataDisks(context: ComputeContext, machine: Machine, request: ArmRequest): ArmResponse {
  if (machine.isBusy) return beingChanged(type, machine.name);
  const { world } = context;
  const wanted = readWanted(request.body);
  const refusal = refuse(world, machine, wanted);
  if (refusal) return refusal;
  const leaving = machine.model.dataDisks.filter(({ diskId }) => isNamed(wanted.detach, diskId));
  for (const disk of leaving) disk.state = 'detaching';
  const coming = wanted.attach.map((disk) => comingDisk(machine, disk));
  machine.model.dataDisks.push(...coming);
  machine.revision += 1;
  machine.isBusy = true;
  machine.provisioningState = 'Updating';
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void carryOut(operation, {
    durationMs: leaving.length > 0 ? DISK_DETACH_MS : DISK_ATTACH_MS,
    fate: request.fate,
    apply() {
      settle(world, machine, { leaving, coming });
      return storageProfile(world, machine);
    },
    failed(failure: OperationError) {
      // assumed: a disk that could not be attached is taken out again; one that could not be detached stays on its way out, as
      // MicrosoftDocs/azure-docs' page on detached disks tells ("the last detach operation failed").
      machine.model.dataDisks = machine.model.dataDisks.filter((disk) => !coming.includes(disk));
      failMachine(machine)(failure);
    },
  });
  return { status: 202, body: storageProfile(world, machine), headers: operation.headers('both') };
}

function isNamed(list: Wanted['detach'], diskId: string): boolean {
  return list.some((one) => idKey(one.diskId) === idKey(diskId));
}

/** While it is on its way, nobody owns the disk yet: it still shows as unattached (kubernetes/kubernetes#82714). */
function comingDisk({ model }: Machine, { diskId, lun, caching, deleteOption }: Wanted['attach'][number]): DataDisk {
  const used = new Set(model.dataDisks.map((disk) => disk.lun));
  const free = Array.from({ length: 64 }, (_, number) => number).find((number) => !used.has(number)) ?? 0;
  return {
    diskId,
    lun: lun ?? free,
    caching: caching ?? 'None',
    deleteOption: deleteOption ?? 'Detach',
    state: 'attaching',
  };
}

function refuse(world: World, machine: Machine, { attach, detach }: Wanted): ArmResponse | undefined {
  const { dataDisks, size } = machine.model;
  const missing = detach.find(({ diskId }) => !dataDisks.some((disk) => idKey(disk.diskId) === idKey(diskId)));
  if (missing) return notAttached(missing.diskId);
  const maximum = findSize(size)?.maxDataDisks ?? 64;
  for (const { diskId, lun } of attach) {
    if (lun !== undefined && (!Number.isInteger(lun) || lun < 0 || lun > 63)) return lunOutOfRange(lun);
    const checked = checkAttachable(world, machine, diskId);
    if (!checked.ok) return checked.response;
    if (dataDisks.some((disk) => disk.lun === lun)) return lunInUse(lun ?? 0);
  }
  if (dataDisks.length + attach.length > maximum) return tooManyDataDisks(maximum);
  return undefined;
}

function settle(world: World, machine: Machine, { leaving, coming }: Record<'leaving' | 'coming', DataDisk[]>): void {
  const ownershipChangedAt = Date.now();
  for (const { diskId } of leaving) {
    const disk = world.disks.get(idKey(diskId));
    if (disk) Object.assign(disk, { managedBy: undefined, ownershipChangedAt });
  }
  machine.model.dataDisks = machine.model.dataDisks.filter((disk) => !leaving.includes(disk));
  for (const dataDisk of coming) {
    dataDisk.state = 'attached';
    const disk = world.disks.get(idKey(dataDisk.diskId));
    if (disk) Object.assign(disk, { managedBy: machine.id, ownershipChangedAt });
  }
  Object.assign(machine, { isBusy: false, provisioningState: 'Succeeded', failure: undefined, changedAt: Date.now() });
}
