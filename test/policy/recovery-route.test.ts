import fc from 'fast-check';
import {
  exchangeObstacle,
  recoveryObstacle,
  type FoundFacts,
  type RecoveryFacts,
} from '../../src/policy/recovery-route';
import { virtualMachine } from '../azure/support/machine';
import type { VirtualMachineConfiguration } from '../../src/azure/virtual-machine-configuration';

const made = (fields: Partial<VirtualMachineConfiguration>) =>
  virtualMachine({ configuration: { zones: [], dataDisks: [], networkInterfaceIds: [], ...fields } });
const disk = { id: 'd', location: 'westeurope', zones: [], network: {}, provisioningState: 'Succeeded' };
const noted: FoundFacts = {
  effect: 'now',
  isDomainController: false,
  volume: { isHibernated: false, isMarkedDirty: false },
};
const open: RecoveryFacts = {
  found: noted,
  vm: virtualMachine(),
  disk,
  hasStanding: false,
  passedOver: [],
  awaitsStanding: false,
  hasWorkbench: true,
  barriers: [],
  missing: [],
  sizes: ['Standard_B2ms'],
  sizeProblems: [],
  fullSizes: [],
};
const found = (fields: Partial<FoundFacts>): Partial<RecoveryFacts> => ({ found: { ...noted, ...fields } });

/** Every obstacle, alone, in the order in which they are told. */
const obstacles: [string, Partial<RecoveryFacts>][] = [
  ['waits-for-next-boot', found({ effect: 'next-boot' })],
  ['no-workbench', { hasWorkbench: false }],
  ['standing-vm-unusable', { hasWorkbench: false, passedOver: ['The standing one is busy.'] }],
  ['disk-encryption', { vm: virtualMachine({ diskEncryption: true }) }],
  ['disk-encryption', { disk: { ...disk, diskEncryption: true } }],
  ['confidential-vm', { vm: made({ securityType: 'ConfidentialVM' }) }],
  ['confidential-vm', { disk: { ...disk, securityType: 'ConfidentialVM_DiskEncryptedWithPlatformKey' } }],
  ['managed-vm', { vm: made({ managedBy: '/subscriptions/s/avs' }) }],
  ['spot-vm', { vm: made({ priority: 'Spot' }) }],
  ['spot-vm', { vm: made({ priority: 'Low' }) }],
  ['shared-disk', { disk: { ...disk, maxShares: 2 } }],
  [
    'site-recovery',
    { vm: made({ extensions: [{ publisher: 'Microsoft.Azure.RecoveryServices.SiteRecovery2', type: 'Windows' }] }) },
  ],
  ['disk-failed', { disk: { ...disk, provisioningState: 'Failed' } }],
  ['hibernated', found({ volume: { isHibernated: true, isMarkedDirty: false } })],
  ['volume-dirty', found({ volume: { isHibernated: false, isMarkedDirty: true } })],
  ['domain-controller', found({ isDomainController: true })],
  ['domain-controller-unknown', found({ isDomainController: undefined })],
  ['locked', { barriers: [{ kind: 'lock', name: 'keep', scope: '/s' }] }],
  ['denied', { barriers: [{ kind: 'deny-assignment', name: 'blueprint', scope: '/s' }] }],
  ['permission-missing', { missing: [{ action: 'Microsoft.Compute/disks/write', scope: '/s' }] }],
  ['no-size', { sizes: [], sizeProblems: ['Standard_B2ms: restricted'] }],
  // What may pass comes after all that stays.
  ['disk-busy', { vm: virtualMachine({ provisioningState: 'Updating' }) }],
  ['disk-busy', { vm: virtualMachine({ provisioningState: undefined }) }],
  ['disk-busy', { disk: { ...disk, provisioningState: 'Updating' } }],
  ['disk-busy', { disk: { ...disk, provisioningState: undefined } }],
  ['standing-vm-busy', { sizes: [], awaitsStanding: true, passedOver: ['The standing one is lent.'] }],
  ['quota-used-up', { sizes: [], fullSizes: ['Standard_B2ms'], sizeProblems: ['Standard_B2ms: quota used up'] }],
];
const passing = ['disk-busy', 'standing-vm-busy', 'quota-used-up'];

describe('policy/recovery-route', () => {
  it('is open where nothing stands against it, or nothing is known of the volume', () => {
    expect(recoveryObstacle(open)).toBeUndefined();
    expect(recoveryObstacle({ ...open, ...found({ volume: undefined }) })).toBeUndefined();
    expect(
      recoveryObstacle({ ...open, vm: made({ priority: 'Regular', securityType: 'TrustedLaunch' }) }),
    ).toBeUndefined();
  });

  it('asks nothing that only a look can tell before there was one', () => {
    expect(recoveryObstacle({ ...open, found: undefined })).toBeUndefined();
    expect(recoveryObstacle({ ...open, found: undefined, hasWorkbench: false })?.code).toBe('no-workbench');
  });

  it.each(obstacles)('names %s', (code, facts) => {
    const obstacle = recoveryObstacle({ ...open, ...facts });
    expect(obstacle?.code).toBe(code);
    expect(obstacle?.reason).toMatch(/^[A-Z].*\.$/);
    expect(obstacle?.lasts).toBe(passing.includes(code) ? 'passing' : 'final');
  });

  it('names what is in the way and where', () => {
    const told = (facts: Partial<RecoveryFacts>) => recoveryObstacle({ ...open, ...facts })?.reason;
    expect(told({ barriers: [{ kind: 'lock', name: 'keep', scope: '/s' }] })).toContain('The lock keep on /s');
    const missing = ['a', 'b', 'c'].map((action) => ({ action, scope: '/s' }));
    expect(told({ missing })).toBe('No role grants a on /s and 2 more.');
    expect(told({ sizes: [], sizeProblems: ['x: none'] })).toContain('x: none');
  });

  it('is never open while anything at all stands against it, and tells the first', () => {
    fc.assert(
      fc.property(fc.subarray(obstacles, { minLength: 1 }), (chosen) => {
        const facts = Object.assign({}, open, ...chosen.map(([, one]) => one)) as RecoveryFacts;
        const obstacle = recoveryObstacle(facts);
        // A later one may have replaced the same fact of an earlier one; what is told is one of those that are there.
        expect(chosen.map(([code]) => code)).toContain(obstacle?.code);
      }),
    );
  });

  it('tells of any exchange of the disk what it tells of its own: what the VM is, and what stands around it', () => {
    const { vm, barriers, missing } = open;
    const ofExchange = { vm, disk, barriers, missing };
    expect(exchangeObstacle(ofExchange)).toBeUndefined();
    for (const [code, facts] of obstacles.filter(([, one]) => Object.keys(one).every((name) => name in ofExchange))) {
      expect(exchangeObstacle({ ...ofExchange, ...facts })?.code).toBe(code);
    }
  });

  it('waits for a standing one without a workbench, and for none where a size can be had', () => {
    const awaited = { awaitsStanding: true, passedOver: ['The standing one is lent.'] };
    expect(recoveryObstacle({ ...open, ...awaited })).toBeUndefined();
    const alone = { ...open, ...awaited, hasWorkbench: false, sizes: [] };
    expect(recoveryObstacle(alone)).toMatchObject({ code: 'standing-vm-busy', lasts: 'passing' });
  });

  it('tells them in their order', () => {
    const order = [...new Set(obstacles.map(([code]) => code))];
    for (const [index, [code, facts]] of obstacles.entries()) {
      const [later, more] = obstacles[index + 1] ?? [];
      const isSame = Object.keys(more ?? {}).some((name) => name in facts);
      if (later === undefined || isSame || later === code) continue;
      expect(recoveryObstacle({ ...open, ...more, ...facts })?.code).toBe(code);
      expect(order.indexOf(code)).toBeLessThan(order.indexOf(later));
    }
  });
});
