import { z } from 'zod';
import type { Evidence } from '../../guest/evidence';
import { canReadOffline } from '../../guest/offline';
import type { PreparedDisk } from '../../guest/routes/recovery-vm-answers';
import { signatures } from '../../signatures';
import { diagnosisNeeds } from '../../signatures/diagnose';
import { putEvidence } from '../collected-evidence';
import { inStep } from '../in-step';
import { done, type Progress } from '../progress';
import { ofReading } from '../readings';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attachedDisk, look, prepare, workAndRelease, type Bench } from './disk-bench';
import { lookInputOf, lookRequest } from './input';
import { benchOfLook, lookDiskOf, recoveryVmIdOf } from './names';

/**
 * Reads what the signatures need to know off a disk of the snapshot, on the recovery VM, and puts it on record as evidence of the
 * source `recovery-vm`. The patient runs on: nothing is asked of it.
 */
export async function readLookDisk(tools: Tools, given: unknown): Promise<Progress<'read'>> {
  const request = lookRequest.parse(given);
  const step: Step = { step: ofReading('look', request), title: 'Read the evidence off the disk of the snapshot' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await lookInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const disk = await attachedDisk(tools, lookDiskOf(input, input.recovery));
    if (disk.kind !== 'done') return disk;
    const recoveryVmId = recoveryVmIdOf(input, input.recovery);
    const bench = {
      tools,
      input,
      recoveryVmId,
      disk: disk.value,
      name: benchOfLook(input),
      called: 'The disk of the snapshot',
    };
    return workAndRelease(bench, { name: ofReading('looked', input), value: z.literal('read') }, () => read(bench));
  });
}

async function read(bench: Bench): Promise<Progress<'read'>> {
  const prepared = await prepare(bench);
  if (prepared.kind !== 'done') return prepared;
  const needs = diagnosisNeeds(signatures).filter(canReadOffline);
  const looked = await look(bench, prepared.value, needs, 'look');
  if (looked.kind !== 'done') return looked;
  const evidence = [...looked.value.evidence, volumeStateOf(prepared.value)];
  const { tools, input } = bench;
  await putEvidence(tools.ledger, input, 'recovery-vm', { evidence });
  const unreadable = evidence.filter(({ kind }) => kind === 'unreadable').length;
  const missing = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
  return done('read', `${evidence.length - unreadable} facts were read${missing}.`);
}

/** A hibernated Windows is not prepared at all; the journal was replayed when the recovery VM brought the disk online. */
function volumeStateOf({ partitionStyle, isMarkedDirty, systemHive, startedAt }: PreparedDisk): Evidence {
  return {
    kind: 'volume-state',
    partitionStyle,
    fileSystem: 'NTFS',
    isMarkedDirty,
    isHibernated: false,
    metadataMayBeStale: false,
    from: { source: 'recovery-vm', place: `the volume of ${systemHive}`, readAt: startedAt },
  };
}
