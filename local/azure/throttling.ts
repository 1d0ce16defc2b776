/**
 * Compute's throttling policies are token buckets, one for each VM and one for the subscription in the region: a call takes a token of
 * both, and each minute gives so many back, up to what the bucket holds. A call that finds one of them empty is answered with 429.
 * https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits
 */
const minuteMs = 60_000;

/** How many tokens a bucket gets each minute, and how many it holds. */
export interface Bucket {
  perMinute: number;
  holds: number;
}

/** A throttling policy: what the calls of one group may take together. */
export interface Quota {
  group: string;
  /** Of the subscription in its region. */
  subscription: Bucket;
  /** Of each VM. */
  virtualMachine?: Bucket;
}

/** One bucket as a call has left it, by the name that `x-ms-ratelimit-remaining-resource` gives it. */
export interface Remaining {
  name: string;
  tokens: number;
}

/** What is left after a call took its tokens; or which bucket was empty, and when it gets its next tokens. */
export type Allowance =
  { kind: 'allowed'; remaining: Remaining[] } | { kind: 'exhausted'; name: string; retryAfterSeconds: number };

export interface Throttling {
  /** Takes a token of every bucket that the call counts to, or none. `vmId` undefined: it is about no VM. `at` in ms. */
  take: (quota: Quota, vmId: string | undefined, at: number) => Allowance;
  /** Somebody else has used a VM's tokens up to so many. */
  drain: (quota: Quota, vmId: string, left: number, at: number) => void;
  /** A VM's tokens, without taking one. */
  left: (quota: Quota, vmId: string, at: number) => number;
}

interface Level {
  tokens: number;
  /** When tokens were last given, in ms. */
  filledAt: number;
}

/** Full buckets; ones that stay full if `isUnlimited`. */
export function createThrottling(isUnlimited = false): Throttling {
  const levels = new Map<string, Level>();

  /** The minutes of a bucket begin with its first call (assumed); tokens come all at once, as the page's example counts them. */
  function levelOf(key: string, bucket: Bucket, at: number): Level {
    const known = levels.get(key) ?? { tokens: bucket.holds, filledAt: at };
    levels.set(key, known);
    const minutes = Math.max(0, Math.floor((at - known.filledAt) / minuteMs));
    known.tokens = Math.min(bucket.holds, known.tokens + minutes * bucket.perMinute);
    known.filledAt += minutes * minuteMs;
    return known;
  }

  function bucketsOf({ group, subscription, virtualMachine }: Quota, vmId: string | undefined, at: number) {
    const all = [{ name: group, level: levelOf(group, subscription, at) }];
    if (virtualMachine && vmId !== undefined) {
      all.push({ name: ofResource(group), level: levelOf(`${group} ${vmId.toLowerCase()}`, virtualMachine, at) });
    }
    return all;
  }

  function ofVm({ group, virtualMachine }: Quota, vmId: string, at: number): Level {
    if (!virtualMachine) throw new Error(`${group} has no bucket of a VM.`);
    return levelOf(`${group} ${vmId.toLowerCase()}`, virtualMachine, at);
  }

  return {
    take(quota, vmId, at) {
      const buckets = bucketsOf(quota, vmId, at);
      const empty = buckets.find(({ level }) => level.tokens < 1);
      if (empty) {
        const retryAfterSeconds = Math.ceil((empty.level.filledAt + minuteMs - at) / 1000);
        return { kind: 'exhausted', name: empty.name, retryAfterSeconds };
      }
      if (!isUnlimited) for (const { level } of buckets) level.tokens -= 1;
      return { kind: 'allowed', remaining: buckets.map(({ name, level }) => ({ name, tokens: level.tokens })) };
    },
    drain(quota, vmId, left, at) {
      ofVm(quota, vmId, at).tokens = left;
    },
    left: (quota, vmId, at) => ofVm(quota, vmId, at).tokens,
  };
}

/** assumed: how the header calls the bucket of a VM. */
function ofResource(group: string): string {
  return group.replace(/SubscriptionMaximum$/, 'Resource');
}

/** The VM that a path is of or lies below, by its id; undefined if it is about none. */
export function virtualMachineOf(path: string): string | undefined {
  return /^.*?\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+/i.exec(path)?.[0];
}

/** A limit of so many calls in so many minutes, of which nothing better is known; assumed: that it is a bucket too. */
export function callsIn(minutes: number, { group, limit }: { group: string; limit: number }): Quota {
  return { group, subscription: { perMinute: limit / minutes, holds: limit } };
}
