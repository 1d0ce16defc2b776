import { expectTokensLeft } from './support/tokens-left';
import { benchRepairSpeed, type RepairSpeed } from '../../bench/repair-speed';

describe('bench/repair-speed: a repair of a disabled DHCP Client, in virtual time', () => {
  let speed: RepairSpeed;

  beforeAll(async () => {
    speed = await benchRepairSpeed('vm-dhcp-disabled');
  });

  it('is the whole story', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    // A snapshot and three runs: less would mean that something of the story did not happen.
    expect(speed.floorSeconds).toBeGreaterThan(0.6 + 3 * 7.4);
  });

  it('leaves others at least four changes and four looks at the VM at any moment, its clean-up included', () => {
    expectTokensLeft(speed.tokens, ['vm-dhcp-disabled']);
  });

  it('takes at most 1.3 times what Azure and the guest take by themselves', () => {
    expect(speed.ratio).toBeLessThanOrEqual(1.3);
  });
});
