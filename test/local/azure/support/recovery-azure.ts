import type { ArmFailure, Answer, Arm, ManagedDisk, VirtualMachine } from '../../../../src/azure/ports';
import { connectArm } from '../../../../src/azure/arm';
import { connectRecoveryArm, type RecoveryAdapterSettings } from '../../../../src/azure/arm/recovery';
import type { RecoveryArm } from '../../../../src/azure/recovery-ports';
import { snapshotIdOf } from '../../../../src/azure/resource-id';
import { startAzureProcess, until, type AzureProcess } from './azure-process';

export const location = 'westeurope';

/** The simulated Azure, and the production adapters to it. */
export interface RecoveryAzure {
  azure: AzureProcess;
  arm: Arm;
  recovery: RecoveryArm;
  connect: (settings: Partial<RecoveryAdapterSettings>) => RecoveryArm;
  vmId: (name: string) => string;
  diskId: (name: string) => string;
  /** The group's id, with what is behind it. */
  groupScope: (resourceGroup: string) => string;
  vm: (name: string) => Promise<VirtualMachine>;
  disk: (id: string) => Promise<ManagedDisk>;
  /** Waits until the VM's last operation has ended, well or badly. */
  settled: (name: string) => Promise<VirtualMachine>;
  osDiskOf: (vm: string) => Promise<string>;
  /** Powers a VM off and waits for it. */
  stop: (vm: string) => Promise<void>;
  /** A ready copy of a VM's OS disk, made from a snapshot. */
  copyOf: (vm: string, name: string, like?: Partial<ManagedDisk>) => Promise<string>;
  /** Plants a fault that strikes once. */
  plant: (fault: object) => Promise<unknown>;
}

export async function startRecoveryAzure(): Promise<RecoveryAzure> {
  const azure = await startAzureProcess({ speed: 100 });
  const settings = {
    endpoint: azure.armEndpoint,
    audience: 'https://management.azure.com/.default',
    observe: azure.credential('observe'),
    repair: azure.credential('repair'),
    httpClient: azure.httpClient,
    blobHosts: ['localhost'],
  };
  const arm = connectArm(settings);
  const recovery = connectRecoveryArm(settings);
  const groupScope = (group: string) => `/subscriptions/${azure.subscriptionId}/resourceGroups/${group}`;
  const idOf = (type: string, name: string) =>
    `${groupScope(azure.resourceGroup)}/providers/Microsoft.Compute/${type}/${name}`;
  const vmId = (name: string) => idOf('virtualMachines', name);
  const diskId = (name: string) => idOf('disks', name);
  const vm = async (name: string) => valueOf(await arm.getVirtualMachine(name.startsWith('/') ? name : vmId(name)));
  const disk = async (id: string) => valueOf(await arm.getDisk(id));
  const settled = (name: string) =>
    until(
      () => vm(name),
      ({ provisioningState }) => provisioningState === 'Succeeded' || provisioningState === 'Failed',
    );
  const osDiskOf = async (name: string) => (await vm(name)).osDiskId ?? '';
  return {
    azure,
    arm,
    recovery,
    connect: (given) => connectRecoveryArm({ ...settings, ...given }),
    vmId,
    diskId,
    groupScope,
    vm,
    disk,
    settled,
    osDiskOf,
    async stop(name) {
      valueOf(await recovery.beginPowerOff(vmId(name), { skipShutdown: false }));
      await until(
        () => vm(name),
        ({ powerState, provisioningState }) => powerState === 'stopped' && provisioningState === 'Succeeded',
      );
    },
    async copyOf(name, copyName, like = {}) {
      const original = await disk(await osDiskOf(name));
      const snapshotId = snapshotIdOf(azure.subscriptionId, azure.workbenchResourceGroup, `snap-of-${copyName}`);
      const snapshot = { snapshotId, sourceDiskId: original.id, location, tags: {} };
      valueOf(await arm.beginSnapshot(snapshot));
      await until(
        async () => valueOf(await arm.getSnapshot(snapshotId)),
        ({ state }) => state === 'ready',
      );
      const request = { diskId: diskId(copyName), sourceId: snapshotId, like: { ...original, ...like }, tags: {} };
      valueOf(await recovery.beginCopyDisk(request));
      await until(
        () => disk(request.diskId),
        ({ provisioningState }) => provisioningState === 'Succeeded',
      );
      return request.diskId;
    },
    plant: (fault) => azure.control('POST', '/faults', { times: 1, when: 'before', ...fault }),
  };
}

/** The value of an answer that must be good. */
export function valueOf<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

/** A no of ARM with this code. */
export function rejectedWith(code: string, more: Partial<ArmFailure> = {}): object {
  return { ok: false, failure: { kind: 'rejected', code, ...more } };
}
