/**
 * How long `az vm repair` takes for the work of the recovery route, in the same simulated Azure: `create`, `run` and `restore`, one
 * call after the other, as in Azure/azure-cli-extensions' src/vm-repair/azext_vm_repair/custom.py (2.4.5). What it leaves to a person
 * is typed without a pause: the VM is stopped first, so that the copy has everything, and started last, and its agent must be
 * Ready again. Nobody has to find the cause, choose the script or read its result. What is not simulated counts as nothing:
 * checking the template, downloading the script library, installing Hyper-V.
 */
import {
  AGENT_FIRST_REPORT_MS,
  DISK_COPY_MS,
  DISK_DETACH_MS,
  NETWORK_INTERFACE_CHANGE_MS,
  POWER_OFF_MS,
  RESTART_MS,
  START_MS,
  VM_CREATE_MS,
  VM_UPDATE_MS,
} from '../../local/azure/durations';

/**
 * Before each look at a long-running operation `az` waits 30 s (Azure/azure-sdk-for-python: ARMPolling in azure-mgmt-core), unless
 * Azure says Retry-After (LROBasePolling._delay in azure-core), which no recording of these operations has
 * (local/azure/long-running-operations.ts). So recorded of a deployment in azure-cli-extensions' test_create_restore.
 */
const lookEveryMs = 30_000;

/** An `az` that does nothing: 0.8 s (Azure/azure-cli#1340). Its calls to ARM count as nothing. */
const processMs = 800;

/** The least that the action Run Command takes, 20 s: MicrosoftDocs/azure-compute-docs, windows/run-command.md. */
const runCommandActionMs = 20_000;

/** What one command line does: how many `az` it starts, itself included, and the operations that it waits for, in ms. */
interface CommandLine {
  line: string;
  processes: number;
  operations: number[];
}

/**
 * Of Azure/repair-script-library. `win-toggle-safe-mode` calls Hyper-V's `Get-VM`, so it needs `--enable-nested`; the other one is
 * taken to find the copy, which it does not bring online itself.
 */
export type RepairScript = 'win-dhcp-fix' | 'win-toggle-safe-mode';

/** Starts `az vm run-command invoke`. */
const run: CommandLine = { line: 'az vm repair run', processes: 2, operations: [runCommandActionMs] };

/** Installs Hyper-V, restarts the repair VM and runs the same again: `enable_nested` of custom.py. */
const nested: CommandLine[] = [
  { ...run, line: 'create, --enable-nested' },
  { line: 'create, restart for Hyper-V', processes: 1, operations: [RESTART_MS] },
  { ...run, line: 'create, --enable-nested again' },
];

function commandLines(script: RepairScript): CommandLine[] {
  return [
    // Neither `create`, which copies, nor `restore`, which swaps, stops the VM.
    { line: 'az vm stop', processes: 1, operations: [POWER_OFF_MS] },
    // Itself, vm list-skus twice, vm image list, group exists, group create, disk show, resource list; disk create.
    { line: 'create, copy of the disk', processes: 9, operations: [DISK_COPY_MS] },
    // One deployment: virtual network beside security group (assumed: as quick as a network interface), network interface, and the
    // VM, which is made with the copy in its first slot. No public address, as is the default since 2.2.
    { line: 'create, az vm create', processes: 1, operations: [2 * NETWORK_INTERFACE_CHANGE_MS + VM_CREATE_MS] },
    ...(script === 'win-toggle-safe-mode' ? nested : []),
    run,
    // Itself, disk show, vm disk detach, vm update. The resource group goes without being waited for.
    { line: 'az vm repair restore', processes: 4, operations: [DISK_DETACH_MS, VM_UPDATE_MS] },
    { line: 'az vm start', processes: 1, operations: [START_MS] },
  ];
}

/** How long it takes, until the agent is seen Ready with the mended disk; in s. */
export interface VmRepairSpeed {
  seconds: number;
  /** Of that, what Azure and the guest take by themselves. */
  serverSeconds: number;
  lines: { line: string; seconds: number }[];
}

/** Adds up what it does for this script. */
export function azVmRepairSpeed(script: RepairScript): VmRepairSpeed {
  const lines = commandLines(script).map(({ line, processes, operations }) => ({
    line,
    ms: processes * processMs + sum(operations.map(untilSeen)),
    serverMs: sum(operations),
  }));
  const check = bootCheck();
  const all = [...lines, check];
  return {
    seconds: sum(all.map(({ ms }) => ms)) / 1000,
    serverSeconds: sum(all.map(({ serverMs }) => serverMs)) / 1000,
    lines: all.map(({ line, ms }) => ({ line, seconds: ms / 1000 })),
  };
}

/** When an operation is seen to have ended. */
function untilSeen(operationMs: number): number {
  return Math.ceil(operationMs / lookEveryMs) * lookEveryMs;
}

/** `az vm wait` on the agent looks at once and then every 30 s: https://learn.microsoft.com/cli/azure/vm#az-vm-wait */
function bootCheck() {
  const readyMs = START_MS + AGENT_FIRST_REPORT_MS - (untilSeen(START_MS) + processMs);
  const ms = processMs + untilSeen(Math.max(0, readyMs));
  return { line: 'az vm wait, agent Ready', ms, serverMs: AGENT_FIRST_REPORT_MS };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
