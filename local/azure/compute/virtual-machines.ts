/** `Microsoft.Compute/virtualMachines`: GET, lists, and the power actions. */
import { idKey } from '../arm-id';
import { beingChanged, resourceNotFound, vmNotRunning } from '../arm-errors';
import { carryOut } from '../long-running-operations';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import { restart, type Machine, type PowerState } from './machine';
import { startMachine, stopMachine } from './power';
import { failMachine, holdUp } from './struck-machine';
import { virtualMachineBody } from './virtual-machine-body';

const type = 'Microsoft.Compute/virtualMachines';
const collection = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}`;
const single = `${collection}/{name}`;
const common = { apiVersions: virtualMachineVersions } as const;

/** A power action: what it does, and how the machine looks when it never ends. */
interface PowerAction {
  act: (machine: Machine, request: ArmRequest) => Promise<boolean>;
  meanwhile: PowerState;
  needsPower?: boolean;
}

export function virtualMachineOperations(context: ComputeContext): ArmOperation[] {
  const { world } = context;

  function powerAction(name: string, { act, meanwhile, needsPower = false }: PowerAction): ArmOperation {
    return {
      ...common,
      method: 'POST',
      path: `${single}/${name}`,
      action: `${type}/${name}/action`,
      quota: name === 'deallocate' ? quotas.deleteVm : quotas.updateVm,
      handle(request) {
        const machine = findMachine(context, request);
        if (!machine) return missingMachine(request);
        if (machine.isBusy) return beingChanged(type, machine.name);
        if (needsPower && machine.power !== 'running') return vmNotRunning();
        const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
        const { fate } = request;
        if (fate?.kind === 'lasts') {
          void holdUp(machine, fate.ms)
            .then(() => act(machine, request))
            .then(() => {
              operation.succeed();
            });
        } else if (fate) {
          machine.isBusy = true;
          machine.provisioningState = 'Updating';
          if (fate.kind === 'never-ends') machine.power = meanwhile;
          const failed = failMachine(machine);
          void carryOut(operation, { durationMs: 1000, fate, failed, apply: () => undefined });
        } else {
          void act(machine, request).then(() => {
            operation.succeed();
          });
        }
        return { status: 202, headers: operation.headers('both') };
      },
    };
  }
  const list = (path: string, keep: (machine: Machine, request: ArmRequest) => boolean): ArmOperation => ({
    ...common,
    method: 'GET',
    path,
    action: `${type}/read`,
    quota: quotas.highCostGet,
    handle: (request) => ({
      status: 200,
      body: {
        value: [...world.machines.values()]
          .filter((machine) => keep(machine, request))
          .map((machine) => virtualMachineBody(world, machine, false)),
      },
    }),
  });

  return [
    {
      ...common,
      method: 'GET',
      path: single,
      action: `${type}/read`,
      quota: quotas.lowCostGet,
      handle(request) {
        const machine = findMachine(context, request);
        if (!machine) return missingMachine(request);
        const expand = request.query.get('$expand')?.toLowerCase();
        return { status: 200, body: virtualMachineBody(world, machine, expand === 'instanceview') };
      },
    },
    list(
      collection,
      ({ resourceGroup }, { segments }) => resourceGroup.toLowerCase() === segments.resourceGroup?.toLowerCase(),
    ),
    list(`/subscriptions/{subscriptionId}/providers/${type}`, () => true),
    powerAction('restart', { act: restart, meanwhile: 'running', needsPower: true }),
    powerAction('start', { act: (machine) => startMachine(world, machine), meanwhile: 'starting' }),
    powerAction('powerOff', {
      act: (machine, { query }) =>
        stopMachine(world, machine, 'stopped', query.get('skipShutdown')?.toLowerCase() === 'true'),
      meanwhile: 'stopping',
    }),
    powerAction('deallocate', {
      act: (machine) => stopMachine(world, machine, 'deallocated'),
      meanwhile: 'deallocating',
    }),
  ];
}

/** The machine that a request's path names. */
export function findMachine(context: ComputeContext, request: ArmRequest): Machine | undefined {
  const { subscriptionId, resourceGroup, name, machine } = request.segments;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${machine ?? name}`;
  return context.world.machines.get(idKey(id));
}

/** The answer to a request for a machine that is not there. */
export function missingMachine({ segments }: ArmRequest) {
  return resourceNotFound(type, segments.name ?? '', segments.resourceGroup ?? '');
}
