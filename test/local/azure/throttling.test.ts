import { callsIn, createThrottling, virtualMachineOf, type Quota } from '../../../local/azure/throttling';

const minute = 60_000;
const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm';
const updates: Quota = {
  group: 'UpdateVMSubscriptionMaximum',
  subscription: { perMinute: 500, holds: 1500 },
  virtualMachine: { perMinute: 4, holds: 12 },
};

function refusedOf(count: number, throttling: ReturnType<typeof createThrottling>, at: number): number {
  const answers = Array.from({ length: count }, () => throttling.take(updates, vm, at));
  return answers.filter(({ kind }) => kind === 'exhausted').length;
}

describe('local/azure/throttling: the bucket of a VM', () => {
  it('gives and refuses as in the example of Azure’s documentation', () => {
    const throttling = createThrottling();
    // Minute by minute: tokens at its beginning, calls, and how many of them are refused.
    const example = [
      [12, 0, 0],
      [12, 8, 0],
      [8, 0, 0],
      [12, 13, 1],
      [4, 5, 1],
      [4, 0, 0],
    ] as const;
    for (const [index, [tokens, calls, refused]] of example.entries()) {
      const at = index * minute;
      expect(throttling.left(updates, vm, at)).toBe(tokens);
      expect(refusedOf(calls, throttling, at)).toBe(refused);
    }
  });

  it('says when it gets its next tokens', () => {
    const throttling = createThrottling();
    refusedOf(12, throttling, 0);
    const name = 'UpdateVMResource';
    expect(throttling.take(updates, vm, 20_500)).toEqual({ kind: 'exhausted', name, retryAfterSeconds: 40 });
    expect(throttling.take(updates, vm, 60_000)).toMatchObject({ kind: 'allowed' });
  });

  it('is nobody else’s: neither another VM’s nor another group’s, and ids are one in any case', () => {
    const throttling = createThrottling();
    throttling.drain(updates, vm, 0, 0);
    expect(throttling.take(updates, vm.toUpperCase(), 0)).toMatchObject({ kind: 'exhausted' });
    expect(throttling.take(updates, `${vm}-2`, 0)).toMatchObject({ kind: 'allowed' });
    expect(throttling.take({ ...updates, group: 'LowCostGetSubscriptionMaximum' }, vm, 0)).toMatchObject({
      kind: 'allowed',
    });
  });

  it('is not charged for a call that the subscription’s bucket refuses, and the other way round', () => {
    const throttling = createThrottling();
    const scarce = { ...updates, subscription: { perMinute: 1, holds: 1 } };
    throttling.take(scarce, vm, 0);
    expect(throttling.take(scarce, vm, 0)).toMatchObject({ kind: 'exhausted', name: 'UpdateVMSubscriptionMaximum' });
    expect(throttling.left(scarce, vm, 0)).toBe(11);
    throttling.drain(scarce, vm, 0, minute);
    throttling.take(scarce, vm, minute);
    expect(throttling.take(scarce, undefined, minute)).toMatchObject({ kind: 'allowed' });
  });
});

describe('local/azure/throttling: the bucket of the subscription', () => {
  it('counts down, and gets its tokens each minute', () => {
    const throttling = createThrottling();
    const quota = callsIn(3, { group: 'HighCostGet3Min', limit: 3 });
    const take = (at: number) => throttling.take(quota, undefined, at);
    expect(take(0)).toEqual({ kind: 'allowed', remaining: [{ name: 'HighCostGet3Min', tokens: 2 }] });
    take(0);
    take(0);
    expect(take(10_000)).toEqual({ kind: 'exhausted', name: 'HighCostGet3Min', retryAfterSeconds: 50 });
    expect(take(minute)).toMatchObject({ kind: 'allowed' });
    expect(take(minute)).toMatchObject({ kind: 'exhausted' });
  });
});

describe('local/azure/throttling: the VM that a call counts to', () => {
  it.each([
    [vm, vm],
    [`${vm}/runCommands/one`, vm],
    [`${vm}/restart`, vm],
    ['/subscriptions/s/providers/Microsoft.Compute/virtualMachines', undefined],
    ['/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/vm', undefined],
  ])('of %s is %s', (path, expected) => {
    expect(virtualMachineOf(path)).toBe(expected);
  });
});
