import type { Answer, ArmFailure, ManagedDisk } from '../../src/azure/ports';
import type { Leftover, NetworkInterface, RecoveryArm, Tags } from '../../src/azure/recovery-ports';
import { virtualMachine } from '../azure/machine';
import type { FakeWorld } from './fakes';

/** What the fake Azure holds of the route `recovery-vm`, to be looked at and changed by a test. */
export interface RecoveryContent {
  /** By lower-cased id. */
  disks: Map<string, ManagedDisk>;
  interfaces: Map<string, NetworkInterface>;
  locks: { name: string; level: string }[];
  /** What the repairing identity may do, at every scope. */
  actions: string[];
  /** Names of groups that may not be listed. */
  unreadable: string[];
  /** A failure that a call gives instead of its answer, as long as it stands here. */
  failures: Partial<Record<keyof RecoveryArm, ArmFailure>>;
}

/** An Azure in which nothing stands in the way. */
export function recoveryContent(): RecoveryContent {
  return { disks: new Map(), interfaces: new Map(), locks: [], actions: ['*'], unreadable: [], failures: {} };
}

/** Carries everything out at once; each deed is written down as `recovery.<call> <what>`. */
export function fakeRecovery(worldOf: () => FakeWorld): RecoveryArm {
  function answer<T>(call: keyof RecoveryArm, value: () => T | undefined, what: string): Promise<Answer<T>> {
    const { recoveryContent: content, deeds } = worldOf();
    if (call.startsWith('begin')) deeds.push(`recovery.${call} ${what}`);
    const failure = content.failures[call];
    if (failure) return Promise.resolve({ ok: false, failure });
    const found = value();
    if (found !== undefined) return Promise.resolve({ ok: true, value: found });
    const message = `The Resource '${what}' was not found.`;
    return Promise.resolve({ ok: false, failure: { kind: 'not-found', code: 'ResourceNotFound', message } });
  }
  function changeVm(vmId: string, fields: Partial<ReturnType<typeof virtualMachine>>): 'begun' {
    const { vms } = worldOf();
    const known = vms.get(vmId.toLowerCase());
    if (known) vms.set(vmId.toLowerCase(), { ...known, ...fields });
    return 'begun';
  }
  const disks = () => worldOf().recoveryContent.disks;
  const interfaces = () => worldOf().recoveryContent.interfaces;
  /** Refuses what does not carry these tags, or is used. */
  function remove<T extends { tags?: Tags; managedBy?: string }>(
    call: keyof RecoveryArm,
    from: Map<string, T>,
    id: string,
    mustCarry: Tags,
  ): Promise<Answer<'begun'>> {
    const known = from.get(id.toLowerCase());
    const carries = Object.entries(mustCarry).every(([name, value]) => known?.tags?.[name] === value);
    const code = known && !carries ? 'TagsDiffer' : known?.managedBy ? 'InUse' : undefined;
    if (code) return Promise.resolve({ ok: false, failure: { kind: 'rejected', code, message: 'No.', status: 409 } });
    return answer(call, () => (from.delete(id.toLowerCase()) ? 'begun' : 'begun'), id);
  }
  return {
    beginPowerOff: (id, { skipShutdown }) =>
      answer('beginPowerOff', () => changeVm(id, { powerState: 'stopped' }), `${id} ${skipShutdown}`),
    beginStart: (id) => answer('beginStart', () => changeVm(id, { powerState: 'running' }), id),
    beginDeallocate: (id) => answer('beginDeallocate', () => changeVm(id, { powerState: 'deallocated' }), id),
    beginSwapOsDisk: (id, { from, to }) =>
      answer('beginSwapOsDisk', () => changeVm(id, { osDiskId: to }), `${id} ${from} ${to}`),
    beginCopyDisk: ({ diskId, sourceId, like, tags }) =>
      answer(
        'beginCopyDisk',
        () => {
          disks().set(diskId.toLowerCase(), { ...like, id: diskId, sourceId, tags, provisioningState: 'Succeeded' });
          return 'begun' as const;
        },
        diskId,
      ),
    beginTagDisk: (id, tags) =>
      answer(
        'beginTagDisk',
        () => {
          const known = disks().get(id.toLowerCase());
          if (known) disks().set(id.toLowerCase(), { ...known, tags });
          return 'begun' as const;
        },
        id,
      ),
    beginDeleteDisk: (id, tags) => remove('beginDeleteDisk', disks(), id, tags),
    beginDeleteSnapshot: (id, tags) => remove('beginDeleteSnapshot', worldOf().snapshots, id, tags),
    beginCreateRecoveryMachine: ({ vmId, size, tags }) =>
      answer(
        'beginCreateRecoveryMachine',
        () => {
          worldOf().vms.set(vmId.toLowerCase(), virtualMachine({ id: vmId, tags, osDiskId: `${vmId}-os` }));
          return 'begun' as const;
        },
        `${vmId} ${size}`,
      ),
    beginDeleteMachine: (id, tags) => remove('beginDeleteMachine', worldOf().vms, id, tags),
    beginAttachDataDisk: (id, { diskId, lun }) =>
      answer(
        'beginAttachDataDisk',
        () => {
          const known = disks().get(diskId.toLowerCase());
          if (known) disks().set(diskId.toLowerCase(), { ...known, managedBy: id });
          const configuration = {
            zones: [],
            networkInterfaceIds: [],
            dataDisks: [{ lun, diskId, toBeDetached: false }],
          };
          return changeVm(id, { configuration });
        },
        `${id} ${diskId} ${lun}`,
      ),
    beginDetachDataDisk: (id, { diskId }) =>
      answer(
        'beginDetachDataDisk',
        () => {
          const known = disks().get(diskId.toLowerCase());
          if (known) disks().set(diskId.toLowerCase(), { ...known, managedBy: undefined });
          return changeVm(id, { configuration: { zones: [], networkInterfaceIds: [], dataDisks: [] } });
        },
        `${id} ${diskId}`,
      ),
    beginCreateNetworkInterface: ({ networkInterfaceId: id, subnetId, tags }) =>
      answer(
        'beginCreateNetworkInterface',
        () => {
          interfaces().set(id.toLowerCase(), { id, tags, subnetId, provisioningState: 'Succeeded' });
          return 'begun' as const;
        },
        id,
      ),
    getNetworkInterface: (id) => answer('getNetworkInterface', () => interfaces().get(id.toLowerCase()), id),
    beginDeleteNetworkInterface: (id, tags) => remove('beginDeleteNetworkInterface', interfaces(), id, tags),
    getLocks: (scope) => answer('getLocks', () => worldOf().recoveryContent.locks, scope),
    getDenyAssignments: (scope) => answer('getDenyAssignments', () => [], scope),
    getPermissions: (scope) =>
      answer('getPermissions', () => [{ actions: worldOf().recoveryContent.actions, notActions: [] }], scope),
    findSizes: ({ sizes }) =>
      answer(
        'findSizes',
        () =>
          sizes.map((size) => ({
            ...{ size, family: 'standardDSv5Family', vCpus: 2, generations: ['V1', 'V2'] },
            ...{ diskControllerTypes: ['SCSI'], architecture: 'x64', premiumStorage: true },
          })),
        'sizes',
      ),
    getComputeQuota: () => answer('getComputeQuota', () => ({ families: {} }), 'quota'),
    listLeftovers: ({ subscriptionId, resourceGroup, tag, kinds }) => {
      const scope = `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/`.toLowerCase();
      const { vms, snapshots, recoveryContent: content } = worldOf();
      const here = <T extends { id: string }>(all: Map<string, T>) =>
        [...all.values()].filter(({ id }) => id.toLowerCase().startsWith(scope));
      const resources: Leftover[] = [
        ...here(content.disks).map(({ id, tags = {}, managedBy }): Leftover => ({
          ...{ kind: 'disk', id, tags },
          usedBy: managedBy,
        })),
        ...here(snapshots).map(({ id, tags }): Leftover => ({ kind: 'snapshot', id, tags })),
        ...here(vms).map(({ id, tags }): Leftover => ({ kind: 'virtual-machine', id, tags })),
        ...here(content.interfaces).map(({ id, tags, virtualMachineId: usedBy }): Leftover => ({
          ...{ kind: 'network-interface', id, tags, usedBy },
        })),
      ];
      const disksOfMachines = here(vms).flatMap(({ osDiskId, configuration }) => {
        const ids = [osDiskId, ...(configuration?.dataDisks ?? []).map(({ diskId }) => diskId)];
        return ids.flatMap((id) => id?.toLowerCase() ?? []);
      });
      const found = resources.filter(({ kind, tags }) => kinds.includes(kind) && tag in tags);
      const unreadable = content.unreadable.some((group) => group === resourceGroup.toLowerCase());
      const action = 'Microsoft.Compute/virtualMachines/read';
      if (unreadable) {
        const failure = { kind: 'forbidden', code: 'AuthorizationFailed', message: 'No.', action, scope } as const;
        return Promise.resolve({ ok: false, failure });
      }
      return answer('listLeftovers', () => ({ resources: found, disksOfMachines }), scope);
    },
  };
}
