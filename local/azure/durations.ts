/**
 * How long Azure takes, in local ms. Recorded values are differences of server times in
 * Azure/azure-cli:src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/.
 */

/** Recorded, test_vm_os_disk_swap: PUT of a 30 GiB copy of an attached disk, 0.6 s. A snapshot is the same copy. */
export const SNAPSHOT_CREATE_MS = 600;
export const DISK_COPY_MS = 600;
/** assumed: a snapshot's DELETE is about as quick as its PUT. */
export const SNAPSHOT_DELETE_MS = 700;
/** assumed: as a snapshot's. */
export const DISK_DELETE_MS = 700;
/** assumed: a change of tags. */
export const DISK_UPDATE_MS = 500;
/** Recorded, test_snapshot_access: POST beginGetAccess, from the operation's startTime to its endTime. */
export const SNAPSHOT_GRANT_MS = 125;
/** Recorded, test_snapshot_access: POST endGetAccess, the same way. */
export const SNAPSHOT_REVOKE_MS = 140;

/** Recorded, test_run_command_v2: PUT accepted 03:06:26.6, the run's startTime 03:06:34. */
export const RUN_COMMAND_START_MS = 7_400;
/** Recorded, test_run_command_v2: the PUT's operation, 14.9 s. */
export const RUN_COMMAND_CREATE_MS = 14_900;
/** Recorded, test_run_command_v2: the DELETE's operation, 14.6 s. */
export const RUN_COMMAND_DELETE_MS = 14_600;
/** "The maximum run time of a script is 90 minutes": MicrosoftDocs/azure-compute-docs, run-command-managed.md. */
export const RUN_COMMAND_TIMEOUT_MS = 90 * 60_000;

/** Recorded, test_vm_os_disk_swap: POST powerOff, 7.8 s. */
export const POWER_OFF_MS = 7_800;
/** Recorded, test_vm_os_disk_swap: PUT of the VM, 2.3 s. */
export const VM_UPDATE_MS = 2_300;
/** Recorded, test_vm_os_disk_swap: from a Linux VM's timeCreated to its provisioning. assumed: Windows takes as long. */
export const VM_CREATE_MS = 87_700;
/** assumed: a VM's DELETE releases its host, as deallocation does. */
export const VM_DELETE_MS = 30_000;
/** assumed: an attached disk is there within seconds; 121 s were seen (kubernetes/kubernetes#82714). */
export const DISK_ATTACH_MS = 12_000;
/** "30–120 s": kubernetes-sigs/azuredisk-csi-driver#3712. */
export const DISK_DETACH_MS = 30_000;
/** assumed. */
export const NETWORK_INTERFACE_CHANGE_MS = 2_000;
/** "reserved for another Virtual Machine for 180 seconds": Azure's own words (taskcluster/taskcluster#7196). */
export const NETWORK_INTERFACE_RESERVED_MS = 180_000;
/** assumed: deallocation adds the release of the host to powering off. */
export const DEALLOCATE_MS = 25_000;
/** assumed: from start to "VM running". */
export const START_MS = 12_000;
/** assumed: a restart's operation, shut-down and power-on of the guest. */
export const RESTART_MS = 18_000;
/** assumed: from power-on until Windows' kernel is up. */
export const BOOT_MS = 9_000;

/** assumed: from boot until the guest agent's first report. */
export const AGENT_FIRST_REPORT_MS = 25_000;
/** assumed: the guest agent reports more often than once a minute. */
export const AGENT_REPORT_INTERVAL_MS = 20_000;
/** assumed: how long Azure waits for a report until it calls the agent unresponsive. No threshold is documented. */
export const AGENT_UNRESPONSIVE_MS = 5 * 60_000;
