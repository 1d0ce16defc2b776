import type { ComputeManagementClient } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import type { Answer, ArmFailure, Snapshot, SnapshotBytes, SnapshotReadFailure, SnapshotReading } from '../ports';
import { deadline } from './deadline';
import { readGranted, type Outcome } from './granted-reading';
import { exportDenied } from './network-access';
import { answerWithin, carriedOut } from './operation';
import { readSnapshot } from './snapshot';

/**
 * A snapshot's bytes over HTTPS: access is granted (ARM answers with a SAS URL), used, and taken back, in one bounded call.
 * https://learn.microsoft.com/rest/api/compute/snapshots/grant-access; the answers' shapes are recorded in
 * Azure/azure-cli:src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_snapshot_access.yaml.
 */

/** Where the snapshot is, and who speaks for us. */
export interface SnapshotPlace {
  client: ComputeManagementClient;
  resourceGroup: string;
  name: string;
  http: HttpClient;
  /** Names of hosts, or ends of them, that a SAS URL may point to. */
  blobHosts: readonly string[];
}

/** Kept back from the limit for taking the access back, in ms. Recorded: 0.14 s. */
const revokeReserveMs = 10_000;
/** Time for `revokeSnapshotAccess` in all, in ms. */
const revokeLimitMs = 20_000;
/**
 * How much longer than our limit the SAS lives, in s. It is the backstop for a process that dies in between, so short, but
 * no shorter than clocks may differ: "up to 15 minutes of clock skew in either direction", says
 * https://learn.microsoft.com/azure/storage/common/storage-sas-overview.
 */
const backstopSeconds = 15 * 60;
const revoked: Answer<'revoked'> = { ok: true, value: 'revoked' };

/** See `Arm.readSnapshot`. */
export async function readWithAccess<T>(
  place: SnapshotPlace,
  limitMs: number,
  read: (bytes: SnapshotBytes) => Promise<T>,
): Promise<SnapshotReading<T>> {
  const whole = deadline(limitMs);
  const untilRevoke = deadline(limitMs - Math.min(revokeReserveMs, limitMs / 3), whole.signal);
  try {
    return await readWithin(place, { limitMs, whole: whole.signal, untilRevoke: untilRevoke.signal }, read);
  } finally {
    // Whoever kept the bytes beyond the end reads no more.
    untilRevoke.abort();
    whole.clear();
  }
}

interface Limits {
  limitMs: number;
  whole: AbortSignal;
  untilRevoke: AbortSignal;
}

async function readWithin<T>(
  place: SnapshotPlace,
  { limitMs, whole, untilRevoke }: Limits,
  read: (bytes: SnapshotBytes) => Promise<T>,
): Promise<SnapshotReading<T>> {
  const ready = await prepare(place, untilRevoke);
  if (!ready.ok) return ready;
  try {
    const granted = await grant(place, Math.ceil(limitMs / 1000) + backstopSeconds, untilRevoke);
    if (!granted.ok && isRefusal(granted.failure)) return { ...granted, revoked };
    const { snapshot } = ready;
    const outcome: Outcome<T> = granted.ok
      ? await readGranted({ ...place, sas: granted.value, snapshot, signal: untilRevoke, read })
      : granted;
    return { ...outcome, revoked: await revokeAccess(place, whole) };
  } catch (error) {
    await revokeAccess(place, whole).catch(() => undefined); // the first fault counts
    throw error;
  }
}

/** Whether nothing was granted for certain. Anything else may have granted all the same: an answer that was lost or spoilt. */
function isRefusal(failure: ArmFailure): boolean {
  if (failure.kind === 'rejected') return failure.status >= 400;
  return failure.kind !== 'wait';
}

/** See `Arm.revokeSnapshotAccess`. */
export async function revokeAnyAccess(place: SnapshotPlace): Promise<Answer<'revoked'>> {
  const limit = deadline(revokeLimitMs);
  try {
    return await revokeAccess(place, limit.signal);
  } finally {
    limit.clear();
  }
}

type Ready = { ok: true; snapshot: Snapshot } | { ok: false; failure: SnapshotReadFailure; revoked: Answer<'revoked'> };

/** Looks whether the snapshot may be read at all, and ends the access that an interrupted call may have left. */
async function prepare(place: SnapshotPlace, signal: AbortSignal): Promise<Ready> {
  const found = await look(place, signal);
  // Not seen: an interrupted call may have left access open.
  if (!found.ok) return { ...found, revoked: found.failure.kind === 'not-found' ? revoked : found };
  const snapshot = found.value;
  if (snapshot.accessOpen) {
    const left = await revokeAccess(place, signal);
    if (!left.ok) return { ...left, revoked: left };
  }
  const failure = exportDenied(snapshot.network);
  return failure ? { ok: false, failure, revoked } : { ok: true, snapshot };
}

function look(place: SnapshotPlace, abortSignal: AbortSignal): Promise<Answer<Snapshot>> {
  const { client, resourceGroup, name } = place;
  return answerWithin(abortSignal, async () =>
    readSnapshot(await client.snapshots.get(resourceGroup, name, { abortSignal })),
  );
}

function grant(place: SnapshotPlace, durationInSeconds: number, abortSignal: AbortSignal): Promise<Answer<string>> {
  const { client, resourceGroup, name } = place;
  const asked = { access: 'Read', durationInSeconds };
  return answerWithin(abortSignal, async () => {
    const granted = client.snapshots.grantAccess(resourceGroup, name, asked, { abortSignal });
    return (await carriedOut(granted, abortSignal))?.accessSAS ?? '';
  });
}

/** Asks ARM to end the access, and sees it done. A refusal counts as done if ARM says that no access is open. */
async function revokeAccess(place: SnapshotPlace, abortSignal: AbortSignal): Promise<Answer<'revoked'>> {
  const { client, resourceGroup, name } = place;
  const ended = await answerWithin(abortSignal, () =>
    carriedOut(client.snapshots.revokeAccess(resourceGroup, name, { abortSignal }), abortSignal),
  );
  if (ended.ok || ended.failure.kind === 'not-found') return revoked;
  if (ended.failure.kind !== 'rejected') return ended;
  const left = await look(place, abortSignal);
  return left.ok && !left.value.accessOpen ? revoked : ended;
}
