import { z } from 'zod';

/**
 * The one table of outcome codes: why a repair or a rollback ends as it does, or why one of its routes is not taken. The type,
 * the schemas, the lists that decide by a code, and the tables of docs/operate.md are derived from it, so a code that does not
 * stand here does not compile. Codes stand in records, alerts and scripts: once released, a code is never renamed or taken out.
 *
 * Pure data. `meaning` and `advice` are for a person who is paged, as Markdown with links relative to docs/.
 */

/** Where in a repair a code is said first. Its table in docs/operate.md has the same name. */
export const outcomePhases = [
  'permit',
  'preparation',
  'diagnosis',
  'inspection',
  'plan',
  'run-command',
  'recovery-vm',
  'os-disk',
  'verification',
  'rollback',
  'closing',
] as const;
export type OutcomePhase = (typeof outcomePhases)[number];

/** What a code stands for. */
export interface OutcomeEntry {
  phase: OutcomePhase;
  /** What happened. */
  meaning: string;
  /** What to do next. */
  advice: string;
}

/** Every outcome code, by phase. */
export const outcomes = {
  // Policy says no, or a brake is on.
  'not-opted-in': {
    phase: 'permit',
    meaning:
      'The VM has no tag `rdp-lifeline`, or only observing was asked for. We read it through Azure and created nothing.',
    advice: 'Tag it `diagnose` or `repair` and ask again.',
  },
  'opted-out': {
    phase: 'permit',
    meaning: 'The tag says `off`.',
    advice: 'Nothing, if that is meant. Otherwise change the tag and ask again.',
  },
  'unknown-mode': {
    phase: 'permit',
    meaning: 'The tag has a value that we do not know; the reason quotes it.',
    advice: 'Set it to `repair`, `approve`, `diagnose` or `off` and ask again.',
  },
  'mode-diagnose': {
    phase: 'permit',
    meaning: 'The tag or the request allowed only a diagnosis. We changed nothing.',
    advice: 'Fix it [by hand](#by-hand), or tag the VM `repair` and ask again.',
  },
  'approval-not-available': {
    phase: 'permit',
    meaning: 'The tag says `approve`, and approvals do not exist yet. We changed nothing.',
    advice: 'Tag the VM `repair` and ask again.',
  },
  'kill-switch': {
    phase: 'permit',
    meaning: 'The kill switch is on; the reason says who set it.',
    advice: '[Release it](#stop-it) and ask again.',
  },
  'cap-reached': {
    phase: 'permit',
    meaning:
      'For as long as `PLACE_WAIT_HOURS` says, its turn in the queue for a place did not come. An inspection by a recovery VM needs a place, too.',
    advice: 'Look at the running repairs first, then ask again.',
  },
  'evidence-out-of-date': {
    phase: 'permit',
    meaning:
      'What a permit rests on must be seen within 15 minutes; it was read four times, and each time it took longer to come to the permit.',
    advice: 'Look at `steps` for what took so long, then ask again.',
  },
  cancelled: {
    phase: 'permit',
    meaning: 'A person cancelled it, or the upkeep had closed it.',
    advice: 'Read in `steps` how far it came. Ask again if the VM still needs it.',
  },
  'alert-resolved': {
    phase: 'permit',
    meaning:
      'Every alert that asked for it was resolved before anything was changed, and the VM is not shown to be well.',
    advice: 'The reason says what is wrong. Ask for a repair if it stays so.',
  },
  'subscription-not-allowed': {
    phase: 'permit',
    meaning: 'The VM’s subscription is not in `ALLOWED_SUBSCRIPTIONS`.',
    advice: 'Add it, if we may work there.',
  },
  'not-windows': {
    phase: 'permit',
    meaning: 'The VM runs another system than Windows.',
    advice: 'Take its alert rule out of ours.',
  },
  'scale-set-instance': {
    phase: 'permit',
    meaning: 'The VM belongs to a scale set.',
    advice: 'Let the scale set replace it.',
  },
  'power-state-missing': {
    phase: 'permit',
    meaning: 'Azure did not say whether the VM runs, as often as we asked. It may well run.',
    advice: 'Look at its instance view, then ask again.',
  },
  'os-disk-missing': {
    phase: 'permit',
    meaning: 'Azure did not say which OS disk the VM has, as often as we asked.',
    advice: 'Look at the VM, then ask again.',
  },
  'os-type-missing': {
    phase: 'permit',
    meaning: 'Azure did not say which operating system the VM runs, as often as we asked.',
    advice: 'Look at the VM, then ask again.',
  },
  'not-running': {
    phase: 'permit',
    meaning: 'The VM is stopped, so there is nothing to reach by RDP.',
    advice: 'Start it, if nobody meant to stop it.',
  },
  'not-provisioned': {
    phase: 'permit',
    meaning: 'Azure is deleting the VM.',
    advice: 'Nothing, if that is meant.',
  },
  'unmanaged-os-disk': {
    phase: 'permit',
    meaning: 'The OS disk is no managed disk, so we cannot snapshot it.',
    advice: 'Repair it [by hand](#by-hand).',
  },
  'ephemeral-os-disk': {
    phase: 'permit',
    meaning: 'The OS disk is ephemeral: it cannot be snapshotted, so nothing could be undone.',
    advice: 'Redeploy the VM.',
  },
  'plan-not-on-record': {
    phase: 'permit',
    meaning: 'Somebody started the orchestration with a plan that no diagnosis made. We did nothing.',
    advice: 'Find out who holds the app’s system key, and change the key.',
  },

  // Reading the VM from Azure, and the first snapshot.
  'permission-missing': {
    phase: 'preparation',
    meaning: 'No role grants the action that the reason names, or tells us which actions are granted.',
    advice: '[Grant it](deploy.md) and ask again.',
  },
  'not-found': {
    phase: 'preparation',
    meaning: 'Azure does not know the VM, or a thing that we need, any more; the reason names it.',
    advice: 'Look in the activity log who deleted it.',
  },
  'azure-silent': {
    phase: 'preparation',
    meaning:
      'Azure gave no answer for half an hour or longer; the reason has the last thing heard. We touched nothing.',
    advice: 'Look at Azure’s status page and at the app’s identity, then ask again.',
  },
  'azure-rejected': {
    phase: 'preparation',
    meaning: 'Azure refused a call for good (a policy, a lock); the reason quotes it.',
    advice: 'Remove what the reason names, then ask again.',
  },
  'policy-denied': {
    phase: 'preparation',
    meaning: 'Azure Policy denied what the reason names; the reason has the assignment.',
    advice:
      'Let the assignment exempt what carries the tag `rdp-lifeline-repair`, or set the tags that it demands ([settings](deploy.md)). Then ask again.',
  },
  'workbench-missing': {
    phase: 'preparation',
    meaning: 'The resource group for snapshots and recovery VMs is not there.',
    advice: 'Run the deployment’s hook again.',
  },
  'name-taken': {
    phase: 'preparation',
    meaning: 'Something has the name that we would use, and it is not ours. We did not touch it.',
    advice: 'Look whose it is; the reason has its id.',
  },
  'snapshot-failed': {
    phase: 'preparation',
    meaning: 'Azure could not make the snapshot. We changed nothing.',
    advice: 'Try a snapshot by hand: Azure’s error says why.',
  },
  'snapshot-late': {
    phase: 'preparation',
    meaning: 'The snapshot was not ready in half an hour. We changed nothing.',
    advice: 'Try a snapshot by hand, then ask again.',
  },

  // What the evidence says.
  healthy: {
    phase: 'diagnosis',
    meaning: 'The guest shows no known failure, and listens for RDP.',
    advice: 'Look outside the guest: network security groups, routes, the client’s way to the VM.',
  },
  'recovered-by-itself': {
    phase: 'diagnosis',
    meaning:
      'Every alert was resolved before anything was changed, and the guest is well: no known failure, agent Ready, RDP listening.',
    advice: 'Nothing.',
  },
  'not-recognised': {
    phase: 'diagnosis',
    meaning:
      'We read the guest, or its disk on a recovery VM, and saw no failure that this release knows. The VM was never stopped.',
    advice: 'Read the evidence in the report, then go on [by hand](#by-hand).',
  },
  'guest-not-reachable': {
    phase: 'diagnosis',
    meaning:
      'Neither Run Command nor the snapshot gave any evidence, and [no recovery VM inspected the disk](#why-no-recovery-vm-looked); the reason has all three. As the code of a closed route: Run Command does not reach the guest.',
    advice: '[By hand](#by-hand): the serial console, or a recovery VM.',
  },
  'left-alone': {
    phase: 'diagnosis',
    meaning:
      'Somebody means it to be so: a domain controller, directory services repair mode, a flag that Windows does not define.',
    advice: 'Ask who did it, then go on [by hand](#by-hand).',
  },
  'source-late': {
    phase: 'diagnosis',
    meaning: 'One source of evidence did not answer in time. Ends no repair: the diagnosis goes on without it.',
    advice: 'Nothing: the report says which one it was.',
  },

  // A recovery VM inspects a disk of the snapshot; none of these ends a repair by itself.
  encrypted: {
    phase: 'inspection',
    meaning: 'The snapshot is encrypted; a recovery VM has no key either.',
    advice: '[By hand](#by-hand), with the key.',
  },
  'no-windows': {
    phase: 'inspection',
    meaning: 'No volume with Windows was found on the snapshot; a recovery VM would find the same.',
    advice: '[By hand](#by-hand).',
  },
  'look-late': {
    phase: 'inspection',
    meaning: 'The recovery VM did not tell in 20 minutes what is on the disk.',
    advice: 'Ask again.',
  },
  'delete-late': {
    phase: 'inspection',
    meaning: 'The inspected disk was not gone after 15 minutes. The clean-up goes on with it.',
    advice: 'Look whether the reason names it as left behind, then ask again.',
  },

  // Why there is no plan, or why a route is not in it.
  'no-cure': {
    phase: 'plan',
    meaning:
      'We know the cause, and it has no automatic fix, or what the fix would change could not be read; the reason says which.',
    advice: '`diagnosis.byHand` has the commands.',
  },
  'no-route': {
    phase: 'plan',
    meaning: 'We know the cause, and no route reaches the guest; `plan.closed` says why for each.',
    advice: 'Remove what stands against a route and ask again, or run `diagnosis.byHand` at the serial console.',
  },
  'not-allowed': {
    phase: 'plan',
    meaning: 'The tag or the request allows less than `repair`, which a recovery VM needs.',
    advice: 'Tag the VM `repair` and ask again.',
  },
  'waits-for-next-boot': {
    phase: 'plan',
    meaning: 'The failure strikes at the next boot only. Nothing calls for a downtime now.',
    advice: 'Fix it before the next restart, [by hand](#by-hand).',
  },
  'no-workbench': {
    phase: 'plan',
    meaning: '`RECOVERY_WORKBENCHES` has no entry for this subscription and region, or the OS disk is no managed one.',
    advice: 'Add the entry.',
  },
  'standing-vm-unusable': {
    phase: 'plan',
    meaning:
      'No pooled recovery VM can be taken, the reason says why of each, and `RECOVERY_WORKBENCHES` has no entry. Or the chosen one was taken by another repair, or changed, since the plan was made; the VM was not stopped.',
    advice: 'Correct what the reason names, or add the entry. Then ask again.',
  },
  'disk-encryption': {
    phase: 'plan',
    meaning: 'Azure Disk Encryption is on: Azure does not swap such a disk.',
    advice: '[By hand](#by-hand).',
  },
  'confidential-vm': {
    phase: 'plan',
    meaning: 'It is a confidential VM: no other VM can open its disk.',
    advice: 'Use the serial console.',
  },
  'managed-vm': {
    phase: 'plan',
    meaning: 'Another Azure service manages the VM, and may take changes back.',
    advice: 'Ask the owner of that service; the reason names it.',
  },
  'spot-vm': {
    phase: 'plan',
    meaning: 'It is a Spot VM: once stopped, Azure may not start it again.',
    advice: 'Make a new one.',
  },
  'shared-disk': {
    phase: 'plan',
    meaning: 'Several VMs may have its OS disk at once.',
    advice: '[By hand](#by-hand).',
  },
  'site-recovery': {
    phase: 'plan',
    meaning:
      'Site Recovery replicates the VM’s OS disk by its id: with another disk the VM would not be replicated, and data could be lost. Of a rollback too.',
    advice:
      'Disable the replication for the time of the repair and remove its extension, ask again, and enable it for the new disk.',
  },
  'disk-busy': {
    phase: 'plan',
    meaning:
      'Another operation on the VM or its disk was under way, for 15 minutes and more; as an ending: until it was time to stop the VM, which was then not stopped.',
    advice: 'Look whose it is, then ask again.',
  },
  hibernated: {
    phase: 'plan',
    meaning: 'Windows is hibernated: what is on the disk is not all of its state.',
    advice: 'Start it and shut it down, then ask again.',
  },
  'volume-dirty': {
    phase: 'plan',
    meaning:
      'Windows has marked the volume for a check. May also be found on the copy, when the VM was stopped: it is started again with its own disk.',
    advice: 'Run `chkdsk` first.',
  },
  'domain-controller': {
    phase: 'plan',
    meaning:
      'It is a domain controller, which is never swapped, swapped back or rolled back. May also be found on the copy, when the VM was stopped: it is started again with its own disk. Found after a swap, it keeps the copy. Of a rollback: its repair or the running guest says so.',
    advice:
      '[By hand](#by-hand). Never put an older disk under it: replicate its directory from another controller, or restore it by a backup that knows of Active Directory.',
  },
  'domain-controller-unknown': {
    phase: 'plan',
    meaning:
      'Whether it is a domain controller could not be read, and one is never swapped. Of a rollback: its agent is Ready, and the guest did not answer.',
    advice: 'Read in the snapshot’s evidence why; before a rollback ask again.',
  },
  'standing-vm-busy': {
    phase: 'plan',
    meaning:
      'The only pooled recovery VM worked for another repair, was being changed or was coming up, for 15 minutes and more; as an ending: for 25 minutes when it was to be taken. The VM was not stopped.',
    advice: 'Ask again, or add more of them.',
  },
  'disk-failed': {
    phase: 'plan',
    meaning: 'Azure calls the last operation on the OS disk failed.',
    advice: 'Look at the activity log of the disk.',
  },
  'quota-used-up': {
    phase: 'plan',
    meaning:
      'Nothing stands against some of `RECOVERY_VM_SIZES` except a quota that was used up, for 15 minutes and more.',
    advice: 'Raise the quota, or name another size.',
  },
  locked: {
    phase: 'plan',
    meaning: 'A lock would stop us half-way; the reason has its name and scope.',
    advice: 'Take the lock away for the time of the repair, and ask again.',
  },
  denied: {
    phase: 'plan',
    meaning: 'A deny assignment would stop us half-way; the reason has its name and scope.',
    advice: 'Ask whoever made it.',
  },
  'no-size': {
    phase: 'plan',
    meaning: 'None of `RECOVERY_VM_SIZES` can be had there; the reason says why of each.',
    advice: 'Name other sizes, or raise the quota.',
  },

  // The fix in the running guest.
  'apply-late': {
    phase: 'run-command',
    meaning: 'The guest did not say in 10 minutes whether it made the changes. Verification then reads for itself.',
    advice: 'Read `verification` in the report.',
  },
  'restart-late': {
    phase: 'run-command',
    meaning: 'The guest agent did not report within 20 minutes of a restart. Verification then reads for itself.',
    advice: 'Look at boot diagnostics: what is on the screen.',
  },

  // The recovery VM and the copy that is attached to it.
  'recovery-vm-failed': {
    phase: 'recovery-vm',
    meaning: 'Azure could not make the recovery VM in any of its sizes. The VM was not stopped.',
    advice: 'Look at quota, policies and `RECOVERY_VM_SIZES`.',
  },
  'recovery-vm-late': {
    phase: 'recovery-vm',
    meaning: 'The recovery VM was not ready in 25 minutes. The VM was not stopped.',
    advice: 'Look at its subnet’s way out to Azure (port 443): the agent needs it.',
  },
  'cleaned-up-before': {
    phase: 'recovery-vm',
    meaning: 'The repair was begun again after something of it was made and deleted. We did nothing twice.',
    advice: 'Read in `steps` and `kept` how far it came, then ask again.',
  },
  'trial-copy-failed': {
    phase: 'recovery-vm',
    meaning: 'Azure took the trial copy of the OS disk and could not make it. The VM was not stopped.',
    advice: 'Look at the activity log of the resource group.',
  },
  'trial-copy-late': {
    phase: 'recovery-vm',
    meaning: 'The trial copy of the OS disk was not ready in 25 minutes. The VM was not stopped.',
    advice: 'Look at the activity log of the resource group, then ask again.',
  },
  'trial-copy-differs': {
    phase: 'recovery-vm',
    meaning:
      'A copy of the OS disk lacks something of the original that the VM needs; the reason names it. The VM was not stopped.',
    advice: '[By hand](#by-hand).',
  },
  'rehearsal-failed': {
    phase: 'recovery-vm',
    meaning:
      'The recovery VM could not do with the trial copy what it would have to do with the copy; the reason says what its Windows answered. The VM was not stopped.',
    advice: 'Look at the recovery VM’s image and at the code in brackets; otherwise [by hand](#by-hand).',
  },
  'rehearsal-late': {
    phase: 'recovery-vm',
    meaning:
      'The recovery VM did not answer within 20 minutes what it did with the trial copy. The VM was not stopped.',
    advice: 'Look at the recovery VM’s Run Commands and its agent, then ask again.',
  },
  'disk-quota-used-up': {
    phase: 'recovery-vm',
    meaning:
      'A quota of disks was used up, for 15 minutes and more before the VM was stopped, or for 2 minutes when its disk was to be copied; the reason quotes Azure.',
    advice: 'Raise the quota, or delete disks that nobody needs. Then ask again.',
  },
  'attach-late': {
    phase: 'recovery-vm',
    meaning: 'The copy was not attached to the recovery VM in 15 minutes.',
    advice: 'Look at the activity log of the recovery VM.',
  },
  'copy-not-prepared': {
    phase: 'recovery-vm',
    meaning:
      'The recovery VM did not take the copy; the code in brackets says why (BitLocker, no Windows, no room for a backup…).',
    advice: '[By hand](#by-hand).',
  },
  'not-on-the-disk': {
    phase: 'recovery-vm',
    meaning: 'The stopped disk does not show the failure any more, so we wrote nothing.',
    advice: 'Look whether the VM recovered with its restart.',
  },
  'nothing-to-write': {
    phase: 'recovery-vm',
    meaning: 'Nothing of the fix is written on a disk.',
    advice: '[By hand](#by-hand).',
  },
  'copy-not-mended': {
    phase: 'recovery-vm',
    meaning: 'A change failed or did not hold on the copy, or the recovery VM did not say. The copy went in nowhere.',
    advice: 'Read `changes` and the reason.',
  },
  'copy-not-released': {
    phase: 'recovery-vm',
    meaning: 'The recovery VM still held on to the changed copy, so the copy went in nowhere.',
    advice: 'Ask again.',
  },
  'detach-late': {
    phase: 'recovery-vm',
    meaning: 'The copy could not be detached in 15 minutes.',
    advice: 'Look at the activity log of the recovery VM.',
  },

  // Stopping the VM, copying its disk, swapping it, starting the VM.
  'vm-use-missing': {
    phase: 'os-disk',
    meaning: 'Azure did not say whether somebody used the VM since it had stopped, so its disk was not swapped.',
    advice: 'Look at the VM’s activity log, then ask again.',
  },
  'os-disk-changed': {
    phase: 'os-disk',
    meaning: 'Somebody gave the VM another OS disk meanwhile. We left it to them.',
    advice: 'Agree with them, then ask again.',
  },
  'stop-late': {
    phase: 'os-disk',
    meaning: 'The VM could not be stopped in 20 minutes.',
    advice: 'Look at its activity log.',
  },
  'copy-failed': {
    phase: 'os-disk',
    meaning: 'Azure could not copy the disk.',
    advice: 'Look at its activity log.',
  },
  'copy-late': {
    phase: 'os-disk',
    meaning: 'The copy was not ready in 30 minutes.',
    advice: 'Look at its activity log.',
  },
  'copy-differs': {
    phase: 'os-disk',
    meaning: 'The copy lacks something of the original that the VM needs; the reason names it.',
    advice: '[By hand](#by-hand).',
  },
  'started-meanwhile': {
    phase: 'os-disk',
    meaning:
      'Somebody used the VM between its stop and the swap: in a repair twice, in a rollback once. We left it to them, with the disk that it had.',
    advice: 'Agree with them, then ask again.',
  },
  'swap-refused': {
    phase: 'os-disk',
    meaning: 'Azure refused to swap the OS disk; the reason quotes it.',
    advice: 'Remove what the reason names, then ask again.',
  },
  'swap-late': {
    phase: 'os-disk',
    meaning: 'Azure had not ended the swap in 15 minutes. With `rolled-back` it did after all.',
    advice: 'See which disk the VM has: the first command of `wayBack`.',
  },
  'start-late': {
    phase: 'os-disk',
    meaning: 'The VM did not start in 15 minutes. With a changed copy that is a reason to swap back, and no ending.',
    advice: 'Run `az vm start`, and look at its activity log.',
  },
  'copy-does-not-boot': {
    phase: 'os-disk',
    meaning:
      'With the changed copy the guest agent did not report in 20 minutes: a reason to swap back, and no ending.',
    advice: 'See `swapped-back`.',
  },
  'swapped-back': {
    phase: 'os-disk',
    meaning:
      'With the copy the VM did not start or boot, or the failure was still there. It has its original disk again; the copy is kept until its expiry.',
    advice: 'Attach the copy to another VM and look why.',
  },
  'swap-back-failed': {
    phase: 'os-disk',
    meaning: 'As `swapped-back`, and the original could not be put back: the VM **may still have the copy**.',
    advice: 'Run the commands of `wayBack` at once.',
  },

  // What the proof says.
  'agent-missing': {
    phase: 'verification',
    meaning: 'After a swap Azure did not say how the guest agent is. The copy stays.',
    advice: 'Look at the VM’s instance view. `wayBack` leads to the original disk.',
  },
  repaired: {
    phase: 'verification',
    meaning: 'The failure is gone, the changes hold, the agent is Ready, and the guest listens for RDP.',
    advice: 'Nothing.',
  },
  'still-there': {
    phase: 'verification',
    meaning:
      'We made the changes, and the failure is there again; the reason has what was read, with the Windows error.',
    advice: 'Look for what puts it back: a group policy, an agent, a hardening baseline.',
  },
  'change-did-not-hold': {
    phase: 'verification',
    meaning: 'A change is not so when read again; `changes` says which, with its error.',
    advice: 'Look up the Windows error code.',
  },
  'not-verified': {
    phase: 'verification',
    meaning: 'We made changes, and could not read them again.',
    advice: 'Look at the guest by hand before you do anything else.',
  },
  'rdp-not-listening': {
    phase: 'verification',
    meaning: 'The failure is gone, and nothing listens on the RDP port.',
    advice: 'Look at the Remote Desktop service in the guest.',
  },
  'rdp-not-read': {
    phase: 'verification',
    meaning:
      'The failure is gone; whether RDP listens could not be read. After a swap: the agent is Ready, and the guest gave no further answer.',
    advice: 'Try RDP. After a swap `wayBack` leads to the original disk.',
  },
  'agent-not-ready': {
    phase: 'verification',
    meaning: 'The failure is gone, and the guest agent is not Ready.',
    advice: 'Wait a few minutes, then look at the agent.',
  },
  'blocked-by-nsg': {
    phase: 'verification',
    meaning:
      'The guest is fixed and listens; network security groups turn the RDP port away from everywhere. The reason names group, rule and priority.',
    advice: 'Correct the rule; we did not touch it.',
  },
  'probe-unanswered': {
    phase: 'verification',
    meaning:
      'The guest is fixed and listens; the app tried the port itself (`RDP_PROBE`), and Remote Desktop did not answer.',
    advice:
      'Look at routes, firewalls and rules between the app and the VM; the app itself may be the one that is kept out.',
  },

  // A person asks for the original disk back.
  'loss-not-acknowledged': {
    phase: 'rollback',
    meaning: 'The request names another moment than the report; the answer has the right one.',
    advice: 'Read what is lost, then send that moment.',
  },
  'repair-runs': {
    phase: 'rollback',
    meaning: 'The repair has not ended, or the VM has another one that has not; the answer has its id.',
    advice: 'Wait for it, or cancel it.',
  },
  'nothing-exchanged': {
    phase: 'rollback',
    meaning: 'That repair did not swap the OS disk, or is a rollback itself.',
    advice: 'Look for the repair that did. To undo a rollback, run its `wayBack`.',
  },
  'already-back': {
    phase: 'rollback',
    meaning: 'The VM has its original disk: by that repair, by a rollback (the answer has its id), or by hand.',
    advice: 'Nothing.',
  },
  'original-gone': {
    phase: 'rollback',
    meaning: 'The original disk does not exist any more.',
    advice: 'Make a disk of a snapshot: `wayBack` has the commands.',
  },
  'original-in-use': {
    phase: 'rollback',
    meaning: 'Another VM has the original disk, or somebody reads it.',
    advice: 'Detach it there, then ask again.',
  },
  'disk-state-missing': {
    phase: 'rollback',
    meaning: 'Azure did not say whether the original disk is free, as often as it was asked.',
    advice: 'Look at the disk, then ask again.',
  },
  'original-differs': {
    phase: 'rollback',
    meaning: 'Azure would refuse the original: its generation, zone or kind differs from the present disk’s.',
    advice: 'Find out who changed one of them; go on [by hand](#by-hand).',
  },
  'rollback-not-on-record': {
    phase: 'rollback',
    meaning: 'Somebody started the orchestration without the endpoint. We did nothing.',
    advice: 'Find out who holds the app’s system key, and change the key.',
  },
  'rolled-back': {
    phase: 'rollback',
    meaning: 'The VM has its original disk, runs, and its guest agent is Ready.',
    advice: 'Nothing. Tag it `diagnose` if no alert may have it repaired again.',
  },
  'rolled-back-agent-silent': {
    phase: 'rollback',
    meaning:
      'The VM has its original disk and runs; its agent did not report in 10 minutes. No surprise, if the failure is still there.',
    advice: 'Look at boot diagnostics, then go on [by hand](#by-hand).',
  },
  'rolled-back-not-running': {
    phase: 'rollback',
    meaning: 'The VM has its original disk and did not start; the reason quotes Azure.',
    advice: 'Run `az vm start`, and look at its activity log.',
  },

  // The end of every repair.
  'clean-up-late': {
    phase: 'closing',
    meaning: 'Something temporary was not gone in time; the reason names it.',
    advice: 'Delete it.',
  },
  // Whoever calls an activity: what the record says against it.
  'repair-not-on-record': {
    phase: 'closing',
    meaning: 'Somebody started an orchestration of a repair that is not on record. We did nothing.',
    advice: 'Find out who holds the Durable system key of the app.',
  },
  'not-this-repair': {
    phase: 'closing',
    meaning:
      'What an orchestration was told (the VM, the mode, what it rolls back) is not what is on record. We did nothing.',
    advice: 'Find out who holds the Durable system key of the app.',
  },
  'repair-ended': {
    phase: 'closing',
    meaning: 'The repair has ended and has nothing open, so nothing more is done in its name.',
    advice: 'Ask for a new repair if the VM needs one.',
  },
  superseded: {
    phase: 'closing',
    meaning:
      'The orchestration was ended and the repair begun again: the present one goes on, the old one writes nothing more.',
    advice: 'Nothing: read the report of the repair.',
  },
  'lease-lost': {
    phase: 'closing',
    meaning: 'The repair does not hold its VM’s lease any more. We only put right what is open, and clean up.',
    advice: 'See which repair holds it, then ask again.',
  },
  'nothing-to-put-right': {
    phase: 'closing',
    meaning:
      'The VM was to be started, or its original disk put back, and the record shows no stop or swap of this repair that is open. We did nothing.',
    advice: 'To put the original disk back after all, ask for a rollback.',
  },
  'stopped-by-others': {
    phase: 'closing',
    meaning: 'The VM is stopped by somebody else, or by another repair that will start it. We left it to them.',
    advice: 'Agree with them, then run `az vm start`.',
  },
  'operations-late': {
    phase: 'closing',
    meaning:
      'The repair was begun again, and what was under way in Azure before had not ended in 30 minutes. We cleaned up what we could.',
    advice: 'Look at the VM’s activity log, then ask again.',
  },
  'not-concluded': {
    phase: 'closing',
    meaning: 'The repair was to be closed without having been cleaned up. It goes on.',
    advice: 'Nothing: the upkeep brings it to its end.',
  },
  fault: {
    phase: 'closing',
    meaning: 'The app itself failed; the reason has the error.',
    advice: 'Look in its log for the repair’s id, then ask again.',
  },
} as const satisfies Record<string, OutcomeEntry>;

export type OutcomeCode = keyof typeof outcomes;

export const outcomeCodes = Object.keys(outcomes) as OutcomeCode[];

/** A code that is read back from a record or an input. Not `z.enum`, whose error lists all of them. */
export const outcomeCode = z.custom<OutcomeCode>(
  (value) => typeof value === 'string' && Object.hasOwn(outcomes, value),
  'is no outcome code',
);

/** A union of some of them: one that is not in the table does not compile. */
export type OutcomeSubset<Codes extends OutcomeCode> = Codes;
