import { createThrottling } from '../../../local/azure/throttling';

const quota = { group: 'HighCostGet3Min', limit: 2 };

describe('local/azure/throttling: a quota', () => {
  it('counts down, then says how long to wait, then starts anew', () => {
    const throttle = createThrottling();
    expect(throttle(quota, 0)).toEqual({ kind: 'allowed', remaining: 1 });
    expect(throttle(quota, 60_000)).toEqual({ kind: 'allowed', remaining: 0 });
    expect(throttle(quota, 60_000)).toEqual({ kind: 'exhausted', retryAfterSeconds: 120 });
    expect(throttle(quota, 180_000)).toEqual({ kind: 'allowed', remaining: 1 });
  });

  it('leaves other groups alone', () => {
    const throttle = createThrottling();
    throttle({ group: 'A', limit: 1 }, 0);
    expect(throttle({ group: 'B', limit: 1 }, 0)).toMatchObject({ kind: 'allowed' });
    expect(throttle({ group: 'A', limit: 1 }, 0)).toMatchObject({ kind: 'exhausted' });
  });
});
