/**
 * Compute's quotas: a number of calls per group in three minutes, shown in `x-ms-ratelimit-remaining-resource` and
 * answered with 429 when used up. https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits
 */
const WINDOW_MS = 3 * 60_000;

/** What is left after a call was counted. */
export type Allowance = { kind: 'allowed'; remaining: number } | { kind: 'exhausted'; retryAfterSeconds: number };

export function createThrottling(): (quota: { group: string; limit: number }, at: number) => Allowance {
  const windows = new Map<string, { startedAt: number; used: number }>();
  return (quota, at) => {
    const known = windows.get(quota.group);
    const window = known && at < known.startedAt + WINDOW_MS ? known : { startedAt: at, used: 0 };
    windows.set(quota.group, window);
    if (window.used >= quota.limit) {
      return { kind: 'exhausted', retryAfterSeconds: Math.ceil((window.startedAt + WINDOW_MS - at) / 1000) };
    }
    window.used += 1;
    return { kind: 'allowed', remaining: quota.limit - window.used };
  };
}
