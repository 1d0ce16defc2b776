import { benchRecoverySpeed, type RecoverySpeed } from '../../bench/repair-speed';
import { azVmRepairSpeed } from '../../bench/repair-speed/az-vm-repair';
import { AGENT_FIRST_REPORT_MS, VM_CREATE_MS } from '../../local/azure/durations';
import { downtimeOfAzure } from './support/downtime-of-azure';
import { expectTokensLeft } from './support/tokens-left';

describe('bench/recovery-speed: a repair by a recovery VM, in virtual time', () => {
  let speed: RecoverySpeed;

  beforeAll(async () => {
    speed = await benchRecoverySpeed('vm-dhcp-rebooted', 'made');
  });

  it('is the whole story', () => {
    expect(speed.conclusion).toMatchObject({ ending: 'repaired' });
    // Less would mean that something of the story did not happen.
    expect(speed.downtime.floorSeconds).toBeGreaterThan(downtimeOfAzure);
    expect(speed.floorSeconds).toBeGreaterThan(downtimeOfAzure + (VM_CREATE_MS + AGENT_FIRST_REPORT_MS) / 1000);
  });

  it('leaves others at least four changes and four looks at each VM at any moment, its clean-up included', () => {
    expectTokensLeft(speed.tokens, ['vm-dhcp-rebooted', expect.stringMatching(/^rdp-lifeline-/)]);
  });

  it('takes at most 1.15 times what Azure and the guest take by themselves', () => {
    expect(speed.ratio).toBeLessThanOrEqual(1.15);
  });

  it('keeps the VM down for at most 1.3 times what Azure and the guest take for that', () => {
    expect(speed.downtime.ratio).toBeLessThanOrEqual(1.3);
  });

  it('takes at most 0.8 times what az vm repair takes, although it finds the cause and proves the cure', () => {
    expect(speed.seconds).toBeLessThanOrEqual(0.8 * azVmRepairSpeed('win-dhcp-fix').seconds);
  });
});

describe('bench/recovery-speed: az vm repair, added up', () => {
  it('waits longest for Azure itself, so that no order of the same calls takes half as long', () => {
    const { seconds, serverSeconds } = azVmRepairSpeed('win-dhcp-fix');
    expect(serverSeconds).toBeGreaterThan(seconds / 2);
    expect(serverSeconds).toBeLessThan(seconds);
  });

  it('takes longer where its script needs Hyper-V', () => {
    expect(azVmRepairSpeed('win-toggle-safe-mode').seconds).toBeGreaterThan(azVmRepairSpeed('win-dhcp-fix').seconds);
  });
});
