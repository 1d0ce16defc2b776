import { benchRepairSpeed, type RepairSpeed } from '../../bench/repair-speed';

describe('a repair of a disabled DHCP Client, in virtual time', () => {
  let speed: RepairSpeed;

  beforeAll(async () => {
    speed = await benchRepairSpeed('vm-dhcp-disabled');
  }, 60_000);

  it('is the whole story', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    // A snapshot and three runs: less would mean that something of the story did not happen.
    expect(speed.floorSeconds).toBeGreaterThan(0.6 + 3 * 7.4);
  });

  /**
   * Known to fail, at 1.3246: verification asks which security rules apply only after the guest has answered, and waits as long as
   * Azure's Retry-After says. To ask beside the guest run would mend it; this test then fails, and becomes a plain one.
   */
  it.failing('takes at most 1.3 times what Azure and the guest take by themselves', () => {
    expect(speed.ratio).toBeLessThanOrEqual(1.3);
  });
});
