import { benchRecoverySpeed, type RecoverySpeed } from '../../bench/repair-speed';
import { azVmRepairSpeed } from '../../bench/repair-speed/az-vm-repair';
import { downtimeOfAzure } from './support/downtime-of-azure';

describe('bench/recovery-speed: a repair by a standing recovery VM, in virtual time', () => {
  let speed: RecoverySpeed;

  beforeAll(async () => {
    speed = await benchRecoverySpeed('vm-dhcp-rebooted', 'standing');
  });

  it('is the whole story', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    expect(speed.downtime.floorSeconds).toBeGreaterThan(downtimeOfAzure);
  });

  it('takes at most half of what az vm repair takes, although it finds the cause and proves the cure', () => {
    expect(speed.seconds).toBeLessThanOrEqual(0.5 * azVmRepairSpeed('win-dhcp-fix').seconds);
  });

  it('keeps the VM down for at most 1.3 times what Azure and the guest take for that', () => {
    expect(speed.downtime.ratio).toBeLessThanOrEqual(1.3);
  });
});
