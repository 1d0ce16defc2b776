/**
 * VMs that no command reaches and that the route `recovery-vm` must not touch, each for one reason: data for the demo and for
 * test/scenarios/recovery-refusals.test.ts. Each VM is like `vm-dhcp-rebooted`, with one thing about it or around it changed.
 */
import type { OutcomeCode } from '../src/outcome-codes';
import type { RepairReport } from '../src/report/repair-report';
import type { ResourceTruth, SimulatedAzure, VmTruth } from './simulated-azure-client';

/** What every VM of the list is like: its DHCP Client is disabled, and it has neither an address nor a living agent. */
const like = 'vm-dhcp-rebooted';

export interface RefusalCase {
  vm: string;
  /** What stands against it, for a person. */
  what: string;
  /** `not-repaired` with the code `no-route` if the diagnosis could be made, `refused` if not even that. */
  ending: 'not-repaired' | 'refused';
  /** The code of the refusal, or why the route is closed. */
  code: OutcomeCode;
  /** What the reason must name. */
  names?: string;
  isDomainController?: true;
  /** Otherwise as that which it is like. */
  generation?: 'V1';
  /** Is done to the VM, or to what is around it. */
  arrange?: (azure: SimulatedAzure, vm: VmTruth) => Promise<unknown>;
  /** Takes back what is not the VM's alone. With it the case must not run beside others. */
  takeBack?: (azure: SimulatedAzure) => Promise<unknown>;
}

const model = (change: object) => (azure: SimulatedAzure, vm: VmTruth) => azure.patch(`/vms/${vm.name}/model`, change);
const osDisk = (change: object) => (azure: SimulatedAzure, vm: VmTruth) =>
  azure.patch(`/vms/${vm.name}/os-disk`, change);
/** Those that the app tries unless it is told others. */
const defaultSizes = ['Standard_D2s_v5', 'Standard_D2as_v5', 'Standard_D2s_v4', 'Standard_B2ms'];
const subscriptionOf = ({ id }: VmTruth) => id.replace(/\/resourceGroups\/.*$/i, '');
const groupOf = ({ id }: VmTruth) => id.replace(/\/providers\/.*$/i, '');

/** Each on a VM of its own, so that all of them may run side by side. */
export const refusalCases: readonly RefusalCase[] = [
  {
    ...{ vm: 'vm-ephemeral', what: 'an ephemeral OS disk', ending: 'refused', code: 'ephemeral-os-disk' },
    arrange: model({ isEphemeral: true }),
  },
  {
    ...{ vm: 'vm-unmanaged', what: 'an unmanaged OS disk', ending: 'refused', code: 'unmanaged-os-disk' },
    arrange: model({ isUnmanaged: true }),
  },
  {
    ...{ vm: 'vm-scale-set', what: 'an instance of a scale set', ending: 'refused', code: 'scale-set-instance' },
    arrange: (azure, vm) =>
      model({ scaleSetId: `${groupOf(vm)}/providers/Microsoft.Compute/virtualMachineScaleSets/web` })(azure, vm),
  },
  {
    ...{ vm: 'vm-disk-encryption', what: 'Azure Disk Encryption', ending: 'not-repaired', code: 'disk-encryption' },
    arrange: model({ isDiskEncrypted: true }),
  },
  {
    ...{ vm: 'vm-confidential', what: 'a confidential VM', ending: 'not-repaired', code: 'confidential-vm' },
    arrange: model({ securityType: 'ConfidentialVM' }),
  },
  {
    ...{ vm: 'vm-spot', what: 'a Spot VM', ending: 'not-repaired', code: 'spot-vm' },
    arrange: model({ priority: 'Spot' }),
  },
  {
    ...{ vm: 'vm-managed', what: 'managed by somebody else', ending: 'not-repaired', code: 'managed-vm' },
    names: 'Microsoft.Solutions',
    arrange: (azure, vm) =>
      model({ managedBy: `${groupOf(vm)}/providers/Microsoft.Solutions/applications/shop` })(azure, vm),
  },
  {
    ...{ vm: 'vm-shared-disk', what: 'a shared OS disk', ending: 'not-repaired', code: 'shared-disk' },
    arrange: osDisk({ maxShares: 2 }),
  },
  {
    ...{ vm: 'vm-busy-disk', what: 'an operation on its disk', ending: 'not-repaired', code: 'disk-busy' },
    arrange: osDisk({ provisioningState: 'Updating' }),
  },
  {
    // Only a Windows that has the disk tells it, and no recovery has worked with this generation yet.
    ...{ vm: 'vm-full-disk', what: 'no room on drive C:', ending: 'not-repaired', code: 'rehearsal-failed' },
    ...{ names: 'no-free-space', generation: 'V1' },
    arrange: osDisk({ freeBytes: 100 * 1024 * 1024 }),
  },
  {
    ...{ vm: 'vm-key-set', what: 'a key set without a role', ending: 'not-repaired', code: 'permission-missing' },
    names: 'Microsoft.Compute/diskEncryptionSets/read',
    arrange: osDisk({ diskEncryptionSet: 'des-without-role' }),
  },
  {
    ...{ vm: 'vm-replicated', what: 'replicated by Site Recovery', ending: 'not-repaired', code: 'site-recovery' },
    names: 'Site Recovery',
    arrange: model({
      extensions: [
        {
          ...{ name: 'SiteRecovery-Windows', type: 'Windows' },
          publisher: 'Microsoft.Azure.RecoveryServices.SiteRecovery2',
        },
      ],
    }),
  },
  {
    ...{ vm: 'vm-directory', what: 'a domain controller', ending: 'not-repaired', code: 'domain-controller' },
    isDomainController: true,
  },
  {
    ...{ vm: 'vm-locked', what: 'a lock that forbids changes', ending: 'not-repaired', code: 'locked' },
    names: 'keep-production',
    arrange: (azure, { id }) => azure.post('/locks', { scope: id, level: 'ReadOnly', name: 'keep-production' }),
  },
  {
    ...{ vm: 'vm-denied', what: 'a deny assignment', ending: 'not-repaired', code: 'denied' },
    names: 'managed application',
    arrange: (azure, { id }) =>
      azure.post('/deny-assignments', {
        ...{ scope: id, name: 'managed application' },
        actions: ['Microsoft.Compute/virtualMachines/write'],
      }),
  },
];

/** Each changes what all VMs share: one after the other, and with nothing beside them. */
export const refusalCasesAlone: readonly RefusalCase[] = [
  {
    ...{ vm: 'vm-no-delete', what: 'a lock on the group', ending: 'not-repaired', code: 'locked' },
    names: 'keep-all',
    arrange: (azure, vm) => azure.post('/locks', { scope: groupOf(vm), level: 'CanNotDelete', name: 'keep-all' }),
    takeBack: (azure) => azure.delete('/locks'),
  },
  {
    ...{ vm: 'vm-no-right', what: 'a missing permission', ending: 'not-repaired', code: 'permission-missing' },
    names: 'Microsoft.Compute/virtualMachines/start/action',
    arrange: (azure) =>
      azure.post('/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/start/action' }),
    takeBack: (azure) => azure.delete('/roles'),
  },
  {
    ...{ vm: 'vm-no-quota', what: 'a quota that is used up', ending: 'not-repaired', code: 'quota-used-up' },
    names: 'quota',
    async arrange(azure, vm) {
      await azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope: subscriptionOf(vm) });
      await azure.patch('/capacity', { regionalLimit: 0 });
    },
    async takeBack(azure) {
      await azure.patch('/capacity', { regionalLimit: 100 });
      await azure.delete('/roles');
    },
  },
  {
    ...{ vm: 'vm-no-zone', what: 'its zone without the sizes', ending: 'not-repaired', code: 'no-size' },
    names: 'restricted',
    async arrange(azure, vm) {
      await azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope: subscriptionOf(vm) });
      await model({ zones: ['3'] })(azure, vm);
      await osDisk({ zones: ['3'] })(azure, vm);
      await azure.patch('/capacity', { restricted: Object.fromEntries(defaultSizes.map((size) => [size, ['3']])) });
    },
    async takeBack(azure) {
      await azure.patch('/capacity', { restricted: {} });
      await azure.delete('/roles');
    },
  },
  {
    ...{ vm: 'vm-no-size', what: 'a region without the sizes', ending: 'not-repaired', code: 'no-size' },
    names: 'restricted',
    async arrange(azure, vm) {
      await azure.post('/roles/assign', { identity: 'observe', role: 'observe', scope: subscriptionOf(vm) });
      await azure.patch('/capacity', {
        restricted: Object.fromEntries(defaultSizes.map((size) => [size, 'everywhere'])),
      });
    },
    async takeBack(azure) {
      await azure.patch('/capacity', { restricted: {} });
      await azure.delete('/roles');
    },
  },
];

/**
 * Azure refuses the copy itself, which nobody can look up before: the trial copy tells, while the VM is up. Each changes what all VMs
 * share, too.
 */
export const refusalCasesByTrial: readonly RefusalCase[] = [
  {
    ...{ vm: 'vm-policy', what: 'a policy against the copy', ending: 'not-repaired', code: 'policy-denied' },
    names: 'Only disks of the shop',
    arrange: (azure, vm) =>
      azure.post('/policies', {
        ...{ scope: groupOf(vm), displayName: 'Only disks of the shop', types: ['Microsoft.Compute/disks'] },
        when: [{ field: 'name', like: 'rdp-lifeline-*' }],
      }),
    takeBack: (azure) => azure.delete('/policies'),
  },
  {
    ...{ vm: 'vm-tags-demanded', what: 'a policy that demands a tag', ending: 'not-repaired', code: 'policy-denied' },
    names: 'Every resource has an owner',
    arrange: (azure, vm) =>
      azure.post('/policies', {
        ...{ scope: groupOf(vm), displayName: 'Every resource has an owner', types: ['Microsoft.Compute/disks'] },
        requireTag: { name: 'owner', value: 'shop' },
      }),
    takeBack: (azure) => azure.delete('/policies'),
  },
  {
    // The role was there when the way was looked at, and is not when the copy is made.
    ...{ vm: 'vm-key-set-late', what: 'a key set refused late', ending: 'not-repaired', code: 'permission-missing' },
    names: 'Microsoft.Compute/diskEncryptionSets/read',
    async arrange(azure, vm) {
      const set = `${groupOf(vm)}/providers/Microsoft.Compute/diskEncryptionSets/des`;
      const disk = `${groupOf(vm)}/providers/Microsoft.Compute/disks/trial`;
      await azure.post('/faults', {
        ...{ match: { method: 'PUT', pathContains: '-trial?' }, times: 1, when: 'before', status: 403 },
        code: 'LinkedAuthorizationFailed',
        message: `The client 'x' with object id 'x' has permission to perform action 'Microsoft.Compute/disks/write' on scope '${disk}'; however, it does not have permission to perform action(s) 'Microsoft.Compute/diskEncryptionSets/read' on the linked scope(s) '${set}' (respectively) or the linked scope(s) are invalid.`,
      });
    },
    takeBack: (azure) => azure.delete('/faults'),
  },
  {
    ...{ vm: 'vm-no-disk-quota', what: 'no quota for a disk', ending: 'not-repaired', code: 'disk-quota-used-up' },
    names: 'DiskCount',
    async arrange(azure) {
      const names = ['StandardDiskCount', 'StandardSSDDiskCount', 'PremiumDiskCount'];
      await azure.patch('/capacity', { diskLimits: Object.fromEntries(names.map((name) => [name, 0])) });
    },
    takeBack: (azure) => azure.patch('/capacity', { diskLimits: {} }),
  },
];

/** A VM of the list as it was before its alert. */
export interface RefusalBefore {
  vm: VmTruth;
  resources: ReadonlySet<string>;
}

/** Makes the VM and what stands against it. */
export async function arrangeRefusal(azure: SimulatedAzure, one: RefusalCase): Promise<RefusalBefore> {
  const { isDomainController, generation } = one;
  const vm = await azure.addVm(one.vm, like, { isDomainController, generation });
  await one.arrange?.(azure, vm);
  const resources = new Set((await azure.resources()).map(({ id }) => id.toLowerCase()));
  return { vm: await azure.vm(one.vm), resources };
}

/** What is not as it should be once its repair has ended, in words; empty if nothing was touched and the reason is told. */
export async function refusalProblems(
  azure: SimulatedAzure,
  one: RefusalCase,
  before: RefusalBefore,
  report: RepairReport,
): Promise<string[]> {
  const [vm, present, calls] = await Promise.all([
    azure.vm(one.vm),
    azure.resources(),
    azure.calls(`/virtualMachines/${one.vm}`),
  ]);
  const made = present.filter(
    ({ id, tags }) => !before.resources.has(id.toLowerCase()) && tags['rdp-lifeline-repair'] === report.repairId,
  );
  return [
    ...saidProblems(one, report),
    ...touchedProblems(vm, before.vm),
    ...madeProblems(one, made),
    ...calls
      .filter(({ method, path }) => method !== 'GET' && path.toLowerCase().startsWith(vm.id.toLowerCase()))
      .map(({ method, path }) => `${method} ${path} was called`),
  ];
}

function* saidProblems(one: RefusalCase, report: RepairReport): Generator<string> {
  if (report.ending !== one.ending) yield `ended as ${report.ending} (${report.code}) instead of ${one.ending}`;
  if (codeOf(one, report) !== one.code) yield `its code is ${codeOf(one, report)}, not ${one.code}`;
  if (one.names !== undefined && !report.reason?.includes(one.names)) yield `the reason does not name ${one.names}`;
  if (report.changes.length > 0 || report.temporary.length > 0) yield 'the report tells of changes or of things left';
}

/** The code that says why: of the ending, or of the closed route where it ended for want of one. */
export function codeOf({ ending }: RefusalCase, { code, plan }: RepairReport): OutcomeCode | undefined {
  if (ending === 'refused' || code !== 'no-route') return code;
  const closed = (plan as { closed?: { route: string; code: OutcomeCode }[] } | undefined)?.closed;
  return closed?.find(({ route }) => route === 'recovery-vm')?.code;
}

function* touchedProblems(now: VmTruth, before: VmTruth): Generator<string> {
  if (now.powerState !== 'running') yield `it is ${now.powerState}`;
  if (now.bootedAt !== before.bootedAt) yield 'it was booted';
  if (now.osDiskId !== before.osDiskId) yield 'it has another OS disk';
}

/** A diagnosis takes a snapshot, which is kept. */
function* madeProblems({ ending }: RefusalCase, made: ResourceTruth[]): Generator<string> {
  const snapshots = made.filter(({ type }) => type.endsWith('/snapshots'));
  if (snapshots.length !== (ending === 'refused' ? 0 : 1)) yield `it has ${snapshots.length} snapshots`;
  for (const one of made) if (!snapshots.includes(one)) yield `${one.id} was made`;
}
