import { z } from 'zod';
import type { PreparationPurpose } from './recovery-vm';
import { readBody, type FrameFailure, type FramePart } from './run-command-frame';

/**
 * Reads what scripts/prepare-offline-disk.ps1 and release-offline-disk.ps1 answer. The recovery VM is ours, but what it
 * tells comes off a disk that is not: bounded, strict, and paths become parts of command lines, so each is taken only
 * where we put it.
 */

/** Why a disk was not prepared; stable: they stand in records. */
export const refusalCodes = [
  /** No disk has this LUN. */
  'disk-not-found',
  /** The disk at this LUN has another size. */
  'wrong-size',
  /** More than one disk has this LUN and this size. */
  'several-disks',
  /** Which disk the recovery VM runs from is not told, so none is safe. */
  'own-disk-unknown',
  'own-disk',
  'temporary-disk',
  'no-partition-table',
  /** Another disk has the same GUID or signature: bringing it online would change it. */
  'identity-collision',
  /** Windows changed its GUID or signature when it came online; the copy is of no use any more. */
  'identity-changed',
  'disk-not-online',
  'disk-read-only',
  'no-partitions',
  'no-boot-partition',
  'partition-not-reachable',
  'no-boot-store',
  'several-boot-stores',
  'boot-store-unreadable',
  'bitlocker',
  /** No file system that Windows reads: BitLocker where its feature is not installed, or damage. */
  'volume-unreadable',
  'no-windows',
  /** Several partitions have Windows, and the boot store does not say which it starts. */
  'several-windows',
  'hibernated',
  /** Windows does not tell whether the volume is marked for a check. */
  'volume-state-unknown',
  'no-free-space',
  /** A link on the disk leads elsewhere. */
  'redirected-path',
  'backup-failed',
  'hive-not-unloaded',
  /** What an earlier call left could not be taken away. */
  'earlier-work-left',
  /** An error of the script; its detail says which. */
  'unexpected',
] as const;

/** Printable, of one line. */
const plain = z.string().regex(/^[\x20-\x7e]{0,300}$/);
const time = z.string().regex(/^[0-9T:.Z-]{20,40}$/);
const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Below the folder that the scripts mount volumes in. No quote, no wildcard, no way up. */
const pathOnDisk = (repairId: string, end: RegExp) =>
  z
    .string()
    .max(260)
    .regex(new RegExp(`^[A-Z]:\\\\[A-Za-z0-9 ]{1,40}\\\\Temp\\\\rdp-lifeline\\\\${repairId}\\\\p\\d{1,3}\\\\`, 'i'))
    .regex(/^[A-Z]:[A-Za-z0-9 \\._-]+$/i)
    .refine((path) => !path.split('\\').some((name) => /^\.*$/.test(name)), 'has a way up')
    .regex(end);

/** A file that was copied before anything loaded it. */
const backup = z.strictObject({
  path: z.string().max(300),
  bytes,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** It was there already: made by an earlier call. */
  isKept: z.boolean(),
});

/** The store and the hive at least, each with up to three logs; a rehearsal backs nothing up. */
const backupCounts = { repair: [2, 8], rehearsal: [0, 0] } as const satisfies Record<
  PreparationPurpose,
  [number, number]
>;

function preparedOf({ repairId, nonce, purpose }: ExpectedPreparation) {
  const [fewest, most] = backupCounts[purpose];
  const suffix = `.rdp-lifeline-${repairId}`;
  const config = (name: string) => pathOnDisk(repairId, new RegExp(`\\\\System32\\\\config\\\\${name}$`, 'i'));
  return z.strictObject({
    version: z.literal(1),
    nonce: z.literal(nonce),
    kind: z.literal('prepared'),
    startedAt: time,
    diskNumber: z.number().int().min(0).max(999),
    lun: z.number().int().min(2).max(63),
    sizeBytes: bytes,
    partitionStyle: z.enum(['gpt', 'mbr']),
    /** The disk's GUID or signature. */
    identity: z.string().regex(/^(?:\{[0-9a-f-]{36}\}|[0-9a-f]{8})$/),
    wasOnline: z.boolean(),
    bootStore: pathOnDisk(repairId, /\\Boot\\BCD$/i),
    systemHive: config('SYSTEM'),
    softwareHive: config('SOFTWARE'),
    hivePrefix: z.literal(`HKLM\\RDPL_${repairId}_`),
    /** Windows has marked the volume for a check. */
    isMarkedDirty: z.boolean(),
    windowsBytes: bytes,
    freeBytes: bytes,
    backups: z
      .array(backup.refine(({ path }) => path.endsWith(suffix), 'is no backup of this repair'))
      .min(fewest)
      .max(most),
  });
}

function refusedOf(nonce: string) {
  return z.strictObject({
    version: z.literal(1),
    nonce: z.literal(nonce),
    kind: z.literal('refused'),
    startedAt: time,
    code: z.enum(refusalCodes),
    detail: plain,
    /** What could not be let go of after the refusal. */
    notReleased: z.array(plain).max(50),
  });
}

function releasedOf(nonce: string) {
  return z.strictObject({
    version: z.literal(1),
    nonce: z.literal(nonce),
    kind: z.literal('released'),
    startedAt: time,
    isDiskPresent: z.boolean(),
    isDiskOffline: z.boolean(),
    notReleased: z
      .array(z.strictObject({ what: z.enum(['hive', 'access-path', 'disk']), name: plain, reason: plain }))
      .max(20),
  });
}

/** A disk that is online, with where everything is on it. */
export type PreparedDisk = z.infer<ReturnType<typeof preparedOf>>;
/** Why a disk was not taken; it is offline again, apart from what `notReleased` names. */
export type RefusedDisk = z.infer<ReturnType<typeof refusedOf>>;
/** What became of letting go: `isReleased` tells whether the disk can be detached. */
export type ReleasedDisk = z.infer<ReturnType<typeof releasedOf>>;

/** Whose answer it is to be. */
export interface ExpectedAnswer {
  repairId: string;
  nonce: string;
}

/** The same of a preparation, which was asked for a repair or a rehearsal. */
export interface ExpectedPreparation extends ExpectedAnswer {
  purpose: PreparationPurpose;
}

/** What prepare-offline-disk.ps1 may answer, fresh from the recovery VM or kept in a repair's document. */
export function preparation(expected: ExpectedPreparation): z.ZodType<PreparedDisk | RefusedDisk> {
  return z.discriminatedUnion('kind', [preparedOf(expected), refusedOf(expected.nonce)]);
}

/** What release-offline-disk.ps1 may answer, likewise. */
export function releaseAnswer({ nonce }: Pick<ExpectedAnswer, 'nonce'>): z.ZodType<ReleasedDisk> {
  return releasedOf(nonce);
}

/** Reads the answer of prepare-offline-disk.ps1. */
export function readPreparation(
  parts: FramePart[],
  expected: ExpectedPreparation,
): { ok: true; answer: PreparedDisk | RefusedDisk } | FrameFailure {
  const body = readBody(parts);
  if (!body.ok) return body;
  const parsed = preparation(expected).safeParse(body.value);
  return parsed.success ? { ok: true, answer: parsed.data } : unexpectedForm();
}

/** Reads the answer of release-offline-disk.ps1. */
export function readRelease(
  parts: FramePart[],
  expected: Pick<ExpectedAnswer, 'nonce'>,
): { ok: true; answer: ReleasedDisk } | FrameFailure {
  const body = readBody(parts);
  if (!body.ok) return body;
  const parsed = releaseAnswer(expected).safeParse(body.value);
  return parsed.success ? { ok: true, answer: parsed.data } : unexpectedForm();
}

/** Whether the disk holds all that was written and nothing of ours has it open, so that it can be detached. */
export function isReleased({ isDiskPresent, isDiskOffline, notReleased }: ReleasedDisk): boolean {
  return notReleased.length === 0 && (isDiskOffline || !isDiskPresent);
}

function unexpectedForm(): FrameFailure {
  return { ok: false, reason: 'The answer does not have the expected form.' };
}
