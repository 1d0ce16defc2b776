/**
 * For every activity a world in which it is about to do all that it does, and what it is told: from here a test takes something away, or
 * calls twice. An activity that is added and forgotten here does not compile.
 */
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import type { ActivityName } from '../../../src/activities';
import { putEvidence } from '../../../src/activities/collected-evidence';
import { recordCleanedUp, recordConclusion } from '../../../src/activities/on-record';
import { attachCopy } from '../../../src/activities/recovery/attach-copy';
import { attachLookDisk } from '../../../src/activities/recovery/attach-look-disk';
import { copyOsDisk } from '../../../src/activities/recovery/copy-os-disk';
import { makeLookDisk } from '../../../src/activities/recovery/make-look-disk';
import { attachTrialCopy } from '../../../src/activities/recovery/rehearsal';
import { stopForSwapBack } from '../../../src/activities/recovery/stop-for-swap-back';
import { stopPatient } from '../../../src/activities/recovery/stop-patient';
import { swapOsDisk } from '../../../src/activities/recovery/swap-os-disk';
import { makeTrialCopy } from '../../../src/activities/recovery/trial-copy';
import { keepPresentDisk } from '../../../src/activities/rollback/keep-present-disk';
import { obtainRollbackPermit } from '../../../src/activities/rollback/obtain-rollback-permit';
import { stopForRollback } from '../../../src/activities/rollback/stop-for-rollback';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import { carryOutScripts } from '../recovery/support/scripted-recovery-vm';
import * as recovery from '../recovery/support/world';
import * as rollback from '../rollback/support/world';
import type { FakeWorld } from './fakes';
import { fakeGuest, respondAs } from './guest';
import {
  about,
  conclusion,
  permittedWorld,
  planned,
  recordEvidence,
  repairId,
  repairWorld,
  snapshotId,
  untilDone,
} from './repair';

/** An activity that is about to act. */
export interface Ready {
  make: () => Promise<FakeWorld>;
  input: { repairId: string; vmId: string };
  /** Whether it writes to Azure there. */
  writes: boolean;
}

const { input, lookInput } = recovery;

/** Lets Azure end what it has under way. */
export function letAzureGoOn({ snapshots }: FakeWorld): void {
  for (const [id, one] of snapshots) snapshots.set(id, { ...one, state: 'ready' });
}

async function snapshotWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  const tags = { 'rdp-lifeline-repair': repairId };
  const made = { id: snapshotId, state: 'ready', sourceDiskId: 'x', tags, accessOpen: false, network: {} } as const;
  world.snapshots.set(snapshotId.toLowerCase(), made);
  return world;
}

async function guestWorld(): Promise<FakeWorld> {
  const world = await permittedWorld();
  await recordEvidence(world);
  world.respond = respondAs(fakeGuest());
  return world;
}

async function diagnosisWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  await recordEvidence(world);
  await putEvidence(world.tools.ledger, { repairId }, 'snapshot-disk', { evidence: [] });
  return world;
}

async function unseenWorld(): Promise<FakeWorld> {
  const world = await repairWorld({ recoveryWorkbenches: recovery.workbenches });
  recovery.putDisk(world, recovery.original);
  for (const source of ['run-command', 'snapshot-disk'] as const) {
    await putEvidence(world.tools.ledger, { repairId }, source, { evidence: [], problem: 'Nothing.' });
  }
  return world;
}

async function lookDiskWorld(): Promise<FakeWorld> {
  const world = await recovery.lookWorld();
  await untilDone(() => makeLookDisk(world.tools, lookInput));
  recovery.addRecoveryVm(world);
  return world;
}

async function attachedLookWorld(): Promise<FakeWorld> {
  const world = await lookDiskWorld();
  await untilDone(() => attachLookDisk(world.tools, lookInput));
  return world;
}

async function trialCopyWorld(): Promise<FakeWorld> {
  const world = await recovery.recoveryWorld();
  await untilDone(() => makeTrialCopy(world.tools, input));
  return world;
}

async function trialBesideRecoveryVm(): Promise<FakeWorld> {
  const world = await trialCopyWorld();
  recovery.addRecoveryVm(world);
  return world;
}

async function attachedTrialWorld(): Promise<FakeWorld> {
  const world = await trialBesideRecoveryVm();
  await untilDone(() => attachTrialCopy(world.tools, input));
  return world;
}

async function stoppedWorld(): Promise<FakeWorld> {
  const world = await recovery.recoveryWorld();
  await untilDone(() => stopPatient(world.tools, input));
  return world;
}

async function copiedWorld(): Promise<FakeWorld> {
  const world = await stoppedWorld();
  await untilDone(() => {
    letAzureGoOn(world);
    return copyOsDisk(world.tools, input);
  });
  recovery.addRecoveryVm(world);
  return world;
}

async function attachedWorld(): Promise<FakeWorld> {
  const world = await copiedWorld();
  await untilDone(() => attachCopy(world.tools, input));
  return world;
}

async function swappedWorld(): Promise<FakeWorld> {
  const world = await copiedWorld();
  await untilDone(() => swapOsDisk(world.tools, input));
  return world;
}

/** The VM runs from its copy, which does not do. */
async function rejectedWorld(): Promise<FakeWorld> {
  const world = await swappedWorld();
  recovery.alterVm(world, { powerState: 'running', agent: { usable: false, reason: 'Not Ready.' } });
  return world;
}

async function backStoppedWorld(): Promise<FakeWorld> {
  const world = await rejectedWorld();
  await untilDone(() => stopForSwapBack(world.tools, about));
  return world;
}

async function disksWorld(diskId: string, make: () => Promise<FakeWorld>): Promise<FakeWorld> {
  const world = await make();
  const disk = stoppedPatient({ machine: disableDhcpClient }).copy();
  recovery.addRecoveryVm(world);
  recovery.putDisk(world, { id: diskId, sizeBytes: disk.size, tags: recovery.ours });
  carryOutScripts(world, disk, () => undefined);
  return world;
}

async function rollbackStoppedWorld(): Promise<FakeWorld> {
  const world = await rollback.inspectedWorld();
  await untilDone(() => obtainRollbackPermit(world.tools, rollback.about));
  await untilDone(() => stopForRollback(world.tools, rollback.about));
  return world;
}

async function keptWorld(): Promise<FakeWorld> {
  const world = await rollbackStoppedWorld();
  await untilDone(() => {
    letAzureGoOn(world);
    return keepPresentDisk(world.tools, rollback.about);
  });
  return world;
}

async function concludedWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  await recordConclusion(world.tools.ledger, repairId, conclusion);
  await recordCleanedUp(world.tools.ledger, repairId, []);
  return world;
}

const reads = (make: () => Promise<FakeWorld>, given: object = about): Ready => ({
  ...{ make, writes: false },
  input: { ...about, ...given },
});
const writes = (make: () => Promise<FakeWorld>, given: object = about): Ready => ({
  ...{ make, writes: true },
  input: { ...about, ...given },
});

export const readyWorlds = {
  takeUpRepair: reads(repairWorld, { orchestrationStartedAt: '2026-01-02T03:04:05.000Z' }),
  awaitOperations: reads(repairWorld),
  inspectVm: reads(repairWorld),
  takeSnapshot: writes(repairWorld),
  readEvidence: writes(guestWorldUnpermitted),
  readSnapshotDisk: writes(snapshotWorld),
  diagnoseAndPlan: reads(diagnosisWorld),
  planLook: reads(unseenWorld),
  makeLookDisk: writes(recovery.lookWorld, lookInput),
  attachLookDisk: writes(lookDiskWorld, lookInput),
  readLookDisk: writes(() => disksWorld(recovery.lookDiskId, recovery.lookWorld), lookInput),
  detachLookDisk: writes(attachedLookWorld, lookInput),
  deleteLookDisk: writes(lookDiskWorld, lookInput),
  obtainPermit: reads(repairWorld, planned),
  applyChanges: writes(guestWorld, planned),
  awaitRestart: reads(permittedWorld, planned),
  createRecoveryVm: writes(recovery.recoveryWorld, input),
  makeTrialCopy: writes(recovery.recoveryWorld, input),
  attachTrialCopy: writes(trialBesideRecoveryVm, input),
  rehearseOnTrialCopy: writes(() => disksWorld(recovery.trialCopyId, recovery.recoveryWorld), input),
  detachTrialCopy: writes(attachedTrialWorld, input),
  deleteTrialCopy: writes(trialCopyWorld, input),
  stopPatient: writes(recovery.recoveryWorld, input),
  copyOsDisk: writes(stoppedWorld, input),
  attachCopy: writes(copiedWorld, input),
  mendCopy: writes(() => disksWorld(recovery.copyId, recovery.recoveryWorld), input),
  detachCopy: writes(attachedWorld, input),
  swapOsDisk: writes(copiedWorld, input),
  stopForSwapBack: writes(rejectedWorld),
  swapBackOsDisk: writes(backStoppedWorld),
  startPatient: writes(stoppedWorld),
  awaitAgent: reads(startedWorld),
  inspectRollback: reads(rollback.acceptedWorld, rollback.about),
  obtainRollbackPermit: reads(rollback.inspectedWorld, rollback.about),
  stopForRollback: writes(rollback.inspectedWorld, rollback.about),
  keepPresentDisk: writes(rollbackStoppedWorld, rollback.about),
  putOriginalBack: writes(keptWorld, rollback.about),
  verifyRepair: writes(guestWorld, { ...planned, attempt: 1 }),
  lookAgain: writes(guestWorldUnpermitted),
  cleanUp: writes(stoppedWorld, { ...about, conclusion }),
  closeRepair: reads(concludedWorld),
} satisfies Record<ActivityName, Ready>;

async function guestWorldUnpermitted(): Promise<FakeWorld> {
  const world = await repairWorld();
  world.respond = respondAs(fakeGuest());
  return world;
}

/** The agent has reported since the start. */
async function startedWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  await world.tools.ledger.beginStep(repairId, { step: 'start', title: 'x', startedAt });
  await world.tools.ledger.endStep(repairId, 'start', { outcome: 'done', detail: '', endedAt: startedAt });
  recovery.alterVm(world, { agent: { usable: true, reason: 'Ready.', reportedAt: new Date().toISOString() } });
  return world;
}

/** Everything that was asked of Azure to be written. */
export function azureWrites({ deeds }: FakeWorld): string[] {
  return deeds.filter((deed) => /^(?:arm|recovery)\.(?:begin|read|revoke)/.test(deed));
}
