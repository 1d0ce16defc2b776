/**
 * Shared access signatures to snapshots: the URL that grants, and what it is worth when it comes back. Shape as recorded in
 * azure-cli's test_snapshot_access: https://md-….z45.blob.storage.azure.net/rlzv3v3s5ldv/abcd?sv=2018-03-28&sr=b&si=<guid>&sig=…
 * Only the host differs here. The URL is kept nowhere but in ARM's answer: what is remembered is its policy and a key.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Snapshot } from '../world';
import {
  policyUnknown,
  privateNetworkOnly,
  resourceNotFound,
  signatureMismatch,
  signInWanted,
  tokenOutsideTime,
  type BlobError,
} from './blob-errors';

/** The service's version that a disk's SAS is made for. */
export const SIGNED_VERSION = '2018-03-28';

/** The stored access policy that a SAS names by `si`. */
interface Policy {
  id: string;
  startsAt: number;
  expiresAt: number;
}

interface Container {
  name: string;
  snapshot: Snapshot;
  key: Buffer;
  policy: Policy | undefined;
}

type Check = { kind: 'granted'; snapshot: Snapshot } | { kind: 'refused'; snapshot?: Snapshot; error: BlobError };

export interface SignedAccess {
  /** A URL that reads the snapshot for so long; asked for again, the same URL lives longer (assumed). */
  grant: (snapshot: Snapshot, durationMs: number) => string;
  /** From now on the snapshot's URLs are worth nothing. */
  revoke: (snapshot: Snapshot) => void;
  /** Whether a URL is out that still works. */
  isOpen: (snapshot: Snapshot) => boolean;
  /** What a request for this path and query may have. */
  check: (path: string, query: URLSearchParams) => Check;
}

/** `endpoint` gives the blob server's address, which is known when it listens. */
export function createSignedAccess(endpoint: () => string): SignedAccess {
  const containers = new Map<string, Container>();
  const bySnapshot = new Map<string, Container>();

  function containerOf(snapshot: Snapshot): Container {
    const known = bySnapshot.get(snapshot.uniqueId);
    if (known) return known;
    // Twelve letters and digits, as recorded.
    const name = BigInt(`0x${randomBytes(12).toString('hex')}`)
      .toString(36)
      .slice(-12);
    const made: Container = { name, snapshot, key: randomBytes(32), policy: undefined };
    containers.set(name, made);
    bySnapshot.set(snapshot.uniqueId, made);
    return made;
  }

  return {
    grant(snapshot, durationMs) {
      const container = containerOf(snapshot);
      const now = Date.now();
      container.policy = {
        ...(isCurrent(container.policy) ? container.policy : { id: randomUUID(), startsAt: now }),
        expiresAt: now + durationMs,
      };
      const signature = encodeURIComponent(sign(container, container.policy.id));
      return `${endpoint()}/${container.name}/abcd?sv=${SIGNED_VERSION}&sr=b&si=${container.policy.id}&sig=${signature}`;
    },
    revoke(snapshot) {
      const container = bySnapshot.get(snapshot.uniqueId);
      if (container) container.policy = undefined;
    },
    isOpen: (snapshot) => isCurrent(bySnapshot.get(snapshot.uniqueId)?.policy),
    check(path, query) {
      const container = containers.get(/^\/([^/]+)\/abcd$/.exec(path)?.[1] ?? '');
      const signature = query.get('sig');
      if (!container || signature === null) return { kind: 'refused', error: resourceNotFound() };
      const { snapshot } = container;
      const error = refusal(container, { policyId: query.get('si') ?? '', signature });
      return error ? { kind: 'refused', snapshot, error } : { kind: 'granted', snapshot };
    },
  };
}

function isCurrent(policy: Policy | undefined): policy is Policy {
  return policy !== undefined && Date.now() < policy.expiresAt;
}

function sign({ key, name }: Container, policyId: string): string {
  return createHmac('sha256', key).update(`${name}/abcd\n${policyId}\n${SIGNED_VERSION}\nb`).digest('base64');
}

function refusal(container: Container, given: { policyId: string; signature: string }): BlobError | undefined {
  const { policy, snapshot } = container;
  const expected = Buffer.from(sign(container, given.policyId));
  const signature = Buffer.from(given.signature);
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) return signatureMismatch();
  if (policy?.id !== given.policyId) return policyUnknown();
  const now = Date.now();
  if (now >= policy.expiresAt) return tokenOutsideTime(policy.startsAt, policy.expiresAt, now);
  // Nobody is on a private network here.
  if (snapshot.network.networkAccessPolicy === 'AllowPrivate') return privateNetworkOnly();
  if (snapshot.network.dataAccessAuthMode === 'AzureActiveDirectory') return signInWanted();
  return undefined;
}
