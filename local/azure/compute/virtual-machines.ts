/** `Microsoft.Compute/virtualMachines`: GET, list, PATCH of tags, and the power actions. */
import { azureTime } from '../long-running-operations';
import { idKey } from '../arm-id';
import { resourceNotFound, vmNotRunning, beingChanged, type ArmResponse } from '../arm-errors';
import { VM_UPDATE_MS } from '../durations';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { readTags } from '../request-body';
import { pause } from '../timers';
import type { Disk } from '../world';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import { instanceView } from './instance-view';
import { powerOff, restart, start, type Machine } from './machine';

const type = 'Microsoft.Compute/virtualMachines';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const single = `${collection}/{name}`;
const common = { apiVersions: virtualMachineVersions } as const;

export function virtualMachineOperations(context: ComputeContext): ArmOperation[] {
  const { world } = context;
  const find = (request: ArmRequest) => findMachine(context, request);
  const missing = (request: ArmRequest) =>
    resourceNotFound(type, request.segments.name ?? '', request.segments.resourceGroup ?? '');
  const show = (machine: Machine, expanded: boolean) =>
    virtualMachineBody(machine, world.disks.get(idKey(machine.osDiskId)), expanded);

  function powerAction(name: string, act: (machine: Machine) => Promise<boolean>, needsPower: boolean): ArmOperation {
    return {
      ...common,
      method: 'POST',
      path: `${single}/${name}`,
      action: `${type}/${name}/action`,
      quota: quotas.updateVm,
      handle(request) {
        const machine = find(request);
        if (!machine) return missing(request);
        if (machine.isBusy) return beingChanged(type, machine.name);
        if (needsPower && machine.power !== 'running') return vmNotRunning();
        const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
        void act(machine).then(() => {
          operation.succeed();
        });
        return { status: 202, headers: operation.headers('both') };
      },
    };
  }

  return [
    {
      ...common,
      method: 'GET',
      path: single,
      action: `${type}/read`,
      quota: quotas.lowCostGet,
      handle(request) {
        const machine = find(request);
        if (!machine) return missing(request);
        const expand = request.query.get('$expand')?.toLowerCase();
        return { status: 200, body: show(machine, expand === 'instanceview') };
      },
    },
    {
      ...common,
      method: 'GET',
      path: collection,
      action: `${type}/read`,
      quota: quotas.highCostGet,
      handle: (request) => ({
        status: 200,
        body: {
          value: [...world.machines.values()]
            .filter((machine) => machine.resourceGroup.toLowerCase() === request.segments.resourceGroup?.toLowerCase())
            .map((machine) => show(machine, false)),
        },
      }),
    },
    {
      ...common,
      method: 'PATCH',
      path: single,
      action: `${type}/write`,
      quota: quotas.updateVm,
      handle(request) {
        const machine = find(request);
        if (!machine) return missing(request);
        return updateTags(context, machine, request, show);
      },
    },
    powerAction('restart', restart, true),
    powerAction('start', start, false),
    powerAction('powerOff', (machine) => powerOff(machine, 'stopped'), false),
    powerAction('deallocate', (machine) => powerOff(machine, 'deallocated'), false),
  ];
}

/** The machine that a request's path names. */
export function findMachine(context: ComputeContext, request: ArmRequest): Machine | undefined {
  const { subscriptionId, resourceGroup, name, machine } = request.segments;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${machine ?? name}`;
  return context.world.machines.get(idKey(id));
}

/** Only tags can be changed; a body that asks for more is refused, so that nobody believes that it was done. */
function updateTags(
  context: ComputeContext,
  machine: Machine,
  request: ArmRequest,
  show: (machine: Machine, expanded: boolean) => object,
): ArmResponse {
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  if (tags.value) machine.tags = tags.value;
  machine.provisioningState = 'Updating';
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void pause(VM_UPDATE_MS).then(() => {
    if (!machine.isBusy) machine.provisioningState = 'Succeeded';
    operation.succeed();
  });
  return { status: 200, body: show(machine, false), headers: operation.headers('async-operation-only') };
}

function virtualMachineBody(machine: Machine, disk: Disk | undefined, expanded: boolean): object {
  const isWindows = machine.osType === 'Windows';
  return {
    name: machine.name,
    id: machine.id,
    type,
    location: machine.location,
    tags: machine.tags,
    properties: {
      vmId: machine.vmId,
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      provisioningState: machine.provisioningState,
      storageProfile: {
        imageReference: isWindows ? windowsImage : linuxImage,
        osDisk: {
          osType: machine.osType,
          name: disk?.name,
          createOption: 'FromImage',
          caching: 'ReadWrite',
          managedDisk: { storageAccountType: 'StandardSSD_LRS', id: machine.osDiskId },
          deleteOption: 'Detach',
          diskSizeGB: disk?.sizeGiB,
        },
        dataDisks: [],
        diskControllerType: 'SCSI',
      },
      osProfile: {
        computerName: machine.name,
        adminUsername: 'azureuser',
        ...(isWindows
          ? { windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: true } }
          : { linuxConfiguration: { disablePasswordAuthentication: true, provisionVMAgent: true } }),
        secrets: [],
        allowExtensionOperations: true,
        requireGuestProvisionSignal: true,
      },
      networkProfile: {
        networkInterfaces: [
          {
            id: `${machine.id.replace(/\/Microsoft\.Compute\/.*$/, '')}/Microsoft.Network/networkInterfaces/${machine.name}-nic`,
            properties: { primary: true },
          },
        ],
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: machine.bootDiagnostics } },
      timeCreated: azureTime(machine.createdAt),
      ...(expanded ? { instanceView: instanceView(machine, disk, Date.now()) } : {}),
    },
  };
}

const windowsImage = {
  publisher: 'MicrosoftWindowsServer',
  offer: 'WindowsServer',
  sku: '2022-datacenter-g2',
  version: 'latest',
  exactVersion: '20348.2762.241006',
};
const linuxImage = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};
