import { benchRecoverySpeed, type RecoverySpeed } from '../../bench/repair-speed';
import { azVmRepairSpeed } from '../../bench/repair-speed/az-vm-repair';
import { downtimeOfAzure } from './support/downtime-of-azure';
import { expectTokensLeft } from './support/tokens-left';

describe('bench/recovery-speed: a repair by a standing recovery VM, in virtual time', () => {
  let speed: RecoverySpeed;

  beforeAll(async () => {
    speed = await benchRecoverySpeed('vm-dhcp-rebooted', 'standing');
  });

  it('is the whole story', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    expect(speed.downtime.floorSeconds).toBeGreaterThan(downtimeOfAzure);
  });

  it('leaves others at least four changes and four looks at each VM at any moment, its clean-up included', () => {
    expectTokensLeft(speed.tokens, ['vm-dhcp-rebooted', 'vm-recovery-v1', 'vm-recovery-v2']);
  });

  it('takes at most half of what az vm repair takes, although it finds the cause and proves the cure', () => {
    expect(speed.seconds).toBeLessThanOrEqual(0.5 * azVmRepairSpeed('win-dhcp-fix').seconds);
  });

  it('keeps the VM down for at most 1.3 times what Azure and the guest take for that', () => {
    expect(speed.downtime.ratio).toBeLessThanOrEqual(1.3);
  });
});

describe('bench/recovery-speed: the first repair by a recovery VM, which is rehearsed', () => {
  let speed: RecoverySpeed;

  beforeAll(async () => {
    speed = await benchRecoverySpeed('vm-dhcp-rebooted', 'made-first');
  });

  it('leaves others at least four changes and four looks at each VM at any moment, its clean-up included', () => {
    expectTokensLeft(speed.tokens, ['vm-dhcp-rebooted', expect.stringMatching(/^rdp-lifeline-/)]);
  });

  it('takes no longer than az vm repair all the same, and the VM is down no longer for it', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    expect(speed.seconds).toBeLessThanOrEqual(azVmRepairSpeed('win-dhcp-fix').seconds);
    expect(speed.downtime.ratio).toBeLessThanOrEqual(1.3);
  });
});
