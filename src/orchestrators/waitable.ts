import type { ActivityName } from '../activities';

/**
 * The activities that `untilDone` asks again and again: a closed list, so that whoever can start that orchestration can ask for
 * nothing else. Each of them meets the same guard whoever asks (src/activities/guard.ts).
 */
export const waitableActivities = [
  'awaitOperations',
  'inspectVm',
  'takeSnapshot',
  'readEvidence',
  'readSnapshotDisk',
  'diagnoseAndPlan',
  'planLook',
  'makeLookDisk',
  'attachLookDisk',
  'readLookDisk',
  'detachLookDisk',
  'deleteLookDisk',
  'obtainPermit',
  'applyChanges',
  'awaitRestart',
  'createRecoveryVm',
  'makeTrialCopy',
  'attachTrialCopy',
  'rehearseOnTrialCopy',
  'detachTrialCopy',
  'deleteTrialCopy',
  'stopPatient',
  'stopForSwapBack',
  'stopForRollback',
  'copyOsDisk',
  'attachCopy',
  'mendCopy',
  'detachCopy',
  'swapOsDisk',
  'swapBackOsDisk',
  'startPatient',
  'awaitAgent',
  'inspectRollback',
  'obtainRollbackPermit',
  'keepPresentDisk',
  'putOriginalBack',
  'verifyRepair',
  'lookAgain',
  'cleanUp',
] as const satisfies readonly ActivityName[];

export type WaitableActivity = (typeof waitableActivities)[number];

/** Whether `untilDone` may ask for it; the name may be anybody's. */
export function isWaitable(name: string): name is WaitableActivity {
  return waitableActivities.some((one) => one === name);
}
