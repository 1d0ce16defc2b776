/**
 * What Azure says of a resource's state, and what it means that it says nothing. An answer may lack a field that other answers
 * have: that is neither yes nor no. Which missing field is asked for again, and which absence is Azure's way to say something:
 *
 * | field                                    | missing means                                                                      |
 * | ---------------------------------------- | ---------------------------------------------------------------------------------- |
 * | a VM's power state                       | not known: asked again; ends as `power-state-missing`                              |
 * | a VM's OS type, its OS disk's id         | not known: asked again; ends as `os-type-missing`, `os-disk-missing`               |
 * | `provisioningState` (VM, disk, interface)| under way: asked again (`isSettled`); before a plan `disk-busy`, a passing block   |
 * | when a VM's last operation ended         | not known whether it was used: asked again, before the stop and after it           |
 * | the agent's status, its parts, its time  | not known: asked again for a minute, then as dead (a VM may have no agent at all)  |
 * | a disk's `diskState`                     | not known whether it is free: asked again; ends as `disk-state-missing`            |
 * | a disk's or snapshot's size in bytes     | not known: asked again, before it is looked for on a recovery VM                   |
 * | a run's execution state                  | it is still under way                                                              |
 * | a quota                                  | no limit that would stop us: making the VM tells, before anything is stopped       |
 * | what a size can do                       | it cannot, and the reason says that Azure does not tell                            |
 * | `tags`                                   | none: Azure leaves the field out then. No tag permits nothing and deletes nothing  |
 * | `managedBy`                              | nobody's: Azure leaves it out then. Counts only with the VM's own list, or `diskState` |
 * | `completionPercent`                      | all of it: only Premium SSD v2 and Ultra disks have it, and no OS disk is one      |
 * | a disk's `hyperVGeneration`              | V1, as Azure takes it                                                              |
 * | `zones`, `securityProfile`, `priority`   | none, standard, regular: Azure leaves them out then                                |
 */

/** Azure's words for an operation that has ended: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations#provisioningstate-values */
const settledStates: readonly (string | undefined)[] = ['Succeeded', 'Failed', 'Canceled'];

/** Whether Azure's last operation on the resource has ended, well or badly. Where Azure does not say it has not. */
export function isSettled({ provisioningState }: { provisioningState?: string }): boolean {
  return settledStates.includes(provisioningState);
}

/** A VM's power, after "The VM is". */
export function powerWords({ powerState }: { powerState?: string }): string {
  return powerState ?? 'in a state that Azure does not tell';
}
