/** A VM's instance view: statuses as recorded in test_run_command_v2 and test_create_restore. */
import { windowsVersion } from '../../windows/default-content';
import { AGENT_UNRESPONSIVE_MS } from '../durations';
import { azureTime } from '../long-running-operations';
import type { Disk } from './disk-record';
import type { Machine, PowerState } from './machine';

const powerWords: Record<PowerState, string> = {
  running: 'VM running',
  starting: 'VM starting',
  stopping: 'VM stopping',
  stopped: 'VM stopped',
  deallocating: 'VM deallocating',
  deallocated: 'VM deallocated',
};

export function instanceView(machine: Machine, disk: Disk | undefined, at: number): object {
  const isReporting = hasFreshReport(machine, at);
  return {
    ...(isReporting ? guestFacts(machine) : {}),
    hyperVGeneration: disk?.hyperVGeneration ?? 'V1',
    ...(machine.power === 'running' ? { vmAgent: vmAgent(machine, at) } : {}),
    bootDiagnostics: {},
    disks: disk ? [{ name: disk.name, statuses: [provisioned(disk.createdAt)] }] : [],
    statuses: [
      provisioning(machine),
      { code: `PowerState/${machine.power}`, level: 'Info', displayStatus: powerWords[machine.power] },
    ],
  };
}

/** assumed: the words of a failure's displayStatus; its code is `ProvisioningState/failed/<code>`, as portal and CLI show it. */
function provisioning(machine: Machine): object {
  if (machine.provisioningState === 'Succeeded') return provisioned(machine.changedAt);
  if (machine.provisioningState === 'Failed') {
    const { code = 'InternalOperationError', message = '' } = machine.failure ?? {};
    const time = azureTime(machine.changedAt);
    return {
      code: `ProvisioningState/failed/${code}`,
      level: 'Error',
      displayStatus: 'Provisioning failed',
      message,
      time,
    };
  }
  const state = machine.provisioningState;
  return { code: `ProvisioningState/${state.toLowerCase()}`, level: 'Info', displayStatus: state };
}

function provisioned(at: number): object {
  return {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    time: azureTime(at),
  };
}

function hasFreshReport(machine: Machine, at: number): boolean {
  return machine.lastReportAt !== undefined && at - machine.lastReportAt < AGENT_UNRESPONSIVE_MS;
}

function guestFacts(machine: Machine): object {
  if (!machine.guest) return { computerName: machine.name, osName: 'ubuntu', osVersion: '22.04' };
  return {
    computerName: machine.guest.computerName(),
    osName: windowsVersion.productName,
    osVersion: `10.0.${windowsVersion.build}.${windowsVersion.updateRevision}`,
  };
}

/** While Not Ready `time` is the time of the question: recorded 21:15:41 in a response of 21:15:40. */
function vmAgent(machine: Machine, at: number): object {
  if (hasFreshReport(machine, at)) {
    const ready = {
      code: 'ProvisioningState/succeeded',
      level: 'Info',
      displayStatus: 'Ready',
      message: 'GuestAgent is running and accepting new configurations.',
      time: azureTime(machine.lastReportAt ?? at),
    };
    return { vmAgentVersion: machine.guest ? '2.7.41491.1121' : '2.9.1.1', statuses: [ready], extensionHandlers: [] };
  }
  const message =
    machine.lastReportAt === undefined ? 'VM status blob is found but not yet populated.' : 'VM Agent is unresponsive.';
  const notReady = {
    code: 'ProvisioningState/Unavailable',
    level: 'Warning',
    displayStatus: 'Not Ready',
    message,
    time: azureTime(at),
  };
  return { vmAgentVersion: 'Unknown', statuses: [notReady] };
}
