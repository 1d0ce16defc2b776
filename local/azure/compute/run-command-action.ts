/**
 * `POST …/virtualMachines/{name}/runCommand`, the older Run Command, which `az vm run-command invoke` uses. Headers and statuses as
 * recorded in test_vm_run_command_e2e (durations.ts names the folder), which ran on Linux; on Windows output and errors are two
 * statuses (microsoft/azure-pipelines-tasks and others read them so).
 */
import {
  beingChanged,
  extensionTimedOut,
  invalidParameter,
  vmNotRunningForExtensions,
  type ArmResponse,
} from '../arm-errors';
import { readObject } from '../request-body';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import type { Machine } from './machine';
import { deliver, newExecution, type RunCommand } from './run-command';
import { findMachine, missingMachine } from './virtual-machines';

const type = 'Microsoft.Compute/virtualMachines';

export function runCommandActionOperations(context: ComputeContext): ArmOperation[] {
  return [
    {
      apiVersions: virtualMachineVersions,
      method: 'POST',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${type}/{name}/runCommand`,
      action: `${type}/runCommand/action`,
      quota: quotas.updateVm,
      handle(request) {
        const machine = findMachine(context, request);
        return machine ? begin(context, machine, request) : missingMachine(request);
      },
    },
  ];
}

function begin(context: ComputeContext, machine: Machine, request: ArmRequest): ArmResponse {
  const body = readObject(request.body);
  if (!body.ok) return body.response;
  const { commandId, script } = body.value;
  // assumed: the words. Only this command of Azure's list is simulated.
  if (commandId !== 'RunPowerShellScript')
    return invalidParameter('commandId', `The command ${String(commandId)} is unknown.`);
  if (!Array.isArray(script) || !script.every((line) => typeof line === 'string'))
    return invalidParameter('script', "The value of parameter 'script' is invalid.");
  if (machine.power !== 'running') return vmNotRunningForExtensions();
  if (machine.isBusy) return beingChanged(type, machine.name);
  const command: RunCommand = {
    name: 'RunPowerShellScript',
    location: context.world.fleet.location,
    tags: {},
    properties: { source: { script: script.join('\n') } },
    provisioningState: 'Creating',
    execution: newExecution(),
    isCancelled: false,
  };
  const operation = context.operations.begin({ kind: 'operations', apiVersion: request.apiVersion });
  void deliver(machine, command, context.runScript).then(async (delivery) => {
    if (delivery.kind === 'never-started') {
      operation.fail(extensionTimedOut(machine.name));
      return;
    }
    await delivery.ended;
    const { output, error } = command.execution;
    operation.succeed({ value: [status('StdOut', output), status('StdErr', error)] });
  });
  return { status: 202, headers: operation.headers('both') };
}

function status(stream: 'StdOut' | 'StdErr', message: string): object {
  const code = `ComponentStatus/${stream}/succeeded`;
  return { code, level: 'Info', displayStatus: 'Provisioning succeeded', message };
}
