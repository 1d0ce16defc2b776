import type { Answer, ArmFailure, ManagedDisk } from '../../../src/azure/ports';
import type { Leftover, NetworkInterface, RecoveryArm, Tags } from '../../../src/azure/recovery-ports';
import { virtualMachine } from '../../azure/support/machine';
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
  /** Called just before each of them is carried out: a test may let something happen there. */
  before?: (call: keyof RecoveryArm) => void;
}

/** An Azure in which nothing stands in the way. */
export function recoveryContent(): RecoveryContent {
  return { disks: new Map(), interfaces: new Map(), locks: [], actions: ['*'], unreadable: [], failures: {} };
}

/** ARM understood and said no. */
export function rejected(code: string): ArmFailure {
  return { kind: 'rejected', code, message: 'No.', status: 409 };
}

function isRejection(value: unknown): value is ArmFailure {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'rejected';
}

/** As the port promises: only what carries the tags and is not in use; what is not there is fine. */
function remove<T extends { tags?: Tags }>(
  all: Map<string, T>,
  id: string,
  mustCarry: Tags,
  isUsed: (one: T) => boolean,
): 'begun' | ArmFailure {
  const found = all.get(id.toLowerCase());
  if (!found) return 'begun';
  if (Object.entries(mustCarry).some(([name, value]) => found.tags?.[name] !== value)) return rejected('TagsDiffer');
  if (isUsed(found)) return rejected('InUse');
  all.delete(id.toLowerCase());
  return 'begun';
}

/** Carries everything out at once; each deed is written down as `recovery.<call> <what>`. */
export function fakeRecovery(worldOf: () => FakeWorld): RecoveryArm {
  function answer<T>(
    call: keyof RecoveryArm,
    value: () => T | ArmFailure | undefined,
    what: string,
  ): Promise<Answer<T>> {
    const { recoveryContent: content, deeds } = worldOf();
    if (call.startsWith('begin')) deeds.push(`recovery.${call} ${what}`);
    content.before?.(call);
    const failure = content.failures[call];
    if (failure) return Promise.resolve({ ok: false, failure });
    const found = value();
    if (isRejection(found)) return Promise.resolve({ ok: false, failure: found });
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
  function own(diskId: string, managedBy: string | undefined): void {
    const known = disks().get(diskId.toLowerCase());
    if (known) disks().set(diskId.toLowerCase(), { ...known, managedBy });
  }
  const interfaces = () => worldOf().recoveryContent.interfaces;
  return {
    beginPowerOff: (id, { skipShutdown }) =>
      answer('beginPowerOff', () => changeVm(id, { powerState: 'stopped' }), `${id} ${skipShutdown}`),
    beginStart: (id) => answer('beginStart', () => changeVm(id, { powerState: 'running' }), id),
    beginSwapOsDisk: (id, { from, to }) =>
      answer(
        'beginSwapOsDisk',
        () => {
          const vm = worldOf().vms.get(id.toLowerCase());
          if (vm?.powerState === 'running') return rejected('NotStopped');
          if (vm?.osDiskId?.toLowerCase() !== from.toLowerCase()) return rejected('OsDiskChanged');
          own(from, undefined);
          own(to, id);
          return changeVm(id, { osDiskId: to });
        },
        `${id} ${from} ${to}`,
      ),
    beginCopyDisk: ({ diskId, sourceId, like, tags }) =>
      answer(
        'beginCopyDisk',
        () => {
          disks().set(diskId.toLowerCase(), {
            ...{ ...like, id: diskId, sourceId, tags },
            ...{ managedBy: undefined, provisioningState: 'Succeeded' },
          });
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
    beginDeleteDisk: (id, mustCarry) =>
      answer('beginDeleteDisk', () => remove(disks(), id, mustCarry, ({ managedBy }) => managedBy !== undefined), id),
    beginDeleteSnapshot: (id, mustCarry) =>
      answer('beginDeleteSnapshot', () => remove(worldOf().snapshots, id, mustCarry, () => false), id),
    beginCreateRecoveryMachine: ({ vmId, size, tags }) =>
      answer(
        'beginCreateRecoveryMachine',
        () => {
          worldOf().vms.set(vmId.toLowerCase(), virtualMachine({ id: vmId, tags, osDiskId: `${vmId}-os` }));
          return 'begun' as const;
        },
        `${vmId} ${size}`,
      ),
    beginDeleteMachine: (id, mustCarry) =>
      answer(
        'beginDeleteMachine',
        () => {
          const end = remove(worldOf().vms, id, mustCarry, () => false);
          if (end === 'begun')
            for (const { id: disk, managedBy } of disks().values()) if (managedBy === id) own(disk, undefined);
          return end;
        },
        id,
      ),
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
    beginDeleteNetworkInterface: (id, mustCarry) =>
      answer('beginDeleteNetworkInterface', () => remove(interfaces(), id, mustCarry, () => false), id),
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
            ...{ diskControllerTypes: ['SCSI'], architecture: 'x64', premiumStorage: true, maxDataDisks: 4 },
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
