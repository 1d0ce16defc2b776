import { applyChanges } from './apply-changes';
import { awaitRestart } from './await-restart';
import { cleanUp } from './clean-up';
import { closeRepair } from './close-repair';
import { diagnoseAndPlan } from './diagnose-and-plan';
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
import { startPatient } from './recovery/start-patient';
import { stopPatient } from './recovery/stop-patient';
import { swapOsDisk } from './recovery/swap-os-disk';
import { inspectRollback } from './rollback/inspect-rollback';
import { keepPresentDisk } from './rollback/keep-present-disk';
import { obtainRollbackPermit } from './rollback/obtain-rollback-permit';
import { putOriginalBack } from './rollback/put-original-back';
import { takeSnapshot } from './take-snapshot';
import { verifyRepair } from './verify-repair';

/**
 * Every activity by its registered name. A name, once released, is part of running repairs' histories: never rename
 * or remove one while a release that used it may still be at work.
 */
export const activities = {
  inspectVm,
  takeSnapshot,
  readEvidence,
  readSnapshotDisk,
  diagnoseAndPlan,
  planLook,
  makeLookDisk,
  attachLookDisk,
  readLookDisk,
  detachLookDisk,
  deleteLookDisk,
  obtainPermit,
  applyChanges,
  awaitRestart,
  createRecoveryVm,
  stopPatient,
  copyOsDisk,
  attachCopy,
  mendCopy,
  detachCopy,
  swapOsDisk,
  startPatient,
  awaitAgent,
  inspectRollback,
  obtainRollbackPermit,
  keepPresentDisk,
  putOriginalBack,
  verifyRepair,
  lookAgain,
  cleanUp,
  closeRepair,
} as const;

export type Activities = typeof activities;
export type ActivityName = keyof Activities;
