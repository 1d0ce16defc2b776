/**
 * `Microsoft.Compute/virtualMachines/runCommands`, managed Run Command: PUT, GET, list, DELETE. Answers as recorded
 * in test_run_command_v2: the PUT is 201 with Azure-AsyncOperation alone, the DELETE 202 with both headers.
 */
import {
  beingChanged,
  extensionTimedOut,
  invalidParameter,
  parentResourceNotFound,
  resourceNotFound,
  vmNotRunningForExtensions,
  type ArmResponse,
} from '../arm-errors';
import { RUN_COMMAND_CREATE_MS, RUN_COMMAND_DELETE_MS } from '../durations';
import { azureTime, type LongRunningOperation } from '../long-running-operations';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { readObject, readTags } from '../request-body';
import { pause } from '../timers';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import type { Machine } from './machine';
import { deliver, newExecution, readProperties, type Execution, type RunCommand } from './run-command';
import { findMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines/runCommands';
const collection =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.Compute/virtualMachines/{machine}/runCommands';
const single = `${collection}/{name}`;
const common = { apiVersions: virtualMachineVersions } as const;

export function runCommandOperations(context: ComputeContext): ArmOperation[] {
  const find = (request: ArmRequest) => {
    const machine = findMachine(context, request);
    const command = machine?.runCommands.get((request.segments.name ?? '').toLowerCase());
    return machine && command ? { machine, command } : undefined;
  };
  return [
    {
      ...common,
      method: 'PUT',
      path: single,
      action: `${type}/write`,
      quota: quotas.updateVm,
      handle: (request) => putRunCommand(context, request),
    },
    {
      ...common,
      method: 'GET',
      path: single,
      action: `${type}/read`,
      quota: quotas.lowCostGet,
      handle(request) {
        const found = find(request);
        if (!found) return notFound(request);
        const expanded = request.query.get('$expand')?.toLowerCase() === 'instanceview';
        return { status: 200, body: runCommandBody(found.machine, found.command, expanded) };
      },
    },
    {
      ...common,
      method: 'GET',
      path: collection,
      action: `${type}/read`,
      quota: quotas.lowCostGet,
      handle(request) {
        const machine = findMachine(context, request);
        if (!machine) return machineNotFound(request);
        const commands = [...machine.runCommands.values()];
        return { status: 200, body: { value: commands.map((one) => runCommandBody(machine, one, false)) } };
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: single,
      action: `${type}/delete`,
      quota: quotas.updateVm,
      handle(request) {
        const found = find(request);
        if (!found) return { status: 204 };
        return deleteRunCommand(context, request, found.machine, found.command);
      },
    },
  ];
}

function notFound(request: ArmRequest): ArmResponse {
  const { machine = '', name = '', resourceGroup = '' } = request.segments;
  return resourceNotFound('Microsoft.Compute/virtualMachines', `${machine}/runCommands/${name}`, resourceGroup);
}

function machineNotFound(request: ArmRequest): ArmResponse {
  const { machine = '', resourceGroup = '' } = request.segments;
  return resourceNotFound('Microsoft.Compute/virtualMachines', machine, resourceGroup);
}

function putRunCommand(context: ComputeContext, request: ArmRequest): ArmResponse {
  const machine = findMachine(context, request);
  if (!machine)
    return parentResourceNotFound('virtualMachines/runCommands', request.path.replace(/\/runCommands\/.*/i, ''));
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const tags = readTags(request.body);
  if (!tags.ok) return tags.response;
  const { location } = body.value;
  if (typeof location !== 'string')
    return invalidParameter('location', "Required parameter 'location' is missing (null).");
  if (machine.power !== 'running') return vmNotRunningForExtensions();
  const name = request.segments.name ?? '';
  const existing = machine.runCommands.get(name.toLowerCase());
  if (existing && isChanging(existing)) return beingChanged(type, `${machine.name}/${existing.name}`);
  const properties = readProperties(body.value.properties);
  if (!properties.ok) return properties.response;
  const command: RunCommand = {
    name,
    location,
    tags: tags.value ?? {},
    properties: properties.value,
    provisioningState: existing ? 'Updating' : 'Creating',
    execution: newExecution(),
    isCancelled: false,
  };
  machine.runCommands.set(name.toLowerCase(), command);
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void provision(context, machine, command, operation);
  const headers = operation.headers('async-operation-only');
  return { status: existing ? 200 : 201, body: runCommandBody(machine, command, false), headers };
}

function isChanging(command: RunCommand): boolean {
  return ['Creating', 'Updating', 'Deleting'].includes(command.provisioningState);
}

/**
 * With `asyncExecution` the PUT has succeeded once the script runs, else once it has ended: "Succeeded" never says
 * that the script did (design: "Run Command"; @azure/arm-compute, asyncExecution).
 */
async function provision(
  context: ComputeContext,
  machine: Machine,
  command: RunCommand,
  operation: LongRunningOperation,
): Promise<void> {
  const shortest = pause(RUN_COMMAND_CREATE_MS);
  const delivery = await deliver(machine, command, context.runScript);
  if (delivery.kind === 'never-started') {
    if (!command.isCancelled) command.provisioningState = 'Failed';
    operation.fail(extensionTimedOut(machine.name));
    return;
  }
  await Promise.all([shortest, command.properties.asyncExecution === true ? undefined : delivery.ended]);
  if (!command.isCancelled) command.provisioningState = 'Succeeded';
  operation.succeed();
}

/** Deleting ends a script that is still running: MicrosoftDocs/azure-compute-docs, run-command-managed.md. */
function deleteRunCommand(
  context: ComputeContext,
  request: ArmRequest,
  machine: Machine,
  command: RunCommand,
): ArmResponse {
  // As for any extension, said of a terraform destroy in public logs; assumed for Run Command.
  if (machine.power !== 'running') return vmNotRunningForExtensions();
  command.isCancelled = true;
  command.provisioningState = 'Deleting';
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void pause(RUN_COMMAND_DELETE_MS).then(() => {
    const key = command.name.toLowerCase();
    if (machine.runCommands.get(key) === command) machine.runCommands.delete(key);
    operation.succeed();
  });
  return { status: 202, headers: operation.headers('both') };
}

function runCommandBody(machine: Machine, command: RunCommand, expanded: boolean): object {
  // Protected parameters are taken but never shown again.
  const { protectedParameters: _hidden, ...properties } = command.properties;
  return {
    name: command.name,
    id: `${machine.id}/runCommands/${command.name}`,
    type,
    location: command.location,
    ...(Object.keys(command.tags).length > 0 ? { tags: command.tags } : {}),
    properties: {
      ...properties,
      timeoutInSeconds: command.properties.timeoutInSeconds ?? 0,
      asyncExecution: command.properties.asyncExecution ?? false,
      provisioningState: command.provisioningState,
      ...(expanded ? { instanceView: executionView(command.execution) } : {}),
    },
  };
}

/** Times without fractions, as recorded. */
function executionView(execution: Execution): object {
  const time = (at: number | undefined) => (at === undefined ? undefined : azureTime(at).replace(/\.\d+/, ''));
  return {
    executionState: execution.state,
    executionMessage: execution.message,
    exitCode: execution.exitCode ?? 0,
    output: execution.output,
    error: execution.error,
    startTime: time(execution.startedAt),
    endTime: time(execution.endedAt),
  };
}
