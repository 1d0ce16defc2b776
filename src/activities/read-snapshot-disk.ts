import type { SnapshotBytes, SnapshotReadFailure } from '../azure/ports';
import { blockSource } from '../disk/block-source';
import { UnreadableError } from '../disk/byte-source';
import { openFixedVhd } from '../disk/fixed-vhd';
import { canReadFromDisk, readDiskEvidence, type DiskReading } from '../guest/snapshot-disk';
import { diagnosisNeeds } from '../signatures/diagnose';
import { signatures } from '../signatures';
import { permittedVm } from './authorise';
import { getEvidence, putEvidence, type SourceDocument } from './collected-evidence';
import { inStep } from './in-step';
import { aboutRepair, type AboutRepair } from './input';
import { done, progressOf, wait, type Progress } from './progress';
import { ofReading } from './readings';
import { snapshotAccessIdOf, snapshotIdFor } from './snapshot-id';
import type { Step } from './steps';
import { snapshotProblemOf } from './snapshot-problem';
import type { Tools } from './toolbox';

/** How long access to the snapshot's bytes may last in all, in ms: granting, reading, taking back. */
const limitMs = 120_000;

/** What one disk may cost. A clean one takes a few MiB; the rest is for dirty hives with long logs and for event logs. */
const budget = { bytes: 96 * 1024 * 1024, requests: 1_500 };

/**
 * Reads what the signatures need to know off the repair's snapshot, over HTTPS and without a VM, so that a cause can be
 * known while the guest answers nothing. Grants access, reads and takes the access back within this one call; the way
 * to the bytes never leaves the adapter. Whatever stands in the way is this source's problem only: others go on.
 */
export async function readSnapshotDisk(tools: Tools, input: unknown): Promise<Progress<'read' | 'none'>> {
  const about = aboutRepair.parse(input);
  const step: Step = { step: ofReading('snapshot-disk', about), title: 'Read the evidence off the snapshot' };
  return inStep(tools, about.repairId, step, async () => {
    const kept = await getEvidence(tools.ledger, about, 'snapshot-disk');
    if (kept) return conclude(kept);
    const permit = await permittedVm(tools, about, 'look');
    if (permit.kind !== 'permitted') return permit;
    return read(tools, about);
  });
}

async function read(tools: Tools, about: AboutRepair): Promise<Progress<'read' | 'none'>> {
  const snapshotId = snapshotIdFor(about, tools.settings);
  const begunAt = Date.now();
  const access = {
    resourceId: snapshotAccessIdOf(snapshotId),
    kind: 'snapshot-access',
    details: { snapshotId },
    purpose: 'Read access to the snapshot',
    registeredAt: new Date(begunAt).toISOString(),
    lifetime: 'temporary',
  } as const;
  await tools.ledger.recordResource(about.repairId, access);
  const answer = await tools.arm.readSnapshot(snapshotId, { limitMs }, (bytes) => readBytes(tools, about, bytes));
  const progress = answer.ok
    ? await keep(tools, about, documentOf(answer.value, Date.now() - begunAt))
    : await withoutAccess(tools, about, answer.failure);
  // Only now, and not when it will be asked for again: what is recorded as over is not looked at by the clean-up.
  if (answer.revoked.ok && progress.kind !== 'wait') {
    await tools.ledger.recordResource(about.repairId, { ...access, deletedAt: new Date().toISOString() });
  }
  return progress;
}

interface DiskRead {
  reading: DiskReading;
  spent: { bytes: number; requests: number };
}

function documentOf({ reading, spent }: DiskRead, ms: number): SourceDocument {
  const cost = { ...spent, ms };
  if (reading.kind === 'read') return { evidence: reading.evidence, cost };
  return { evidence: [], problem: `${reading.reason} (${reading.code})`, code: reading.code, cost };
}

async function readBytes(
  tools: Tools,
  { repairId }: AboutRepair,
  { size, takenAt, fetchRange }: SnapshotBytes,
): Promise<DiskRead> {
  const blocks = blockSource({ size, fetchRange, budget });
  const needs = diagnosisNeeds(signatures).filter(canReadFromDisk);
  try {
    const disk = await openFixedVhd(blocks);
    const readAt = new Date().toISOString();
    const reading = await readDiskEvidence(disk, needs, { asOf: takenAt ?? readAt, readAt });
    return { reading, spent: blocks.spent() };
  } catch (error) {
    return { reading: faultOf(tools, repairId, error), spent: blocks.spent() };
  }
}

/** A reader that breaks over a disk is a bug of ours, and no reason for the other sources not to go on. */
function faultOf({ log }: Tools, repairId: string, error: unknown): DiskReading {
  if (error instanceof UnreadableError) {
    return { kind: 'unreadable', code: 'not-readable', reason: `It is no disk that we can read: ${error.detail}` };
  }
  const name = error instanceof Error ? error.name : typeof error;
  log('diskReaderFault', { repairId, error: name, at: placeOf(error) });
  return { kind: 'unreadable', code: 'not-readable', reason: `Our own reader broke over it (${name}).` };
}

/** The first place in our own code, without the message: that may quote the disk. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack
    ?.split('\n')
    .find((line) => line.trimStart().startsWith('at '))
    ?.trim()
    .slice(0, 200);
}

/** Azure did not let us at the bytes: asked again where that may help, otherwise a source without evidence. */
async function withoutAccess(
  tools: Tools,
  about: AboutRepair,
  failure: SnapshotReadFailure,
): Promise<Progress<'read' | 'none'>> {
  if (failure.kind === 'wait') return wait(`Azure asks us to wait (${failure.code}).`, failure.retryAfterMs);
  return keep(tools, about, { evidence: [], problem: problemOf(failure), code: snapshotProblemOf(failure) });
}

function problemOf(failure: Exclude<SnapshotReadFailure, { kind: 'wait' }>): string {
  switch (failure.kind) {
    case 'export-denied':
      return `The disk’s ${failure.setting} keeps its bytes from being read (${failure.code}).`;
    case 'not-fetched':
      return `Azure refused to read the snapshot (${failure.code}): ${failure.message}`;
    case 'out-of-time':
      return `Reading took longer than ${limitMs / 1000} s (${failure.code}).`;
    default: {
      const progress = progressOf(failure, 'read the snapshot');
      return progress.kind === 'end' ? progress.conclusion.reason : progress.reason;
    }
  }
}

async function keep(tools: Tools, about: AboutRepair, document: SourceDocument): Promise<Progress<'read' | 'none'>> {
  await putEvidence(tools.ledger, about, 'snapshot-disk', document);
  return conclude(document);
}

function conclude({ evidence, problem, cost }: SourceDocument): Progress<'read' | 'none'> {
  if (problem !== undefined) return done('none', `The snapshot gave no evidence: ${problem}`, 'failed');
  const unreadable = evidence.filter(({ kind }) => kind === 'unreadable').length;
  const missing = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
  const price = cost ? ` (${(cost.bytes / 1024 / 1024).toFixed(1)} MiB in ${cost.requests} requests)` : '';
  return done('read', `${evidence.length - unreadable} facts were read${missing}${price}.`);
}
