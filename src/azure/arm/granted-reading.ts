import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import { UnreadableError } from '../../disk/byte-source';
import type { Snapshot, SnapshotBytes, SnapshotReadFailure } from '../ports';
import { notByPrivateEndpoint } from './network-access';
import { openSasBlob, type RangeRead, type SasBlob } from './sas-blob';

/** The use of a SAS, between its being granted and taken back. */

/**
 * Where Azure serves disks' bytes: with and without a DNS zone in the name (recorded: md-….z45.blob.storage.azure.net),
 * and in the sovereign clouds (Azure/azure-storage-azcopy knows the same ends).
 */
export const azureBlobHosts = [
  'blob.core.windows.net',
  'blob.storage.azure.net',
  'blob.core.usgovcloudapi.net',
  'blob.core.chinacloudapi.cn',
] as const;

/**
 * The SAS names a stored access policy (`si=`), and such a policy "can take up to 30 seconds to take effect", until when
 * it answers 403: https://learn.microsoft.com/rest/api/storageservices/define-stored-access-policy
 */
const takesEffectMs = 30_000;
const probePausesMs = [500, 1000, 2000, 4000];
/** What the first read asks for: enough to learn the size. */
const probeBytes = 512;

/** What came of it, before the access was taken back. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: SnapshotReadFailure };

/** Access that was granted, and who uses it. */
interface Granted<T> {
  sas: string;
  http: HttpClient;
  /** Names of hosts, or ends of them, that a SAS URL may point to. */
  blobHosts: readonly string[];
  snapshot: Snapshot;
  signal: AbortSignal;
  read: (bytes: SnapshotBytes) => Promise<T>;
}

/** Opens the snapshot with the SAS and lets `read` read it, until the signal aborts. */
export async function readGranted<T>(granted: Granted<T>): Promise<Outcome<T>> {
  const { sas, blobHosts, http, snapshot, signal, read } = granted;
  const url = URL.canParse(sas) ? new URL(sas) : undefined;
  if (!url || !isBlobHost(url, blobHosts)) return failed(unknownBlobHost(url));
  const blob = openSasBlob({ url, http, signal });
  const size = await sizeOf(blob, snapshot, signal);
  if (!size.ok) return size;
  const fetchRange = (start: number, end: number) => bytesOf(blob, start, end);
  return untilAborted(signal, read({ size: size.value, takenAt: snapshot.createdAt, fetchRange }));
}

async function bytesOf(blob: SasBlob, start: number, end: number): Promise<Buffer> {
  const range = await blob.readRange(start, end);
  if (range.ok) return range.bytes;
  throw new UnreadableError(range.code, range.detail);
}

function isBlobHost(url: URL, hosts: readonly string[]): boolean {
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
}

function unknownBlobHost(url: URL | undefined): SnapshotReadFailure {
  const where = url ? `at ${url.protocol}//${url.hostname}, which is not among the known hosts` : 'without an address';
  return { kind: 'not-fetched', code: 'unknown-blob-host', message: `Azure granted access ${where}.` };
}

/** What `reading` gives; when the signal comes first, it is left behind and told so by each of its reads. */
async function untilAborted<T>(signal: AbortSignal, reading: Promise<T>): Promise<Outcome<T>> {
  const over = aborted(signal);
  try {
    return { ok: true, value: await Promise.race([reading, over.promise]) };
  } catch (error) {
    if (!signal.aborted) throw error;
    reading.catch(() => undefined);
    const message = 'The time for reading the snapshot was over before everything was read.';
    return failed({ kind: 'out-of-time', code: 'out-of-time', message });
  } finally {
    over.forget();
  }
}

/** Asks for the first bytes until the access has taken effect; the answer tells the size. */
async function sizeOf(blob: SasBlob, snapshot: Snapshot, signal: AbortSignal): Promise<Outcome<number>> {
  const giveUpAt = performance.now() + takesEffectMs;
  for (let attempt = 0; ; attempt += 1) {
    const probe = await blob.readRange(0, probeBytes);
    if (probe.ok) return { ok: true, value: probe.total };
    const mayPass = probe.code === 'not-available' || probe.storageCode === 'AuthenticationFailed';
    if (!mayPass && snapshot.network.networkAccessPolicy === 'AllowPrivate') return failed(notByPrivateEndpoint());
    if (!mayPass || signal.aborted || performance.now() > giveUpAt) return failed(probeFailure(probe, signal));
    await delay(probePausesMs[attempt] ?? probePausesMs.at(-1), undefined, { signal }).catch(() => undefined);
  }
}

function probeFailure({ code, detail }: Extract<RangeRead, { ok: false }>, signal: AbortSignal): SnapshotReadFailure {
  const message = `The snapshot's bytes cannot be read: ${detail}.`;
  if (signal.aborted) return { kind: 'out-of-time', code: 'out-of-time', message };
  return code === 'access-denied' ? { kind: 'not-fetched', code, message } : { kind: 'wait', code, message };
}

function failed<F>(failure: F): { ok: false; failure: F } {
  return { ok: false, failure };
}

/** A promise that rejects when the signal aborts; `forget` takes the listener away. */
function aborted(signal: AbortSignal): { promise: Promise<never>; forget: () => void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(new Error('aborted'));
    };
  });
  promise.catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    promise,
    forget() {
      signal.removeEventListener('abort', onAbort);
    },
  };
}
