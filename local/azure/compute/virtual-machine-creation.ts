/** PUT of a virtual machine: creation from a Windows image, or a change of one that exists. The order of the checks is assumed. */
import { randomUUID } from 'node:crypto';
import { createWindowsGuest } from '../../windows/guest';
import { mountContent } from '../../windows/disk-content';
import { idKey, resourceId } from '../arm-id';
import { invalidParameter, type ArmResponse } from '../arm-errors';
import { AGENT_FIRST_REPORT_MS, BOOT_MS, NETWORK_INTERFACE_RESERVED_MS, VM_CREATE_MS } from '../durations';
import type { PolicyResource } from '../authorization/policies';
import { carryOut } from '../long-running-operations';
import { interfaceIsReserved, interfaceIsUsed } from '../network/network-errors';
import { readObject, readTags } from '../request-body';
import type { ArmOperation, ArmRequest, Demand } from '../resource-provider';
import { pause } from '../timers';
import { bytesOfOsDisk, type World } from '../world';
import { quotas, virtualMachineVersions } from './api-versions';
import { attachedDisks } from './attached-disks';
import {
  adminNameNotAllowed,
  cannotBootGeneration,
  computerNameNotAllowed,
  controllerNotOfSize,
  controllerOfGenerationOne,
  existsAlready,
  imageNotFound,
  invalidReference,
  passwordTooSimple,
  patchModeConflict,
  premiumNotSupported,
  quotaExceeded,
  skuNotAvailable,
} from './compute-errors';
import type { ComputeContext } from './context';
import { linkedSetOfMachine } from './disk-encryption-sets';
import { newDisk } from './disk-record';
import { findImage, imageDisk, type Image } from './images';
import { createMachine, firstBoot, type Machine } from './machine';
import { readMachineRequest, type MachineRequest } from './machine-request';
import { familyLimit, findSize, vCpusInUse, type Size } from './sizes';
import { failMachine } from './struck-machine';
import { etagOf, virtualMachineBody } from './virtual-machine-body';
import { linkedDisks, updateMachine } from './virtual-machine-changes';
import { findMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines';
const OS_DISK_GIB = 127;

export function virtualMachineCreationOperations(context: ComputeContext): ArmOperation[] {
  return [
    {
      apiVersions: virtualMachineVersions,
      method: 'PUT',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}`,
      action: `${type}/write`,
      linked: ({ body }) => [
        ...linkedInterfaces(body),
        ...linkedDisks(context.world, body),
        ...linkedSetOfMachine(body),
      ],
      implied: (request) => (findMachine(context, request) ? [] : [impliedOsDisk(request)]),
      quota: ({ path }) => (context.world.machines.has(idKey(path)) ? quotas.updateVm : quotas.putVm),
      handle(request) {
        const machine = findMachine(context, request);
        if (!machine) return createVirtualMachine(context, request);
        // https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update (If-None-Match)
        if (request.header('if-none-match') === '*') return existsAlready(etagOf(machine));
        return updateMachine(context, machine, request);
      },
    },
  ];
}

/** Azure/azure-cli's and Seqera's documented roles have it: who gives a VM a network interface must be allowed to join it. */
function linkedInterfaces(body: unknown): Demand[] {
  const request = readMachineRequest(body);
  return request.networkInterfaces.map(({ id }) => ({
    action: 'Microsoft.Network/networkInterfaces/join/action',
    scope: id,
  }));
}

/**
 * The OS disk that Azure makes with the VM, with the VM's tags (hashicorp/terraform-provider-azurerm#8162): a policy on disks counts for
 * it too (MicrosoftDocs/azure-docs#52814: "will fail to create VM"). assumed: in the answer to the VM's own PUT.
 */
function impliedOsDisk({ path, body }: Pick<ArmRequest, 'path' | 'body'>): PolicyResource {
  const { location, osDiskName, osDiskSku } = readMachineRequest(body);
  const tags = readTags(body);
  const group = path.replace(/\/providers\/.*$/i, '');
  const name = osDiskName ?? `${path.split('/').at(-1)}_OsDisk`;
  return {
    id: `${group}/providers/Microsoft.Compute/disks/${name}`,
    type: 'Microsoft.Compute/disks',
    body: { location, tags: tags.ok ? tags.value : undefined, sku: { name: osDiskSku }, properties: {} },
  };
}

/** What the checks have found. */
interface Approved {
  request: MachineRequest;
  image: Image;
  controller: 'SCSI' | 'NVMe';
}

type Checked = { ok: true; value: Approved } | { ok: false; response: ArmResponse };

function createVirtualMachine(context: ComputeContext, request: ArmRequest): ArmResponse {
  const { world } = context;
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const { subscriptionId = '', resourceGroup = '', name = '' } = request.segments;
  const id = resourceId(subscriptionId, resourceGroup, type, name);
  const wanted = readMachineRequest(request.body);
  const interfaces = checkInterfaces(world, id, wanted);
  if (interfaces) return interfaces;
  const checked = check(world, id, { request: wanted, subscriptionId });
  if (!checked.ok) {
    reserveInterfaces(world, id, wanted);
    return checked.response;
  }
  const machine = makeMachine(context, { ...checked.value, id, name, resourceGroup, tags: tags.value ?? {} });
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  const { fate } = request;
  if (fate && fate.kind !== 'lasts') {
    machine.power = 'stopped';
    void carryOut(operation, { durationMs: VM_CREATE_MS, fate, failed: failMachine(machine), apply: () => undefined });
  } else {
    void pause(fate?.ms ?? 0)
      .then(() => provision(machine))
      .then(() => {
        operation.succeed();
      });
  }
  const headers = operation.headers('async-operation-only');
  return { status: 201, body: virtualMachineBody(world, machine, false), headers };
}

/** Provisioning has succeeded when Windows has signalled that it is set up; by then its agent has reported. */
async function provision(machine: Machine): Promise<void> {
  await pause(VM_CREATE_MS - BOOT_MS - AGENT_FIRST_REPORT_MS);
  if (machine.provisioningState !== 'Creating') return;
  await firstBoot(machine);
  await pause(AGENT_FIRST_REPORT_MS);
  if (machine.provisioningState !== 'Creating') return;
  machine.isBusy = false;
  machine.provisioningState = 'Succeeded';
  machine.changedAt = Date.now();
}

function checkInterfaces(world: World, vmId: string, { networkInterfaces }: MachineRequest): ArmResponse | undefined {
  if (networkInterfaces.length === 0) {
    return invalidParameter('networkProfile', "Required parameter 'networkProfile' is missing (null).");
  }
  for (const { id } of networkInterfaces) {
    const nic = world.network.interfaces.get(idKey(id));
    if (nic?.provisioningState !== 'Succeeded') return invalidReference(id, vmId);
    if (nic.machineId !== undefined) return interfaceIsUsed(nic.id, nic.machineId);
    const { reservedUntil = 0, reservedFor = '' } = nic;
    if (reservedUntil > Date.now() && idKey(reservedFor) !== idKey(vmId)) return interfaceIsReserved(reservedFor);
  }
  return undefined;
}

/** What a VM could not be made with stays reserved for it for a while: gardenlinux/gardenlinux#4133. */
function reserveInterfaces(world: World, vmId: string, { networkInterfaces }: MachineRequest): void {
  for (const { id } of networkInterfaces) {
    const nic = world.network.interfaces.get(idKey(id));
    if (!nic) continue;
    nic.reservedUntil = Date.now() + NETWORK_INTERFACE_RESERVED_MS;
    nic.reservedFor = vmId;
  }
}

function check(world: World, vmId: string, given: { request: MachineRequest; subscriptionId: string }): Checked {
  const { request } = given;
  const refused = (response: ArmResponse): Checked => ({ ok: false, response });
  const image = request.image && findImage(request.image);
  if (!request.image)
    return refused(invalidParameter('imageReference', "Required parameter 'imageReference' is missing (null)."));
  if (!image) return refused(imageNotFound(request.image));
  const osProfile = checkOsProfile(request);
  if (osProfile) return refused(osProfile);
  const size = findSize(request.size);
  const [zone = ''] = request.zones;
  const wanted = { vmId, size: request.size, location: request.location, zone, subscriptionId: given.subscriptionId };
  if (!size || isUnavailable(world, size, zone)) return refused(skuNotAvailable(wanted));
  const fit = checkSize(size, request, image);
  if (fit) return refused(fit);
  const exceeded = checkQuota(world, size, request.location);
  return exceeded
    ? refused(exceeded)
    : { ok: true, value: { request, image, controller: controllerOf(size, request, image) } };
}

function checkOsProfile(request: MachineRequest): ArmResponse | undefined {
  const { computerName, adminUsername, adminPassword, patchMode, enableAutomaticUpdates } = request;
  if (!/^(?!\d+$)[A-Za-z0-9-]{1,15}$/.test(computerName)) return computerNameNotAllowed();
  // The list begins so: https://learn.microsoft.com/azure/virtual-machines/windows/faq
  if (['', 'administrator', 'admin', 'user', 'user1', 'test', 'guest', 'root'].includes(adminUsername.toLowerCase())) {
    return adminNameNotAllowed();
  }
  const kinds = [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(adminPassword)).length;
  if (adminPassword.length < 8 || adminPassword.length > 123 || kinds < 3) return passwordTooSimple();
  if (patchMode === 'Manual' && enableAutomaticUpdates !== false) return patchModeConflict();
  return undefined;
}

function isUnavailable({ capacity }: World, size: Size, zone: string): boolean {
  const restricted = capacity.restricted[size.name];
  if (restricted === 'everywhere' || capacity.exhausted.includes(size.name)) return true;
  if (zone === '') return false;
  return restricted?.includes(zone) === true || !size.zones.includes(zone);
}

function checkSize(size: Size, request: MachineRequest, image: Image): ArmResponse | undefined {
  if (!size.generations.includes(image.generation)) return cannotBootGeneration(size.name, image.generation);
  const controller = controllerOf(size, request, image);
  if (request.diskControllerType !== undefined && image.generation === 'V1') return controllerOfGenerationOne();
  if (!size.controllers.includes(controller)) {
    return controllerNotOfSize(size.name, controller, size.controllers.join(', '));
  }
  if (request.osDiskSku.startsWith('Premium') && !size.hasPremium) {
    return premiumNotSupported(size.name, request.osDiskSku, request.osDiskName ?? '');
  }
  // assumed: the words; that generation 1 has no trusted launch: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
  if (request.securityType === 'TrustedLaunch' && !image.hasTrustedLaunch) {
    return invalidParameter(
      'securityProfile.securityType',
      "SecurityType 'TrustedLaunch' is not supported by given image.",
    );
  }
  return undefined;
}

/**
 * Of generation 2 "the default disk controller type … based on the capabilities of the operating system disk and VM size", of
 * generation 1 SCSI: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
 * assumed: where both can do NVMe that is the default; every image here can.
 */
function controllerOf(size: Size, { diskControllerType }: MachineRequest, image: Image): 'SCSI' | 'NVMe' {
  if (diskControllerType !== undefined) return diskControllerType;
  return image.generation === 'V2' && size.controllers.includes('NVMe') ? 'NVMe' : 'SCSI';
}

function checkQuota(world: World, size: Size, location: string): ArmResponse | undefined {
  const { capacity } = world;
  const limits = [
    { quota: size.family, limit: familyLimit(capacity, size.family), used: vCpusInUse(world, size.family) },
    { quota: 'Total Regional', limit: capacity.regionalLimit, used: vCpusInUse(world) },
  ];
  const exceeded = limits.find(({ limit, used }) => used + size.vCpus > limit);
  return exceeded && quotaExceeded({ ...exceeded, location, required: size.vCpus });
}

interface Making extends Approved {
  id: string;
  name: string;
  resourceGroup: string;
  tags: Record<string, string>;
}

/** Makes the disk, takes the network interfaces, and makes the machine, which does not run yet. */
function makeMachine({ world }: ComputeContext, making: Making): Machine {
  const { request, image, controller, id, name, resourceGroup, tags } = making;
  const now = Date.now();
  const diskName = request.osDiskName ?? `${name}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  const disk = newDisk({
    id: resourceId(world.fleet.subscriptionId, resourceGroup, 'Microsoft.Compute/disks', diskName),
    name: diskName,
    location: request.location,
    zones: request.zones,
    tags: { ...tags },
    sku: request.osDiskSku,
    osType: 'Windows',
    sizeGiB: OS_DISK_GIB,
    hyperVGeneration: image.generation,
    securityType: request.securityType === 'Standard' ? undefined : request.securityType,
    managedBy: id,
    ownershipChangedAt: now,
    bytes: imageDisk(image, request.computerName.toUpperCase(), now),
  });
  world.disks.set(idKey(disk.id), disk);
  for (const { id: nicId } of request.networkInterfaces) {
    const nic = world.network.interfaces.get(idKey(nicId));
    if (!nic) continue;
    nic.machineId = id;
    nic.reservedUntil = undefined;
    nic.reservedFor = undefined;
  }
  const nic = world.network.interfaces.get(idKey(request.networkInterfaces[0]?.id ?? ''));
  const address = nic?.privateAddress ?? '';
  const guest = createWindowsGuest({
    mount: (options) => mountContent(bytesOfOsDisk(world, id) ?? disk.bytes, { ...options, now: Date.now }),
    address,
    systemDisk: () => bytesOfOsDisk(world, id) ?? disk.bytes,
    attachedDisks: () => {
      const machine = world.machines.get(idKey(id));
      return machine ? attachedDisks(world, machine) : [];
    },
  });
  const {
    location,
    osDiskSku: _sku,
    osDiskName: _name,
    adminPassword: _secret,
    osDisk,
    image: reference,
    ...model
  } = request;
  const machine = createMachine(
    {
      ...{ id, name, resourceGroup, location, tags, osType: 'Windows', createdAt: now, guest: () => guest, address },
      model: {
        ...model,
        diskControllerType: controller,
        image: {
          ...(reference ?? { publisher: '', offer: '', sku: '', version: '' }),
          exactVersion: '20348.2762.241006',
        },
        osDisk: { ...osDisk, diskId: disk.id },
        dataDisks: [],
      },
    },
    'starting',
  );
  machine.isBusy = true;
  machine.provisioningState = 'Creating';
  world.machines.set(idKey(id), machine);
  return machine;
}
