import { applyChanges } from './apply-changes';
import { awaitOperations } from './await-operations';
import { awaitRestart } from './await-restart';
import { cleanUp } from './clean-up';
import { closeRepair } from './close-repair';
import { diagnoseAndPlan } from './diagnose-and-plan';
import { guarded } from './guard';
import { inspectVm } from './inspect-vm';
import { lookAgain } from './look-again';
import { obtainPermit } from './obtain-permit';
import { readEvidence } from './read-evidence';
import { readSnapshotDisk } from './read-snapshot-disk';
import { attachCopy, detachCopy } from './recovery/attach-copy';
import { attachLookDisk, detachLookDisk } from './recovery/attach-look-disk';
import { awaitAgent } from './recovery/await-agent';
import { copyOsDisk } from './recovery/copy-os-disk';
import { createRecoveryVm } from './recovery/create-recovery-vm';
import { deleteLookDisk, makeLookDisk } from './recovery/make-look-disk';
import { mendCopy } from './recovery/mend-copy';
import { planLook } from './recovery/plan-look';
import { readLookDisk } from './recovery/read-look-disk';
import { attachTrialCopy, detachTrialCopy, rehearseOnTrialCopy } from './recovery/rehearsal';
import { startPatient } from './recovery/start-patient';
import { stopForSwapBack } from './recovery/stop-for-swap-back';
import { stopPatient } from './recovery/stop-patient';
import { deleteTrialCopy, makeTrialCopy } from './recovery/trial-copy';
import { swapBackOsDisk } from './recovery/swap-back-os-disk';
import { swapOsDisk } from './recovery/swap-os-disk';
import { inspectRollback } from './rollback/inspect-rollback';
import { keepPresentDisk } from './rollback/keep-present-disk';
import { obtainRollbackPermit } from './rollback/obtain-rollback-permit';
import { putOriginalBack } from './rollback/put-original-back';
import { stopForRollback } from './rollback/stop-for-rollback';
import { takeSnapshot } from './take-snapshot';
import { takeUpRepair } from './take-up-repair';
import { verifyRepair } from './verify-repair';

/**
 * Every activity by its registered name, behind the guard that every caller meets; the first one gives what the guard asks for. A name, once released, is part of running repairs' histories: never rename
 * or remove one while a release that used it may still be at work.
 */
export const activities = {
  takeUpRepair,
  awaitOperations: guarded('awaitOperations', 'closing', awaitOperations),
  inspectVm: guarded('inspectVm', 'running', inspectVm),
  takeSnapshot: guarded('takeSnapshot', 'running', takeSnapshot),
  readEvidence: guarded('readEvidence', 'running', readEvidence),
  readSnapshotDisk: guarded('readSnapshotDisk', 'running', readSnapshotDisk),
  diagnoseAndPlan: guarded('diagnoseAndPlan', 'running', diagnoseAndPlan),
  planLook: guarded('planLook', 'running', planLook),
  makeLookDisk: guarded('makeLookDisk', 'running', makeLookDisk),
  attachLookDisk: guarded('attachLookDisk', 'running', attachLookDisk),
  readLookDisk: guarded('readLookDisk', 'running', readLookDisk),
  detachLookDisk: guarded('detachLookDisk', 'owed', detachLookDisk),
  deleteLookDisk: guarded('deleteLookDisk', 'owed', deleteLookDisk),
  obtainPermit: guarded('obtainPermit', 'running', obtainPermit),
  applyChanges: guarded('applyChanges', 'running', applyChanges),
  awaitRestart: guarded('awaitRestart', 'running', awaitRestart),
  createRecoveryVm: guarded('createRecoveryVm', 'running', createRecoveryVm),
  makeTrialCopy: guarded('makeTrialCopy', 'running', makeTrialCopy),
  attachTrialCopy: guarded('attachTrialCopy', 'running', attachTrialCopy),
  rehearseOnTrialCopy: guarded('rehearseOnTrialCopy', 'running', rehearseOnTrialCopy),
  detachTrialCopy: guarded('detachTrialCopy', 'owed', detachTrialCopy),
  deleteTrialCopy: guarded('deleteTrialCopy', 'owed', deleteTrialCopy),
  stopPatient: guarded('stopPatient', 'running', stopPatient),
  stopForSwapBack: guarded('stopForSwapBack', 'owed', stopForSwapBack),
  stopForRollback: guarded('stopForRollback', 'running', stopForRollback),
  copyOsDisk: guarded('copyOsDisk', 'running', copyOsDisk),
  attachCopy: guarded('attachCopy', 'running', attachCopy),
  mendCopy: guarded('mendCopy', 'running', mendCopy),
  detachCopy: guarded('detachCopy', 'owed', detachCopy),
  swapOsDisk: guarded('swapOsDisk', 'running', swapOsDisk),
  swapBackOsDisk: guarded('swapBackOsDisk', 'owed', swapBackOsDisk),
  startPatient: guarded('startPatient', 'owed', startPatient),
  awaitAgent: guarded('awaitAgent', 'running', awaitAgent),
  inspectRollback: guarded('inspectRollback', 'running', inspectRollback),
  obtainRollbackPermit: guarded('obtainRollbackPermit', 'running', obtainRollbackPermit),
  keepPresentDisk: guarded('keepPresentDisk', 'running', keepPresentDisk),
  putOriginalBack: guarded('putOriginalBack', 'running', putOriginalBack),
  verifyRepair: guarded('verifyRepair', 'running', verifyRepair),
  lookAgain: guarded('lookAgain', 'running', lookAgain),
  cleanUp: guarded('cleanUp', 'closing', cleanUp),
  closeRepair: guarded('closeRepair', 'closing', closeRepair),
} as const;

export type Activities = typeof activities;
export type ActivityName = keyof Activities;
